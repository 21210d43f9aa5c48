/** Registering webhooks in a shop, watching over them, and healing the gap after one was switched off (23). */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { Raw } from '../../demo/table.ts'
import { WooSyncError } from '../../src/errors.ts'
import { listAlerts } from '../../src/mirror/alerts.ts'
import { createStoreClient, type StoreClient } from '../../src/store/rest/client.ts'
import { createPace } from '../../src/store/rest/pace.ts'
import { createStoreWriter } from '../../src/store/rest/write.ts'
import { deliveryUrl, type Hook, webhookName, webhookTopics } from '../../src/store/webhooks.ts'
import { workOffDeliveries } from '../../src/sync/deliveries.ts'
import { verification } from '../../src/sync/verify.ts'
import { lookAgain, watchWebhooks } from '../../src/sync/watchdog.ts'
import { type DeliveredShop, deliveredShop, held } from './delivered-shop.ts'

const alertsOf = async ({ context, database }: DeliveredShop) =>
  (await listAlerts(database.pool, context.store.id)).map(({ code, subject }) => `${code} ${subject}`)

const writesOf = ({ server }: DeliveredShop) => server.requests().filter(({ method }) => method !== 'GET')

const hookOf = ({ webhooks }: DeliveredShop, topic: string) =>
  webhooks.list().find((one) => one.topic === topic) as Raw

/** The same shop under another key or address. */
function clientOf(url: string, consumerKey: string, consumerSecret: string): StoreClient {
  return createStoreClient({
    url,
    consumerKey,
    consumerSecret,
    timeoutMs: 5000,
    keysInUrl: false,
    allowPlainHttp: false,
    allowPrivateAddresses: false,
    trustedAddress: true,
    pace: createPace({ mode: 'full', maxConcurrency: 2 }),
  })
}

test('rows 20 and 22: a webhook per topic is registered, its ping answered, and then nothing is left to do', async () => {
  const stage = await deliveredShop({ registered: false })
  const report = await stage.watch()
  await stage.webhooks.idle()
  assert.deepEqual([report.state, report.missing, report.gaps], ['registered', webhookTopics, []])
  const made = stage.webhooks.list()
  assert.deepEqual(
    made.map(({ topic, name, status, delivery_url }) => [topic, name, status, delivery_url]),
    stage.hooks.map((hook) => [
      hook.topic,
      webhookName(hook.topic),
      'active',
      deliveryUrl(stage.publicUrl, hook),
    ]),
  )
  const pings = stage.webhooks.deliveries()
  assert.deepEqual(
    new Set(pings.map(({ kind, status, error }) => `${kind} ${status} ${error}`)),
    new Set(['ping 200 null']),
  )
  assert.equal(pings.length, 16)
  assert.equal(await stage.queued(), 0)

  stage.server.clearRequests()
  const again = await stage.watch()
  assert.deepEqual([again.state, again.right, again.gaps], ['registered', 16, []])
  assert.deepEqual(
    stage.server.requests().map(({ method, status }) => `${method} ${status}`),
    ['GET 200'],
  )
  assert.deepEqual(await alertsOf(stage), [])
})

test('without PUBLIC_URL, and with a key that may only read: said, and nothing is done', async (t) => {
  const stage = await deliveredShop({ registered: false })
  const { context, hooks, writer, shop, publicUrl } = stage
  const without = await watchWebhooks(context, { writer, hooks, publicUrl: undefined })
  assert.equal(without.state, 'no public address')
  assert.equal(stage.webhooks.list().length, 0)

  const client = clientOf(stage.server.url, shop.info.readOnlyKey, shop.info.readOnlySecret)
  t.after(() => client.close())
  const readOnly = { ...context, client }
  const own = createStoreWriter(client, context.store)
  const report = await watchWebhooks(readOnly, { writer: own, hooks, publicUrl })
  assert.equal(report.state, 'key may not write')
  assert.equal(report.missing.length, 16)
  assert.equal(stage.webhooks.list().length, 0)
  await assert.rejects(own.removeWebhook(1), { code: 'store_key_read_only' })

  await stage.watch()
  const good = await watchWebhooks(readOnly, { writer: own, hooks, publicUrl })
  assert.deepEqual([good.state, good.right], ['registered', 16])
})

test('row 38: behind the address is another shop: nothing is written', async () => {
  const stage = await deliveredShop({ registered: false })
  stage.shop.info.storeId = 'a staging copy'
  const [hook] = stage.hooks as [Hook]
  const input = {
    name: 'x',
    topic: hook.topic,
    deliveryUrl: deliveryUrl(stage.publicUrl, hook),
    secret: hook.secret,
  }
  const another = { code: 'store_is_another_shop' }
  stage.server.clearRequests()
  await assert.rejects(stage.watch(), another)
  await assert.rejects(stage.writer.createWebhook(input), another)
  await assert.rejects(stage.writer.updateWebhook(1, input), another)
  await assert.rejects(stage.writer.removeWebhook(1), another)
  assert.deepEqual(writesOf(stage), [])
  stage.shop.info.storeId = 'small'
  await stage.writer.createWebhook(input)
  assert.equal(stage.webhooks.list().length, 1)
})

test('webhooks of others stay, on all pages of the list; doubles go, moved ones come back', async () => {
  const stage = await deliveredShop()
  const others = Array.from({ length: 110 }, (_, at) =>
    stage.webhooks.create({
      topic: 'order.updated',
      delivery_url: `http://127.0.0.1:9/${at}`,
      status: 'paused',
    }),
  )
  const [hook, second] = stage.hooks as [Hook, Hook]
  stage.webhooks.create({
    topic: hook.topic,
    name: webhookName(hook.topic),
    delivery_url: deliveryUrl(stage.publicUrl, hook),
  })
  stage.webhooks.update(hookOf(stage, second.topic).id as number, {
    delivery_url: deliveryUrl('http://127.0.0.1:9/old', second),
  })
  const report = await stage.watch()
  await stage.webhooks.idle()
  assert.equal(report.surplus, 1)
  assert.deepEqual(report.wrong, [{ topic: second.topic, was: 'moved' }])
  const now = stage.webhooks.list()
  assert.equal(now.length, 16 + others.length)
  for (const other of others) assert.ok(now.some(({ id, status }) => id === other.id && status === 'paused'))
  assert.equal(hookOf(stage, second.topic).delivery_url, deliveryUrl(stage.publicUrl, second))
  assert.equal((await stage.watch()).right, 16)
})

test('row 23: seven failures switch a webhook off; the watchdog switches it on, tells, and the gap is read', async () => {
  const stage = await deliveredShop()
  const order = stage.writes.createOrder({ line_items: [{ product_id: stage.beer.id, quantity: 1 }] })
  await stage.workOff()
  stage.broken.status = 500
  for (let n = 1; n <= 7; n++) stage.writes.updateOrder(order.id as number, { customer_note: `missed ${n}` })
  await stage.webhooks.idle()
  assert.equal(hookOf(stage, 'order.updated').status, 'disabled')
  stage.broken.status = null
  stage.writes.updateOrder(order.id as number, { customer_note: 'unsaid' })
  assert.equal((await stage.workOff()).done, 0)
  assert.equal((await held(stage, 'orders', order.id))?.record.customer_note, '')

  const report = await stage.watch()
  assert.deepEqual(report.wrong, [{ topic: 'order.updated', was: 'disabled' }])
  assert.deepEqual(report.gaps, ['orders'])
  assert.equal(hookOf(stage, 'order.updated').status, 'active')
  assert.deepEqual(await alertsOf(stage), ['webhook_disabled order.updated'])
  assert.deepEqual(await lookAgain(stage.context, report.gaps), [])
  assert.equal((await held(stage, 'orders', order.id))?.record.customer_note, 'unsaid')

  // Its failures stay counted until one delivery succeeds.
  stage.broken.status = 500
  stage.writes.updateOrder(order.id as number, { customer_note: 'once more' })
  await stage.webhooks.idle()
  stage.broken.status = null
  assert.equal((await stage.watch()).wrong.length, 1)
  stage.writes.updateOrder(order.id as number, { customer_note: 'told' })
  assert.equal((await stage.workOff()).done, 1)
  assert.equal((await held(stage, 'orders', order.id))?.record.customer_note, 'told')
  assert.deepEqual((await stage.watch()).gaps, [])
  assert.deepEqual(await alertsOf(stage), [], 'all is well again')
})

test('a gap of a resource that another run holds is left for later', async () => {
  const { context } = await deliveredShop()
  const lock = await context.locks.tryHold(`sync:${context.store.id}:products`)
  assert.deepEqual(await lookAgain(context, ['products', 'orders']), ['products'])
  await lock?.release()
  assert.deepEqual(await lookAgain(context, ['products']), [])
})

test('a removed webhook is made again, and its gap told', async () => {
  const stage = await deliveredShop()
  stage.webhooks.remove(hookOf(stage, 'product.updated').id as number)
  const report = await stage.watch()
  assert.deepEqual([report.missing, report.gaps], [['product.updated'], ['products', 'variations']])
  assert.deepEqual(await alertsOf(stage), ['webhook_disabled product.updated'])
  assert.equal(stage.webhooks.list().length, 16)
})

test('somebody changed a secret in the shop: deliveries are refused, told, and the secret is sent again', async () => {
  const stage = await deliveredShop()
  const { id } = hookOf(stage, 'order.created')
  stage.webhooks.update(id as number, { secret: 'typed by a person' })
  const order = stage.writes.createOrder({ line_items: [{ product_id: stage.beer.id, quantity: 1 }] })
  await stage.webhooks.idle()
  assert.ok(stage.answers.some(({ status, outcome }) => status === 401 && outcome === 'not signed'))
  assert.deepEqual(await alertsOf(stage), ['delivery_refused order.created'])
  const report = await stage.watch()
  assert.deepEqual(report.wrong, [{ topic: 'order.created', was: 'its secret was refused' }])
  assert.deepEqual(report.gaps, ['orders'])
  stage.answers.splice(0)
  stage.writes.createOrder({ line_items: [{ product_id: stage.beer.id, quantity: 1 }] })
  await stage.webhooks.idle()
  assert.ok(stage.answers.every(({ status }) => status === 200))
  await stage.watch()
  assert.deepEqual(await alertsOf(stage), [])
  await lookAgain(stage.context, report.gaps)
  assert.ok(await held(stage, 'orders', order.id))
})

test('a shop that repeats the secret in its refusal: it is in no error', async (t) => {
  const echo = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    response.writeHead(400, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify({ code: 'rest_invalid_param', message: `No: ${body}`, data: { status: 400 } }),
    )
  })
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  const client = clientOf(`http://127.0.0.1:${(echo.address() as AddressInfo).port}`, 'ck_a', 'cs_b')
  t.after(async () => {
    await client.close()
    echo.close()
  })
  const input = {
    name: 'woosync order.updated',
    topic: 'order.updated',
    deliveryUrl: 'https://sync.example/webhooks/0123456789abcdef0123456789abcdef',
    secret: 'f00d'.repeat(16),
  }
  const thrown = await createStoreWriter(client, { identity: null })
    .createWebhook(input)
    .catch((error) => error)
  assert.ok(thrown instanceof WooSyncError)
  const told = JSON.stringify(thrown) + thrown.stack
  assert.match(told, /No: /)
  assert.ok(!told.includes('f00df00d') && !told.includes('0123456789abcdef'), told)
})

test('removing a webhook that is gone already is no fault', async () => {
  const { writer } = await deliveredShop({ registered: false })
  await writer.removeWebhook(999)
})

test('lost deliveries: polling brings what they told of, and the copy is complete', async () => {
  const stage = await deliveredShop()
  stage.webhooks.faults.lose = 3
  const order = stage.writes.createOrder({ line_items: [{ product_id: stage.vodka.id, quantity: 1 }] })
  await stage.webhooks.idle()
  await workOffDeliveries(stage.context, { limit: 100 })
  assert.equal(await held(stage, 'orders', order.id), null)
  assert.deepEqual(await lookAgain(stage.context, ['orders', 'products']), [])
  assert.ok(await held(stage, 'orders', order.id))
  const { resources } = await verification(stage.database.pool, stage.context.store)
  const states = resources.filter(({ resource }) => resource === 'orders' || resource === 'products')
  assert.deepEqual(
    states.map(({ state }) => state),
    ['complete', 'complete'],
  )
})
