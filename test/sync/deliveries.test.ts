/** Working off deliveries (rows 12d, 20 to 25): what is applied, what is asked for, and that nothing is lost. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Raw } from '../../demo/table.ts'
import { webhookSignature } from '../../demo/webhooks/signature.ts'
import { listAlerts } from '../../src/mirror/alerts.ts'
import type { Topic } from '../../src/store/webhooks.ts'
import { workOffDeliveries } from '../../src/sync/deliveries.ts'
import { reconcile } from '../../src/sync/reconcile.ts'
import { withRun } from '../../src/sync/run.ts'
import { verification } from '../../src/sync/verify.ts'
import { lookAgain } from '../../src/sync/watchdog.ts'
import { openContext } from '../shop.ts'
import { deliveredShop, held } from './delivered-shop.ts'

const stage = await deliveredShop()
const { writes, context, database, webhooks } = stage
const { pool } = database

/** An order that the mirror holds, and no question or delivery left over. */
async function newOrder(): Promise<{ id: number; body: Raw }> {
  const order = writes.createOrder({ line_items: [{ product_id: stage.beer.id, quantity: 1 }] })
  await stage.workOff()
  stage.server.clearRequests()
  const id = order.id as number
  return { id, body: delivered(id) }
}

const delivered = (id: number): Raw => structuredClone(stage.shop.orders.body(stage.shop.orders.get(id)!))

/** Puts a body into the queue, signed, as if the shop had sent it. */
async function deliver(topic: Topic, body: unknown): Promise<void> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const signature = webhookSignature(text, stage.hook(topic).secret)
  assert.equal(await stage.send(topic, text, { 'x-wc-webhook-signature': signature }), 200)
}

const workOff = () => workOffDeliveries(context, { limit: 1000 })

/** The body with another note, its date of change moved by seconds. */
function changed(body: Raw, note: string, seconds: number): Raw {
  const at = new Date(Date.parse(`${body.date_modified_gmt}Z`) + seconds * 1000)
  return { ...body, customer_note: note, date_modified_gmt: at.toISOString().slice(0, 19) }
}

const note = async (id: number) => (await held(stage, 'orders', id))?.record.customer_note
const questions = () => stage.server.requests().map(({ method, path }) => `${method} ${path.split('?')[0]}`)
const staleIds = async () =>
  (await pool.query('SELECT id FROM mirror.stale ORDER BY id')).rows.map(({ id }) => id)

async function changesOf(id: unknown): Promise<string[]> {
  const { rows } = await pool.query(
    'SELECT change, way FROM mirror.changes WHERE id = $1 ORDER BY xid, seq',
    [String(id)],
  )
  return rows.map(({ change, way }) => `${change} ${way}`)
}

/** As if the orders had been read and changed a minute earlier, so that a delivery can be newer than they. */
async function aged(...ids: number[]): Promise<void> {
  await pool.query(
    `UPDATE mirror.orders SET seen_at = seen_at - interval '1 minute', modified_at = modified_at - interval '1 minute'
     WHERE id = ANY($1)`,
    [ids],
  )
}

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

test('the shop’s own refusal in place of a record is passed over', async () => {
  await deliver('order.updated', {
    code: 'woocommerce_rest_shop_order_invalid_id',
    message: 'Invalid ID.',
    data: { status: 404 },
  })
  const worked = await workOff()
  assert.deepEqual([worked.done, worked.ignored, worked.marked], [1, 1, 0])
})

test('what cannot be read is told and looked for; the others go on', async () => {
  const { id } = await newOrder()
  for (const bad of ['<b>Warning</b>', '[]', 'null', '{"id":"7"}', '{"id":-1}', '{}'])
    await deliver('order.deleted', bad)
  await deliver('order.deleted', { id })
  const worked = await workOff()
  assert.deepEqual([worked.done, worked.unreadable, worked.marked, worked.follow], [7, 6, 1, ['orders']])
  const codes = async () => (await listAlerts(pool, context.store.id)).map(({ code }) => code)
  assert.deepEqual(await codes(), ['delivery_unreadable'])
  await deliver('order.deleted', { id })
  await workOff()
  assert.deepEqual(await codes(), [])
})

test('a record that cannot be stored is quarantined; a readable answer lets it out', async () => {
  const [bad, good] = [await newOrder(), await newOrder()]
  await aged(bad.id, good.id)
  await deliver('order.updated', { ...changed(bad.body, 'x', -5), total: 'a lot' })
  await deliver('order.updated', changed(good.body, 'fine', -5))
  assert.equal((await workOff()).quarantined, 1)
  const quarantined = async () =>
    (await pool.query('SELECT id FROM mirror.quarantine')).rows.map((row) => row.id)
  assert.deepEqual(await quarantined(), [String(bad.id)])
  writes.updateOrder(bad.id, { customer_note: 'well again' })
  await stage.workOff()
  await lookAgain(context, ['orders'])
  assert.deepEqual(await quarantined(), [])
  assert.equal(await note(bad.id), 'well again')
})

test('a body in another form than answers have deletes nothing: the shop is asked', async () => {
  const { id, body } = await newOrder()
  writes.updateOrder(id, { meta_data: [{ key: 'invoice', value: '17' }] })
  await stage.workOff()
  const before = await held(stage, 'orders', id)
  stage.server.clearRequests()
  await aged(id)
  const { meta_data: _, ...without } = changed(body, 'x', -5)
  await deliver('order.updated', without)
  await deliver('order.updated', { ...changed(body, 'y', -4), secret_of_admins: 1 })
  assert.equal((await workOff()).marked, 1)
  assert.deepEqual((await held(stage, 'orders', id))?.record, before?.record)
  assert.deepEqual(questions(), [`GET /wp-json/wc/v3/orders/${id}`])
})

test('a staging copy of the shop delivers with the same secrets: its records are not taken', async () => {
  const { id, body } = await newOrder()
  await aged(id)
  const _links = { self: [{ href: `https://staging.example/wp-json/wc/v3/orders/${id}` }] }
  await deliver('order.updated', { ...changed(body, 'a trial', -5), _links })
  assert.equal((await workOff()).marked, 1)
  assert.equal(await note(id), '')
})

test('a resource that is being worked on: the marks wait', async () => {
  const { id } = await newOrder()
  writes.trashOrder(id)
  const lock = await context.locks.tryHold(`sync:${context.store.id}:orders`)
  assert.deepEqual((await stage.workOff()).waiting, ['orders'])
  assert.deepEqual(await staleIds(), [String(id)])
  // A delivery that was under way meanwhile shows the order before its trash, and settles nothing.
  await aged(id)
  await deliver('order.updated', { ...changed(delivered(id), 'late', -5), status: 'processing' })
  await workOff()
  assert.deepEqual(await staleIds(), [String(id)])
  await lock?.release()
  await deliver('order.deleted', { id })
  assert.deepEqual((await workOff()).waiting, [])
  assert.equal((await held(stage, 'orders', id))?.record.status, 'trash')
  assert.deepEqual(await staleIds(), [])
})

test('a delivery that always fails is tried five times, alone, and set aside', async (t) => {
  const [poison, good] = [await newOrder(), await newOrder()]
  await pool.query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF NEW.id = ${poison.id} THEN RAISE EXCEPTION 'not this one'; END IF; RETURN NEW; END $$;
    CREATE TRIGGER refuse BEFORE UPDATE ON mirror.orders FOR EACH ROW EXECUTE FUNCTION refuse()`)
  t.after(() => pool.query('DROP FUNCTION refuse CASCADE'))
  await pool.query(`ALTER TABLE mirror.orders DISABLE TRIGGER refuse`)
  await aged(poison.id, good.id)
  await pool.query(`ALTER TABLE mirror.orders ENABLE TRIGGER refuse`)
  await deliver('order.updated', changed(poison.body, 'x', -5))
  await deliver('order.updated', changed(good.body, 'good', -5))
  const due = () => pool.query('UPDATE sync.deliveries SET not_before = now()')
  assert.equal((await workOff()).failed, 2)
  assert.equal((await workOff()).done, 0, 'not before its time')
  await due()
  const second = await workOff()
  assert.deepEqual([second.done, second.failed], [1, 1])
  assert.equal(await note(good.id), 'good')
  for (let attempt = 3; attempt <= 4; attempt++) {
    await due()
    assert.deepEqual((await workOff()).setAside, 0)
  }
  await due()
  const last = await workOff()
  assert.deepEqual([last.setAside, last.follow], [1, ['orders']])
  await due()
  assert.equal((await workOff()).failed, 0)
  const { rows } = await pool.query('SELECT attempts, error_code FROM sync.deliveries')
  assert.deepEqual(rows, [{ attempts: 5, error_code: 'internal' }])
  const alerts = await listAlerts(pool, context.store.id)
  assert.ok(alerts.some(({ code, subject }) => code === 'delivery_set_aside' && subject === 'order.updated'))
  await pool.query('DELETE FROM sync.deliveries')
})

test('two processes work off the same queue: each delivery once', async (t) => {
  const orders = []
  for (let n = 0; n < 30; n++)
    orders.push(writes.createOrder({ line_items: [{ product_id: stage.beer.id, quantity: 1 }] }))
  await webhooks.idle()
  const waiting = await stage.queued()
  const other = await openContext(database, stage.server, { shop: stage.shop })
  t.after(async () => {
    await other.locks.close()
    await other.client.close()
  })
  const results = await Promise.all([context, other].map((each) => workOffDeliveries(each, { limit: 1000 })))
  assert.equal(results[0]!.done + results[1]!.done, waiting)
  assert.equal(await stage.queued(), 0)
  for (const order of orders) assert.deepEqual(await changesOf(order.id), ['created delivery'])
})

test('the limit is kept, and a stopped work-off leaves the rest', async () => {
  for (let n = 0; n < 5; n++) await deliver('order.restored', { code: 'x', message: 'y' })
  assert.equal((await workOffDeliveries(context, { limit: 2 })).done, 2)
  await assert.rejects(
    workOffDeliveries(context, { limit: 9, signal: AbortSignal.abort(new Error('stop')) }),
    /stop/,
  )
  assert.equal(await stage.queued(), 3)
})
