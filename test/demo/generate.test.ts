import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createClock } from '../../demo/generate/clock.ts'
import { FAKE_SECRET } from '../../demo/generate/settings.ts'
import { DEMO_KEYS, generateShop, lastMidnight } from '../../demo/generate/shop.ts'
import type { Raw, Table } from '../../demo/table.ts'

const NOW = Date.parse('2026-11-21T22:00:00Z')
const shop = generateShop({ seed: 4, orders: 2000, now: NOW })

function all(table: Table): Raw[] {
  return table.sorted('id').map((row) => table.body(row))
}

/** Bani from a money string; refuses anything that has not exactly two decimals. */
function bani(money: unknown): number {
  assert.match(String(money), /^-?\d+\.\d\d$/)
  return Number(String(money).replace('.', ''))
}

function sum(rows: unknown, field: string): number {
  return (rows as Raw[]).reduce((total, row) => total + bani(row[field]), 0)
}

describe('sums of a generated shop', () => {
  it('are right to the cent in every order', () => {
    for (const order of all(shop.orders)) {
      const { line_items: lines, fee_lines: fees, shipping_lines: freight, tax_lines: taxes } = order
      const name = `order ${order.id}`
      const net = sum(lines, 'total') + sum(fees, 'total') + sum(freight, 'total')
      assert.equal(bani(order.total), net + bani(order.total_tax), name)
      assert.equal(bani(order.cart_tax), sum(lines, 'total_tax') + sum(fees, 'total_tax'), name)
      assert.equal(bani(order.shipping_total), sum(freight, 'total'), name)
      assert.equal(bani(order.shipping_tax), sum(freight, 'total_tax'), name)
      assert.equal(bani(order.total_tax), sum(taxes, 'tax_total') + sum(taxes, 'shipping_tax_total'), name)
      assert.equal(bani(order.discount_total), sum(lines, 'subtotal') - sum(lines, 'total'), name)
      assert.equal(bani(order.discount_tax), sum(lines, 'subtotal_tax') - sum(lines, 'total_tax'), name)
      if ((order.coupon_lines as Raw[]).length > 0) {
        assert.equal(sum(order.coupon_lines, 'discount'), bani(order.discount_total), name)
        assert.equal(sum(order.coupon_lines, 'discount_tax'), bani(order.discount_tax), name)
      }
      for (const line of lines as Raw[]) checkLine(line, name)
    }
  })

  it('agree between refunds and the orders they belong to', () => {
    const refunds = new Map(all(shop.refunds).map((refund) => [refund.id, refund]))
    let full = 0
    for (const order of all(shop.orders)) {
      const lineIds = ['line_items', 'shipping_lines', 'fee_lines'].flatMap((field) =>
        (order[field] as Raw[]).map((line) => String(line.id)),
      )
      let given = 0
      for (const embedded of order.refunds as Raw[]) {
        const refund = refunds.get(embedded.id)
        assert.ok(refund, `refund ${embedded.id}`)
        refunds.delete(embedded.id)
        assert.equal(refund.parent_id, order.id)
        assert.equal(refund.reason, embedded.reason)
        assert.equal(bani(refund.amount), -bani(embedded.total))
        assert.equal(
          sum(refund.tax_lines, 'tax_total') + sum(refund.tax_lines, 'shipping_tax_total'),
          bani(embedded.total_tax),
        )
        const lines = [refund.line_items, refund.shipping_lines, refund.fee_lines].flat() as Raw[]
        for (const line of lines) {
          const [meta] = line.meta_data as Raw[]
          assert.equal(meta?.key, '_refunded_item_id')
          assert.ok(lineIds.includes(String(meta?.value)))
        }
        if (lines.length > 0)
          assert.equal(sum(lines, 'total') + sum(lines, 'total_tax'), -bani(refund.amount))
        given += bani(refund.amount)
        full += (refund.meta_data as Raw[])[0]?.value === 'full' ? 1 : 0
        assert.ok(String(refund.date_created_gmt) <= String(order.date_modified_gmt))
      }
      if (order.status === 'refunded') assert.equal(given, bani(order.total))
      else assert.ok(given < bani(order.total) || given === 0)
    }
    assert.equal(refunds.size, 0, 'every refund is in its order')
    assert.ok(full > 20 && shop.refunds.size > full + 20, `${full} full of ${shop.refunds.size}`)
  })
})

function checkLine(line: Raw, name: string) {
  const rate = line.tax_class === '' ? 21 : 11
  const gross = bani(line.total) + bani(line.total_tax)
  assert.equal(bani(line.total_tax), Math.round((gross * rate) / (100 + rate)), name)
  assert.equal(sum(line.taxes, 'total'), bani(line.total_tax), name)
  assert.ok(Math.abs((line.price as number) * (line.quantity as number) * 100 - bani(line.total)) < 0.6, name)
}

describe('a generated shop', () => {
  it('is the same for the same seed, byte for byte, and another for another', () => {
    const again = generateShop({ seed: 4, orders: 2000, now: NOW })
    const other = generateShop({ seed: 5, orders: 2000, now: NOW })
    for (const kind of ['orders', 'refunds', 'products', 'variations', 'coupons'] as const) {
      assert.equal(JSON.stringify(all(again[kind])), JSON.stringify(all(shop[kind])), kind)
    }
    assert.equal(JSON.stringify(again.small), JSON.stringify(shop.small))
    assert.notEqual(JSON.stringify(all(other.orders)), JSON.stringify(all(shop.orders)))
    const row = shop.orders.sorted('id')[77]
    assert.ok(row)
    assert.deepEqual(shop.orders.body(row), shop.orders.body(row))
  })

  it('has rows that say what their records say', () => {
    for (const kind of ['orders', 'refunds', 'products', 'variations', 'coupons'] as const) {
      let last = 0
      for (const row of shop[kind].sorted('id')) {
        const body = shop[kind].body(row)
        assert.equal(body.id, row.id)
        assert.ok(row.id > last)
        last = row.id
        assert.equal(seconds(body.date_created_gmt), row.created, `${kind} ${row.id}`)
        if (kind !== 'refunds')
          assert.equal(seconds(body.date_modified_gmt), row.modified, `${kind} ${row.id}`)
        if (kind !== 'refunds') assert.equal(body.status, row.status)
        if (kind === 'refunds' || kind === 'variations') assert.equal(body.parent_id, row.parent)
      }
      assert.ok(last < shop.nextId())
    }
  })

  it('gives out no line id twice, and new ones above all of them', () => {
    const fresh = shop.nextRowId('line')
    const seen = new Set<unknown>()
    for (const record of [...all(shop.orders), ...all(shop.refunds)]) {
      for (const field of ['line_items', 'shipping_lines', 'fee_lines', 'coupon_lines', 'tax_lines']) {
        for (const { id } of (record[field] ?? []) as Raw[]) {
          assert.ok(!seen.has(id), `line ${id}`)
          assert.ok((id as number) < fresh)
          seen.add(id)
        }
      }
    }
  })

  it('has what a real shop has', () => {
    const statuses = shop.orders.statuses()
    for (const status of [
      'completed',
      'processing',
      'cancelled',
      'failed',
      'refunded',
      'trash',
      'checkout-draft',
    ]) {
      assert.ok((statuses.get(status) ?? 0) > 0, status)
    }
    assert.ok((statuses.get('completed') ?? 0) > 1500)
    const orders = all(shop.orders)
    const metas = new Set(orders.flatMap((order) => (order.meta_data as Raw[]).map((meta) => meta.key)))
    for (const key of ['_billing_cui', 'factura', 'WooCommerceEventsOrderTickets', '_wp_trash_meta_status']) {
      assert.ok(metas.has(key), key)
    }
    const guests = orders.filter((order) => order.customer_id === 0).length
    assert.ok(guests > 1600 && guests < 1900, `${guests} guests`)
    assert.ok(orders.some((order) => (order.fee_lines as Raw[]).some((fee) => bani(fee.total) < 0)))
    assert.ok(orders.some((order) => order.currency === 'EUR'))
    assert.ok(
      orders.some((order) =>
        (order.line_items as Raw[]).some((line) => line.product_id === 0 && line.sku === null),
      ),
    )
    const emails = orders.map((order) => String((order.billing as Raw).email)).filter((email) => email !== '')
    assert.ok(emails.every((email) => /^[a-z0-9.]+@example\.test$/.test(email)))
    assert.ok(new Set(emails).size < emails.length * 0.9, 'some come back')
    assert.ok(JSON.stringify(shop.small.gateways).includes(FAKE_SECRET))
    assert.deepEqual(shop.info.consumerKey, DEMO_KEYS.consumerKey)
  })

  it('has believable products', () => {
    const products = all(shop.products)
    assert.equal(products.length, 150)
    const types = new Set(products.map((product) => product.type))
    assert.deepEqual([...types].sort(), ['external', 'grouped', 'simple', 'variable'])
    for (const field of ['sku', 'slug'] as const) {
      const values = products.map((product) => product[field]).filter((value) => value !== '')
      assert.equal(new Set(values).size, values.length, field)
    }
    for (const { global_unique_id: code } of products) {
      if (code === '') continue
      const digits = String(code).split('').map(Number)
      const check = digits.reduce((total, digit, at) => total + digit * (at % 2 === 0 ? 1 : 3), 0)
      assert.ok(digits.length === 13 && check % 10 === 0, String(code))
    }
    assert.ok(products.some((product) => /[ăâîșț]/.test(String(product.name))))
    assert.ok(products.some((product) => product.date_created === null))
    assert.ok(all(shop.variations).some((variation) => variation.manage_stock === 'parent'))
    const whisky = shop.small.categories.find((category) => category.slug === 'whisky-whiskey')
    assert.equal(whisky?.name, 'Whisky &amp; Whiskey')
    const named = products.flatMap((product) => product.categories as Raw[])
    for (const category of named) assert.ok(!String(category.name).includes('&amp;'))
  })

  it('sells more on Fridays and in December', () => {
    const clock = createClock('Europe/Bucharest')
    const big = generateShop({ seed: 2, orders: 20_000, now: NOW })
    const byDay = new Array<number>(7).fill(0)
    const byMonth = new Array<number>(12).fill(0)
    for (const { created } of big.orders.sorted('id')) {
      const local = new Date(((created ?? 0) + clock.offset(created ?? 0)) * 1000)
      byDay[local.getUTCDay()] = (byDay[local.getUTCDay()] ?? 0) + 1
      byMonth[local.getUTCMonth()] = (byMonth[local.getUTCMonth()] ?? 0) + 1
    }
    assert.equal(byDay.indexOf(Math.max(...byDay)), 5)
    assert.equal(byMonth.indexOf(Math.max(...byMonth)), 11)
  })

  it('can be very small', () => {
    for (const [products, orders] of [
      [1, 1],
      [5, 3],
      [12, 0],
    ] as const) {
      const tiny = generateShop({ products, orders, now: NOW, days: 7 })
      assert.equal(tiny.products.size, products)
      assert.equal(tiny.orders.size, orders)
      assert.equal(all(tiny.orders).length, orders)
    }
  })

  it('makes 200,000 orders in a moment, and their records on demand', () => {
    const before = process.cpuUsage()
    const big = generateShop({ orders: 200_000, now: NOW })
    const built = process.cpuUsage(before).user / 1000
    const rows = big.orders.sorted('modified')
    assert.equal(rows.length, 200_000)
    const start = process.cpuUsage()
    for (let at = 0; at < 10_000; at++) assert.ok(big.orders.body(rows[at * 20] as never))
    const each = process.cpuUsage(start).user / 10_000
    // Ten times what it takes of a small machine's processor: this is about the order of magnitude.
    assert.ok(built < 8000, `${built} ms of the processor for the rows`)
    assert.ok(each < 200, `${each} µs of the processor for a record`)
  })
})

describe('dates of a generated shop', () => {
  it('are local and GMT, summer time and winter time', () => {
    const format = new Intl.DateTimeFormat('sv-SE', {
      timeZone: 'Europe/Bucharest',
      dateStyle: 'short',
      timeStyle: 'medium',
    })
    const offsets = new Set<number>()
    for (const row of shop.orders.sorted('id').filter((_, at) => at % 7 === 0)) {
      const order = shop.orders.body(row)
      for (const field of ['date_created', 'date_modified', 'date_paid', 'date_completed']) {
        const gmt = order[`${field}_gmt`]
        if (gmt === null) assert.equal(order[field], null)
        else {
          assert.equal(order[field], format.format(new Date(`${gmt}Z`)).replace(' ', 'T'))
          offsets.add(((seconds(order[field]) ?? 0) - (seconds(gmt) ?? 0)) / 3600)
        }
      }
    }
    assert.deepEqual([...offsets].sort(), [2, 3])
  })

  it('never lie in the future, and follow each other', () => {
    for (const order of all(shop.orders)) {
      const steps = ['date_created_gmt', 'date_paid_gmt', 'date_completed_gmt', 'date_modified_gmt']
      const moments = steps.map((field) => order[field]).filter((moment) => moment !== null) as string[]
      assert.deepEqual(moments, [...moments].sort(), `order ${order.id}`)
      assert.ok((seconds(moments.at(-1)) ?? 0) * 1000 <= NOW)
    }
  })

  it('end at the last midnight of the shop unless told otherwise', () => {
    const midnight = lastMidnight('Europe/Bucharest', Date.parse('2026-07-01T10:00:00Z'))
    assert.equal(new Date(midnight).toISOString(), '2026-06-30T21:00:00.000Z')
    const winter = lastMidnight('Europe/Bucharest', Date.parse('2026-10-25T10:00:00Z'))
    assert.equal(new Date(winter).toISOString(), '2026-10-24T21:00:00.000Z')
  })
})

function seconds(date: unknown): number | null {
  return date === null ? null : Date.parse(`${date}Z`) / 1000
}
