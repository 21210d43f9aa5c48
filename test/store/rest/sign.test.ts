import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { oauthPairs, queryPairs, queryString } from '../../../src/store/rest/sign.ts'
import {
  assertNothingSecret,
  certificate,
  closeAll,
  consumerKey,
  consumerSecret,
  json,
  openClient,
  type Seen,
  startShop,
  wooError,
} from './scripted.ts'

after(closeAll)

/**
 * The signature as PHP computes it in WooCommerce, written apart from src: raw values, encoded twice,
 * joined by encoded signs, in the byte order of the names.
 */
function signatureAsPhp(method: string, address: string, query: URLSearchParams, secret: string): string {
  const raw = (text: string): string =>
    [...Buffer.from(text)]
      .map((byte) =>
        /[A-Za-z0-9_.~-]/.test(String.fromCharCode(byte))
          ? String.fromCharCode(byte)
          : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
      )
      .join('')
  const names = [...query.keys()].filter((name) => name !== 'oauth_signature')
  names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const joined = names.map((name) => raw(`${raw(name)}=${raw(query.get(name) ?? '')}`)).join('%26')
  return createHmac('sha256', `${secret}&`)
    .update(`${method}&${raw(address)}&${joined}`)
    .digest('base64')
}

function checks(seen: Seen, origin: string): string | null {
  const { searchParams, pathname } = seen.url
  if (searchParams.get('oauth_consumer_key') !== consumerKey) return 'Consumer key is invalid.'
  const right = signatureAsPhp(seen.method, `${origin}${pathname}`, searchParams, consumerSecret)
  if (right !== searchParams.get('oauth_signature'))
    return 'Invalid signature - provided signature does not match.'
  const late = Math.abs(Number(searchParams.get('oauth_timestamp')) - Date.now() / 1000)
  return late < 900 ? null : 'Invalid timestamp.'
}

const cannotView = wooError('woocommerce_rest_cannot_view', 'Sorry, you cannot list resources.', 401)
const refusedBy = (message: string) => wooError('woocommerce_rest_authentication_error', message, 401)

describe('OAuth 1.0a (row 30)', () => {
  it('signs any query so that an independent implementation agrees', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z_]{1,12}$/), fc.string({ unit: 'binary' })),
        (query) => {
          const url = new URL('http://127.0.0.1:8088/magazin/wp-json/wc/v3/orders')
          const pairs = oauthPairs(
            { method: 'GET', url, pairs: queryPairs(query), signedScheme: 'http:' },
            { consumerKey, consumerSecret },
            1_795_349_801_000,
          )
          const sent = new URLSearchParams(queryString(pairs).slice(1))
          for (const [name, value] of Object.entries(query)) assert.equal(sent.get(name), value)
          const right = signatureAsPhp('GET', url.href, sent, consumerSecret)
          assert.equal(sent.get('oauth_signature'), right)
        },
      ),
      { numRuns: process.env.CI ? 2000 : 300 },
    )
  })

  it('is used over plain HTTP, with a fresh nonce each time and no header', async () => {
    const shop = await startShop((seen, response) => {
      const refused = checks(seen, `http://127.0.0.1:${shop.port}`)
      json(response, refused ? refusedBy(refused) : [], refused ? 401 : 200)
    })
    const { client, said } = openClient(`${shop.url}/magazin/`)
    const query = {
      status: ['any', 'trash'],
      search: "Țuică & 'palincă' (50%)+*!~",
      modified_after: undefined,
    }
    await client.get('orders', query)
    await client.get('orders', query)
    await client.send('PUT', 'orders/5', { status: 'completed' })
    assert.equal(client.signIn, 'oauth')
    assert.equal(shop.seen[0]?.url.pathname, '/magazin/wp-json/wc/v3/orders')
    assert.equal(shop.seen[0]?.url.searchParams.get('status'), 'any,trash')
    assert.equal(shop.seen[0]?.url.searchParams.has('modified_after'), false)
    assert.equal(shop.seen[2]?.body, '{"status":"completed"}')
    const nonces = shop.seen.map(({ url }) => url.searchParams.get('oauth_nonce'))
    assert.equal(new Set(nonces).size, 3)
    assert.ok(shop.seen.every(({ headers }) => headers.authorization === undefined))
    assertNothingSecret(said, shop.seen)
  })

  it('takes the shop’s clock when the time stamp is refused, and says so when that does not help', async () => {
    const hour = 3_600_000
    const late = await startShop((seen, response) => {
      const shopNow = Date.now() + hour
      const skew = Math.abs(Number(seen.url.searchParams.get('oauth_timestamp')) * 1000 - shopNow)
      const headers = { date: new Date(shopNow).toUTCString() }
      if (skew > 900_000) json(response, refusedBy('Marcaj de timp invalid.'), 401, headers)
      else json(response, [], 200, headers)
    })
    const { client } = openClient(late.url)
    await client.get('orders')
    assert.equal(late.seen.length, 2)
    await client.get('orders')
    assert.equal(late.seen.length, 3, 'the shop’s clock is kept in mind')

    const stubborn = await startShop((_, response) => json(response, refusedBy('Invalid timestamp.'), 401))
    const other = openClient(stubborn.url)
    const error = await other.fault(other.client.get('orders'))
    assert.equal(error.code, 'store_clocks_differ')
    assert.equal(stubborn.seen.length, 2)
  })
})

describe('signing in over HTTPS (rows 30a, 31)', async () => {
  const tls = await certificate()
  const basic = `Basic ${Buffer.from(`${consumerKey}:${consumerSecret}`).toString('base64')}`

  it('sends Basic, and only to WooCommerce’s own routes', async () => {
    const shop = await startShop(({ headers }, response) => {
      json(response, headers.authorization === basic ? [] : { namespaces: [] })
    }, tls)
    const { client } = openClient(shop.url, { ca: tls.cert })
    assert.deepEqual((await client.get('orders')).data, [])
    assert.deepEqual((await client.get('/wp-json/')).data, { namespaces: [] })
    assert.equal(client.signIn, 'basic')
    assert.equal(shop.seen[1]?.headers.authorization, undefined)
  })

  it('finds OAuth in the query when the header is stripped, warns once and remembers it', async () => {
    const shop = await startShop((seen, response) => {
      if (!seen.url.searchParams.has('oauth_signature')) return json(response, cannotView, 401)
      const refused = checks(seen, shop.url)
      json(response, refused ? refusedBy(refused) : [], refused ? 401 : 200)
    }, tls)
    const { client, said } = openClient(shop.url, { ca: tls.cert })
    await client.get('orders', { per_page: 100 })
    assert.equal(client.signIn, 'oauth-over-https')
    await client.get('orders')
    assert.equal(shop.seen.length, 3)
    assert.equal(said.filter((line) => line.includes('store_authorization_stripped')).length, 1)
    assertNothingSecret(said, shop.seen)

    const remembering = openClient(shop.url, { ca: tls.cert, signIn: 'oauth-over-https' })
    await remembering.client.get('orders')
    assert.equal(shop.seen.length, 4, 'no try with the header first')
  })

  it('signs for http behind a proxy that ends TLS', async () => {
    const shop = await startShop((seen, response) => {
      if (!seen.url.searchParams.has('oauth_signature')) return json(response, cannotView, 401)
      const refused = checks(seen, shop.url.replace('https:', 'http:'))
      json(response, refused ? refusedBy(refused) : [], refused ? 401 : 200)
    }, tls)
    const { client } = openClient(shop.url, { ca: tls.cert })
    await client.get('orders')
    await client.get('orders')
    assert.equal(shop.seen.length, 4)
  })

  it('puts keys into the query only where that is allowed', async () => {
    const shop = await startShop(({ url }, response) => {
      const good = url.searchParams.get('consumer_secret') === consumerSecret
      json(response, good ? [] : cannotView, good ? 200 : 401)
    }, tls)
    const careful = openClient(shop.url, { ca: tls.cert })
    const error = await careful.fault(careful.client.get('orders'))
    assert.equal(error.code, 'store_authorization_stripped')
    assert.equal(shop.seen.length, 2)

    const { client, said } = openClient(shop.url, { ca: tls.cert, keysInUrl: true })
    await client.get('orders')
    assert.equal(client.signIn, 'keys-in-url')
    assertNothingSecret([...said, ...careful.said], shop.seen)
  })

  it('tells an unknown key from a wrong secret, in any language', async () => {
    const unknown = await startShop(({ url }, response) => {
      const signed = url.searchParams.has('oauth_signature')
      json(response, signed ? refusedBy('Consumer key is invalid.') : cannotView, 401)
    }, tls)
    const one = openClient(unknown.url, { ca: tls.cert })
    assert.equal((await one.fault(one.client.get('orders'))).code, 'store_key_unknown')

    const wrong = await startShop((_, response) => {
      json(response, refusedBy('Cheia secretă nu este validă.'), 401, { 'www-authenticate': 'Basic' })
    }, tls)
    const two = openClient(wrong.url, { ca: tls.cert })
    assert.equal((await two.fault(two.client.get('orders'))).code, 'store_secret_wrong')
    assert.equal((await two.fault(two.client.send('POST', 'orders', {}))).code, 'store_secret_wrong')
    assert.equal(wrong.seen.length, 2, 'a secret that is wrong is not tried another way')
  })

  it('names a key that only reads, in any language', async () => {
    const shop = await startShop(({ method }, response) => {
      if (method === 'GET') json(response, [])
      else json(response, refusedBy('Cheia nu are drept de scriere.'), 401)
    }, tls)
    const { client, fault } = openClient(shop.url, { ca: tls.cert })
    await client.get('orders')
    assert.equal((await fault(client.send('PUT', 'orders/5', {}))).code, 'store_key_read_only')
  })
})

describe('plain HTTP', () => {
  it('is refused but for this machine, unless it is allowed', () => {
    const open = (url: string, allowPlainHttp = false) => openClient(url, { allowPlainHttp })
    assert.throws(() => open('http://shop.example.test'), { code: 'store_plain_http_refused' })
    assert.throws(() => open('ftp://shop.example.test'), { code: 'setting_invalid' })
    assert.equal(open('http://shop.example.test', true).client.host, 'shop.example.test')
    assert.equal(open('http://localhost:8088').client.host, 'localhost:8088')
    assert.equal(open('http://[::1]:8088').client.signIn, 'oauth')
    assert.equal(open('http://0x7f.1/').client.signIn, 'oauth')
  })
})
