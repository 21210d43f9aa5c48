import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { assertNothingSecret, certificate, closeAll, json, openClient, startShop } from './scripted.ts'

after(closeAll)

const rows = (count: number) => Array.from({ length: count }, (_, id) => ({ id, name: 'Țuică de prune' }))

describe('an answer', () => {
  it('brings data, totals and the moments of the request', async () => {
    const shop = await startShop((_, response) =>
      json(response, rows(3), 200, { 'x-wp-total': '769', 'x-wp-totalpages': '8' }),
    )
    const { client, events } = openClient(shop.url)
    const before = Date.now()
    const answer = await client.get('orders/5/refunds', { per_page: 3 })
    assert.deepEqual(answer.data, rows(3))
    assert.equal(answer.total, 769)
    assert.equal(answer.totalPages, 8)
    assert.equal(answer.age, null)
    assert.deepEqual(answer.warnings, [])
    assert.ok(
      before <= answer.sentAt && answer.sentAt <= answer.receivedAt && answer.receivedAt <= Date.now(),
    )
    const { ms, bytes, ...event } = events[0]!
    const route = '/wp-json/wc/v3/orders/{id}/refunds'
    assert.deepEqual(event, { method: 'GET', route, status: 200, code: null, retries: 0 })
    assert.equal(bytes, JSON.stringify(rows(3)).length + 3 * 2)
    assert.ok(ms >= 0)
  })

  it('has no totals where the host strips the headers (row 11)', async () => {
    const shop = await startShop((_, response) => json(response, []))
    const { client } = openClient(shop.url)
    const { total, totalPages } = await client.get('orders')
    assert.deepEqual([total, totalPages], [null, null])
  })

  it('may be gzipped, and asks for that, for fresh data and by its honest name (rows 13, 32, 35)', async () => {
    const body = gzipSync(JSON.stringify(rows(5000)))
    const shop = await startShop((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      response.end(body)
    })
    const { client, events } = openClient(shop.url)
    assert.deepEqual((await client.get('orders')).data, rows(5000))
    assert.equal(events[0]?.bytes, body.length)
    const { headers } = shop.seen[0]!
    assert.equal(headers['accept-encoding'], 'gzip')
    assert.equal(headers['cache-control'], 'no-cache')
    assert.match(headers['user-agent'] ?? '', /^woo-sync-engine\/\d+\.\d+\.\d+ \(\+.*\)$/)
  })

  it('is refused above the limit, packed or announced', async () => {
    const shop = await startShop(({ number }, response) => {
      if (number === 1) return json(response, rows(5000))
      if (number === 2) response.writeHead(200, { 'content-length': 500_000 }).flushHeaders()
      else response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(500_000)))
    })
    const { client, fault, pace } = openClient(shop.url, { maxBytes: 100_000 })
    for (const number of [1, 2, 3]) {
      const error = await fault(client.get('orders', {}, { rows: 100 }))
      assert.equal(error.code, 'store_answer_too_large', `request ${number}`)
    }
    assert.equal(shop.seen.length, 3, 'asked once each')
    assert.equal(pace.pageSize, 50)
  })

  it('from a page cache is marked, warned of once, and does not set the clock (row 35)', async () => {
    const shop = await startShop(({ number }, response) => {
      const cached = { age: '300', date: new Date(Date.now() - 300_000).toUTCString() }
      json(response, [], 200, number < 3 ? cached : { 'x-cache': 'HIT from edge' })
    })
    const { client, said } = openClient(shop.url)
    assert.equal((await client.get('orders')).age, 300)
    assert.equal((await client.get('orders')).age, 300)
    assert.equal(client.clockOffset, null)
    assert.equal((await client.get('orders')).age, 0)
    assert.equal(said.filter((line) => line.includes('page cache')).length, 1)
  })

  it('shows the shop’s clock, sharper with each one', async () => {
    const ahead = 90_000
    const shop = await startShop((_, response) => {
      json(response, [], 200, { date: new Date(Date.now() + ahead).toUTCString() })
    })
    const { client } = openClient(shop.url)
    assert.equal(client.clockOffset, null)
    const answer = await client.get('orders')
    assert.ok(Math.abs(answer.shopClock! - Date.now() - ahead) < 2000)
    assert.ok(Math.abs(client.clockOffset! - ahead) <= 1000)
    for (let i = 0; i < 20; i++) await client.get('orders')
    assert.ok(Math.abs(client.clockOffset! - ahead) <= 1000)
  })

  it('comes over connections that are kept', async () => {
    const tls = await certificate()
    const shop = await startShop((_, response) => json(response, rows(100)), tls)
    const { client } = openClient(shop.url, { ca: tls.cert })
    for (let i = 0; i < 10; i++) await client.get('orders')
    assert.equal(shop.connections(), 1)
    await Promise.all(Array.from({ length: 40 }, () => client.get('orders')))
    assert.ok(shop.connections() <= 8, `${shop.connections()} connections`)
  })
})

describe('redirects (row 36)', () => {
  it('are followed on the same host, signed anew, for questions only', async () => {
    const shop = await startShop(({ url, method }, response) => {
      const target = `/shop${url.pathname}${url.search}`
      if (url.pathname.startsWith('/shop')) json(response, { method, folder: true })
      else response.writeHead(301, { location: target }).end()
    })
    const { client, fault, said } = openClient(shop.url)
    assert.deepEqual((await client.get('orders', { page: 2 })).data, { method: 'GET', folder: true })
    const [first, second] = shop.seen.map(({ url }) => url.searchParams)
    assert.equal(second?.get('page'), '2')
    assert.notEqual(second?.get('oauth_nonce'), first?.get('oauth_nonce'))
    assert.equal(second?.getAll('oauth_nonce').length, 1)
    const error = await fault(client.send('POST', 'orders', {}))
    assert.equal(error.code, 'store_redirects_elsewhere')
    assertNothingSecret(said, shop.seen)
  })

  it('from http to https of the same name change how one signs in', async () => {
    const tls = await certificate()
    const secure = await startShop(({ headers }, response) => {
      json(response, { basic: headers.authorization?.startsWith('Basic ') })
    }, tls)
    const plain = await startShop(({ url }, response) => {
      response.writeHead(308, { location: `${secure.url}${url.pathname}${url.search}` }).end()
    })
    const { client, said } = openClient(plain.url, { ca: tls.cert })
    assert.deepEqual((await client.get('orders', { page: 2 })).data, { basic: true })
    assert.equal(client.signIn, 'basic')
    assert.deepEqual([...secure.seen[0]!.url.searchParams.keys()], ['page'])
    await client.get('orders')
    assert.equal(plain.seen.length, 1, 'from then on over https')
    assertNothingSecret(said, [...plain.seen, ...secure.seen])
  })

  it('never lead keys to another host, to another port, to a private address, or back to http', async () => {
    const tls = await certificate()
    const other = await startShop((_, response) => json(response, []))
    const targets = [
      `http://localhost:${other.port}/wp-json/wc/v3/orders`,
      `${other.url}/wp-json/wc/v3/orders`,
      'https://10.0.0.7/wp-json/wc/v3/orders',
      'http://169.254.169.254/latest/meta-data/',
      '//shop.example.test/wp-json/wc/v3/orders?secret=1',
      'http://',
    ]
    for (const target of targets) {
      const shop = await startShop((_, response) => response.writeHead(302, { location: target }).end(), tls)
      const { client, fault, said } = openClient(shop.url, { ca: tls.cert, allowPlainHttp: true })
      const error = await fault(client.get('orders'))
      assert.equal(error.code, 'store_redirects_elsewhere', target)
      assert.ok(!error.message.includes('secret'))
      assert.equal(shop.seen.length, 1)
      assertNothingSecret(said, shop.seen)
    }
    assert.equal(other.seen.length, 0)
  })

  it('to another page of the site, or round in circles, have their own errors', async () => {
    const login = await startShop((_, response) =>
      response.writeHead(302, { location: '/wp-login.php' }).end(),
    )
    const one = openClient(login.url)
    assert.equal((await one.fault(one.client.get('orders'))).code, 'store_rest_disabled')
    const round = await startShop(({ url }, response) => {
      const location = url.pathname.startsWith('/b') ? url.pathname.slice(2) : `/b${url.pathname}`
      response.writeHead(302, { location }).end()
    })
    const two = openClient(round.url)
    const error = await two.fault(two.client.get('orders'))
    assert.equal(error.code, 'store_request_refused')
    assert.match(error.message, /circles/)
    assert.equal(round.seen.length, 6)
  })
})
