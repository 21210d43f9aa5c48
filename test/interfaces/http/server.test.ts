/** The server itself: health, who is let in, bad input, starting and ending. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { test } from 'node:test'
import pg from 'pg'
import { createHttp, type Http, type HttpOptions, startHttp } from '../../../src/interfaces/http/server.ts'
import { ask, fetched, httpOptions, keptLog, problemCode } from './parts.ts'

const KEY = 'metrics-key-planted-3141592653'

async function started(t: { after(work: () => Promise<void>): void }, options: HttpOptions): Promise<Http> {
  const http = await startHttp(options)
  t.after(() => http.close())
  return http
}

test('healthz and readyz', async (t) => {
  const options = await httpOptions()
  const http = await started(t, options)

  await t.test('alive, but not ready before a shop is known; ready after', async () => {
    const alive = await fetch(`${http.url}/healthz`)
    assert.deepEqual([alive.status, await alive.json()], [200, { status: 'ok' }])
    const early = await fetched(await fetch(`${http.url}/readyz`))
    assert.deepEqual([early.status, problemCode(early)], [503, 'store_not_known'])
    await options.database.pool.query(`INSERT INTO mirror.stores (url) VALUES ('https://shop.test')`)
    const ready = await fetch(`${http.url}/readyz`)
    assert.deepEqual([ready.status, await ready.json()], [200, { status: 'ready' }])
  })

  await t.test('a database that refuses, and one that says nothing', async () => {
    const sockets: Socket[] = []
    const silent = createTcpServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    for (const port of [1, (silent.address() as AddressInfo).port]) {
      const pool = new pg.Pool({ host: '127.0.0.1', port, user: 'u', password: 'p' })
      const away = createHttp({ ...options, database: { pool, clock: Date.now } })
      const begun = performance.now()
      const answer = await away.inject('/readyz')
      assert.equal(answer.statusCode, 503)
      assert.equal(problemCode({ ...answer, status: answer.statusCode }), 'database_unreachable')
      assert.doesNotMatch(answer.body, /127\.0\.0\.1|ECONN/)
      assert.ok(performance.now() - begun < 4000)
      assert.equal((await away.inject('/healthz')).statusCode, 200)
      await away.close()
      for (const socket of sockets) socket.destroy()
      await pool.end()
    }
    silent.close()
  })
})

test('the page and the metrics are for this machine, or for the key', async (t) => {
  const options = await httpOptions()
  const open = createHttp({ ...options, settings: { HOST: '127.0.0.1', PORT: 0, METRICS_KEY: undefined } })
  const keyed = createHttp({ ...options, settings: { HOST: '127.0.0.1', PORT: 0, METRICS_KEY: KEY } })
  t.after(() => Promise.all([open.close(), keyed.close()]).then(() => undefined))
  const bearer = { authorization: `Bearer ${KEY}` }

  for (const url of ['/metrics', '/']) {
    const status = async (server: typeof open, remoteAddress: string, headers = {}) =>
      (await server.inject({ url, remoteAddress, headers })).statusCode

    await t.test(`${url}: from this machine without a key`, async () => {
      for (const peer of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1']) {
        assert.equal(await status(keyed, peer), 200, peer)
      }
    })
    await t.test(`${url}: from elsewhere only with the key`, async () => {
      for (const peer of ['203.0.113.9', '10.0.0.1', '2001:db8::1', '::ffff:10.0.0.1', '0.0.0.0']) {
        assert.equal(await status(keyed, peer), 401, peer)
        assert.equal(await status(keyed, peer, bearer), 200, peer)
        for (const given of [
          `Bearer ${KEY}x`,
          `Bearer ${KEY.slice(1)}`,
          'Bearer',
          'Bearer  ',
          `Basic ${KEY}`,
          KEY,
        ]) {
          assert.equal(await status(keyed, peer, { authorization: given }), 401, given)
        }
        assert.equal(await status(keyed, peer, { 'x-forwarded-for': '127.0.0.1' }), 401)
        assert.equal(await status(keyed, peer, { host: 'localhost' }), 401)
        assert.equal(await status(open, peer, { authorization: 'Bearer undefined' }), 401)
      }
    })
    await t.test(`${url}: through a proxy, or under a foreign name, this machine is elsewhere`, async () => {
      for (const headers of [
        { 'x-forwarded-for': '127.0.0.1' },
        { forwarded: 'for=127.0.0.1' },
        { via: '1.1 proxy' },
        { host: 'evil.example' },
      ] as Record<string, string>[]) {
        assert.equal(await status(keyed, '127.0.0.1', headers), 401, JSON.stringify(headers))
        assert.equal(await status(keyed, '127.0.0.1', { ...headers, ...bearer }), 200)
      }
    })
    await t.test(`${url}: the refusal is a problem that says how`, async () => {
      const answer = await keyed.inject({ url, remoteAddress: '203.0.113.9' })
      assert.equal(problemCode({ ...answer, status: answer.statusCode }), 'unauthorized')
      assert.equal(answer.headers['www-authenticate'], 'Bearer')
    })
  }
})

test('bad input gets a code, and never a 500', async (t) => {
  const log = keptLog()
  const options = await httpOptions({ logger: log.logger, receiveDelivery: async () => ({ status: 200 }) })
  const { port, url } = await started(t, options)
  const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`
  const cases: [what: string, bytes: string, status: number, code: string][] = [
    ['an unknown page', get('/nothing'), 404, 'not_found'],
    ['a traversal', get('/../../etc/passwd'), 404, 'not_found'],
    ['a traversal in escapes', get('/%2e%2e/%2e%2e/etc/passwd'), 404, 'not_found'],
    ['a traversal in a webhook', get('/webhooks/..%2f..%2fmetrics'), 405, 'method_not_allowed'],
    ['half an escape', get('/%'), 400, 'request_malformed'],
    ['no UTF-8', get('/%ff%fe'), 400, 'request_malformed'],
    ['a NUL in escapes', get('/%00'), 404, 'not_found'],
    ['a NUL', get('/a\0b'), 400, 'request_malformed'],
    [
      'headers of 20 KB',
      get('/healthz', `X-Large: ${'x'.repeat(20_000)}\r\n`),
      431,
      'request_headers_too_large',
    ],
    ['an address of 20 KB', get(`/${'a'.repeat(20_000)}`), 431, 'request_headers_too_large'],
    ['no HTTP at all', 'HELLO\r\n\r\n', 400, 'request_malformed'],
    ['a method that is none', 'FETCH / HTTP/1.1\r\nHost: localhost\r\n\r\n', 400, 'request_malformed'],
    [
      'two lengths',
      'POST /webhooks/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
      'request_malformed',
    ],
    [
      'a broken content type',
      'POST /webhooks/a HTTP/1.1\r\nHost: localhost\r\nContent-Type: ;;\r\nContent-Length: 2\r\n\r\n{}',
      400,
      'request_malformed',
    ],
    [
      'bad JSON where nothing is taken',
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{',
      405,
      'method_not_allowed',
    ],
    ['the wrong method for a webhook', get('/webhooks/abc'), 405, 'method_not_allowed'],
    ['DELETE', 'DELETE /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n', 405, 'method_not_allowed'],
    [
      'a webhook with a NUL',
      'POST /webhooks/%00 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n',
      404,
      'not_found',
    ],
    [
      'a webhook with a very long name',
      `POST /webhooks/${'a'.repeat(300)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n`,
      404,
      'not_found',
    ],
  ]
  for (const [what, bytes, status, code] of cases) {
    await t.test(what, async () => {
      const answer = await ask(port, bytes)
      assert.deepEqual([answer.status, problemCode(answer)], [status, code])
      assert.equal(answer.headers.server, undefined)
      assert.equal(answer.headers['x-powered-by'], undefined)
    })
  }

  await t.test('405 names what is taken', async () => {
    assert.equal((await fetch(`${url}/metrics`, { method: 'PUT' })).headers.get('allow'), 'GET, HEAD')
    assert.equal((await fetch(`${url}/webhooks/x`)).headers.get('allow'), 'POST')
  })

  await t.test('no Host: health answers, the page does not', async () => {
    assert.equal((await ask(port, 'GET /healthz HTTP/1.1\r\n\r\n')).status, 200)
    assert.equal((await ask(port, 'GET / HTTP/1.1\r\n\r\n')).status, 401)
  })

  await t.test('one line for each request, with the route and not the address', async () => {
    log.lines.length = 0
    await fetch(`${url}/healthz?consumer_secret=cs_planted`)
    const lines = log.lines.map((line) => JSON.parse(line))
    assert.equal(lines.length, 1)
    const { level, method, route, status, ms } = lines[0]
    assert.deepEqual([level, method, route, status], [20, 'GET', '/healthz', 200])
    assert.equal(typeof ms, 'number')
    assert.doesNotMatch(log.lines.join(), /planted/)
  })
})

test('starting and ending', async (t) => {
  const options = await httpOptions()

  await t.test('a port that is taken, and a host that is not of this machine', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const settings = { ...options.settings, PORT: port }
    await assert.rejects(startHttp({ ...options, settings }), (thrown: Error) => {
      assert.equal(Reflect.get(thrown, 'code'), 'port_taken')
      assert.match(thrown.message, new RegExp(`${port} on 127\\.0\\.0\\.1`))
      return true
    })
    other.close()
    await assert.rejects(startHttp({ ...options, settings: { ...options.settings, HOST: '192.0.2.1' } }), {
      code: 'setting_invalid',
    })
  })

  await t.test('what is under way is finished, what is idle is ended, nothing new is taken', async () => {
    const work = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const http = await startHttp({
      ...options,
      receiveDelivery: async () => {
        begun.resolve()
        await work.promise
        return { status: 200 }
      },
    })
    const idle = connect(http.port, '127.0.0.1')
    const idleEnded = new Promise((resolve) => idle.once('close', resolve))
    idle.on('error', () => undefined).resume()
    await fetch(`${http.url}/healthz`).then((answer) => answer.text())
    const underWay = fetch(`${http.url}/webhooks/abc`, { method: 'POST', body: '{}' })
    await begun.promise
    let closed = false
    const closing = http.close().then(() => {
      closed = true
    })
    await idleEnded
    await refused(http.port)
    assert.equal(closed, false, 'it waits for the request')
    work.resolve()
    const answer = await underWay
    assert.deepEqual([answer.status, await answer.json()], [200, { status: 'received' }])
    await closing
    await http.close()
  })

  await t.test('a request that does not end is cut off after 5 s', async () => {
    const begun = Promise.withResolvers<void>()
    const log = keptLog()
    const http = await startHttp({
      ...options,
      logger: log.logger,
      receiveDelivery: () => {
        begun.resolve()
        return new Promise(() => undefined)
      },
    })
    const underWay = assert.rejects(fetch(`${http.url}/webhooks/abc`, { method: 'POST', body: '{}' }))
    await begun.promise
    const from = performance.now()
    await http.close()
    const seconds = (performance.now() - from) / 1000
    assert.ok(seconds > 4.5 && seconds < 8, `${seconds} s`)
    await underWay
    assert.match(log.lines.join(), /cut off/)
  })
})

/** Waits until nobody listens any more. */
async function refused(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const outcome = await new Promise<string>((resolve) => {
      socket.once('connect', () => resolve('connected'))
      socket.once('error', () => resolve('refused'))
    })
    socket.destroy()
    if (outcome === 'refused') return
  }
}
