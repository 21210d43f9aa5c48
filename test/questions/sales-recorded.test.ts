/** Sales of the recorded shop equal those of plain SQL over its own database, to the cent and the piece. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Decimal } from 'decimal.js'
import { operations } from '../../src/operations.ts'
import { skipWithoutMariadb, startMariadb } from '../mariadb.ts'
import { skipWithoutRecordings } from '../recordings.ts'
import {
  figuresOf,
  plain,
  type RecordedOrder,
  recordedCategories,
  recordedLines,
  recordedOrders,
} from './recorded-sales.ts'
import { recordedMirror } from './shop.ts'

const { stats, breakdown } = operations.sales
const ZONE = 'Europe/Bucharest'
const PAID = ['processing', 'completed', 'refunded']

/** The whole shop; the month in which summer time ends; days around that night; one day; a day without orders. */
const PERIODS = [
  ['2026-07-01', '2026-11-30'],
  ['2026-10-01', '2026-10-31'],
  ['2026-10-24', '2026-10-26'],
  ['2026-11-12', '2026-11-12'],
  ['2026-07-01', '2026-07-02'],
] as const

describe('sales of the recorded shop', { skip: skipWithoutMariadb || skipWithoutRecordings }, async () => {
  if (skipWithoutMariadb || skipWithoutRecordings) return
  const mariadb = await startMariadb()
  const shop = await recordedMirror(mariadb)
  const orders = await recordedOrders(mariadb)
  const categories = await recordedCategories(mariadb)
  const lines = {
    sold: await recordedLines(mariadb, 'shop_order'),
    back: await recordedLines(mariadb, 'shop_order_refund'),
  }

  const below = (slug: string) => (product: number) =>
    (categories.of.get(product) ?? []).some((own) => {
      for (let at: string | null = own; at !== null; at = categories.parents.get(at) ?? null) {
        if (at === slug) return true
      }
      return false
    })
  const busyParent = [...categories.parents.values()].find((slug) => slug !== null) ?? ''
  const busyCoupon = orders.flatMap(({ coupons }) => coupons)[0] ?? ''

  const filters: [input: object, holds: (order: RecordedOrder) => boolean][] = [
    [{}, () => true],
    [{ currency: 'eur' }, ({ currency }) => currency === 'EUR'],
    [{ country: 'RO' }, ({ country }) => country === 'RO'],
    [{ payment_method: 'bacs' }, ({ paymentMethod }) => paymentMethod === 'bacs'],
    [{ coupon: busyCoupon.toUpperCase() }, ({ coupons }) => coupons.includes(busyCoupon)],
    [{ product_id: 28 }, ({ products }) => products.includes(28)],
    [{ category: busyParent }, ({ products }) => products.some(below(busyParent))],
    [
      { country: 'RO', coupon: busyCoupon },
      ({ country, coupons }) => country === 'RO' && coupons.includes(busyCoupon),
    ],
    [{ category: 'no-such-category' }, () => false],
  ]
  const statusFilters: [input: object, statuses: string[]][] = [
    [{}, PAID],
    [{ status: ['on-hold', 'pending'] }, ['on-hold', 'pending']],
    [{ status: ['trash'] }, ['trash']],
  ]

  test('every figure, for every period, filter and currency', async () => {
    let withOrders = 0
    for (const [from, to] of PERIODS) {
      const ofPeriod = orders.filter(({ createdAt }) => within(createdAt, from, to))
      for (const [filter, holds] of filters) {
        for (const [statusFilter, statuses] of statusFilters) {
          const input = { from, to, ...filter, ...statusFilter }
          const answer = await shop.ask(stats, input)
          const chosen = ofPeriod.filter((order) => holds(order) && statuses.includes(order.status))
          withOrders += Number(chosen.length > 0)
          for (const currency of new Set(chosen.map((order) => order.currency))) {
            const found = answer.sales.find((one) => one.currency === currency)
            assert.ok(found, JSON.stringify(input))
            const expected = figuresOf(chosen.filter((order) => order.currency === currency))
            assert.deepEqual(plain(found), expected, JSON.stringify({ ...input, currency }))
          }
          const counted = answer.sales.reduce((sum, one) => sum + one.orders, 0)
          assert.equal(counted, chosen.length, JSON.stringify(input))
        }
      }
    }
    assert.ok(withOrders > 40, String(withOrders))
  })

  test('the orders by status are all of the period, paid or not', async () => {
    const [from, to] = PERIODS[0]
    const answer = await shop.ask(stats, { from, to })
    for (const { currency, statuses } of answer.sales) {
      const counted = Object.groupBy(
        orders.filter((order) => order.currency === currency),
        ({ status }) => status,
      )
      const expected = Object.fromEntries(Object.entries(counted).map(([status, of]) => [status, of?.length]))
      assert.deepEqual(Object.fromEntries(statuses.map((one) => [one.status, one.orders])), expected)
    }
    assert.deepEqual(
      answer.sales.map(({ currency }) => currency),
      ['RON', 'EUR'],
    )
  })

  test('new and returning customers', async () => {
    for (const [from, to] of PERIODS) {
      const { customers } = await shop.ask(stats, { from, to, customers: 'counted' })
      const paid = orders.filter(({ status }) => PAID.includes(status))
      const ofPeriod = paid.filter(({ createdAt }) => within(createdAt, from, to))
      const known = new Set(paid.filter(({ createdAt }) => day(createdAt) < from).map(({ email }) => email))
      const emails = [...new Set(ofPeriod.map(({ email }) => email))].filter((email) => email !== '')
      assert.deepEqual(customers, {
        new_customers: emails.filter((email) => !known.has(email)).length,
        returning_customers: emails.filter((email) => known.has(email)).length,
        orders_without_email: ofPeriod.filter(({ email }) => email === '').length,
      })
    }
  })

  const groups: [by: string, keysOf: (order: RecordedOrder) => (string | null)[]][] = [
    ['day', ({ createdAt }) => [day(createdAt)]],
    ['week', ({ createdAt }) => [monday(day(createdAt))]],
    ['month', ({ createdAt }) => [day(createdAt).slice(0, 7)]],
    ['hour', ({ createdAt }) => [local(createdAt).slice(11, 13)]],
    ['weekday', ({ createdAt }) => [String(new Date(`${day(createdAt)}T00:00:00Z`).getUTCDay() || 7)]],
    ['status', ({ status }) => [status]],
    ['country', ({ country }) => [country || null]],
    ['payment_method', ({ paymentMethod }) => [paymentMethod || null]],
    ['coupon', ({ coupons }) => (coupons.length === 0 ? [null] : [...new Set(coupons)])],
  ]
  for (const [by, keysOf] of groups) {
    test(`each row of a breakdown by ${by}`, async () => {
      for (const [from, to] of PERIODS.slice(0, 3)) {
        const answer = await shop.ask(breakdown, { by, from, to, limit: 1000 })
        const chosen = orders.filter(
          ({ status, createdAt }) => PAID.includes(status) && within(createdAt, from, to),
        )
        for (const { currency, rows, total } of answer.sales) {
          const ofCurrency = chosen.filter((order) => order.currency === currency)
          assert.deepEqual(plain(total), figuresOf(ofCurrency))
          const pairs = ofCurrency.flatMap((order) => keysOf(order).map((key) => ({ key, order })))
          const wanted = Map.groupBy(pairs, ({ key }) => key)
          for (const row of rows) {
            const expected = figuresOf((wanted.get(row.key) ?? []).map(({ order }) => order))
            assert.deepEqual(plain(row), expected, `${by} ${row.key} ${currency}`)
            wanted.delete(row.key)
          }
          assert.equal(wanted.size, 0, `${by} ${currency}`)
        }
      }
    })
  }

  for (const by of ['product', 'category'] as const) {
    test(`each row of a breakdown by ${by}`, async () => {
      for (const [from, to] of PERIODS.slice(0, 2)) {
        const answer = await shop.ask(breakdown, { by, from, to, limit: 1000 })
        const currencies = new Map(
          orders
            .filter(({ status, createdAt }) => PAID.includes(status) && within(createdAt, from, to))
            .map(({ id, currency }) => [id, currency]),
        )
        const keysOf = (product: number): (string | null)[] =>
          by === 'product' ? [product === 0 ? null : String(product)] : (categories.of.get(product) ?? [null])
        for (const { currency, rows } of answer.sales) {
          const ofCurrency = ({ order }: { order: number }) => currencies.get(order) === currency
          const [sold, back] = [lines.sold.filter(ofCurrency), lines.back.filter(ofCurrency)]
          const keys = new Set(sold.flatMap(({ product }) => keysOf(product)))
          assert.deepEqual(new Set(rows.map(({ key }) => key)), keys)
          for (const row of rows) {
            const [its, given] = [sold, back].map((of) =>
              of.filter(({ product }) => keysOf(product).includes(row.key)),
            )
            const sum = (of: typeof its, name: 'sold' | 'pieces') =>
              (of ?? []).reduce((all, line) => all.plus(line[name]), new Decimal(0))
            const net = sum(its, 'sold').plus(sum(given, 'sold'))
            assert.deepEqual(
              [
                row.orders,
                row.product_items,
                row.product_refunded_items,
                new Decimal(row.net_product_sales ?? 'NaN').toFixed(),
              ],
              [
                new Set(its?.map(({ order }) => order)).size,
                sum(its, 'pieces').toNumber(),
                sum(given, 'pieces').neg().plus(0).toNumber(),
                net.toFixed(),
              ],
              `${by} ${row.key} ${currency}`,
            )
          }
        }
      }
    })
  }
})

const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short', timeStyle: 'medium' })

/** The moment as a clock in the shop shows it: 2026-11-22 09:00:00. */
function local(moment: Date): string {
  return clock.format(moment)
}

function day(moment: Date): string {
  return local(moment).slice(0, 10)
}

function within(moment: Date, from: string, to: string): boolean {
  return day(moment) >= from && day(moment) <= to
}

function monday(of: string): string {
  const moment = new Date(`${of}T12:00:00Z`)
  while (moment.getUTCDay() !== 1) moment.setTime(moment.getTime() - 86_400_000)
  return moment.toISOString().slice(0, 10)
}
