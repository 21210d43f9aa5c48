/** Who may ask what over HTTP: keys made, used, limited, revoked. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKey } from '../../../src/access/keys.ts'
import { code, demoMirror, startApi } from './api-parts.ts'

const api = await startApi(await demoMirror({ seed: 5, products: 12, orders: 15 }))
const { pool } = api.database

const ANY = '/api/v1/mirror/freshness'

test('nothing below /api without a key, not even that something is not there', async () => {
  for (const path of [
    ANY,
    '/api/v1/nothing',
    '/api/v1',
    '/api/v1/',
    '/api/v1/keys',
    '/openapi.json',
    '/docs',
  ]) {
    const answer = await api.get(path)
    assert.equal(answer.headers.get('www-authenticate'), 'Bearer', path)
    assert.equal(await code(answer), 'unauthorized', path)
  }
  assert.equal(await code(await api.send('POST', '/api/v1/sync', null, '{"broken')), 'unauthorized')
  assert.equal((await api.get('/healthz')).status, 200)
})

test('what is no key, and one that was never made', async () => {
  const wrong = `woo_${'a'.repeat(43)}`
  for (const authorization of [
    `Bearer ${wrong}`,
    `bearer  ${wrong}x`,
    'Bearer',
    `Basic ${btoa('a:b')}`,
    'x',
  ]) {
    assert.equal(await code(await api.get(ANY, null, { authorization })), 'key_unknown', authorization)
  }
  assert.ok(!api.lines.join('').includes(wrong), 'no key stands in the log')
  const key = await api.key(['read'])
  assert.equal(await code(await api.get(`${ANY}?key=${key}`)), 'unauthorized')
  assert.equal(await code(await api.get(`${ANY}?key=${key}`, key)), 'input_invalid')
  assert.ok(!api.lines.join('').includes(key))
})

test('a key is shown once and listed without itself', async () => {
  const admin = await api.key(['admin', 'personal'])
  const expires = new Date(Date.now() + 3_600_000).toISOString()
  const made = await api.send('POST', '/api/v1/keys', admin, {
    scope: ['personal', 'read'],
    name: ' a shop ',
    expires,
  })
  assert.equal(made.status, 201)
  const { key, record } = (await made.json()) as { key: string; record: Record<string, unknown> }
  assert.deepEqual(record, {
    id: record.id,
    name: 'a shop',
    beginning: key.slice(0, 10),
    scope: ['read', 'personal'],
    stores: null,
    state: 'active',
    createdAt: record.createdAt,
    createdBy: record.createdBy,
    lastUsedAt: null,
    expiresAt: expires,
    revokedAt: null,
  })
  assert.match(String(record.createdBy), /^key \d+$/)
  assert.equal((await api.get(ANY, key)).status, 200)
  const list = await (await api.get('/api/v1/keys', admin)).text()
  assert.ok(!list.includes(key))
  const [newest] = (JSON.parse(list) as { keys: Record<string, unknown>[] }).keys
  assert.equal(newest?.id, record.id)
  assert.ok(newest?.lastUsedAt)
})

test('a revoked key and an expired one are answered as if they had never been', async () => {
  const admin = await api.key(['admin'])
  const key = await api.key(['read'])
  assert.equal((await api.get(ANY, key)).status, 200)
  const { keys } = (await (await api.get('/api/v1/keys', admin)).json()) as { keys: { id: number }[] }
  const id = keys[0]?.id
  const revoked = await api.send('DELETE', `/api/v1/keys/${id}`, admin)
  assert.equal(revoked.status, 200)
  assert.equal(((await revoked.json()) as { record: { state: string } }).record.state, 'revoked')
  assert.equal(await code(await api.get(ANY, key)), 'key_unknown')
  const expired = await createKey(pool, {
    name: 'old',
    access: 'read',
    personal: false,
    stores: null,
    expiresAt: new Date(Date.now() - 1),
  })
  assert.equal(await code(await api.get(ANY, expired.key)), 'key_unknown')
  assert.equal(await code(await api.send('DELETE', '/api/v1/keys/99999', admin)), 'not_found')
})

test('rights: read, operate, admin, each with the one before', async () => {
  const [read, operate, admin] = [
    await api.key(['read']),
    await api.key(['operate']),
    await api.key(['admin']),
  ]
  const tries: [string, string, unknown, number, number, number][] = [
    ['GET', ANY, undefined, 200, 200, 200],
    ['POST', '/api/v1/sync', { resources: ['coupons'] }, 403, 200, 200],
    ['POST', '/api/v1/verify', { depth: 'stored' }, 200, 200, 200],
    ['POST', '/api/v1/verify', {}, 403, 200, 200],
    ['GET', '/api/v1/mirror/connection?check=now', undefined, 403, 200, 200],
    ['GET', '/api/v1/keys', undefined, 403, 403, 200],
    ['POST', '/api/v1/keys', { scope: ['read'] }, 403, 403, 201],
    ['DELETE', '/api/v1/keys/99999', undefined, 403, 403, 404],
  ]
  for (const [method, path, body, ...wanted] of tries) {
    const found = []
    for (const key of [read, operate, admin]) found.push((await api.send(method, path, key, body)).status)
    assert.deepEqual(found, wanted, `${method} ${path}`)
  }
  assert.equal(await code(await api.send('POST', '/api/v1/sync', read, {})), 'key_lacks_right')
})

test('nobody gives what they do not have', async () => {
  const { rows } = await pool.query<{ store_id: number }>(
    `INSERT INTO mirror.stores (url, timezone, capabilities) VALUES ('https://other.example', 'UTC', '{"lists":{},"mayWrite":false,"bySql":[]}') RETURNING store_id`,
  )
  const other = rows[0]?.store_id as number
  const own = api.app.openStore().then(({ store }) => store.id)
  const admin = await api.key(['admin'])
  const kept = await api.key(['admin'], { stores: [await own] })
  const make = (key: string, body: object) => api.send('POST', '/api/v1/keys', key, body)
  assert.equal(await code(await make(admin, { scope: ['read', 'personal'] })), 'key_exceeds_own')
  assert.equal(await code(await make(kept, { scope: ['read'], stores: [other] })), 'store_not_found')
  assert.equal(await code(await make(admin, { scope: ['read'], stores: [9999] })), 'store_not_found')
  const made = (await (await make(kept, { scope: ['read'] })).json()) as { record: { stores: number[] } }
  assert.deepEqual(made.record.stores, [await own])

  const elsewhere = await make(admin, { scope: ['read'], stores: [other] })
  const { key, record } = (await elsewhere.json()) as { key: string; record: { id: number } }
  assert.equal(await code(await api.send('DELETE', `/api/v1/keys/${record.id}`, kept)), 'not_found')
  const listed = (await (await api.get('/api/v1/keys', kept)).json()) as { keys: { stores: number[] }[] }
  assert.ok(
    listed.keys.length > 0 &&
      listed.keys.every(({ stores }) => stores.join() === String(0 + made.record.stores[0]!)),
  )

  // Its own store is asked without being named; another is not there at all.
  assert.equal((await api.get(`${ANY}?store=${other}`, key)).status, 200)
  assert.equal((await api.get(ANY, key)).status, 200)
  assert.equal(await code(await api.get(`${ANY}?store=${await own}`, key)), 'store_not_found')
  assert.equal(await code(await api.get(`${ANY}?store=12345`, key)), 'store_not_found')
  assert.equal(await code(await api.get(`/api/v1/events?store=${await own}`, key)), 'store_not_found')
})

test('scopes that make no sense', async () => {
  const admin = await api.key(['admin', 'personal'])
  for (const scope of [[], ['personal'], ['read', 'admin'], ['read', 'read'], ['write'], 'read', null, 7]) {
    assert.equal(await code(await api.send('POST', '/api/v1/keys', admin, { scope })), 'input_invalid')
  }
  const past = { scope: ['read'], expires: '2020-01-01T00:00:00Z' }
  assert.equal(await code(await api.send('POST', '/api/v1/keys', admin, past)), 'input_invalid')
})

test('the status page and the metrics open with a key too', async () => {
  const headers = { 'x-forwarded-for': '203.0.113.9' }
  for (const path of ['/', '/metrics']) {
    assert.equal(await code(await api.get(path, null, headers)), 'unauthorized')
    assert.equal((await api.get(path, await api.key(['read']), headers)).status, 200)
    assert.equal(await code(await api.get(path, 'woo_no', headers)), 'key_unknown')
  }
})
