import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Raw } from '../../demo/table.ts'
import { refusal } from './refusal.ts'
import { bodyOf, smallShop, twoLines } from './small-shop.ts'

test('an order is reckoned from prices with tax, to the cent', () => {
  const small = smallShop()
  const order = small.writes.createOrder({
    status: 'processing',
    payment_method: 'cod',
    billing: { first_name: 'Ion', country: 'RO', email: 'ion@example.test' },
    line_items: [...twoLines(small), { sku: 'BEER-1', quantity: 3 }],
    shipping_lines: [{ method_id: 'flat_rate', method_title: 'Courier', total: '13.88' }],
    fee_lines: [{ name: 'Cash on delivery', total: '7.50' }],
  })
  const lines = order.line_items as Raw[]
  assert.deepEqual(
    lines.map((line) => [line.name, line.total, line.total_tax, line.price]),
    [
      ['Vodka', '211.69', '44.45', 105.842975],
      ['Event - General', '123.97', '26.03', 123.966942],
      ['Beer', '18.89', '2.08', 6.297297333333333],
    ],
  )
  assert.deepEqual(
    (order.tax_lines as Raw[]).map((line) => [line.rate_code, line.tax_total, line.shipping_tax_total]),
    [
      ['RO-TVA-1', '72.05', '2.91'],
      ['RO-TVA REDUS-1', '2.08', '0.00'],
    ],
  )
  const fee = (order.fee_lines as Raw[])[0] as Raw
  assert.deepEqual([fee.total_tax, (fee.taxes as Raw[])[0]?.total], ['1.57', '1.58'])
  assert.equal(order.shipping_total, '13.88')
  assert.equal(order.total_tax, '77.04')
  assert.equal(order.total, '452.97')
  assert.equal(order.number, String(order.id))
  assert.match(String(order.order_key), /^wc_order_[A-Za-z0-9]{13}$/)
})

test("an order to a country without a rate has no tax, at the price without the shop's own", () => {
  const small = smallShop()
  const order = small.writes.createOrder({ billing: { country: 'DE' }, line_items: twoLines(small) })
  assert.deepEqual([order.total, order.total_tax, order.tax_lines], ['335.66', '0.00', []])
})

test('stock goes down once, is noted on the line, comes back with a cancellation', () => {
  const small = smallShop()
  const { shop, writes } = small
  const stock = () => [
    bodyOf(shop.products, small.vodka.id).stock_quantity,
    bodyOf(shop.variations, small.general.id).stock_quantity,
  ]
  const sales = () => bodyOf(shop.products, small.vodka.id).total_sales
  const order = writes.createOrder({ line_items: twoLines(small) })
  const id = order.id as number
  assert.deepEqual([stock(), sales()], [[100, 20], 0])
  const paid = writes.updateOrder(id, { status: 'processing' })
  assert.deepEqual([stock(), sales()], [[98, 19], 2])
  assert.notEqual(paid.date_paid, null)
  const line = (paid.line_items as Raw[])[0] as Raw
  const meta = (line.meta_data as Raw[]).at(-1)
  assert.deepEqual([meta?.key, meta?.value, meta?.display_value], ['_reduced_stock', '2', '2'])
  const done = writes.updateOrder(id, { status: 'completed' })
  assert.deepEqual([stock(), done.date_completed], [[98, 19], done.date_modified])
  const notes = (shop.small.notes.get(id) ?? []).map((note) => note.note)
  assert.deepEqual(notes, [
    'Stock levels reduced: Vodka (100&rarr;98), Event - General (20&rarr;19)',
    'Order status changed from Pending payment to Processing.',
    'Order status changed from Processing to Completed.',
  ])
  writes.updateOrder(id, { status: 'cancelled' })
  assert.deepEqual([stock(), sales()], [[100, 20], 0])
})

test('a product sold out says so, or goes on backorder where that is allowed', () => {
  const small = smallShop()
  const { shop, writes } = small
  const status = (raw: Raw) => bodyOf(shop.products, raw.id).stock_status
  writes.createOrder({ status: 'processing', line_items: [{ product_id: small.vodka.id, quantity: 100 }] })
  writes.createOrder({ status: 'processing', line_items: [{ product_id: small.beer.id, quantity: 51 }] })
  assert.deepEqual([status(small.vodka), status(small.beer)], ['outofstock', 'onbackorder'])
  assert.equal(bodyOf(shop.products, small.beer.id).backordered, true)
})

test('a refund has negative lines, stands in the order, gives stock back; all of it makes the order refunded', () => {
  const small = smallShop()
  const { shop, writes } = small
  const order = writes.createOrder({ status: 'completed', line_items: twoLines(small) })
  const id = order.id as number
  const first = (order.line_items as Raw[])[0] as Raw
  const given = {
    id: first.id,
    quantity: 1,
    refund_total: '105.84',
    refund_tax: [{ id: 1, refund_total: '22.23' }],
  }
  const refund = writes.createRefund(id, { reason: 'Broken', line_items: [given] })
  const line = (refund.line_items as Raw[])[0]
  assert.deepEqual(
    [refund.amount, line?.quantity, line?.total, line?.total_tax, line?.price],
    ['128.07', -1, '-105.84', '-22.23', 105.84],
  )
  assert.equal((refund.tax_lines as Raw[])[0]?.tax_total, '-22.23')
  const held = bodyOf(shop.orders, id)
  assert.deepEqual(held.refunds, [{ id: refund.id, reason: 'Broken', total: '-128.07', total_tax: '-22.23' }])
  assert.equal(bodyOf(shop.products, small.vodka.id).stock_quantity, 99)
  assert.equal(shop.refunds.get(refund.id as number)?.parent, id)
  assert.equal(refusal(() => writes.createRefund(id, { amount: '999' })).message, 'Invalid refund amount.')
  writes.createRefund(id, { amount: '278.07' })
  assert.equal(bodyOf(shop.orders, id).status, 'refunded')
  assert.equal((bodyOf(shop.orders, id).refunds as Raw[]).length, 2)
  writes.deleteOrder(id)
  assert.equal(shop.refunds.size, 0)
})

test('coupons take off what they say and count their use', () => {
  const small = smallShop()
  const { shop, writes } = small
  const percent = writes.createCoupon({ code: 'TEN', discount_type: 'percent', amount: '10' })
  writes.createCoupon({ code: 'twenty', discount_type: 'fixed_cart', amount: '20' })
  const order = writes.createOrder({
    status: 'processing',
    billing: { email: 'ion@example.test' },
    line_items: twoLines(small),
    coupon_lines: [{ code: 'ten' }],
  })
  assert.equal(order.total, '365.53', '406.14 less 25.61 and 15.00')
  const line = (order.coupon_lines as Raw[])[0]
  assert.deepEqual([line?.discount, line?.discount_tax, line?.nominal_amount], ['33.56', '7.05', 10])
  const used = () => bodyOf(shop.coupons, percent.id)
  assert.deepEqual([used().usage_count, used().used_by], [1, ['ion@example.test']])
  writes.updateOrder(order.id as number, { status: 'cancelled' })
  assert.deepEqual([used().usage_count, used().used_by], [0, []])
  const fixed = writes.createOrder({ line_items: twoLines(small), coupon_lines: [{ code: 'TWENTY' }] })
  assert.equal(fixed.total, '386.14')
  assert.equal(
    refusal(() => writes.createOrder({ line_items: twoLines(small), coupon_lines: [{ code: 'none' }] })).data
      .status,
    400,
  )
})

test('changing lines reckons the order again, and only then', () => {
  const small = smallShop()
  const { writes } = small
  const order = writes.createOrder({ status: 'processing', line_items: twoLines(small) })
  const id = order.id as number
  const [first, second] = order.line_items as Raw[]
  const same = writes.updateOrder(id, { customer_note: 'ring twice', billing: { city: 'Cluj' } })
  assert.deepEqual([same.total, same.line_items], [order.total, order.line_items])
  const less = writes.updateOrder(id, { line_items: [{ id: second?.id, product_id: null }] })
  assert.deepEqual([less.total, (less.line_items as Raw[]).length], ['256.14', 1])
  const more = writes.updateOrder(id, {
    line_items: [{ id: first?.id, quantity: 4, total: '423.3719', subtotal: '423.3719' }],
  })
  assert.deepEqual([more.total, bodyOf(small.shop.products, small.vodka.id).stock_quantity], ['512.28', 96])
  assert.equal(
    refusal(() => writes.updateOrder(id, { line_items: [{ id: 5, quantity: 1 }] })).code,
    'woocommerce_rest_invalid_item_id',
  )
})

test("dates are the shop's, local and GMT, on either side of the hour that repeats", () => {
  const small = smallShop()
  const at = (gmt: string) => {
    small.shop.setClockOffset(Date.parse(`${gmt}Z`) - Date.now())
    return small.writes.createOrder({ line_items: twoLines(small) })
  }
  const summer = at('2026-10-25T00:30:00')
  const winter = at('2026-10-25T01:30:00')
  assert.equal(String(summer.date_created).slice(0, 16), '2026-10-25T03:30')
  assert.equal(String(winter.date_created).slice(0, 16), '2026-10-25T03:30')
  assert.equal(String(winter.date_created_gmt).slice(0, 16), '2026-10-25T01:30')
})
