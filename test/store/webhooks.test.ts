/** Rows 20 to 23: names, paths and secrets of webhooks, their signatures, and the comparison with the shop's. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { webhookSignature } from '../../demo/webhooks/signature.ts'
import {
  compareWebhooks,
  deliveryUrl,
  deriveHooks,
  type Hook,
  isSignedBy,
  type ListedWebhook,
  resourcesOfTopic,
  webhookName,
  webhookTopics,
} from '../../src/store/webhooks.ts'
import { recordings, skipWithoutRecordings as skip } from '../recordings.ts'

const store = { identity: 'b6c0', url: 'https://shop.example' }
const hooks = deriveHooks('cs_secret', store)
const publicUrl = 'https://sync.example/woo'

test('row 20: one webhook for each of the sixteen topics', () => {
  assert.equal(webhookTopics.length, 16)
  assert.deepEqual(
    hooks.map((hook) => hook.topic),
    webhookTopics,
  )
  assert.deepEqual(resourcesOfTopic('product.updated'), ['products', 'variations'])
})

test('row 21: path and secret are hex, differ everywhere, and come out again the same', () => {
  for (const { path, secret } of hooks) {
    assert.match(path, /^[0-9a-f]{32}$/)
    assert.match(secret, /^[0-9a-f]{64}$/)
    assert.ok(!secret.startsWith(path))
  }
  assert.equal(new Set(hooks.flatMap(({ path, secret }) => [path, secret])).size, 32)
  assert.deepEqual(deriveHooks('cs_secret', { ...store, url: 'https://moved.example' }), hooks)
})

test('another key, another shop, or another address where the shop tells no identity: other webhooks', () => {
  const others = [
    deriveHooks('cs_other', store),
    deriveHooks('cs_secret', { ...store, identity: 'another' }),
    deriveHooks('cs_secret', { identity: null, url: 'https://shop.example' }),
    deriveHooks('cs_secret', { identity: null, url: 'https://other.example' }),
  ]
  const all = [hooks, ...others].flatMap((each) => each.map(({ path }) => path))
  assert.equal(new Set(all).size, 16 * 5)
  assert.throws(() => deriveHooks('', store), { code: 'internal' })
})

test('row 21: the signature is known by its secret, whatever length somebody sends', () => {
  const body = Buffer.from('{"id":1}')
  const [one, other] = hooks as [Hook, Hook]
  const good = webhookSignature(body, one.secret)
  assert.ok(isSignedBy(one.secret, body, good))
  const bad = ['', good.slice(0, -1), `${good}=`, ` ${good}`, good.toLowerCase(), '='.repeat(10_000)]
  for (const signature of [...bad, webhookSignature(body, other.secret)]) {
    assert.ok(!isSignedBy(one.secret, body, signature), signature.slice(0, 60))
  }
  assert.ok(!isSignedBy(one.secret, Buffer.from('{"id":2}'), good))
})

test('row 21: nothing is signed by an empty secret', () => {
  const body = Buffer.from('{"id":1}')
  assert.ok(!isSignedBy('', body, createHmac('sha256', '').update(body).digest('base64')))
})

test('row 21: every recorded delivery is signed by its secret, and by no other', { skip }, () => {
  const folder = join(recordings as string, 'webhooks')
  let signed = 0
  for (const name of readdirSync(folder).filter((each) => /^a?sync-/.test(each))) {
    const file = JSON.parse(readFileSync(join(folder, name), 'utf8'))
    const body = Buffer.from(file.body_base64, 'base64')
    const signature: string | undefined = file.headers['x-wc-webhook-signature']
    assert.equal(isSignedBy(file.secret, body, signature ?? ''), file.signature_verified, name)
    assert.ok(!isSignedBy(`${file.secret}x`, body, signature ?? ''), name)
    if (signature) signed++
  }
  assert.equal(signed, 48)
})

/** The shop's list when all is well, with changes. */
function listed(change: (hook: Hook, at: number) => Partial<ListedWebhook> = () => ({})): ListedWebhook[] {
  return hooks.map((hook, at) => ({
    id: at + 1,
    name: webhookName(hook.topic),
    status: 'active',
    topic: hook.topic,
    deliveryUrl: deliveryUrl(publicUrl, hook),
    ...change(hook, at),
  }))
}

const compare = (list: ListedWebhook[], refused?: Parameters<typeof compareWebhooks>[3]) =>
  compareWebhooks(list, hooks, publicUrl, refused)

test('all is as it should be: nothing to do, with a slash at the end of the address or not', () => {
  assert.deepEqual(compare(listed()), { missing: [], wrong: [], surplus: [], right: 16 })
  assert.equal(compareWebhooks(listed(), hooks, `${publicUrl}/`).right, 16)
})

test('an empty shop: all are missing', () => {
  assert.deepEqual(compare([]).missing, hooks)
})

test('row 23: what is switched off, paused, turned to another topic, or renamed', () => {
  const changes: Partial<ListedWebhook>[] = [
    { status: 'disabled' },
    { status: 'paused' },
    { topic: 'order.created' },
    { name: 'Renamed by a person' },
  ]
  const { wrong, right, missing } = compare(listed((_, at) => changes[at] ?? {}))
  assert.deepEqual(
    wrong.map(({ id, was }) => [id, was]),
    [
      [1, 'disabled'],
      [2, 'paused'],
      [3, 'moved'],
    ],
  )
  assert.deepEqual([right, missing], [13, []])
})

test('PUBLIC_URL changed: ours are found by name and path and turned to the new address', () => {
  const before = listed((hook) => ({ deliveryUrl: deliveryUrl('https://old.example', hook) }))
  const { wrong, missing } = compare(before)
  assert.equal(wrong.filter(({ was }) => was === 'moved').length, 16)
  assert.deepEqual(missing, [])
})

test('the key changed: webhooks of the earlier key under our address are taken over', () => {
  const earlier = deriveHooks('cs_earlier', store)
  const before = listed((_, at) => ({ deliveryUrl: deliveryUrl(publicUrl, earlier[at] as Hook) }))
  assert.equal(compare(before).wrong.length, 16)
})

test('webhooks of others stay: another installation with the same names, another program, our path unnamed', () => {
  const theirs = deriveHooks('cs_theirs', store)
  const others = [
    ...listed((_, at) => ({
      id: 100 + at,
      deliveryUrl: deliveryUrl('https://their.example', theirs[at] as Hook),
    })),
    { ...(listed()[0] as ListedWebhook), id: 200, deliveryUrl: 'https://accounts.example/hook' },
    {
      ...(listed()[0] as ListedWebhook),
      id: 201,
      name: 'x',
      deliveryUrl: deliveryUrl('https://o.example', hooks[0]!),
    },
  ]
  assert.deepEqual(compare([...others, ...listed()]), { missing: [], wrong: [], surplus: [], right: 16 })
  assert.equal(compare(others).missing.length, 16)
})

test('doubles of ours: the good one stays', () => {
  const doubled = [
    ...listed((_, at) => (at === 0 ? { status: 'disabled' } : {})),
    ...listed((_, at) => ({ id: 50 + at })),
  ]
  const { surplus, wrong, right } = compare(doubled)
  assert.deepEqual(surplus, [1, ...Array.from({ length: 15 }, (_, at) => 51 + at)])
  assert.deepEqual([wrong, right], [[], 16])
})

test('a topic whose deliveries are refused gets its secret again', () => {
  const { wrong } = compare(listed(), new Set(['coupon.updated'] as const))
  assert.deepEqual(
    wrong.map(({ hook, was }) => [hook.topic, was]),
    [['coupon.updated', 'its secret was refused']],
  )
})
