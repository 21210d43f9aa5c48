/** What is bought together in the recorded shop, beside pairs counted one by one from its own database. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { operations } from '../../src/operations.ts'
import { skipWithoutMariadb, startMariadb } from '../mariadb.ts'
import { skipWithoutRecordings } from '../recordings.ts'
import { recordedMirror } from './shop.ts'

const skip = skipWithoutMariadb || skipWithoutRecordings
const { together } = operations.baskets

if (skip) test('baskets of the recorded shop', { skip }, () => undefined)
else {
  const mariadb = await startMariadb()
  const shop = await recordedMirror(mariadb)
  const lines = await mariadb.ask(
    'woocommerce_small',
    `SELECT o.id, m.meta_value, i.order_item_name FROM wp_wc_orders o
     JOIN wp_woocommerce_order_items i ON i.order_id = o.id AND i.order_item_type = 'line_item'
     JOIN wp_woocommerce_order_itemmeta m ON m.order_item_id = i.order_item_id AND m.meta_key = '_product_id'
     JOIN wp_posts p ON p.ID = m.meta_value AND p.post_type = 'product'
     WHERE o.type = 'shop_order' AND o.status IN ('wc-processing', 'wc-completed', 'wc-refunded')`,
  )
  const baskets = new Map<number, Set<number>>()
  for (const [order, product] of lines) {
    const basket = baskets.get(Number(order)) ?? new Set()
    baskets.set(Number(order), basket.add(Number(product)))
  }
  const singles = new Map<number, number>()
  const pairs = new Map<string, number>()
  for (const basket of baskets.values()) {
    for (const a of basket) {
      singles.set(a, (singles.get(a) ?? 0) + 1)
      for (const b of basket) if (a < b) pairs.set(`${a} ${b}`, (pairs.get(`${a} ${b}`) ?? 0) + 1)
    }
  }
  const n = baskets.size
  const round = (value: number) => Math.round(value * 10_000) / 10_000
  const all = { days: 3660, suggest: 'all', limit: 200 }

  test('counts, support, confidence and lift of every pair shown', async () => {
    const answer = await shop.ask(together, all)
    assert.equal(answer.paidOrders, n)
    assert.equal(answer.smallSample, n < 30)
    assert.ok(answer.pairs.length > 10)
    for (const { a, b, count, support, confidence, confidence_back, lift } of answer.pairs) {
      const [withA, withB] = [singles.get(a.product_id) ?? 0, singles.get(b.product_id) ?? 0]
      const name = `${a.product_id} ${b.product_id}`
      assert.deepEqual([a.orders, b.orders, count], [withA, withB, pairs.get(name)], name)
      const close = (found: number, value: number) => assert.ok(Math.abs(found - round(value)) < 2e-4, name)
      close(support, (100 * count) / n)
      close(confidence, (100 * count) / withA)
      close(confidence_back, (100 * count) / withB)
      close(lift, (count * n) / (withA * withB))
    }
    const expected = [...pairs.values()].filter((count) => count >= 2).sort((x, y) => y - x)
    assert.deepEqual(
      answer.pairs.map(({ count }) => count),
      expected.slice(0, 200),
    )
  })

  test('what goes with one product, by id and by SKU', async () => {
    const [hot] = [...singles].sort((x, y) => y[1] - x[1])[0] as [number, number]
    const answer = await shop.ask(together, { ...all, product_id: hot, min_count: 1 })
    assert.equal(answer.product?.product_id, hot)
    const partners = [...pairs].filter(([name]) => name.split(' ').map(Number).includes(hot))
    assert.equal(answer.pairs.length, Math.min(partners.length, 200))
    for (const { a, b, count } of answer.pairs) {
      assert.equal(a.product_id, hot)
      assert.equal(count, pairs.get([hot, b.product_id].sort((x, y) => x - y).join(' ')))
    }
    const sku = answer.product?.sku ?? ''
    if (sku !== '') {
      const bySku = await shop.ask(together, { ...all, sku: sku.toLowerCase(), min_count: 1 })
      assert.deepEqual(bySku.pairs, answer.pairs)
    }
    const none = await shop.ask(together, { sku: 'no such sku' })
    assert.deepEqual([none.product, none.pairs], [null, []])
  })

  test('only what is published and in stock is suggested', async () => {
    const sellable = await mariadb.ask(
      'woocommerce_small',
      `SELECT p.ID FROM wp_posts p WHERE p.post_type = 'product' AND p.post_status = 'publish'
       AND IF(EXISTS (SELECT 1 FROM wp_posts v WHERE v.post_parent = p.ID AND v.post_type = 'product_variation'),
         EXISTS (SELECT 1 FROM wp_posts v JOIN wp_postmeta s ON s.post_id = v.ID AND s.meta_key = '_stock_status'
                 WHERE v.post_parent = p.ID AND v.post_type = 'product_variation' AND v.post_status = 'publish'
                   AND s.meta_value = 'instock'),
         EXISTS (SELECT 1 FROM wp_postmeta s WHERE s.post_id = p.ID AND s.meta_key = '_stock_status'
                 AND s.meta_value = 'instock'))`,
    )
    const good = new Set(sellable.map(([id]) => Number(id)))
    const answer = await shop.ask(together, { days: 3660, limit: 200 })
    const expected = [...pairs].filter(
      ([name, count]) => count >= 2 && name.split(' ').every((id) => good.has(Number(id))),
    )
    assert.equal(answer.pairs.length, Math.min(expected.length, 200))
    assert.ok(answer.pairs.every(({ a, b }) => good.has(a.product_id) && good.has(b.product_id)))
    const unsold = [...singles].find(([id]) => !good.has(id))
    assert.ok(unsold, 'the recorded shop sold something that is not in stock now')
    const from = await shop.ask(together, { days: 3660, product_id: unsold[0], min_count: 1, limit: 200 })
    assert.ok(
      from.pairs.every(({ b }) => good.has(b.product_id)),
      'one may ask about it all the same',
    )
  })

  test('sorted as asked, and bad input has a code', async () => {
    const byLift = (await shop.ask(together, { ...all, sort: 'lift' })).pairs.map(({ lift }) => lift)
    assert.deepEqual(
      byLift,
      [...byLift].sort((x, y) => y - x),
    )
    const byConfidence = (await shop.ask(together, { ...all, sort: 'confidence' })).pairs.map((pair) =>
      Math.max(pair.confidence, pair.confidence_back),
    )
    assert.deepEqual(
      byConfidence,
      [...byConfidence].sort((x, y) => y - x),
    )
    for (const input of [
      { product_id: 1, sku: 'a' },
      { limit: 0 },
      { min_count: 0 },
      { days: 0 },
      { suggest: 'x' },
      { x: 1 },
    ]) {
      await assert.rejects(shop.ask(together, input), { code: 'input_invalid' })
    }
  })
}
