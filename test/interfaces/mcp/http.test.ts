/** Streamable HTTP: who is let in, requests that are none, cancelling, and answers by any process. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { revokeKey } from '../../../src/access/keys.ts'
import { allOperations } from '../../../src/operations.ts'
import { demoMirror } from '../../questions/shop.ts'
import { startApi } from '../http/api-parts.ts'
import { ask, fetched, problemCode } from '../http/parts.ts'
import { call, connect, newKey, startMcp, waitingOperation } from './parts.ts'

const shop = await demoMirror({ seed: 6, products: 8, orders: 5 })
const waiting = waitingOperation()
const { url, port } = await startMcp(shop, { operations: [...allOperations, waiting.operation] })
const key = await newKey(shop)

const ACCEPT = 'application/json, text/event-stream'
const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' }

function post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: ACCEPT,
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

const errorOf = async (response: Response) =>
  ((await response.json()) as { error?: { code: number } }).error?.code

test('nobody is answered without a key that works', async (t) => {
  const revoked = await newKey(shop)
  const { rows } = await shop.database.pool.query('SELECT max(id)::int AS id FROM access.api_keys')
  await revokeKey(shop.database.pool, rows[0].id)
  const cases: [what: string, headers: Record<string, string>, code: string][] = [
    ['a key that does not exist', { authorization: `Bearer woo_${'a'.repeat(43)}` }, 'key_unknown'],
    ['another way to sign in', { authorization: 'Basic YTpi' }, 'key_unknown'],
    ['a revoked key', { authorization: `Bearer ${revoked}` }, 'key_unknown'],
  ]
  for (const [what, headers, code] of cases) {
    await t.test(what, async () => {
      const answer = await fetched(await post(LIST, headers))
      assert.deepEqual([answer.status, problemCode(answer)], [401, code])
      assert.equal(answer.headers['www-authenticate'], 'Bearer')
    })
  }
  await t.test('no key', async () => {
    const answer = await fetched(await fetch(url, { method: 'POST', body: '{}' }))
    assert.deepEqual([answer.status, problemCode(answer)], [401, 'unauthorized'])
    assert.equal(answer.headers['www-authenticate'], 'Bearer')
  })
})

test('requests that are none get an error, and never a 500', async (t) => {
  const cases: [what: string, body: unknown, status: number, code: number][] = [
    ['no JSON', '{"jsonrpc":', 400, -32700],
    ['an empty body', '', 400, -32700],
    ['a text', '"hello"', 400, -32600],
    ['null', 'null', 400, -32600],
    ['several at once', [LIST, LIST], 400, -32600],
    ['no JSON-RPC', { hello: 'world' }, 400, -32700],
    ['another JSON-RPC', { ...LIST, jsonrpc: '1.0' }, 400, -32700],
    ['an id of null', { ...LIST, id: null }, 400, -32600],
    ['a method that does not exist', { ...LIST, method: 'tools/invent' }, 200, -32601],
    ['parameters of a wrong type', { ...LIST, params: 'x' }, 400, -32700],
    ['a tool without a name', { ...LIST, method: 'tools/call', params: {} }, 200, -32603],
  ]
  for (const [what, body, status, code] of cases) {
    await t.test(what, async () => {
      const response = await post(body)
      assert.deepEqual([response.status, await errorOf(response)], [status, code])
    })
  }

  await t.test('depth without end', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"stock_status","arguments":{"sku":${deep}}}}`
    const response = await post(body)
    assert.equal(response.status, 200)
    assert.match(await response.text(), /input_invalid/)
  })

  await t.test('more than 1 MB', async () => {
    const answer = await fetched(await post(`{"x":"${'a'.repeat(1_100_000)}"}`))
    assert.deepEqual([answer.status, problemCode(answer)], [413, 'body_too_large'])
  })

  await t.test('another type of content', async () => {
    const answer = await fetched(await post(LIST, { 'content-type': 'text/plain' }))
    assert.deepEqual([answer.status, problemCode(answer)], [415, 'body_not_json'])
  })

  await t.test('a client that takes neither form of answer', async () => {
    assert.equal((await post(LIST, { accept: 'text/html' })).status, 406)
  })

  await t.test('a version of the protocol that does not exist', async () => {
    assert.equal((await post(LIST, { 'mcp-protocol-version': '1999-01-01' })).status, 400)
  })

  await t.test('there is no stream to open and no session to end', async () => {
    for (const method of ['GET', 'DELETE']) {
      const answer = await fetched(await fetch(url, { method, headers: { authorization: `Bearer ${key}` } }))
      assert.deepEqual(
        [answer.status, problemCode(answer), answer.headers.allow],
        [405, 'method_not_allowed', 'POST'],
      )
    }
  })
})

test('a page that leads its own name here is refused', async (t) => {
  const body = JSON.stringify(LIST)
  const asked = async (host: string, more = '') => {
    const head = `POST /mcp HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${key}\r\nAccept: ${ACCEPT}\r\n`
    return ask(
      port,
      `${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`,
    )
  }
  for (const [host, more] of [
    ['evil.example', ''],
    ['localhost.evil.example', ''],
    ['evil.example:80@localhost', ''],
    ['localhost', 'Origin: http://evil.example\r\n'],
    ['localhost', 'Origin: null\r\n'],
  ] as const) {
    await t.test(`${host} ${more.trim()}`, async () => {
      const answer = await asked(host, more)
      assert.deepEqual([answer.status, problemCode(answer)], [403, 'host_refused'])
    })
  }
  for (const host of ['localhost', `127.0.0.1:${port}`, '[::1]', '192.0.2.7:3000']) {
    await t.test(host, async () => {
      assert.equal((await asked(host, `Origin: http://${host}\r\n`)).status, 200)
    })
  }
  await t.test('the name of PUBLIC_URL', async () => {
    const settings = { ...shop.app.settings, PUBLIC_URL: 'https://sync.shop.test/woosync' }
    const named = await startMcp(shop, { app: { ...shop.app, settings } })
    const answer = await ask(
      named.port,
      `POST /mcp HTTP/1.1\r\nHost: sync.shop.test\r\nAuthorization: Bearer ${key}\r\nAccept: ${ACCEPT}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    assert.equal(answer.status, 200)
  })
})

test('any process answers any request of a conversation', async () => {
  const another = await startMcp(shop)
  const client = await connect(url, key)
  const { name } = (await client.listTools()).tools[0] ?? {}
  const response = await fetch(another.url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: ACCEPT,
      'mcp-session-id': 'begun in another process',
    },
    body: JSON.stringify(LIST),
  })
  const { result } = (await response.json()) as { result: { tools: { name: string }[] } }
  assert.equal(result.tools[0]?.name, name)
})

test('cancelling', async (t) => {
  const other = await newKey(shop)
  const CONVERSATION = { 'mcp-session-id': 'one' }
  const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } }
  const asked = post({ ...LIST, id: 7, method: 'tools/call', params: { name: 'test_wait' } }, CONVERSATION)
  await waiting.began
  let isOver = false
  waiting.ended.then(() => {
    isOver = true
  })

  await t.test('neither another key nor another conversation can', async () => {
    for (const headers of [
      { ...CONVERSATION, authorization: `Bearer ${other}` },
      { 'mcp-session-id': 'another' },
      {},
    ] as Record<string, string>[]) {
      assert.equal((await post(cancelled, headers)).status, 202)
    }
    // Whatever had been stopped would have said so before the next answer.
    assert.equal((await post(LIST)).status, 200)
    assert.equal(isOver, false)
  })

  await t.test('the client itself can, and gets an end', async () => {
    assert.equal((await post(cancelled, CONVERSATION)).status, 202)
    assert.match(await waiting.ended, /the client cancelled it/)
    assert.match(await (await asked).text(), /sync_cancelled/)
  })

  await t.test('the SDK’s client does it by a signal', async () => {
    const again = waitingOperation()
    const server = await startMcp(shop, { operations: [again.operation] })
    const client = await connect(server.url, key)
    const cancel = new AbortController()
    const call = client.callTool({ name: 'test_wait' }, undefined, { signal: cancel.signal })
    await again.began
    cancel.abort('no longer wanted')
    await assert.rejects(call, /no longer wanted/)
    assert.match(await again.ended, /the client cancelled it/)
  })
})

test('the server as it is started: the same keys, and the limit of requests', async () => {
  const api = await startApi(shop, { RATE_LIMIT_PER_MINUTE: '4' })
  const client = await connect(`${api.url}/mcp`, await api.key(['read']))
  assert.equal((await call(client, 'mirror_freshness')).isError, false)
  const asked = Array.from({ length: 4 }, () => client.ping())
  await assert.rejects(Promise.all(asked), /rate_limited/)
  assert.equal((await api.get('/mcp')).status, 405)
})

test('many at once', async () => {
  const client = await connect(url, key)
  await client.listTools()
  const answers = await Promise.all(Array.from({ length: 40 }, () => call(client, 'mirror_freshness')))
  for (const { structured } of answers) assert.deepEqual(structured, answers[0]?.structured)
})
