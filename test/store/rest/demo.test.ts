/** The client against the demo shop, whose sign-in and faults were written by other hands. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import type { FaultKind, Limits } from '../../../demo/faults.ts'
import { generateShop } from '../../../demo/generate/shop.ts'
import { type DemoServer, startDemoServer } from '../../../demo/server.ts'
import type { ErrorCode } from '../../../src/errors.ts'
import type { StoreClientOptions } from '../../../src/store/rest/client.ts'
import { certificate, closeAll, consumerKey, consumerSecret, openClient } from './scripted.ts'

const readOnly = { consumerKey: 'ck_reads0123456789', consumerSecret: 'cs_reads9876543210' }
const statuses = [
  'pending',
  'processing',
  'on-hold',
  'completed',
  'cancelled',
  'refunded',
  'failed',
  'checkout-draft',
  'trash',
]

describe('the client and the demo shop', () => {
  const servers: DemoServer[] = []
  let http: DemoServer
  let https: DemoServer
  let cert = ''

  const open = async (options: Partial<Parameters<typeof startDemoServer>[0]> = {}): Promise<DemoServer> => {
    const shop = generateShop({ seed: 3, products: 12, orders: 150, days: 30 })
    const keys = { readOnlyKey: readOnly.consumerKey, readOnlySecret: readOnly.consumerSecret }
    Object.assign(shop.info, { consumerKey, consumerSecret, ...keys })
    const server = await startDemoServer({ shop, ...options })
    servers.push(server)
    return server
  }

  before(async () => {
    const tls = await certificate()
    cert = tls.cert
    http = await open()
    https = await open({ tls })
  })
  afterEach(() => {
    for (const server of servers) server.faults.clear()
  })
  after(async () => {
    await closeAll()
    for (const server of servers) await server.close()
  })

  const to = (server: DemoServer, options: Partial<StoreClientOptions> = {}) =>
    openClient(server.url, { ca: cert, ...options })

  for (const name of ['http', 'https'] as const) {
    it(`reads, counts and writes over ${name} (row 30)`, async () => {
      const { client } = to(name === 'http' ? http : https)
      const query = {
        status: statuses,
        per_page: 100,
        orderby: 'id',
        order: 'asc',
        _fields: ['id', 'status'],
      }
      const answer = await client.get('orders', query)
      assert.ok(Array.isArray(answer.data))
      assert.equal(answer.data.length, 100)
      assert.equal(answer.total, 150)
      assert.equal(answer.totalPages, 2)
      const [{ id }] = answer.data as [{ id: number }]
      const changed = await client.send('PUT', `orders/${id}`, { status: 'completed' })
      assert.equal((changed.data as { status: string }).status, 'completed')
      const schema = await client.options('orders')
      assert.ok(JSON.stringify(schema.data).includes('auto-draft'))
      const index = (await client.get('/wp-json/')).data as { namespaces: string[] }
      assert.ok(index.namespaces.includes('wc/v3'))
      assert.equal(client.signIn, name === 'http' ? 'oauth' : 'basic')
    })

    it(`tells wrong keys apart over ${name} (row 30a)`, async () => {
      const server = name === 'http' ? http : https
      const unknown = to(server, { consumerKey: 'ck_nobody' })
      assert.equal((await unknown.fault(unknown.client.get('orders'))).code, 'store_key_unknown')
      const wrong = to(server, { consumerSecret: 'cs_wrong' })
      const code = (await wrong.fault(wrong.client.get('orders'))).code
      assert.equal(code, name === 'http' ? 'store_signature_refused' : 'store_secret_wrong')
      const reads = to(server, readOnly)
      await reads.client.get('orders', { per_page: 1 })
      const error = await reads.fault(reads.client.send('POST', 'products', { name: 'x' }))
      assert.equal(error.code, 'store_key_read_only')
    })
  }

  it('finds records missing, routes missing and questions refused', async () => {
    const { client, fault } = to(https)
    const missing = await fault(client.get('orders/99999999'))
    assert.equal(missing.code, 'store_record_not_found')
    assert.match(missing.message, /has no order 99999999/)
    assert.equal((await fault(client.get('nothing'))).code, 'store_route_missing')
    assert.equal((await fault(client.get('orders', { per_page: 101 }))).code, 'store_request_refused')
  })

  it('reads on where the Authorization header is stripped (row 31)', async () => {
    https.faults.set({ kind: 'stripAuthorization' })
    const { client } = to(https)
    assert.equal((await client.get('orders', { status: statuses, per_page: 1 })).total, 150)
    assert.equal(client.signIn, 'oauth-over-https')
    const wrong = to(https, { consumerSecret: 'cs_wrong' })
    assert.equal((await wrong.fault(wrong.client.get('orders'))).code, 'store_signature_refused')
  })

  it('signs by the shop’s clock when that is off (row 2)', async () => {
    http.faults.set({ kind: 'clock', minutes: 40 })
    const { client } = to(http)
    await client.get('orders', { per_page: 1 })
    assert.ok(Math.abs(client.clockOffset! - 40 * 60_000) < 2000, String(client.clockOffset))
  })

  it('finds plain permalinks (row 38)', async () => {
    const plain = await open({ plainPermalinks: true })
    const { client, fault } = to(plain)
    assert.equal((await fault(client.get('orders'))).code, 'store_plain_permalinks')
  })

  it('a folder that holds no shop is no question of permalinks (row 38)', async () => {
    const { client, fault } = to({ ...http, url: `${http.url}/wrong` })
    assert.equal((await fault(client.get('orders'))).code, 'store_not_woocommerce')
  })

  const passing: [FaultKind & Limits, number][] = [
    [{ kind: 'bom' }, 0],
    [{ kind: 'phpWarnings' }, 0],
    [{ kind: 'stripTotals' }, 0],
    [{ kind: 'latency', ms: 5 }, 0],
    [{ kind: 'cut', times: 2 }, 2],
    [{ kind: 'cut', contentLength: true, times: 2 }, 2],
    [{ kind: 'empty', times: 2 }, 2],
    [{ kind: 'blank', times: 2 }, 2],
    [{ kind: 'status', status: 429, retryAfter: 3, times: 1 }, 1],
    [{ kind: 'status', status: 500, times: 1 }, 1],
    [{ kind: 'status', status: 502, times: 2 }, 2],
    [{ kind: 'status', status: 503, retryAfter: 1, times: 1 }, 1],
    [{ kind: 'status', status: 503, times: 1 }, 1],
    [{ kind: 'status', status: 504, times: 2 }, 2],
  ]
  for (const [kind, retries] of passing) {
    it(`gets over ${JSON.stringify(kind)} (rows 11, 33, 34)`, async () => {
      https.faults.set(kind)
      const { client, events } = to(https)
      const answer = await client.get('orders', { status: statuses, per_page: 100 })
      assert.equal(Array.isArray(answer.data) && answer.data.length, 100)
      assert.equal(events.length, retries + 1)
      assert.equal(answer.total, kind.kind === 'stripTotals' ? null : 150)
      assert.equal(answer.warnings.length, kind.kind === 'phpWarnings' ? 1 : 0)
    })
  }

  const failing: [FaultKind, ErrorCode][] = [
    [{ kind: 'html' }, 'store_blocked_by_host'],
    [{ kind: 'html', status: 403 }, 'store_blocked_by_host'],
    [{ kind: 'html', status: 503 }, 'store_blocked_by_host'],
    [
      { kind: 'redirect', to: 'https://elsewhere.example.test/wp-json/wc/v3/orders' },
      'store_redirects_elsewhere',
    ],
    [{ kind: 'cut' }, 'store_answer_cut'],
    [{ kind: 'empty' }, 'store_unreachable'],
    [{ kind: 'status', status: 429 }, 'store_rate_limited'],
    [{ kind: 'status', status: 502 }, 'store_unavailable'],
    [{ kind: 'timeout' }, 'store_timeout'],
  ]
  for (const [kind, code] of failing) {
    it(`ends ${JSON.stringify(kind)} with ${code} (rows 32, 33, 36)`, async () => {
      https.faults.set(kind)
      const { client, fault } = to(https, { timeoutMs: kind.kind === 'timeout' ? 100 : 5000 })
      assert.equal((await fault(client.get('orders'))).code, code)
    })
  }

  it('marks what came out of a page cache (row 35)', async () => {
    https.faults.set({ kind: 'pageCache', ageSeconds: 600 })
    const { client } = to(https)
    assert.equal((await client.get('orders')).age, null)
    const again = await client.get('orders')
    assert.ok(again.age! >= 600)
    assert.equal(again.warnings.length, 1)
  })
})
