/** Sales of a demo shop: the parts add up, each figure is a fact, nobody is named, bad input is refused. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { operations } from '../../src/operations.ts'
import { definitions } from '../../src/questions/definitions.ts'
import type { Period } from '../../src/questions/facts.ts'
import { demoMirror, READER } from './shop.ts'
import { sum } from './sum.ts'

const { stats, breakdown } = operations.sales

describe('a whole shop', async () => {
  const shop = await demoMirror({ seed: 5, products: 40, orders: 400, days: 120 })
  const days = 130

  test('the parts add up to the whole, and to the statistics', async () => {
    const { sales: whole } = await shop.ask(stats, { days })
    assert.ok((whole[0]?.orders ?? 0) > 200)
    for (const by of [
      'day',
      'week',
      'month',
      'hour',
      'weekday',
      'status',
      'country',
      'payment_method',
      'customer_type',
    ]) {
      const { sales } = await shop.ask(breakdown, { days, by, limit: 2 })
      for (const { currency, rows, others, total, left_out } of sales) {
        const all = others === null ? rows : [...rows, others]
        const figures = whole.find((one) => one.currency === currency)
        for (const name of [
          'gross_sales',
          'refunds',
          'net_sales',
          'tax',
          'refunded_tax',
          'shipping',
          'discounts',
          'fees',
        ] as const) {
          assert.equal(sum(all, name), figures?.[name], `${by} ${name}`)
          assert.equal(total[name], figures?.[name])
        }
        for (const name of ['orders', 'items', 'refunded_items'] as const) {
          assert.equal(Number(sum(all, name)), figures?.[name], `${by} ${name}`)
        }
        assert.equal(left_out > 0, others !== null)
      }
    }
  })

  test('products too, but not their orders; categories have no rest', async () => {
    const { sales } = await shop.ask(breakdown, { days, by: 'product', limit: 3 })
    const [own] = sales
    const all = [...(own?.rows ?? []), ...(own?.others ? [own.others] : [])]
    assert.equal(sum(all, 'net_product_sales'), own?.total.net_product_sales)
    assert.equal(own?.others?.orders, undefined)
    const nets = own?.rows.map((row) => Number(row.net_product_sales)) ?? []
    assert.deepEqual(
      nets,
      nets.toSorted((one, other) => other - one),
    )
    const byCategory = await shop.ask(breakdown, { days, by: 'category', limit: 1 })
    assert.equal(byCategory.sales[0]?.others, null)
    assert.equal(byCategory.overlapping, true)
  })

  const refundsOf = async (period: Period | null | undefined) => {
    const { rows } = await shop.database.pool.query(
      `SELECT count(*)::int AS refunds
       FROM mirror.refunds r JOIN mirror.orders o ON o.store_id = r.store_id AND o.id = r.order_id
       WHERE o.status IN ('processing', 'completed', 'refunded') AND o.currency = 'RON'
         AND (o.created_at AT TIME ZONE $1)::date BETWEEN $2 AND $3`,
      [period?.timezone, period?.from, period?.to],
    )
    assert.ok(rows[0].refunds > 0)
    return rows[0].refunds
  }

  test('every figure is a fact with its definition, and names nobody', async () => {
    const answer = await shop.ask(stats, { days, customers: 'counted' }, READER)
    for (const name of Object.keys(answer.sales[0] ?? {}).filter((key) => key in definitions)) {
      const fact = answer.facts.find(
        ({ attribute, filter }) => attribute === name && filter.currency === 'RON',
      )
      assert.equal(fact?.value, Reflect.get(answer.sales[0] ?? {}, name), name)
      assert.equal(fact?.definition, definitions[name as keyof typeof definitions].definition)
      const source = /^refund/.test(name)
        ? { table: 'mirror.refunds', ids: null, rows: await refundsOf(fact?.period) }
        : { table: 'mirror.orders', ids: null, rows: answer.sales[0]?.orders }
      assert.deepEqual(fact?.source, source, name)
      assert.equal(fact?.period?.timezone, answer.timezone)
    }
    assert.ok(answer.facts.some(({ attribute }) => attribute === 'new_customers'))
    assert.ok(!JSON.stringify(answer).includes('@'))
    assert.deepEqual((await shop.ask(stats, { days, facts: 'none' })).facts, [])
  })

  test('the definitions are all there', async () => {
    const answer = await shop.ask(operations.sales.definitions, {})
    assert.deepEqual(
      answer.definitions.map(({ metric }) => metric),
      Object.keys(definitions),
    )
  })

  test('bad input has a code', async () => {
    const bad = [
      { days: 0 },
      { days: 30, from: '2026-01-01' },
      { from: '2026-02-30' },
      { to: '2026-01-01' },
      { country: "R'" },
      { currency: 'lei;' },
      { status: [] },
      { status: ['a\0'] },
      { compare: ['tomorrow'] },
      { product_id: -1 },
      { category: 'x'.repeat(300) },
      { unknown: 1 },
    ]
    for (const input of bad) await assert.rejects(shop.ask(stats, input), { code: 'input_invalid' })
    for (const input of [{ by: 'colour' }, { limit: 0 }, { limit: 1e9 }, { sort: 'o.total; --' }]) {
      await assert.rejects(shop.ask(breakdown, input), { code: 'input_invalid' })
    }
    const odd = `'; DROP TABLE mirror.orders; --`
    for (const field of ['category', 'coupon', 'payment_method']) {
      assert.equal((await shop.ask(stats, { days, [field]: odd })).sales[0]?.orders, 0)
    }
  })
})
