/** Bad input: whatever is sent, the answer is a problem with a code, and never a fault of ours. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allOperations } from '../../../src/operations.ts'
import { code, demoMirror, startApi } from './api-parts.ts'
import { ask, problemCode } from './parts.ts'

const api = await startApi(await demoMirror({ seed: 8, products: 15, orders: 20 }))
const key = await api.key(['admin', 'personal'])
const reading = allOperations.filter(({ http }) => http.startsWith('GET '))

const HOSTILE = [
  '',
  ' ',
  '0',
  '-1',
  '1.5',
  '1e9',
  'NaN',
  '99999999999999999999',
  '9007199254740993',
  'true',
  'null',
  "'; DROP TABLE mirror.orders; --",
  '$(rm -rf /)',
  '`id`',
  '%',
  '_%_',
  '\\',
  '../../etc/passwd',
  '<script>alert(1)</script>',
  '=1+1',
  '\u0000',
  '\u202e\ud83d\ude00ȘȚ',
  '2026-02-30',
  '0000-01-01',
  '9999-12-31',
  '-infinity',
  '{"a":1}',
  '[1]',
  ',,,,',
  'a'.repeat(5000),
  'bmV4dA',
  Buffer.from('["-id","x",1]').toString('base64url'),
]

const fill = (path: string, value: string) =>
  `/api/v1${path.replace(/\{\w+\}/g, () => encodeURIComponent(value) || '%20')}`

/** @returns the code where it is a problem; fails when it is a fault of ours */
async function mayBeBad(address: string): Promise<string | null> {
  const answer = await api.get(address, key)
  const shown = decodeURIComponent(address).slice(0, 200)
  if (answer.status === 200) {
    await answer.text()
    return null
  }
  assert.ok(
    answer.status >= 400 && answer.status < 500,
    `${answer.status} ${shown} ${await answer.clone().text()}`,
  )
  return code(answer)
}

test('both ends of a period at the ends of the calendar', async () => {
  for (const operation of reading.filter(({ input }) => 'from' in input.shape && 'to' in input.shape)) {
    const path = fill(operation.http.split(' ')[1] as string, '1')
    for (const [from, to] of [
      ['0000-01-01', '0000-01-02'],
      ['0001-01-01', '0001-01-31'],
      ['9999-12-01', '9999-12-31'],
    ]) {
      for (const by of operation.name === 'sales.breakdown' ? ['&by=day', '&by=week', '&by=month'] : ['']) {
        assert.equal(await mayBeBad(`${path}?from=${from}&to=${to}${by}`), 'input_invalid', operation.name)
      }
    }
  }
})

test('every field of every question, with everything that could be in it', async (t) => {
  assert.ok(reading.length > 5)
  for (const operation of reading) {
    await t.test(operation.name, async () => {
      const path = operation.http.split(' ')[1] as string
      const fields = Object.keys(operation.input.shape).filter((field) => !path.includes(`{${field}}`))
      for (const value of HOSTILE) {
        const addresses = fields.map(
          (field) => `${fill(path, '1')}?${new URLSearchParams({ [field]: value })}`,
        )
        if (path.includes('{')) addresses.push(fill(path, value))
        await Promise.all(addresses.map(mayBeBad))
      }
      const strange = await mayBeBad(`${fill(path, '1')}?nonsense=1`)
      assert.ok(strange === 'input_invalid', `an unknown field: ${strange}`)
      for (const name of ['__proto__', 'constructor', 'toString', 'a[b]', '\u0000', '']) {
        assert.notEqual(await mayBeBad(`${fill(path, '1')}?${encodeURIComponent(name)}=1`), null, name)
      }
    })
  }
})

test('the log holds no fault of ours', () => {
  assert.deepEqual(
    api.lines.filter((line) => line.includes('"level":50')),
    [],
  )
})

test('a word of a megabyte does not even arrive', async () => {
  const long = 'a'.repeat(1024 * 1024)
  const answer = await ask(
    api.http.port,
    `GET /api/v1/stock/status?sku=${long} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\n\r\n`,
  )
  assert.equal(problemCode(answer), 'request_headers_too_large')
  assert.equal(
    await code(await api.send('POST', '/api/v1/keys', key, { scope: ['read'], name: long })),
    'body_too_large',
  )
  assert.equal(
    await code(await api.send('POST', '/api/v1/keys', key, { scope: ['read'], name: long.slice(100) })),
    'input_invalid',
  )
})

test('bodies', async () => {
  const post = (body: string, type = 'application/json') =>
    fetch(`${api.url}/api/v1/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': type },
      body,
    })
  const good = '{"scope":["read"]}'
  assert.equal((await post(good)).status, 201)
  assert.equal((await post(good, 'application/json; charset=utf-8')).status, 201)
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'x']) {
    assert.equal(await code(await post(good, type)), 'body_not_json', type)
  }
  const deep = `{"scope":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
  for (const body of [
    '{',
    '[]',
    '"text"',
    '7',
    'null',
    '',
    '{"scope":["read"],"other":1}',
    deep,
    '{"__proto__":1}',
  ]) {
    assert.equal(await code(await post(body)), 'input_invalid', body.slice(0, 30))
  }
  assert.equal(await code(await post('{"scope":["read"],"name":"a\\u0000b"}')), 'input_invalid')
  const query = await api.send('POST', '/api/v1/keys?scope=read', key, good)
  assert.equal(await code(query), 'input_invalid')
  const twice = await api.send('DELETE', '/api/v1/keys/1', key, { id: 1 })
  assert.equal(await code(twice), 'input_invalid')
})

test('addresses and methods', async () => {
  assert.equal(await code(await api.get('/api/v1/nothing', key)), 'not_found')
  assert.equal(await code(await api.get('/api/v1', key)), 'not_found')
  assert.equal(await code(await api.get('/api/v2/stock/status', key)), 'not_found')
  const refused = await api.send('PUT', '/api/v1/keys', key)
  assert.equal(refused.headers.get('allow'), 'POST, GET')
  assert.equal(await code(refused), 'method_not_allowed')
  assert.equal(await code(await api.send('POST', '/api/v1/events', key)), 'method_not_allowed')
  assert.equal(await code(await api.get('/api/v1/keys/%zz', key)), 'request_malformed')
  assert.equal(await code(await api.send('DELETE', `/api/v1/keys/${'1'.repeat(300)}`, key)), 'not_found')
  assert.equal(await code(await api.get('/api/v1/stock/status?sku=a&sku=b', key)), 'input_invalid')
})

test('lists in a query: repeated, with commas, or both', async () => {
  for (const query of [
    'resources=orders,products',
    'resources=orders&resources=products',
    'resources=orders',
  ]) {
    const stop = new AbortController()
    const answer = await fetch(`${api.url}/api/v1/events?${query}`, {
      headers: { authorization: `Bearer ${key}` },
      signal: stop.signal,
    })
    assert.equal(answer.status, 200, query)
    stop.abort()
  }
  assert.equal(await code(await api.get('/api/v1/events?resources=orders,nothing', key)), 'input_invalid')
})
