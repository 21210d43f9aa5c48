/** Sales of orders made for the purpose: days at a change of the clock, currencies, guests, refunds. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Decimal } from 'decimal.js'
import { seen, write } from '../mirror/records.ts'
import { shopOf } from './made-orders.ts'
import { sum } from './sum.ts'

const iso = (ms: number) => new Date(ms).toISOString().slice(0, 19)

describe('days are the shop’s own', () => {
  const changes = [
    ['Europe/Bucharest', '2026-03-29'],
    ['Europe/Bucharest', '2026-10-25'],
    // Here the clock goes back at midnight, and there midnight does not exist.
    ['America/Santiago', '2026-04-05'],
    ['America/Santiago', '2026-09-06'],
    ['+02:00', '2026-10-25'],
    ['-03:30', '2026-10-25'],
  ] as const
  for (const [zone, day] of changes) {
    test(`${zone} around ${day}`, async () => {
      const middle = Date.parse(`${day}T12:00:00Z`)
      const moments = Array.from({ length: 4 * 96 + 1 }, (_, at) => middle + (at - 2 * 96) * 15 * 60_000)
      const shop = await shopOf(
        zone,
        moments.map((ms) => ({ at: iso(ms), total: '1.10' })),
      )
      const clock = new Intl.DateTimeFormat('sv-SE', {
        timeZone: zone,
        dateStyle: 'short',
        timeStyle: 'short',
      })
      const local = moments.map((ms) => clock.format(ms))
      const countBy = (key: (text: string) => string) =>
        Object.fromEntries(Object.entries(Object.groupBy(local, key)).map(([name, of]) => [name, of?.length]))
      const days = countBy((text) => text.slice(0, 10))
      const [from, to] = [Object.keys(days).sort()[0] ?? '', Object.keys(days).sort().at(-1) ?? '']
      assert.ok(Object.keys(days).length >= 4)

      const byDay = await shop.breakdown({ from, to, by: 'day' })
      const rows = byDay.sales[0]?.rows ?? []
      assert.deepEqual(Object.fromEntries(rows.map((row) => [row.key, row.orders])), days)
      const byHour = (await shop.breakdown({ from, to, by: 'hour' })).sales[0]?.rows ?? []
      const hours = countBy((text) => text.slice(11, 13))
      assert.deepEqual(Object.fromEntries(byHour.map((row) => [row.key, row.orders])), hours)

      // Each day asked for alone has the same orders: its borders are where its row's are.
      for (const { key, orders, gross_sales } of rows) {
        const { sales } = await shop.stats({ from: key, to: key })
        assert.deepEqual([sales[0]?.orders, sales[0]?.gross_sales], [orders, gross_sales], String(key))
      }
      assert.equal(sum(rows, 'gross_sales'), new Decimal('1.10').times(moments.length).toFixed(2))
    })
  }

  test('days, weeks and months without orders are rows of zeros', async () => {
    const shop = await shopOf('Europe/Bucharest', [{ at: '2026-01-14T10:00:00' }])
    const input = { from: '2025-12-30', to: '2026-02-03' }
    const rowsBy = async (by: string) => (await shop.breakdown({ ...input, by })).sales[0]?.rows ?? []
    const days = await rowsBy('day')
    assert.equal(days.length, 36)
    assert.deepEqual(
      [days[0]?.key, days[0]?.orders, days[0]?.net_sales, days[0]?.average_order_value],
      ['2025-12-30', 0, '0.00', null],
    )
    assert.deepEqual(
      (await rowsBy('week')).map(({ key, from, to, orders }) => [key, from, to, orders]),
      [
        ['2025-12-29', '2025-12-30', '2026-01-04', 0],
        ['2026-01-05', '2026-01-05', '2026-01-11', 0],
        ['2026-01-12', '2026-01-12', '2026-01-18', 1],
        ['2026-01-19', '2026-01-19', '2026-01-25', 0],
        ['2026-01-26', '2026-01-26', '2026-02-01', 0],
        ['2026-02-02', '2026-02-02', '2026-02-03', 0],
      ],
    )
    assert.deepEqual(
      (await rowsBy('month')).map(({ key, orders }) => [key, orders]),
      [
        ['2025-12', 0],
        ['2026-01', 1],
        ['2026-02', 0],
      ],
    )
  })
})

describe('currencies', () => {
  test('are never added, and the shop’s own comes first, even without orders', async () => {
    const shop = await shopOf(
      'UTC',
      [
        { at: '2026-05-01T10:00:00', currency: 'EUR', total: '10.00' },
        { at: '2026-05-01T11:00:00', currency: 'CLP', total: '1001.00' },
        { at: '2026-05-01T12:00:00', currency: 'CLP', total: '1000.00' },
        { at: '2026-05-01T12:00:00', currency: 'KWD', total: '0.005' },
      ],
      'CLP',
    )
    const { sales } = await shop.stats({ from: '2026-05-01', to: '2026-05-01' })
    assert.deepEqual(
      sales.map(({ currency, net_sales, average_order_value }) => [currency, net_sales, average_order_value]),
      [
        // Half of 2001 is rounded away from zero, to the currency's decimals.
        ['CLP', '2001', '1001'],
        ['EUR', '10.00', '10.00'],
        ['KWD', '0.005', '0.005'],
      ],
    )
    const later = await shop.stats({ from: '2026-06-01', to: '2026-06-01' })
    assert.deepEqual(
      later.sales.map(({ currency, orders, net_sales }) => [currency, orders, net_sales]),
      [['CLP', 0, '0']],
    )
  })
})

describe('refunds', () => {
  test('count with their order, whenever they were made; tombstones count nowhere', async () => {
    const shop = await shopOf('Europe/Bucharest', [
      { at: '2026-05-01T10:00:00', total: '100.00', refunded: '40.00', status: 'completed' },
      { at: '2026-05-20T10:00:00', total: '7.00', status: 'completed' },
      { at: '2026-05-01T10:00:00', total: '50.00', refunded: '50.00', status: 'cancelled' },
      { at: '2026-05-01T10:00:00', total: '1000.00', refunded: '1.00', status: 'completed' },
    ])
    const refund = (id: number, parent: number, more: object) => ({
      id,
      parent_id: parent,
      amount: '40.00',
      date_created_gmt: '2026-05-20T10:00:00',
      tax_lines: [{ id: 1, tax_total: '-5.00', shipping_tax_total: '-1.25' }],
      line_items: [{ id: 2, product_id: 7, quantity: -1, total: '-30.00', total_tax: '-5.00' }],
      ...more,
    })
    const records = [refund(9000, 1, {}), refund(9002, 3, {}), refund(9003, 4, {})]
    await write(
      shop.database,
      'refunds',
      records.map((raw) => seen('refunds', raw, { seenAt: 1 })),
    )
    await shop.database.pool.query(`UPDATE mirror.orders SET deleted_at = now() WHERE id = 4`)
    const may1 = { from: '2026-05-01', to: '2026-05-01' }
    const [first] = (await shop.stats(may1)).sales
    assert.deepEqual(
      [
        first?.orders,
        first?.gross_sales,
        first?.refunds,
        first?.net_sales,
        first?.refunded_tax,
        first?.refunded_items,
      ],
      [1, '100.00', '40.00', '60.00', '6.25', 1],
    )
    const { facts } = await shop.stats({ ...may1, compare: ['previous'] })
    for (const name of [
      'refunds',
      'refunded_tax',
      'refunded_items',
      'refunds_difference',
      'refunds_change',
    ]) {
      const fact = facts.find(({ attribute, filter }) => attribute === name && filter.currency === 'RON')
      assert.deepEqual(fact?.source, { table: 'mirror.refunds', ids: null, rows: 1 }, name)
    }
    const net = facts.find(({ attribute }) => attribute === 'net_sales')
    assert.deepEqual(net?.source, { table: 'mirror.orders', ids: null, rows: 1 })
    const [later] = (await shop.stats({ from: '2026-05-20', to: '2026-05-20' })).sales
    assert.deepEqual([later?.refunds, later?.refunded_items], ['0.00', 0])
    const [products] = (await shop.breakdown({ ...may1, by: 'product' })).sales
    assert.deepEqual(
      products?.rows.map((row) => [
        row.key,
        row.orders,
        row.product_sales,
        row.product_refunds,
        row.net_product_sales,
      ]),
      [['7', 1, '100.00', '30.00', '70.00']],
    )
    await shop.database.pool.query(`UPDATE mirror.refunds SET deleted_at = now() WHERE id = 9000`)
    assert.equal((await shop.stats(may1)).sales[0]?.refunded_tax, '0.00')
  })
})

describe('customers', () => {
  const orders = [
    { at: '2026-04-01T10:00:00', email: 'old@example.com' },
    { at: '2026-04-02T10:00:00', email: 'unpaid@example.com', status: 'failed' },
    { at: '2026-05-01T10:00:00', email: ' OLD@Example.com ' },
    { at: '2026-05-02T10:00:00', email: 'unpaid@example.com' },
    { at: '2026-05-02T10:00:00', email: 'new@example.com' },
    { at: '2026-05-03T10:00:00', email: 'New@example.com' },
    { at: '2026-05-03T10:00:00', email: '  ' },
    { at: '2026-05-03T10:00:00', email: 'other@example.com', status: 'cancelled' },
  ]
  const input = { from: '2026-05-01', to: '2026-05-31' }

  test('new: the first paid order ever lies in the period', async () => {
    const shop = await shopOf('UTC', orders)
    const { customers } = await shop.stats({ ...input, customers: 'counted' })
    assert.deepEqual(customers, { new_customers: 2, returning_customers: 1, orders_without_email: 1 })
    const { sales } = await shop.breakdown({ ...input, by: 'customer_type', sort: 'key' })
    assert.deepEqual(
      sales[0]?.rows.map(({ key, orders: of }) => [key, of]),
      [
        ['new', 3],
        ['no_email', 1],
        ['returning', 1],
      ],
    )
    assert.equal((await shop.stats(input)).customers, null)
  })
})
