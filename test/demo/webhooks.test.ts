import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { phpJson } from '../../demo/php-json.ts'
import type { Topic } from '../../demo/shop.ts'
import type { Raw } from '../../demo/table.ts'
import { webhookSignature } from '../../demo/webhooks/signature.ts'
import { createWebhooks, type WebhookOptions } from '../../demo/webhooks.ts'
import { startReceiver } from './receiver.ts'
import { refusal } from './refusal.ts'
import { smallShop, twoLines } from './small-shop.ts'

const SECRET = 'whsec-Ștefan'

/** A small shop, a receiver, and webhooks for the topics that have been pinged already. */
async function stage(t: TestContext, topics: Topic[], options: WebhookOptions = {}) {
  const small = smallShop()
  const receiver = await startReceiver()
  const webhooks = createWebhooks(small.shop, options)
  t.after(async () => {
    webhooks.close()
    await receiver.close()
  })
  const ids = topics.map((topic) => {
    const delivery_url = `${receiver.url}/hook/${topic}`
    return webhooks.create({ topic, delivery_url, secret: SECRET }).id as number
  })
  await webhooks.idle()
  receiver.take()
  const order = small.writes.createOrder({ line_items: twoLines(small) }).id as number
  await webhooks.idle()
  receiver.take()
  const touch = (n = 1) => {
    for (let i = 0; i < n; i++) small.writes.updateOrder(order, { customer_note: String(i) })
  }
  const notes = () => receiver.take().map((delivery) => JSON.parse(delivery.body).customer_note as string)
  return { ...small, receiver, webhooks, ids, order, touch, notes }
}

test('row 22: on saving, an unsigned form goes out at once', async (t) => {
  const { receiver, webhooks } = await stage(t, [])
  const { id } = webhooks.create({ topic: 'order.updated', delivery_url: `${receiver.url}/x` })
  await webhooks.idle()
  const [ping] = receiver.take()
  assert.equal(ping?.body, `webhook_id=${id}`)
  assert.equal(ping?.headers['content-type'], 'application/x-www-form-urlencoded')
  assert.equal(ping?.headers['x-wc-webhook-signature'], undefined)
  assert.equal(webhooks.deliveries().at(-1)?.error, null)
})

test('row 22: the ping wants exactly 200; without it each save sends another', async (t) => {
  const { receiver, webhooks } = await stage(t, [])
  receiver.answer(204)
  const { id } = webhooks.create({ topic: 'order.updated', delivery_url: `${receiver.url}/x` })
  await webhooks.idle()
  assert.equal(webhooks.deliveries().at(-1)?.error, 'Error: Delivery URL returned response code: 204')
  receiver.answer(200)
  webhooks.update(id as number, { name: 'again' })
  await webhooks.idle()
  assert.equal(receiver.take().length, 2)
  webhooks.update(id as number, { name: 'and again' })
  await webhooks.idle()
  assert.equal(receiver.take().length, 0)
})

test('row 22: an address that nobody answers is said in the log', async (t) => {
  const { webhooks } = await stage(t, [])
  webhooks.create({ topic: 'order.updated', delivery_url: 'http://127.0.0.1:9/x' })
  await webhooks.idle()
  assert.match(
    String(webhooks.deliveries().at(-1)?.error),
    /^Error: Delivery URL cannot be reached: .*ECONNREFUSED/,
  )
})

test("a delivery is signed with the webhook's own secret over the raw body", async (t) => {
  const { receiver, webhooks, writes, order } = await stage(t, ['order.updated'])
  writes.updateOrder(order, { customer_note: 'Lăsați la vecini / etaj 3 🍷' })
  await webhooks.idle()
  const [delivery] = receiver.take()
  assert.ok(delivery)
  assert.match(delivery.body, /"customer_note":"L\\u0103sa\\u021bi la vecini \\\/ etaj 3 \\ud83c\\udf77"/)
  assert.equal(delivery.headers['x-wc-webhook-signature'], webhookSignature(delivery.body, SECRET))
  assert.notEqual(delivery.headers['x-wc-webhook-signature'], webhookSignature(delivery.body, 'other'))
})

test('row 21: entities in a secret are decoded before signing', () => {
  assert.equal(webhookSignature('body', 'a&amp;b'), webhookSignature('body', 'a&b'))
  assert.notEqual(webhookSignature('body', 'a&b'), webhookSignature('body', 'ab'))
})

test('row 24: a late delivery shows the record as it is by then; deliveries of a second share their id', async (t) => {
  const { receiver, webhooks, touch } = await stage(t, ['order.updated'])
  webhooks.faults.delayMs = 80
  const before = Date.now()
  touch(3)
  assert.equal(receiver.received.length, 0)
  await webhooks.idle()
  assert.ok(Date.now() - before >= 80)
  const deliveries = receiver.take()
  assert.deepEqual(
    deliveries.map((each) => JSON.parse(each.body).customer_note),
    ['2', '2', '2'],
  )
  const ids = new Set(deliveries.map((each) => each.headers['x-wc-webhook-delivery-id']))
  assert.ok(ids.size < 3, 'no key to tell doubles by')
})

test('row 23: the 7th failure in a row disables it silently; a success in between forgets', async (t) => {
  const { receiver, webhooks, touch, ids } = await stage(t, ['order.updated'])
  const id = ids[0] as number
  const status = () => webhooks.get(id)?.status
  const send = async (answer: number, times: number) => {
    receiver.answer(answer)
    touch(times)
    await webhooks.idle()
  }
  await send(500, 6)
  await send(302, 1)
  await send(303, 6)
  assert.equal(status(), 'active')
  receiver.take()
  await send(500, 3)
  assert.equal(status(), 'disabled')
  assert.equal(receiver.take().length, 1)
  await send(200, 2)
  assert.equal(receiver.take().length, 0, 'nothing is sent again')
  webhooks.update(id, { status: 'active' })
  await send(200, 1)
  assert.equal(receiver.take().length, 1)
  assert.equal(status(), 'active')
})

test('row 23: a receiver that does not answer in time has failed', async (t) => {
  const { receiver, webhooks, touch } = await stage(t, ['order.updated'], { timeoutMs: 40 })
  receiver.answer('silent')
  touch()
  await webhooks.idle()
  const last = webhooks.deliveries().at(-1)
  assert.deepEqual([last?.kind, last?.status], ['event', null])
  assert.match(String(last?.error), /abort/i)
})

test('many events at once arrive in order', async (t) => {
  const { webhooks, touch, notes, writes, order } = await stage(t, ['order.updated', 'product.updated'])
  touch(150)
  writes.updateOrder(order, { customer_note: 'last' })
  await webhooks.idle()
  const received = notes()
  assert.equal(received.length, 151)
  assert.equal(received.at(-1), 'last')
})

test('faults: twice, lost, out of order', async (t) => {
  const { webhooks, writes, receiver, vodka, beer, event } = await stage(t, ['product.updated'])
  const products = [vodka, beer, event].map((product) => product.id as number)
  const send = async () => {
    for (const id of products) writes.updateProduct(id, {})
    await webhooks.idle()
    return receiver.take().map((each) => JSON.parse(each.body).id as number)
  }
  const [a, b, c] = products
  webhooks.faults.duplicate = 1
  assert.deepEqual(await send(), [a, a, b, c])
  webhooks.faults.lose = 2
  assert.deepEqual(await send(), [c])
  assert.deepEqual(
    webhooks
      .deliveries()
      .filter((each) => each.kind === 'lost')
      .map((each) => each.id),
    [a, b],
  )
  webhooks.faults.reorder = 1
  assert.deepEqual(await send(), [b, a, c])
  webhooks.faults.reorder = 2
  assert.deepEqual(await send(), [b, a, c].toSpliced(2, 1, c as number))
  assert.deepEqual(await send(), [a, b, c])
})

test('what is held back goes out in the end', async (t) => {
  const { webhooks, touch, notes } = await stage(t, ['order.updated'])
  webhooks.faults.reorder = 1
  touch()
  await webhooks.idle()
  assert.deepEqual(notes(), ['0'])
})

test('a forged delivery has any body and any secret', async (t) => {
  const { webhooks, receiver } = await stage(t, ['order.updated'])
  await webhooks.forge('order.updated', '{"id":1}', 'stolen')
  const [delivery] = receiver.take()
  assert.equal(delivery?.body, '{"id":1}')
  assert.equal(delivery?.headers['x-wc-webhook-signature'], webhookSignature('{"id":1}', 'stolen'))
  await assert.rejects(webhooks.forge('coupon.created', '{}', 'x'), /no webhook/)
})

test('the registry: what is needed, what may be changed, what is refused', async (t) => {
  const { webhooks, receiver, ids } = await stage(t, ['order.updated'])
  const url = `${receiver.url}/y`
  const codes = [
    refusal(() => webhooks.create({ delivery_url: url })),
    refusal(() => webhooks.create({ topic: 'order.updated', delivery_url: 'ftp://x' })),
    refusal(() => webhooks.update(ids[0] as number, { status: 'asleep' })),
    refusal(() => webhooks.remove(1)),
  ].map((body) => body.code.replace('woocommerce_rest_shop_webhook_', ''))
  assert.deepEqual(codes, ['invalid_topic', 'invalid_delivery_url', 'invalid_status', 'invalid_id'])
  const changed = webhooks.update(ids[0] as number, { delivery_url: url, status: 'paused', secret: 'new' })
  assert.deepEqual([changed.delivery_url, changed.status, 'secret' in changed], [url, 'paused', false])
  assert.equal(webhooks.list().length, 1)
  webhooks.remove(ids[0] as number)
  assert.deepEqual([webhooks.list(), webhooks.get(ids[0] as number)], [[], undefined])
})

test('a paused webhook sends nothing, a closed registry neither', async (t) => {
  const { webhooks, receiver, ids, touch } = await stage(t, ['order.updated'])
  webhooks.update(ids[0] as number, { status: 'paused' })
  touch()
  await webhooks.idle()
  webhooks.update(ids[0] as number, { status: 'active' })
  webhooks.close()
  touch()
  await webhooks.idle()
  await setImmediate()
  assert.deepEqual(receiver.take(), [])
})

test("what went before its delivery came is delivered as the API's own refusal", async (t) => {
  const { webhooks, receiver, writes, order } = await stage(t, ['order.updated'])
  webhooks.faults.delayMs = 20
  writes.updateOrder(order, {})
  writes.deleteOrder(order)
  await webhooks.idle()
  const body: Raw = JSON.parse(receiver.take()[0]?.body ?? '{}')
  assert.deepEqual([body.code, body.data], ['woocommerce_rest_shop_order_invalid_id', { status: 404 }])
})

test('JSON as PHP writes it', () => {
  assert.equal(
    phpJson({ a: 'ș/\n"', b: [1.5, null], c: '🍷' }),
    '{"a":"\\u0219\\/\\n\\"","b":[1.5,null],"c":"\\ud83c\\udf77"}',
  )
})
