/** Orders and refunds of the recorded shop: every figure beside plain SQL over its own database. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Decimal } from 'decimal.js'
import { operations } from '../../src/operations.ts'
import { skipWithoutMariadb, startMariadb } from '../mariadb.ts'
import { skipWithoutRecordings } from '../recordings.ts'
import { type AskedShop, READER, recordedMirror } from './shop.ts'

const skip = skipWithoutMariadb || skipWithoutRecordings
const { list, get, items, refunds } = operations.orders

if (skip) test('orders of the recorded shop', { skip }, () => undefined)
else {
  const mariadb = await startMariadb()
  const shop = await recordedMirror(mariadb)
  const recorded = (sql: string) => mariadb.ask('woocommerce_small', sql)

  test('as many orders of each status as the shop has', async () => {
    const counted = await recorded(
      `SELECT IF(status LIKE 'wc-%', SUBSTRING(status, 4), status), COUNT(*) FROM wp_wc_orders
       WHERE type = 'shop_order' GROUP BY 1`,
    )
    assert.ok(counted.length > 4)
    for (const [status, count] of counted) {
      const found = await every(shop, { status: [status] })
      assert.equal(found.length, Number(count), String(status))
    }
    const shown = await every(shop, {})
    const hidden = new Set(['trash', 'checkout-draft', 'auto-draft'])
    const expected = counted.reduce(
      (sum, [status, count]) => sum + (hidden.has(String(status)) ? 0 : Number(count)),
      0,
    )
    assert.equal(shown.length, expected)
    assert.equal(
      (await every(shop, { status: ['any'] })).length,
      counted.reduce((sum, [, count]) => sum + Number(count), 0),
    )
  })

  test('totals, refunds and pieces of each order, to the cent and the unit', async () => {
    const rows = await recorded(
      `SELECT o.id, o.total_amount,
              (SELECT COALESCE(-SUM(r.total_amount), 0) FROM wp_wc_orders r
               WHERE r.type = 'shop_order_refund' AND r.parent_order_id = o.id),
              (SELECT COALESCE(SUM(q.meta_value), 0) FROM wp_woocommerce_order_items i
               JOIN wp_woocommerce_order_itemmeta q ON q.order_item_id = i.order_item_id AND q.meta_key = '_qty'
               WHERE i.order_id = o.id AND i.order_item_type = 'line_item')
       FROM wp_wc_orders o WHERE o.type = 'shop_order'`,
    )
    const orders = new Map((await every(shop, { status: ['any'] })).map((order) => [order.id, order]))
    let refundedOrders = 0
    for (const [id, total, refunded, pieces] of rows) {
      const order = orders.get(Number(id))
      assert.ok(order, `order ${id}`)
      const same = (found: string | null, value: unknown) =>
        assert.ok(new Decimal(found ?? 'NaN').eq(String(value)), `order ${id}: ${found} and ${value}`)
      same(order.total, total)
      same(order.refunded_total, refunded)
      same(order.net, new Decimal(String(total)).minus(String(refunded)))
      assert.equal(order.items, Number(pieces), `order ${id}`)
      if (Number(refunded) > 0) refundedOrders++
    }
    assert.ok(refundedOrders > 0, 'the recorded shop has refunds')
  })

  test('refunds by currency', async () => {
    const rows = await recorded(
      `SELECT o.currency, COUNT(*), -SUM(r.total_amount) FROM wp_wc_orders r JOIN wp_wc_orders o ON o.id = r.parent_order_id
       WHERE r.type = 'shop_order_refund' GROUP BY 1`,
    )
    assert.ok(rows.length > 0)
    const found = await everyRefund(shop, {})
    for (const [currency, count, sum] of rows) {
      const own = found.filter((refund) => refund.currency === currency)
      assert.equal(own.length, Number(count))
      const total = own.reduce((all, refund) => all.plus(refund.amount ?? 0), new Decimal(0))
      assert.ok(total.eq(String(sum)), `${total} and ${sum}`)
    }
  })

  test('one order by number and by id, with its lines and refunds; what is not there is null', async () => {
    const [withRefund] = await everyRefund(shop, {})
    assert.ok(withRefund?.order_id)
    const byId = (await shop.ask(get, { id: withRefund.order_id })).order
    const byNumber = (await shop.ask(get, { number: `#${byId?.number}` })).order
    assert.deepEqual(byNumber, byId)
    const listed = await shop.ask(list, { number: ` #${byId?.number}` })
    assert.deepEqual(
      listed.orders.map(({ id }) => id),
      [byId?.id],
    )
    const refunded = await shop.ask(refunds, { number: `#${byId?.number}` })
    assert.ok(refunded.refunds.some(({ id }) => id === withRefund.id))
    assert.deepEqual(byId?.refunds.map(({ id }) => id).includes(withRefund.id), true)
    assert.equal(byId?.sameNumber, 1)
    const answer = await shop.ask(items, { id: withRefund.order_id })
    assert.deepEqual(answer.items, byId?.lines)
    assert.ok((byId?.billing?.first_name ?? '') !== '')
    const missing = await shop.ask(get, { number: 'no such number' })
    assert.equal(missing.order, null)
    assert.deepEqual([missing.facts[0]?.value, missing.facts[0]?.filter], [0, { number: 'no such number' }])
    assert.deepEqual((await shop.ask(items, { id: 987_654_321 })).items, [])
  })

  test('filters choose what plain SQL chooses', async () => {
    const [top] = await recorded(
      `SELECT billing_email, COUNT(*) AS n FROM wp_wc_orders WHERE type = 'shop_order' AND billing_email <> ''
       AND status NOT IN ('trash', 'wc-checkout-draft', 'auto-draft') GROUP BY LOWER(TRIM(billing_email)) ORDER BY n DESC LIMIT 1`,
    )
    const [email, count] = top as [string, unknown]
    const byEmail = await every(shop, { email: `  ${email.toUpperCase()} ` })
    assert.equal(byEmail.length, Number(count))
    const byKey = await every(shop, { customer: byEmail[0]?.customer })
    assert.deepEqual(byKey, byEmail)
    const person = byEmail[0]?.billing_name ?? ''
    const found = await every(shop, { text: person.toUpperCase().slice(0, -1) })
    assert.ok(found.some(({ id }) => id === byEmail[0]?.id))
    assert.deepEqual(
      await every(shop, { text: person }, READER),
      [],
      'without the right nobody is found by name',
    )
    const products = await recorded(
      `SELECT m.meta_value, COUNT(DISTINCT i.order_id) FROM wp_woocommerce_order_items i
       JOIN wp_woocommerce_order_itemmeta m ON m.order_item_id = i.order_item_id AND m.meta_key = '_product_id'
       JOIN wp_wc_orders o ON o.id = i.order_id AND o.type = 'shop_order'
       JOIN wp_posts p ON p.ID = m.meta_value AND p.post_type = 'product'
       WHERE i.order_item_type = 'line_item' GROUP BY 1 ORDER BY 2 DESC LIMIT 5`,
    )
    for (const [product, orders] of products) {
      const holding = await every(shop, { product_id: Number(product), status: ['any'] })
      assert.equal(holding.length, Number(orders), `product ${product}`)
    }
    const dear = await every(shop, { min_total: 100, max_total: 300 })
    assert.ok(dear.every(({ total }) => Number(total) >= 100 && Number(total) <= 300))
    const all = await every(shop, { currency: 'RON' })
    assert.deepEqual(await every(shop, { currency: 'ron' }), all)
    assert.equal(dear.length, all.filter(({ total }) => Number(total) >= 100 && Number(total) <= 300).length)
  })

  test('page by page, in every order, each row once', async () => {
    const all = (await every(shop, { status: ['any'] })).map(({ id }) => id).sort((a, b) => a - b)
    for (const sort of ['created_at', '-created_at', '-modified_at', 'total', '-total', 'id', '-id']) {
      const walked = await every(shop, { status: ['any'], sort, limit: 41 })
      assert.deepEqual(
        walked.map(({ id }) => id).sort((a, b) => a - b),
        all,
        sort,
      )
    }
    const totals = (await every(shop, { status: ['any'], sort: '-total', limit: 37 })).map(({ total }) =>
      Number(total ?? 0),
    )
    assert.deepEqual(
      totals,
      [...totals].sort((a, b) => b - a),
    )
    const every1 = (await everyRefund(shop, { limit: 3, sort: 'amount' })).map(({ id }) => id)
    assert.equal(new Set(every1).size, every1.length)
    assert.equal(every1.length, (await everyRefund(shop, {})).length)
  })

  test('bad input has a code', async () => {
    const bad = [
      { status: 'completed' },
      { status: [] },
      { status: [`x' OR 1=1`] },
      { days: 0 },
      { days: 3, from: '2026-01-01' },
      { to: '2026-01-01' },
      { from: '2026-13-40' },
      { limit: 0 },
      { limit: 100_000 },
      { sort: 'name' },
      { text: 'x'.repeat(201) },
      { customer: 'ab' },
      { min_total: -1 },
      { currency: 'r0n' },
      { other: 1 },
    ]
    for (const input of bad)
      await assert.rejects(shop.ask(list, input), { code: 'input_invalid' }, JSON.stringify(input))
    await assert.rejects(shop.ask(list, { cursor: 'x' }), { code: 'cursor_invalid' })
    await assert.rejects(shop.ask(refunds, { cursor: 'x' }), { code: 'cursor_invalid' })
    await assert.rejects(shop.ask(get, {}), { code: 'input_invalid' })
    await assert.rejects(shop.ask(list, { email: 'a@b.ro' }, READER), { code: 'key_lacks_personal' })
    assert.deepEqual(await every(shop, { text: `'; DROP TABLE mirror.orders; -- \\ :* & | ! ( <->` }), [])
  })
}

async function every(shop: AskedShop, input: object, caller?: typeof READER) {
  type Answer = Awaited<ReturnType<typeof ask>>
  const ask = (cursor?: string) =>
    shop.ask(list, { limit: 500, facts: 'none', ...input, ...(cursor && { cursor }) }, caller)
  const rows: Answer['orders'] = []
  for (let cursor: string | undefined; ; ) {
    const answer: Answer = await ask(cursor)
    rows.push(...answer.orders)
    if (answer.nextCursor === null) return rows
    cursor = answer.nextCursor
  }
}

async function everyRefund(shop: AskedShop, input: object) {
  type Answer = Awaited<ReturnType<typeof ask>>
  const ask = (cursor?: string) => shop.ask(refunds, { limit: 500, ...input, ...(cursor && { cursor }) })
  const rows: Answer['refunds'] = []
  for (let cursor: string | undefined; ; ) {
    const answer: Answer = await ask(cursor)
    rows.push(...answer.refunds)
    if (answer.nextCursor === null) return rows
    cursor = answer.nextCursor
  }
}
