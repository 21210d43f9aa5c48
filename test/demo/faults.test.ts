import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { FAULT_KINDS, type Fault } from '../../demo/faults.ts'
import { type DemoServer, startDemoServer } from '../../demo/server.ts'
import type { Shop } from '../../demo/shop.ts'
import type { Raw } from '../../demo/table.ts'
import { FIRST, manyOrders, question } from './many-orders.ts'
import { ask } from './shop-over-http.ts'

describe('faults on demand', () => {
  let shop: Shop
  let server: DemoServer

  before(async () => {
    shop = manyOrders(250).shop
    server = await startDemoServer({ shop })
  })
  after(() => server.close())
  afterEach(() => server.faults.clear())

  const get = (path = 'orders?per_page=10') => ask(question(server, path))
  const ids = async (path: string) => ((await get(path)).json as Raw[]).map((row) => Number(row.id))

  it('set over HTTP by who is in another process; one of no kind is refused', async () => {
    const url = `${server.url}/__demo/faults`
    const set = (fault: unknown) => fetch(url, { method: 'POST', body: JSON.stringify(fault) })
    for (const kind of FAULT_KINDS) assert.equal((await set({ kind, path: 'nowhere' })).status, 200, kind)
    assert.equal(server.faults.list().length, FAULT_KINDS.length)
    assert.deepEqual(await (await fetch(url, { method: 'DELETE' })).json(), [])
    for (const wrong of [{ kind: 'latncy' }, {}, null, 'latency']) {
      const refused = await set(wrong)
      assert.equal(refused.status, 400)
      assert.match(await refused.text(), /A fault has a kind: latency, /)
    }
    assert.equal(server.faults.list().length, 0)
  })

  it('429 and 5xx, with and without Retry-After, so often and no oftener', async () => {
    server.faults.set({ kind: 'status', status: 429, retryAfter: 7, times: 1 })
    server.faults.set({ kind: 'status', status: 503, times: 1, after: 1 })
    const told = [await get(), await get(), await get()]
    assert.deepEqual(
      told.map(({ status }) => status),
      [429, 503, 200],
    )
    assert.deepEqual(
      told.map(({ headers }) => headers['retry-after']),
      ['7', undefined, undefined],
    )
  })

  it('latency', async () => {
    server.faults.set({ kind: 'latency', ms: 60, times: 1 })
    server.clearRequests()
    await get()
    assert.ok((server.requests()[0]?.ms ?? 0) >= 59)
  })

  for (const contentLength of [true, false])
    it(`an answer cut in the middle, ${contentLength ? 'with' : 'without'} its length`, async () => {
      server.faults.set({ kind: 'cut', contentLength, times: 1 })
      await assert.rejects(get(), { code: 'ECONNRESET' })
      assert.equal((await get()).status, 200)
    })

  it('no answer at all: closed before a byte, or an empty 200', async () => {
    server.faults.set({ kind: 'empty', times: 1 })
    await assert.rejects(get(), { code: 'ECONNRESET' })
    server.faults.set({ kind: 'blank', times: 1 })
    const { status, text } = await get()
    assert.deepEqual([status, text], [200, ''])
  })

  it('a time-out: the request is heard and never answered', async () => {
    const own = await startDemoServer({ shop: manyOrders(1).shop, faults: [{ kind: 'timeout' }] })
    const asked = ask(question(own, 'orders'))
    await until(() => own.requests().length === 1)
    await own.close()
    await assert.rejects(asked)
  })

  for (const status of [200, 403, 503])
    it(`a captcha page with ${status} (row 32)`, async () => {
      server.faults.set({ kind: 'html', status })
      const told = await get()
      assert.equal(told.status, status)
      assert.match(told.text, /^<!DOCTYPE html>/)
    })

  it('a byte-order mark or PHP warnings before the JSON (row 34)', async () => {
    server.faults.set({ kind: 'bom', times: 1 })
    assert.equal((await get()).text.startsWith('\ufeff['), true)
    server.faults.set({ kind: 'phpWarnings', times: 1 })
    const { status, text } = await get()
    assert.equal(status, 200)
    assert.equal(JSON.parse(text.slice(text.indexOf('[{'))).length, 10)
    assert.throws(() => JSON.parse(text))
  })

  it('an Authorization header that is lost (row 31)', async () => {
    const url = new URL(question(server, 'orders'))
    const pairs = [...url.searchParams].map(([name, value]) => `${name}="${encodeURIComponent(value)}"`)
    url.search = ''
    server.faults.set({ kind: 'stripAuthorization' })
    const told = await ask(url.href, { headers: { Authorization: `OAuth ${pairs.join(', ')}` } })
    assert.equal(told.status, 401)
    assert.equal((told.json as Raw).code, 'woocommerce_rest_cannot_view')
  })

  it('pages that drift while they are turned (row 5)', async () => {
    const own = await startDemoServer({ shop: manyOrders(250).shop })
    try {
      own.faults.set({ kind: 'drift', resource: 'orders', change: 'remove', seed: 3 })
      const page = async (n: number) => {
        const told = await ask(
          question(own, `orders?status=completed,trash&orderby=id&order=asc&per_page=50&page=${n}`),
        )
        return Number(told.headers['x-wp-total'])
      }
      await page(1)
      assert.equal(await page(2), 249)
    } finally {
      await own.close()
    }
  })

  it('a page cache that serves what was, with its age (row 35)', async () => {
    server.faults.set({ kind: 'pageCache', ageSeconds: 90 })
    const first = await get('orders?per_page=1&orderby=id&_fields=id')
    const id = shop.nextId()
    shop.orders.put({ id, status: 'completed', created: FIRST, modified: FIRST, parent: 0, body: null })
    const second = await get('orders?per_page=1&orderby=id&_fields=id')
    assert.deepEqual(second.json, first.json)
    assert.equal(second.headers['x-cache'], 'HIT')
    assert.ok(Number(second.headers.age) >= 90)
    server.faults.clear()
    assert.deepEqual(await ids('orders?per_page=1&orderby=id&_fields=id'), [id])
    shop.orders.remove(id)
  })

  it('totals lost on the way (row 11)', async () => {
    server.faults.set({ kind: 'stripTotals' })
    const { status, headers } = await get()
    assert.equal(status, 200)
    for (const name of ['x-wp-total', 'x-wp-totalpages', 'link']) assert.equal(headers[name], undefined)
  })

  it('a clock that is off (row 2)', async () => {
    server.faults.set({ kind: 'clock', minutes: 10 })
    const off = Date.parse(String((await get('orders')).headers.date)) - Date.now()
    assert.ok(Math.abs(off - 600_000) < 5_000)
    server.faults.clear()
    assert.ok(Math.abs(Date.parse(String((await get()).headers.date)) - Date.now()) < 5_000)
  })

  it('a redirect to another host (row 36)', async () => {
    server.faults.set({ kind: 'redirect', to: 'https://elsewhere.example.test/' })
    const { status, headers } = await get()
    assert.deepEqual([status, headers.location], [301, 'https://elsewhere.example.test/'])
  })

  it('records that cannot be stored as they come (row 12)', async () => {
    const order = async (fault: Fault) => {
      server.faults.clear()
      server.faults.set(fault)
      return (await get('orders?include=7')).text
    }
    const corrupt = { kind: 'corrupt', resource: 'order', id: 7 } as const
    assert.match(await order({ ...corrupt, how: 'nul' }), /Mulțumesc\\u0000!/)
    assert.match(await order({ ...corrupt, how: 'surrogate' }), /Mulțumesc\\ud800!/)
    assert.match(await order({ ...corrupt, how: 'wrongType', field: 'total', value: [1] }), /"total":\[1\]/)
    assert.doesNotMatch((await get('orders?include=8')).text, /"total":\[1\]/)
  })

  it('only where the path fits, and with a chance that is the same for the same seed', async () => {
    server.faults.set({ kind: 'status', status: 500, path: 'page=2', method: 'GET' })
    assert.equal((await get('orders?page=1')).status, 200)
    assert.equal((await get('orders?page=2')).status, 500)
    const draws = async () => {
      server.faults.clear()
      server.faults.set({ kind: 'status', status: 500, probability: 0.5, seed: 42 })
      const statuses: number[] = []
      for (let i = 0; i < 12; i++) statuses.push((await get()).status)
      return statuses
    }
    const drawn = await draws()
    assert.deepEqual(await draws(), drawn)
    assert.deepEqual([...new Set(drawn)].sort(), [200, 500])
  })

  it('set and cleared over HTTP, for a shop in another process', async () => {
    const address = `${server.url}/__demo/faults`
    const body = JSON.stringify([{ kind: 'status', status: 502 }])
    assert.equal((await ask(address, { method: 'POST', body })).status, 200)
    assert.equal((await get()).status, 502)
    assert.equal((await ask(address, { method: 'POST', body: '{' })).status, 400)
    await ask(address, { method: 'DELETE' })
    assert.equal((await get()).status, 200)
    assert.deepEqual((await ask(address)).json, [])
  })
})

/** Resolves when the state is there; looks at each turn of the event loop. */
async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await new Promise((resolve) => setImmediate(resolve))
}
