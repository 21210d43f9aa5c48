import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ShopEvent } from '../../demo/shop.ts'
import type { Raw } from '../../demo/table.ts'
import { refusal } from './refusal.ts'
import { bodyOf, type SmallShop, smallShop, twoLines } from './small-shop.ts'

const MINUTE = 60_000

function listen(small: SmallShop): () => string[] {
  const events: ShopEvent[] = []
  small.shop.onEvent((event) => events.push(event))
  return () => events.splice(0).map((event) => `${event.topic} ${event.id}`)
}

/** Runs an operation a minute later and says which of the records' dates moved. */
function moves(small: SmallShop, records: Record<string, () => Raw>, work: () => unknown): string[] {
  const before = Object.entries(records).map(([name, read]) => [name, read().date_modified_gmt] as const)
  small.shop.setClockOffset(small.shop.now() - Date.now() + MINUTE)
  work()
  return before.filter(([name, date]) => records[name]?.().date_modified_gmt !== date).map(([name]) => name)
}

test('row 4: what moves a modification date, and what does not', () => {
  const small = smallShop()
  const { shop, writes } = small
  const order = writes.createOrder({ status: 'processing', line_items: twoLines(small) })
  const id = order.id as number
  const records = {
    order: () => bodyOf(shop.orders, id),
    vodka: () => bodyOf(shop.products, small.vodka.id),
    event: () => bodyOf(shop.products, small.event.id),
    general: () => bodyOf(shop.variations, small.general.id),
  }
  const moved = (work: () => unknown) => moves(small, records, work)
  const line = (order.line_items as Raw[])[0]?.id as number
  let refund: Raw = {}
  assert.deepEqual(
    moved(() => writes.updateOrder(id, { meta_data: [{ key: 'a', value: 'b' }] })),
    ['order'],
  )
  assert.deepEqual(
    moved(() => writes.updateOrder(id, {})),
    ['order'],
    'a PUT without a change',
  )
  assert.deepEqual(
    moved(() => writes.addNote(id, { note: 'n' })),
    [],
  )
  assert.deepEqual(
    moved(() => writes.setLineMeta(id, line, [{ key: 'checked_in', value: 'yes' }])),
    [],
  )
  assert.deepEqual(
    moved(() => {
      refund = writes.createRefund(id, { amount: '10' })
    }),
    ['order'],
  )
  assert.deepEqual(
    moved(() => writes.deleteRefund(id, refund.id as number)),
    [],
  )
  assert.deepEqual(bodyOf(shop.orders, id).refunds, [])
  assert.deepEqual(
    moved(() => writes.updateOrder(id, { status: 'completed' })),
    ['order'],
  )
  assert.deepEqual(
    moved(() => writes.trashOrder(id)),
    ['order'],
  )
  assert.deepEqual(
    moved(() => writes.updateOrder(id, { status: 'processing' })),
    ['order'],
  )
  assert.deepEqual(
    moved(() => writes.createOrder({ status: 'on-hold', line_items: twoLines(small) })),
    ['vodka', 'event', 'general'],
    'stock reduced by an order',
  )
  assert.deepEqual(
    moved(() => writes.updateProduct(small.vodka.id as number, { regular_price: '128.07' })),
    ['vodka'],
  )
  assert.deepEqual(
    moved(() => writes.updateVariation(small.general.id as number, { regular_price: '170' })),
    ['event', 'general'],
  )
  assert.equal(bodyOf(shop.products, small.event.id).price, '170')
  assert.deepEqual(
    moved(() => writes.updateCategory(17, { name: 'Fine vodka' })),
    [],
  )
  assert.deepEqual(
    moved(() => writes.trashProduct(small.vodka.id as number)),
    ['vodka'],
  )
  assert.deepEqual(
    moved(() => writes.updateProduct(small.vodka.id as number, { status: 'publish' })),
    ['vodka'],
  )
})

test('row 4: a product inserted with a date of its own has it as its modification date, and nobody is told', () => {
  const small = smallShop()
  const told = listen(small)
  const past = small.writes.insertProduct({ name: 'Old', date_created: '2019-05-01T10:00:00' })
  const future = small.writes.insertProduct({ name: 'Next', date_created: '2037-05-01T10:00:00' })
  const undated = small.writes.insertProduct({ name: 'Draft', status: 'draft', date_created: null })
  assert.deepEqual([past.date_modified_gmt, past.status], ['2019-05-01T07:00:00', 'publish'])
  assert.deepEqual([future.date_modified_gmt, future.status], ['2037-05-01T07:00:00', 'future'])
  assert.deepEqual([undated.date_modified_gmt, undated.slug], [null, ''])
  assert.deepEqual(told(), [])
  assert.equal(small.shop.products.sorted('modified').at(-1)?.id, future.id)
  assert.equal(small.shop.products.sorted('modified')[0]?.id, undated.id)
})

test('row 30a: trashed twice is 410, what is not there 404, a PUT to it 400', () => {
  const small = smallShop()
  const { writes } = small
  const id = writes.createOrder({ line_items: twoLines(small) }).id as number
  assert.equal(writes.trashOrder(id).status, 'trash')
  assert.deepEqual(
    refusal(() => writes.trashOrder(id)),
    {
      code: 'woocommerce_rest_already_trashed',
      message: 'The shop_order has already been deleted.',
      data: { status: 410 },
    },
  )
  assert.equal(refusal(() => writes.deleteOrder(99_999)).data.status, 404)
  assert.equal(refusal(() => writes.updateOrder(99_999, {})).data.status, 400)
  assert.equal(refusal(() => writes.updateOrder(id, { status: 'livrat' })).code, 'rest_invalid_param')
  assert.equal(
    refusal(() => writes.createOrder({ line_items: [{ quantity: 1 }] })).code,
    'woocommerce_rest_required_product_reference',
  )
})

test('a trashed product keeps its SKU, frees its slug, and gets it back', () => {
  const small = smallShop()
  const id = small.vodka.id as number
  const gone = small.writes.trashProduct(id)
  assert.deepEqual([gone.slug, gone.sku, gone.status], ['vodka__trashed', 'VOD-1', 'trash'])
  assert.match(String(gone.permalink), /\?post_type=product&p=\d+$/)
  assert.equal(refusal(() => small.writes.trashProduct(id)).data.status, 410)
  const back = small.writes.updateProduct(id, { status: 'publish' })
  assert.deepEqual([back.slug, back.status], ['vodka', 'publish'])
})

test('rows 12 and 42a: a product deleted for good: order and refund lines no longer know it', () => {
  const small = smallShop()
  const { shop, writes } = small
  const order = writes.createOrder({ status: 'processing', line_items: twoLines(small) })
  const [first, second] = order.line_items as Raw[]
  const refund = writes.createRefund(order.id as number, {
    line_items: [
      { id: first?.id, quantity: 1, refund_total: '105.84', refund_tax: [{ id: 1, refund_total: '22.23' }] },
    ],
  })
  writes.deleteProduct(small.vodka.id as number)
  const line = (bodyOf(shop.orders, order.id).line_items as Raw[])[0]
  assert.deepEqual(
    [line?.product_id, line?.sku, line?.global_unique_id, line?.name, line?.total],
    [0, null, null, 'Vodka', '211.69'],
  )
  assert.equal((bodyOf(shop.refunds, refund.id).line_items as Raw[])[0]?.product_id, 0)
  writes.deleteVariation(small.general.id as number)
  const ticket = (bodyOf(shop.orders, order.id).line_items as Raw[])[1]
  assert.deepEqual([ticket?.product_id, ticket?.variation_id, ticket?.parent_name], [small.event.id, 0, null])
  assert.equal(second?.variation_id, small.general.id)
  assert.deepEqual(bodyOf(shop.products, small.event.id).variations, [])
})

test('a taken SKU is refused with the one that would be free', () => {
  const small = smallShop()
  assert.deepEqual(
    refusal(() => small.writes.createProduct({ name: 'Twin', sku: 'VOD-1' })),
    {
      code: 'product_invalid_sku',
      message: 'Invalid or duplicated SKU.',
      data: { status: 400, resource_id: small.vodka.id, unique_sku: 'VOD-1-1' },
    },
  )
})

test('batch: errors per item, two saves of a record are one event, more than 100 are refused', () => {
  const small = smallShop()
  const told = listen(small)
  const id = small.vodka.id as number
  const answer = small.writes.batch('products', {
    update: [
      { id, name: 'A' },
      { id, name: 'B' },
      { id: 99_999_999, name: 'C' },
    ],
  })
  assert.deepEqual((answer.update as Raw[])[2], {
    id: 99_999_999,
    error: { code: 'woocommerce_rest_product_invalid_id', message: 'Invalid ID.', data: { status: 400 } },
  })
  assert.equal(bodyOf(small.shop.products, id).name, 'B')
  assert.deepEqual(told(), [`product.updated ${id}`])
  const many = Array.from({ length: 101 }, () => ({ id, name: 'D' }))
  assert.equal(refusal(() => small.writes.batch('products', { update: many })).data.status, 413)
  assert.equal(bodyOf(small.shop.products, id).name, 'B')
})

test('rows 24a and 24b: who is told of what', () => {
  const small = smallShop()
  const { writes } = small
  const told = listen(small)
  const order = writes.createOrder({ status: 'processing', line_items: twoLines(small) })
  const id = order.id as number
  assert.deepEqual(told(), [
    `order.created ${id}`,
    `order.updated ${id}`,
    `product.updated ${small.vodka.id}`,
    `product.updated ${small.general.id}`,
  ])
  writes.trashOrder(id)
  assert.deepEqual(told(), [`order.deleted ${id}`])
  writes.updateOrder(id, { status: 'processing' })
  assert.deepEqual(told(), [], 'un-trashed over REST')
  writes.trashOrder(id)
  writes.untrashOrder(id)
  assert.deepEqual(told(), [`order.deleted ${id}`, `order.restored ${id}`])
  writes.deleteOrder(id)
  assert.deepEqual(told(), [])
  writes.trashProduct(small.beer.id as number)
  assert.deepEqual(told(), [`coupon.deleted ${small.beer.id}`, `product.deleted ${small.beer.id}`])
  writes.untrashProduct(small.beer.id as number)
  assert.deepEqual(told(), [`product.restored ${small.beer.id}`])
  writes.updateCategory(17, { name: 'x' })
  writes.deleteVariation(small.general.id as number)
  writes.deleteProduct(small.beer.id as number)
  assert.deepEqual(told(), [])
})

test('the first completed order makes a customer a paying one', () => {
  const small = smallShop()
  const { shop, writes } = small
  const customer = writes.createCustomer({ email: 'ana@example.test', first_name: 'Ana' })
  const told = listen(small)
  const order = {
    status: 'completed',
    customer_id: customer.id,
    line_items: [{ product_id: small.vodka.id }],
  }
  writes.createOrder(order)
  assert.ok(told().includes(`customer.updated ${customer.id}`))
  writes.createOrder(order)
  assert.ok(!told().includes(`customer.updated ${customer.id}`))
  assert.equal(shop.small.customers.find((each) => each.id === customer.id)?.is_paying_customer, true)
  assert.equal(
    refusal(() => writes.createCustomer({ email: 'ana@example.test' })).code,
    'registration-error-email-exists',
  )
  assert.equal(
    refusal(() => writes.createOrder({ ...order, customer_id: 77 })).code,
    'woocommerce_rest_invalid_customer_id',
  )
})

test('a published product counts in its categories and all above them', () => {
  const small = smallShop()
  const counts = () => small.shop.small.categories.map((category) => category.count)
  assert.deepEqual(counts(), [2, 1, 1])
  small.writes.trashProduct(small.vodka.id as number)
  assert.deepEqual(counts(), [2, 0, 0])
})

test('meta: scalars become strings, objects stay, null deletes', () => {
  const small = smallShop()
  const factura = { serie: 'BTS', linii: { ok: true } }
  const order = small.writes.createOrder({
    meta_data: [
      { key: 'n', value: 5 },
      { key: 'yes', value: true },
      { key: 'factura', value: factura },
    ],
  })
  assert.deepEqual(
    (order.meta_data as Raw[]).map((meta) => meta.value),
    ['5', '1', factura],
  )
  const after = small.writes.updateOrder(order.id as number, { meta_data: [{ key: 'n', value: null }] })
  assert.deepEqual(
    (after.meta_data as Raw[]).map((meta) => meta.key),
    ['yes', 'factura'],
  )
})
