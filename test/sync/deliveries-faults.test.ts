/** Deliveries that are odd, unreadable, in the way of others, or worked off by several at once. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { listAlerts } from '../../src/mirror/alerts.ts'
import { workOffDeliveries } from '../../src/sync/deliveries.ts'
import { syncAll } from '../../src/sync/sync.ts'
import { lookAgain } from '../../src/sync/watchdog.ts'
import { openContext } from '../shop.ts'
import { deliveredShop, held } from './delivered-shop.ts'
import { changed, deliveryTools } from './delivery-tools.ts'

const stage = await deliveredShop()
const { writes, context, database, webhooks } = stage
const { pool } = database
const { newOrder, delivered, deliver, workOff, note, questions, staleIds, changesOf, aged } =
  deliveryTools(stage)

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
  // Kept for a week for whoever looks into it.
  const isTold = async () =>
    (await listAlerts(pool, context.store.id)).some(({ code }) => code === 'delivery_set_aside')
  await stage.watch()
  assert.deepEqual([await isTold(), await stage.queued()], [true, 1])
  await pool.query(`UPDATE sync.deliveries SET received_at = now() - interval '8 days'`)
  await stage.watch()
  assert.deepEqual([await isTold(), await stage.queued()], [false, 0])
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

test('deliveries, polls and a whole new copy at once end as the shop', async () => {
  const ids: number[] = []
  for (let n = 0; n < 20; n++) ids.push((await newOrder()).id)
  Object.assign(webhooks.faults, { duplicate: 20, reorder: 15 })
  const shopping = (async () => {
    for (let n = 0; n < 200; n++) {
      const id = ids[(n * 7) % ids.length] as number
      if (n === 49 || n === 99) writes.trashOrder(id)
      else writes.updateOrder(id, { customer_note: `change ${n}`, ...(n % 9 === 0 && { status: 'on-hold' }) })
      if (n % 10 === 0) await turn()
    }
    await webhooks.idle()
  })()
  const copying = syncAll(context, { full: true, resources: ['orders', 'products'] })
  const working = (async () => {
    for (let n = 0; n < 10; n++) {
      await workOff()
      await turn()
    }
  })()
  const [results] = await Promise.all([copying, shopping, working])
  for (const { fault } of results) assert.equal(fault, null)
  Object.assign(webhooks.faults, { duplicate: 0, reorder: 0 })
  await stage.workOff()
  await lookAgain(context, ['orders', 'products'])
  for (const id of ids) {
    const { customer_note, status } = delivered(id)
    const row = (await held(stage, 'orders', id))?.record
    assert.deepEqual([row?.customer_note, row?.status], [customer_note, status])
  }
  assert.deepEqual(await staleIds(), [])
})
