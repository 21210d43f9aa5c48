/** The writes on the recorded shop: what they make has the recorded form, and the recorded money. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadRecordings } from '../../demo/recordings.ts'
import type { Shop } from '../../demo/shop.ts'
import type { Raw } from '../../demo/table.ts'
import { createCalls } from '../../demo/writes/call.ts'
import { reopened } from '../../demo/writes/lines.ts'
import { taxation } from '../../demo/writes/taxes.ts'
import { totalled } from '../../demo/writes/totals.ts'
import { createWrites } from '../../demo/writes.ts'
import { recordings, skipWithoutRecordings as skip } from '../recordings.ts'
import { refusal } from './refusal.ts'
import { fields, shape } from './shapes.ts'

function recorded(): Shop {
  return loadRecordings(recordings as string)
}

function json(...path: string[]): Raw {
  return JSON.parse(readFileSync(join(recordings as string, ...path), 'utf8'))
}

/** The body of a recorded delivery. */
function delivered(name: string): Raw {
  const { body_base64 } = json('webhooks', `${name}.json`)
  return JSON.parse(Buffer.from(String(body_base64), 'base64').toString())
}

function without(raw: Raw, ...names: string[]): Raw {
  return Object.fromEntries(Object.entries(raw).filter(([name]) => !names.includes(name)))
}

test('the order of the recorded delivery is made the same, to the cent and to the field', { skip }, () => {
  const writes = createWrites(recorded())
  const made = writes.createOrder({
    status: 'processing',
    payment_method: 'cod',
    billing: { first_name: 'Ion', last_name: 'Țepeș', country: 'RO', email: 'ion@example.test' },
    line_items: [
      { product_id: 10, quantity: 2 },
      { product_id: 224, variation_id: 225, quantity: 1 },
    ],
  })
  const real = delivered('async-order-created-1-order.created')
  const own = ['id', 'order_key', 'number', 'payment_url', '_links', 'line_items', 'tax_lines']
  const dates = Object.keys(real).filter((key) => /^date_(created|modified)/.test(key))
  assert.deepEqual(without(made, ...own, ...dates), without(real, ...own, ...dates))
  assert.deepEqual(fields(made), fields(without(real, '_links')))
  assert.deepEqual(bare(made.line_items), bare(real.line_items))
  assert.deepEqual(bare(made.tax_lines), bare(real.tax_lines))
})

/** Lines without the ids of lines and meta. */
function bare(lines: unknown): Raw[] {
  return (lines as Raw[]).map((line) => ({
    ...without(line, 'id'),
    meta_data: (line.meta_data as Raw[]).map((meta) => without(meta, 'id')),
  }))
}

test('every recorded order, reckoned again from its lines, has its recorded money', { skip }, () => {
  const shop = recorded()
  const request = createCalls(shop)
  const rows = shop.orders.sorted('id')
  assert.equal(rows.length, 798)
  for (const row of rows) {
    const order = shop.orders.body(row)
    const taxes = taxation(shop, order.billing as Raw, order.shipping as Raw)
    const lines = (name: string) => (order[name] as Raw[]).map((line) => reopened(line, taxes))
    const basket = { items: lines('line_items'), shipping: lines('shipping_lines'), fees: lines('fee_lines') }
    const again = request((call) => totalled(call, basket, taxes, order.tax_lines as Raw[]))
    assert.deepEqual(money(again), money(order), `order ${row.id}`)
  }
})

/** All that is money in an order; tax lines in the order of their rates. */
function money(order: Raw): Raw {
  const totals = [
    'discount_total',
    'discount_tax',
    'shipping_total',
    'shipping_tax',
    'cart_tax',
    'total',
    'total_tax',
  ]
  const inLines = ['subtotal', 'subtotal_tax', 'total', 'total_tax', 'taxes', 'price']
  const rates = order.tax_lines as Raw[]
  return {
    ...Object.fromEntries(totals.map((name) => [name, order[name]])),
    lines: ['line_items', 'shipping_lines', 'fee_lines'].flatMap((name) =>
      (order[name] as Raw[]).map((line) => inLines.map((field) => line[field])),
    ),
    rates: rates.toSorted((a, b) => Number(a.rate_id) - Number(b.rate_id)),
  }
}

test('each kind of record that is made has the fields and types of the recorded ones', { skip }, () => {
  const shop = recorded()
  const writes = createWrites(shop)
  const like = (made: Raw, table: { rows: Raw[] }, ...open: string[]) => {
    const models = table.rows.map((raw) => JSON.stringify(shape(without(raw, ...open, '_links'))))
    assert.ok(models.includes(JSON.stringify(shape(without(made, ...open)))), JSON.stringify(shape(made)))
    assert.deepEqual(fields(made), fields(without(table.rows[0] as Raw, '_links')))
  }
  const all = (file: string) => ({ rows: json('api', `${file}.json`) as unknown as Raw[] })
  const product = { name: 'Produs nou', regular_price: '9.99', categories: [{ id: 17 }], manage_stock: false }
  like(
    writes.createProduct(product),
    all('products-edit-p01'),
    'meta_data',
    'tags',
    'attributes',
    'related_ids',
    'sale_price',
  )
  like(
    writes.createVariation(224, {
      regular_price: '99',
      attributes: [{ id: 3, option: 'General' }],
      manage_stock: true,
      stock_quantity: 4,
    }),
    all('variations-edit-p01'),
  )
  like(writes.createCoupon({ code: 'nou', amount: '5' }), all('coupons-edit-p01'), 'used_by')
  like(writes.createCustomer({ email: 'nou@example.test' }), all('customers-p01'), 'meta_data')
  like(writes.addNote(1061, { note: 'x' }), all('notes-of-1061'))
  const order = shop.orders.body(shop.orders.get(244) as never)
  const line = (order.line_items as Raw[])[0] as Raw
  const given = {
    id: line.id,
    quantity: 1,
    refund_total: '1.00',
    refund_tax: [{ id: 2, refund_total: '0.11' }],
  }
  like(writes.createRefund(244, { reason: 'x', line_items: [given] }), all('refunds-global-p01'))
  const two = {
    status: 'processing',
    line_items: [{ product_id: 12 }],
    shipping_lines: [{ method_id: 'flat_rate', total: '13.88', meta_data: [{ key: 'AWB', value: 'A' }] }],
  }
  like(writes.createOrder(two), all('orders-p01'), 'meta_data')
})

test('what a shop says of a product follows from its prices as recorded', { skip }, () => {
  const shop = recorded()
  const writes = createWrites(shop)
  const kept = [
    'price',
    'on_sale',
    'price_html',
    'stock_status',
    'backordered',
    'purchasable',
    'slug',
    'permalink',
    'generated_slug',
    'categories',
    'has_options',
  ]
  const different: unknown[] = []
  // Sales whose dates have come or gone since the recording.
  shop.setClockOffset(Date.parse('2026-11-22T12:30:00Z') - Date.now())
  for (const row of [...shop.products.sorted('id')]) {
    if (row.status === 'trash') continue
    const before = shop.products.body(row)
    const after = writes.updateProduct(row.id, {})
    assert.deepEqual(fields(after), fields(before))
    for (const name of kept) {
      const [is, was] = [after[name], before[name]].map((value) => JSON.stringify(value))
      if (is !== was) different.push({ id: row.id, type: before.type, name, is, was })
    }
  }
  assert.deepEqual(different, [])
})

test('a trashed product looks as the recorded one', { skip }, () => {
  const shop = recorded()
  const writes = createWrites(shop)
  const made = writes.createProduct({
    name: 'Produs retras 9',
    sku: 'RET-009',
    regular_price: '10',
    categories: [{ id: 36 }],
  })
  const gone = writes.trashProduct(made.id as number)
  const real = (json('api', 'products-trash-p01.json') as unknown as Raw[])[0] as Raw
  assert.deepEqual(
    (gone.meta_data as Raw[]).map((meta) => meta.key),
    (real.meta_data as Raw[]).map((meta) => meta.key),
  )
  assert.equal(gone.slug, 'produs-retras-9__trashed')
  assert.equal(String(gone.permalink).replace(/\d+$/, ''), String(real.permalink).replace(/\d+$/, ''))
})

test('the recorded refusals: a taken SKU, a batch of 101, a batch with a stranger in it', { skip }, () => {
  const writes = createWrites(recorded())
  assert.deepEqual(
    refusal(() => writes.createProduct({ name: 'x', sku: 'VOD-001' })),
    json('errors', 'product-dup-sku.json'),
  )
  const many = Array.from({ length: 101 }, (_, n) => ({ id: n }))
  assert.deepEqual(
    refusal(() => writes.batch('orders', { update: many })),
    json('errors', 'batch-101.json'),
  )
  const mixed = writes.batch('products', { update: [{ id: 99_999_999, name: 'x' }] })
  assert.deepEqual(mixed, json('errors', 'batch-mixed.json'))
})
