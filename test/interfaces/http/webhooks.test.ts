/** POST /webhooks/…: what comes is handed on byte for byte, and nothing too large is read. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { test } from 'node:test'
import { WooSyncError } from '../../../src/errors.ts'
import { type Http, startHttp } from '../../../src/interfaces/http/server.ts'
import {
  LARGEST_DELIVERY_BYTES,
  type ReceiveDelivery,
  type ReceivedDelivery,
} from '../../../src/interfaces/http/webhooks-route.ts'
import { testDatabase } from '../../database.ts'
import { ask, fetched, httpOptions, keptLog, problemCode, readAnswer } from './parts.ts'

const PATH = '9f2c7a1e5b3d48606c7e9a0b1d2f3e4c9f2c7a1e5b3d48606c7e9a0b1d2f3e4c'

test('deliveries of webhooks', async (t) => {
  const database = await testDatabase()
  const log = keptLog()
  const received: ReceivedDelivery[] = []
  let answer: ReceiveDelivery = async () => ({ status: 200 })
  const options = await httpOptions({
    database,
    logger: log.logger,
    receiveDelivery: (delivery) => {
      received.push(delivery)
      return answer(delivery)
    },
  })
  const http: Http = await startHttp(options)
  t.after(() => http.close())
  const post = (body: RequestInit['body'], headers: Record<string, string> = {}, path = PATH) =>
    fetch(`${http.url}/webhooks/${path}`, { method: 'POST', body, headers }).then(fetched)

  await t.test('any content type, byte for byte', async () => {
    const bodies: [contentType: string, body: Buffer][] = [
      ['application/json', Buffer.from('{"id":1,  "n":1.10}')],
      ['application/json; charset=utf-8', Buffer.from('{ not json at all')],
      ['application/x-www-form-urlencoded', Buffer.from('webhook_id=12')],
      ['text/plain', Buffer.from('\uFEFFă')],
      ['application/octet-stream', randomBytes(70_000)],
      ['multipart/form-data; boundary=x', Buffer.from('--x--')],
    ]
    for (const [contentType, body] of bodies) {
      received.length = 0
      const given = await post(body, {
        'content-type': contentType,
        'x-wc-webhook-signature': 'c2lnbmF0dXJl',
      })
      assert.equal(given.status, 200, contentType)
      assert.deepEqual(JSON.parse(given.body), { status: 'received' })
      assert.deepEqual(received, [{ path: PATH, contentType, signature: 'c2lnbmF0dXJl', rawBody: body }])
    }
  })

  await t.test('no body, no content type, no signature', async () => {
    received.length = 0
    const head = `POST /webhooks/${PATH} HTTP/1.1\r\nHost: localhost\r\n`
    assert.equal((await ask(http.port, `${head}Content-Length: 0\r\n\r\n`)).status, 200)
    assert.equal((await ask(http.port, `${head}Content-Length: 3\r\n\r\nabc`)).status, 200)
    const nothing = { path: PATH, contentType: undefined, signature: undefined }
    assert.deepEqual(received, [
      { ...nothing, rawBody: Buffer.alloc(0) },
      { ...nothing, rawBody: Buffer.from('abc') },
    ])
  })

  await t.test('it answers what the receiver says, with a code', async () => {
    const cases: [given: { status: number; code?: string }, code: string][] = [
      [{ status: 401 }, 'delivery_refused'],
      [{ status: 401, code: 'delivery_refused' }, 'delivery_refused'],
      [{ status: 404 }, 'not_found'],
      [{ status: 413 }, 'delivery_too_large'],
      [{ status: 503 }, 'database_unreachable'],
      [{ status: 503, code: 'database_disk_full' }, 'database_disk_full'],
      [{ status: 500, code: 'no such code' }, 'internal'],
    ]
    for (const [given, code] of cases) {
      answer = async () => given
      const said = await post('{}')
      assert.deepEqual([said.status, problemCode(said)], [given.status, code])
    }
  })

  await t.test('a receiver that fails: a code, and what was inside stays inside', async () => {
    answer = () => Promise.reject(new Error('relation "inner_table" does not exist'))
    const broken = await post('{}')
    assert.deepEqual([broken.status, problemCode(broken)], [500, 'internal'])
    assert.doesNotMatch(broken.body, /inner_table/)
    answer = () =>
      Promise.reject(new WooSyncError('database_lost', { cause: 'read ECONNRESET 10.1.2.3:5432' }))
    const lost = await post('{}')
    assert.deepEqual([lost.status, problemCode(lost)], [503, 'database_lost'])
    assert.doesNotMatch(lost.body, /10\.1\.2\.3/)
    answer = async () => ({ status: 200 })
  })

  await t.test('5 MB are taken, one byte more is not', async () => {
    received.length = 0
    const body = randomBytes(LARGEST_DELIVERY_BYTES)
    assert.equal((await post(body)).status, 200)
    assert.ok(received[0]?.rawBody.equals(body))
    received.length = 0
    const large = await post(Buffer.concat([body, Buffer.from('x')]))
    assert.deepEqual([large.status, problemCode(large)], [413, 'delivery_too_large'])
    assert.equal(received.length, 0)
  })

  await t.test('what says that it is too large is refused before it is sent', async () => {
    const head = `POST /webhooks/${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6000000\r\n\r\n`
    const large = await ask(http.port, head)
    assert.deepEqual([large.status, problemCode(large)], [413, 'delivery_too_large'])
  })

  await t.test('a stream without an end is refused on the way, and then cut off', async () => {
    const socket = connect(http.port, '127.0.0.1')
    const cut = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => undefined)
    socket.write(`POST /webhooks/${PATH} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`)
    const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, 120), Buffer.from('\r\n')])
    let sent = 0
    const send = () => {
      while (socket.writable && socket.write(chunk)) sent += chunk.length
      sent += chunk.length
    }
    socket.on('drain', send)
    send()
    const large = await readAnswer(socket)
    const sentBefore = sent
    assert.deepEqual([large.status, problemCode(large)], [413, 'delivery_too_large'])
    assert.ok(sentBefore < 4 * LARGEST_DELIVERY_BYTES, `${sentBefore} bytes were sent before the answer`)
    socket.resume()
    await cut
  })

  await t.test('the path stands in no log and no answer', () => {
    assert.ok(log.lines.length > 15)
    assert.doesNotMatch(log.lines.join(), new RegExp(`${PATH}|c2lnbmF0dXJl|webhook_id=12`))
    assert.ok(
      log.lines.every(
        (line) => !('route' in JSON.parse(line)) || JSON.parse(line).route === '/webhooks/:path',
      ),
    )
  })

  await t.test('without a receiver there is no such page', async (t) => {
    const plain = await startHttp(await httpOptions({ database }))
    t.after(() => plain.close())
    const missing = await fetched(
      await fetch(`${plain.url}/webhooks/${PATH}`, { method: 'POST', body: '{}' }),
    )
    assert.deepEqual([missing.status, problemCode(missing)], [404, 'not_found'])
    assert.ok(!missing.body.includes(PATH))
  })
})
