import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { WooSyncError } from '../../../src/errors.ts'
import { createPace } from '../../../src/store/rest/pace.ts'
import { wantsSmallerPage } from '../../../src/store/rest/retry.ts'
import { closeAll, json, openClient, startShop } from './scripted.ts'

after(closeAll)

const rows = (count: number) => Array.from({ length: count }, (_, id) => ({ id, name: 'Țuică de prune' }))

describe('trying again (row 33)', () => {
  it('gets over a 502 and a broken connection, with growing pauses', async () => {
    const shop = await startShop(({ number }, response) => {
      if (number === 1) json(response, '{}', 502)
      else if (number === 2) response.destroy()
      else json(response, rows(1))
    })
    const { client, pauses, events, pace } = openClient(shop.url)
    assert.deepEqual((await client.get('orders')).data, rows(1))
    assert.equal(pauses.length, 2)
    assert.ok(pauses[0]! >= 250 && pauses[0]! <= 500, String(pauses))
    assert.ok(pauses[1]! >= 500 && pauses[1]! <= 1000, String(pauses))
    assert.deepEqual(
      events.map(({ code, retries }) => [code, retries]),
      [
        ['store_unavailable', 0],
        ['store_unreachable', 1],
        [null, 2],
      ],
    )
    assert.equal(pace.concurrency, 1, 'trouble halves the requests at a time')
  })

  it('honours Retry-After in seconds and as a date, at most five minutes', async () => {
    const shop = await startShop(({ number }, response) => {
      const shopNow = Date.now() + 7_200_000
      const date = new Date(shopNow).toUTCString()
      const inTen = new Date(shopNow + 10_000).toUTCString()
      const after = ['7', inTen, '86400', undefined][number - 1]
      const headers = { date, ...(after && { 'retry-after': after }) }
      if (number <= 4) json(response, '{}', number === 2 ? 503 : 429, headers)
      else json(response, [])
    })
    const { client, pauses } = openClient(shop.url)
    await client.get('orders')
    assert.equal(pauses[0], 7000)
    assert.ok(Math.abs(pauses[1]! - 10_000) <= 1000, String(pauses))
    assert.equal(pauses[2], 300_000)
    assert.ok(pauses[3]! <= 4000)
  })

  it('pauses the whole shop for a Retry-After, not only the one request', async () => {
    let end = (): void => {}
    const paused = new Promise<void>((resolve) => {
      end = resolve
    })
    const pace = createPace({ mode: 'full', delay: (ms) => (ms === 9000 ? paused : Promise.resolve()) })
    const shop = await startShop(({ number }, response) => {
      if (number === 1) json(response, '{}', 429, { 'retry-after': '9' })
      else json(response, [])
    })
    const { client } = openClient(shop.url, { pace })
    const first = client.get('orders')
    while (pace.concurrency > 1) await new Promise(setImmediate)
    const second = client.get('products')
    await new Promise(setImmediate)
    assert.equal(shop.seen.length, 1)
    end()
    await Promise.all([first, second])
    assert.equal(shop.seen.length, 3)
  })

  it('gives up after five tries, after two where a person waits, and at once for a long Retry-After', async () => {
    const shop = await startShop(({ url }, response) => {
      json(response, '{}', 503, url.searchParams.has('long') ? { 'retry-after': '60' } : {})
    })
    const { client, fault } = openClient(shop.url)
    await fault(client.get('orders'))
    assert.equal(shop.seen.length, 5)
    await fault(client.get('orders', {}, { background: false }))
    assert.equal(shop.seen.length, 7)
    await fault(client.get('orders', {}, { retries: 0 }))
    assert.equal(shop.seen.length, 8)
    await fault(client.get('orders', { long: true }, { background: false }))
    assert.equal(shop.seen.length, 9)
  })

  it('repeats a write only when the shop surely did nothing', async () => {
    const shop = await startShop(({ method, number }, response) => {
      if (number === 1) json(response, '{}', 502)
      else if (number === 2) response.destroy()
      else if (number === 3) json(response, '{}', 429)
      else json(response, { method })
    })
    const { client, fault } = openClient(shop.url)
    assert.equal((await fault(client.send('POST', 'webhooks', {}))).code, 'store_unavailable')
    assert.equal((await fault(client.send('PUT', 'webhooks/1', {}))).code, 'store_unreachable')
    assert.equal(shop.seen.length, 2)
    const answer = await client.send('DELETE', 'webhooks/1', undefined, { query: { force: true } })
    assert.deepEqual(answer.data, { method: 'DELETE' })
    assert.equal(shop.seen.length, 4)
    assert.equal(shop.seen[3]?.url.searchParams.get('force'), 'true')

    const closed = await startShop(() => {})
    await closed.close()
    const gone = openClient(closed.url)
    assert.equal((await gone.fault(gone.client.send('POST', 'webhooks', {}))).code, 'store_unreachable')
    assert.equal(gone.pauses.length, 4, 'nothing reached the shop')
  })

  it('reads on with smaller pages after a time-out', async () => {
    const shop = await startShop(({ url }, response) => {
      const perPage = Number(url.searchParams.get('per_page'))
      if (perPage <= 20) json(response, rows(perPage))
    })
    const { client, pace, events } = openClient(shop.url, { timeoutMs: 150 })
    const readPage = async (size: number): Promise<unknown> => {
      try {
        return (await client.get('orders', { per_page: size }, { rows: size })).data
      } catch (error) {
        if (!wantsSmallerPage(error, size, pace)) throw error
        return readPage(pace.pageSize)
      }
    }
    assert.deepEqual(await readPage(pace.pageSize), rows(20))
    assert.deepEqual(
      events.map(({ code }) => code),
      ['store_timeout', 'store_timeout', null],
    )
    assert.equal(pace.pageSize, 20)
  })

  it('limits the whole answer, not only its beginning', async () => {
    const shop = await startShop((_, response) => {
      response.writeHead(200)
      const drip = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(drip))
    })
    const { client, fault } = openClient(shop.url, { timeoutMs: 200 })
    const error = await fault(client.get('orders', {}, { retries: 0 }))
    assert.equal(error.code, 'store_timeout')
    assert.match(error.message, /0\.2 s/)
  })
})

describe('stopping', () => {
  it('ends a request in mid-flight, one that waits its turn and one that pauses', async () => {
    const shop = await startShop(() => {})
    const { client, fault, pace } = openClient(shop.url, { delay: () => new Promise(() => {}) })
    const flying = new AbortController()
    const asked = client.get('orders', {}, { signal: flying.signal })
    const second = client.get('orders')
    const queued = client.get('orders', {}, { signal: flying.signal })
    while (shop.seen.length < 2) await new Promise(setImmediate)
    assert.equal(pace.concurrency, 2)
    const stopped = Promise.all([fault(asked), fault(queued)])
    const closed = fault(second)
    flying.abort()
    for (const { code } of await stopped) assert.equal(code, 'sync_cancelled')
    await client.close()
    assert.equal((await closed).code, 'sync_cancelled')
    assert.equal((await fault(client.get('orders'))).code, 'sync_cancelled')
  })

  it('passes on why it was stopped, and hears the client’s own signal', async () => {
    const shop = await startShop((_, response) => json(response, '{}', 503))
    const all = new AbortController()
    const { client, fault } = openClient(shop.url, {
      signal: all.signal,
      delay: async (_, signal) => {
        all.abort(new WooSyncError('sync_lock_lost', { resource: 'orders' }))
        signal?.throwIfAborted()
      },
    })
    const error = await fault(client.get('orders', {}, { signal: new AbortController().signal }))
    assert.equal(error.code, 'sync_lock_lost')
    assert.equal(shop.seen.length, 1)
  })
})
