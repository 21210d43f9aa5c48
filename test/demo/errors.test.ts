import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { loadRecordings } from '../../demo/recordings.ts'
import { type DemoServer, startDemoServer } from '../../demo/server.ts'
import type { Shop } from '../../demo/shop.ts'
import { recordings, skipWithoutRecordings } from '../recordings.ts'
import { ask, basic, selfSigned, signed, type Told } from './shop-over-http.ts'

interface Fault {
  file: string
  path: string
  status: number
  headers: Record<string, string | undefined>
}

/** How each recorded fault is made again; the others are plain reads of `path` with a good key over HTTPS. */
type Make = (fault: Fault) => Promise<Told>

describe('every recorded error of the real shop (row 30a)', { skip: skipWithoutRecordings }, () => {
  const folder = recordings ?? ''
  let shop: Shop
  let http: DemoServer
  let https: DemoServer

  before(async () => {
    shop = loadRecordings(folder)
    http = await startDemoServer({ shop })
    https = await startDemoServer({ shop: loadRecordings(folder), tls: await selfSigned() })
  })
  after(() => Promise.all([http.close(), https.close()]))

  const good = () => ({ key: shop.info.consumerKey, secret: shop.info.consumerSecret })
  const keys = () => basic(good().key, good().secret)
  const readOnly = () => basic(shop.info.readOnlyKey, shop.info.readOnlySecret)
  const inQuery = (secret = good().secret) => `consumer_key=${good().key}&consumer_secret=${secret}`
  const plain = (path: string) => http.url + path
  const safe = (path: string) => https.url + path
  const write = (method: string, path: string, body: unknown): Make => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const headers = () => ({ ...keys(), 'Content-Type': 'application/json' })
    return () => ask(safe(path), { method, headers: headers(), body: text })
  }
  const wrong = basic(`ck_${'0'.repeat(40)}`, `cs_${'0'.repeat(40)}`)

  const MADE: Record<string, Make> = {
    'no-auth-https': ({ path }) => ask(safe(path)),
    'bad-key-https-basic': ({ path }) => ask(safe(path), { headers: wrong }),
    'bad-secret-https-basic': ({ path }) => ask(safe(path), { headers: basic(good().key, 'cs_0') }),
    'basic-over-http': ({ path }) => ask(plain(path), { headers: keys() }),
    'query-auth-over-http': ({ path }) => ask(plain(`${path}?${inQuery()}`)),
    'query-auth-over-https': ({ path }) => ask(safe(`${path}&${inQuery()}`)),
    'query-auth-bad-https': ({ path }) => ask(safe(`${path}?consumer_key=ck_0&consumer_secret=cs_0`)),
    'oauth-ok': ({ path }) => ask(signed(plain(path), good())),
    'oauth-bad-signature': ({ path }) => ask(signed(plain(path), { ...good(), secret: 'cs_0' })),
    'oauth-bad-key': ({ path }) => ask(signed(plain(path), { ...good(), key: 'ck_0' })),
    'oauth-missing-param': ({ path }) => ask(signed(plain(path), { ...good(), without: ['oauth_nonce'] })),
    'oauth-stale-timestamp': ({ path }) =>
      ask(signed(plain(path), { ...good(), timestamp: Math.floor(Date.now() / 1000) - 1200 })),
    'oauth-nonce-replay': async ({ path }) => {
      const url = signed(plain(path), good())
      assert.equal((await ask(url)).status, 200)
      return ask(url)
    },
    'readonly-key-read': ({ path }) => ask(safe(path), { headers: readOnly() }),
    'readonly-key-write': () =>
      ask(safe('/wp-json/wc/v3/orders/233'), { method: 'PUT', headers: readOnly(), body: '{}' }),
    'order-id-of-a-refund': () => ask(safe('/wp-json/wc/v3/orders/236'), { headers: keys() }),
    'method-not-allowed': () => ask(safe('/wp-json/wc/v3/orders'), { method: 'DELETE', headers: keys() }),
    'put-bad-json': write('POST', '/wp-json/wc/v3/orders', '{"status": '),
    'batch-101': write('POST', '/wp-json/wc/v3/orders/batch', {
      update: Array.from({ length: 101 }, (_, i) => ({ id: i + 1 })),
    }),
    'batch-mixed': write('POST', '/wp-json/wc/v3/products/batch', {
      update: [{ id: 99999999, name: 'x' }],
    }),
    'product-dup-sku': write('POST', '/wp-json/wc/v3/products', { name: 'x', sku: 'VOD-001' }),
    'html-404': () => ask(plain('/wp-json/not-json')),
  }

  const index: Fault[] = recordings ? JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) : []
  for (const file of recordings ? readdirSync(join(folder, 'errors')) : [])
    it(file, async () => {
      const fault = index.find((one) => one.file === `errors/${file}`)
      assert.ok(fault, 'the index tells of every file')
      const expected = JSON.parse(readFileSync(join(folder, 'errors', file), 'utf8'))
      const make = MADE[file.replace('.json', '')]
      const told = await (make?.(fault) ?? ask(safe(fault.path), { headers: keys() }))
      assert.equal(told.status, fault.status)
      assert.deepEqual(told.json, expected)
      for (const name of ['x-wp-total', 'x-wp-totalpages', 'allow', 'cache-control'])
        assert.equal(told.headers[name], fault.headers[name], name)
    })

  it('repeats keys and signatures in Link headers, as the real one does (row 12c)', async () => {
    const url = signed(plain('/wp-json/wc/v3/products?per_page=100'), good())
    const { headers } = await ask(url)
    assert.match(String(headers.link), /oauth_signature=.*rel="next"/)
  })

  it('takes HMAC-SHA1, and a signature in the query over HTTPS (row 31)', async () => {
    const sha1 = await ask(signed(plain('/wp-json/wc/v3/orders?per_page=1'), { ...good(), hash: 'sha1' }))
    assert.equal(sha1.status, 200)
    assert.equal((await ask(signed(safe('/wp-json/wc/v3/orders?per_page=1'), good()))).status, 200)
  })

  it('takes a signature in the Authorization header', async () => {
    const url = new URL(signed(plain('/wp-json/wc/v3/orders'), good()))
    const pairs = [...url.searchParams].map(([name, value]) => `${name}="${encodeURIComponent(value)}"`)
    url.search = ''
    const told = await ask(url.href, { headers: { Authorization: `OAuth ${pairs.join(', ')}` } })
    assert.equal(told.status, 200)
  })

  it('knows no keys behind plain permalinks (row 38)', async () => {
    const told = await ask(safe('/?rest_route=/wc/v3/orders'), { headers: keys() })
    assert.equal(told.status, 401)
    const server = await startDemoServer({ shop: loadRecordings(folder), plainPermalinks: true })
    try {
      assert.equal((await ask(`${server.url}/wp-json/`)).status, 404)
      assert.equal((await ask(`${server.url}/?rest_route=/`)).status, 200)
    } finally {
      await server.close()
    }
  })

  it('keeps keys and signatures out of its log', async () => {
    http.clearRequests()
    await ask(signed(plain('/wp-json/wc/v3/orders?per_page=7'), good()))
    const [entry] = http.requests()
    assert.equal(entry?.path, '/wp-json/wc/v3/orders?per_page=7')
    assert.equal(entry?.rows, 7)
  })
})
