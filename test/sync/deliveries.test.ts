/** Working off deliveries (rows 12d, 20 to 25): what is applied at once, and what the shop is asked for. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { canonicalize } from '../../src/store/canonical.ts'
import { type ResourceName, resources } from '../../src/store/resources.ts'
import type { Topic } from '../../src/store/webhooks.ts'
import { reconcile } from '../../src/sync/reconcile.ts'
import { withRun } from '../../src/sync/run.ts'
import { verification } from '../../src/sync/verify.ts'
import { lookAgain } from '../../src/sync/watchdog.ts'
import { recordings, skipWithoutRecordings as skip } from '../recordings.ts'
import { recordedShop } from '../shop.ts'
import { deliveredShop, held } from './delivered-shop.ts'
import { changed, deliveryTools } from './delivery-tools.ts'

const stage = await deliveredShop()
const { writes, context, database, webhooks } = stage
const { pool } = database
const { newOrder, delivered, deliver, workOff, note, questions, staleIds, changesOf, aged } =
  deliveryTools(stage)

test('row 24: a new order and its change arrive without a question to the shop, and the delay is known', async () => {
  const order = writes.createOrder({ line_items: [{ product_id: stage.beer.id, quantity: 1 }] })
  const { rows: before } = await pool.query('SELECT now() AS at')
  const first = await stage.workOff()
  assert.ok(first.created === 1 && first.done >= 2)
  assert.ok(!questions().some((asked) => asked.includes(`/orders/${order.id}`)))
  const row = await held(stage, 'orders', order.id)
  assert.ok(row && !row.deleted && row.seenAt <= before[0].at)
  assert.deepEqual(await changesOf(order.id), ['created delivery'])
  const { resources } = await verification(pool, context.store)
  const orders = resources.find(({ resource }) => resource === 'orders')
  assert.ok(orders && orders.delayP50 !== null && orders.delayP50 > 0 && orders.delayP50 < 20)
  const { rows: due } = await pool.query(
    `SELECT changed_at > counted_at AS due FROM sync.resources WHERE store_id = $1 AND resource = 'orders'`,
    [context.store.id],
  )
  assert.deepEqual(due, [{ due: true }], 'the copy is to be counted again soon')
})

test('row 24: newer is applied, the same again changes nothing', async () => {
  const { id, body } = await newOrder()
  const newer = changed(body, 'newer', 3)
  // Dates of the future are not believed: the order is a little older than its change.
  await aged(id)
  const past = changed(newer, 'newer', -10)
  await deliver('order.updated', past)
  assert.equal((await workOff()).updated, 1)
  assert.equal(await note(id), 'newer')
  await deliver('order.updated', past)
  await deliver('order.updated', past)
  const again = await workOff()
  assert.deepEqual([again.done, again.unchanged, again.updated, again.marked], [2, 1, 0, 0])
  assert.deepEqual(questions(), [])
  assert.deepEqual(await changesOf(id), ['created delivery', 'updated delivery'])
})

test('row 24: older than what is held: the shop is asked, and nothing changes', async () => {
  const { id, body } = await newOrder()
  const before = await held(stage, 'orders', id)
  await deliver('order.updated', changed(body, 'of yesterday', -86_400))
  const worked = await workOff()
  assert.deepEqual([worked.updated, worked.marked, worked.waiting], [0, 1, []])
  assert.deepEqual(questions(), [`GET /wp-json/wc/v3/orders/${id}`])
  assert.deepEqual((await held(stage, 'orders', id))?.record, before?.record)
  assert.deepEqual(await changesOf(id), ['created delivery'])
  assert.deepEqual(await staleIds(), [])
})

test('row 24: two changes within a second, in either order: the shop says which is the last', async () => {
  for (const last of ['a', 'b']) {
    const { id, body } = await newOrder()
    writes.updateOrder(id, { customer_note: last })
    await webhooks.idle()
    await pool.query('DELETE FROM sync.deliveries')
    await deliver('order.updated', changed(body, 'a', 0))
    await deliver('order.updated', changed(body, 'b', 0))
    const worked = await workOff()
    assert.ok(worked.marked >= 1)
    assert.equal(await note(id), last)
  }
})

test('row 24: late, twice and out of order: the copy ends as the shop', async () => {
  const ids = [(await newOrder()).id, (await newOrder()).id, (await newOrder()).id]
  Object.assign(webhooks.faults, { delayMs: 30, duplicate: 3, reorder: 2 })
  for (const [n, id] of [...ids, ...ids].entries()) writes.updateOrder(id, { customer_note: `change ${n}` })
  const worked = await stage.workOff()
  Object.assign(webhooks.faults, { delayMs: 0, duplicate: 0, reorder: 0 })
  assert.equal(worked.done, 9)
  for (const [n, id] of ids.entries()) assert.equal(await note(id), `change ${n + 3}`)
  assert.deepEqual(await staleIds(), [])
})

test('a date that is missing or lies in the future says nothing: the shop is asked', async () => {
  const { id, body } = await newOrder()
  await deliver('order.updated', { ...body, customer_note: 'x', date_modified_gmt: null })
  await deliver('order.updated', changed(body, 'y', 86_400))
  assert.equal((await workOff()).marked, 1)
  assert.equal(await note(id), '')
})

test('row 12d: a product’s delivery causes a question, and a variation’s one by its own path', async () => {
  stage.server.clearRequests()
  writes.updateProduct(stage.vodka.id as number, { regular_price: '99.00' })
  writes.updateVariation(stage.general.id as number, { regular_price: '175' })
  const worked = await stage.workOff()
  assert.ok(worked.marked >= 2)
  const asked = questions().join(' ')
  assert.match(asked, new RegExp(`/products/${stage.vodka.id}(/| |$)`))
  assert.match(asked, new RegExp(`/products/${stage.event.id}/variations/${stage.general.id}`))
  assert.equal((await held(stage, 'products', stage.vodka.id))?.record.regular_price, '99.00')
  assert.equal((await held(stage, 'variations', stage.general.id))?.record.regular_price, '175')
  assert.equal((await held(stage, 'products', stage.general.id)) ?? null, null)
  assert.deepEqual((await changesOf(stage.vodka.id, 'products')).at(-1), 'updated delivery')
})

test('row 25: trash keeps the row with its status; brought back it is as before', async () => {
  const { id } = await newOrder()
  writes.trashOrder(id)
  await stage.workOff()
  const trashed = await held(stage, 'orders', id)
  assert.deepEqual([trashed?.deleted, trashed?.record.status], [false, 'trash'])
  writes.untrashOrder(id)
  await stage.workOff()
  assert.equal((await held(stage, 'orders', id))?.record.status, delivered(id).status)
})

test('row 21: deleted never acts by itself: what the shop still has stays', async () => {
  const { id } = await newOrder()
  await deliver('order.deleted', { id })
  await workOff()
  assert.equal((await held(stage, 'orders', id))?.deleted, false)
})

test('row 24b: a forced delete sends nothing; the count finds it', async () => {
  await lookAgain(context, ['orders'])
  const { id } = await newOrder()
  writes.deleteOrder(id)
  assert.equal((await stage.workOff()).done, 0)
  assert.equal((await held(stage, 'orders', id))?.deleted, false)
  await withRun(context, { resource: 'orders', kind: 'reconcile' }, (run) => reconcile(run, 'positions'))
  assert.equal((await held(stage, 'orders', id))?.deleted, true)
  await deliver('order.updated', { ...delivered((await newOrder()).id), id })
  await workOff()
  assert.equal((await held(stage, 'orders', id))?.deleted, true, 'a delivery undoes no tombstone')
})

test('row 24b: coupon.deleted with a product’s id does nothing to coupons', async () => {
  const product = writes.createProduct({ name: 'Short-lived', sku: 'S-1' })
  await stage.workOff()
  stage.server.clearRequests()
  writes.trashProduct(product.id as number)
  const worked = await stage.workOff()
  assert.equal(worked.ignored, 1)
  assert.ok(!questions().some((asked) => asked.includes('/coupons')))
  const trashed = await held(stage, 'products', product.id)
  assert.deepEqual([trashed?.deleted, trashed?.record.status], [false, 'trash'])
})

test('coupons and customers: created, changed, gone', async () => {
  const coupon = writes.createCoupon({ code: 'WINE10', amount: '10' })
  const customer = writes.createCustomer({ email: 'ana@example.test', first_name: 'Ana' })
  await stage.workOff()
  assert.equal((await held(stage, 'coupons', coupon.id))?.record.code, 'wine10')
  assert.equal((await held(stage, 'customers', customer.id))?.record.first_name, 'Ana')
  writes.updateCoupon(coupon.id as number, { amount: '12' })
  writes.updateCustomer(customer.id as number, { first_name: 'Anna' })
  await stage.workOff()
  assert.equal(Number((await held(stage, 'coupons', coupon.id))?.record.amount), 12)
  assert.equal((await held(stage, 'customers', customer.id))?.record.first_name, 'Anna')
  writes.deleteCustomer(customer.id as number)
  await stage.workOff()
  assert.equal((await held(stage, 'customers', customer.id))?.deleted, true)
})

/** All recorded bodies of a topic. */
function recordedBodies(topic: Topic): unknown[] {
  const folder = join(recordings as string, 'webhooks')
  return readdirSync(folder)
    .filter((name) => name.endsWith(`-${topic}.json`))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).body)
}

test('row 12d: orders and customers are delivered with the fields of an answer', {
  skip,
}, () => {
  const shop = recordedShop()
  const form = (resource: ResourceName, raw: unknown) =>
    Object.keys(canonicalize(resources[resource], raw).fields).sort()
  const order = shop.orders.body(shop.orders.sorted('id')[0]!)
  for (const topic of ['order.created', 'order.updated'] as const) {
    const bodies = recordedBodies(topic)
    assert.ok(bodies.length > 0)
    for (const body of bodies) assert.deepEqual(form('orders', body), form('orders', order))
  }
  for (const topic of ['customer.created', 'customer.updated'] as const) {
    const bodies = recordedBodies(topic)
    assert.ok(bodies.length > 0)
    for (const body of bodies)
      assert.deepEqual(form('customers', body), form('customers', shop.small.customers[0]))
  }
})
