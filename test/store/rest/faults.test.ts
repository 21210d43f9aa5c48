import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { ErrorCode } from '../../../src/errors.ts'
import {
  assertNothingSecret,
  certificate,
  closeAll,
  json,
  openClient,
  type Script,
  startShop,
  wooError,
} from './scripted.ts'

after(closeAll)

const page = '<!DOCTYPE html><html><head><title>Just a moment…</title></head><body>captcha</body></html>'
const nginx = '<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>'
const orders = '[{"id":1,"name":"Țuică"}]'
const warning =
  '<br />\n<b>Warning</b>:  Undefined array key "x[0]" in <b>/srv/www/plugin.php</b> on line <b>12</b><br />\n'

const html =
  (status: number, text = page, headers = {}): Script =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'text/html', ...headers })
    response.end(text)
  }
const text =
  (body: string, status = 200): Script =>
  (_, response) =>
    json(response, body, status)
const always =
  (code: string, message: string, status: number): Script =>
  (_, response) =>
    json(response, wooError(code, message, status), status)

/** Faults of hosts and plugins: what the shop does, the code, how many requests it takes. */
const hosts: [string, Script, ErrorCode, number][] = [
  ['a firewall’s page with 200', html(200), 'store_blocked_by_host', 2],
  ['a firewall’s page with 403', html(403), 'store_blocked_by_host', 1],
  ['a firewall’s page with 406', html(406), 'store_blocked_by_host', 1],
  ['a firewall’s page with 455', html(455), 'store_blocked_by_host', 1],
  ['a firewall’s page with 503', html(503), 'store_blocked_by_host', 1],
  ['a bare Forbidden', text('Forbidden', 403), 'store_blocked_by_host', 1],
  ['a page that asks for a password', html(401), 'store_blocked_by_host', 1],
  ['the server’s own 502', html(502, nginx), 'store_unavailable', 5],
  ['a 503 with Retry-After', html(503, page, { 'retry-after': '1' }), 'store_unavailable', 5],
  [
    'WordPress under maintenance',
    html(503, '<html>Briefly unavailable for scheduled maintenance.'),
    'store_unavailable',
    5,
  ],
  [
    'a critical error',
    always('internal_server_error', 'There has been a critical error.', 500),
    'store_unavailable',
    5,
  ],
  ['a limit', text('slow down', 429), 'store_rate_limited', 5],
  ['no site of WordPress', html(404), 'store_not_woocommerce', 2],
  ['no WooCommerce', always('rest_no_route', 'No route was found.', 404), 'store_route_missing', 1],
  ['JSON of something else', text('{"error":"not found"}', 404), 'store_not_woocommerce', 2],
  [
    'a closed interface',
    always('rest_login_required', 'REST API restricted.', 401),
    'store_rest_disabled',
    1,
  ],
  ['a user without rights', always('woocommerce_rest_cannot_view', 'Sorry.', 403), 'store_rights_missing', 1],
  ['no right to edit', always('rest_forbidden_context', 'Sorry.', 403), 'store_rights_missing', 1],
  ['a record in no state', always('woocommerce_rest_trashed', 'Gone.', 410), 'store_record_not_found', 1],
  [
    'an error sent with 200',
    text(JSON.stringify(wooError('woocommerce_rest_cannot_view', 'Sorry.', 403))),
    'store_rights_missing',
    1,
  ],
  ['no JSON', text('Error establishing a database connection'), 'store_malformed_response', 1],
  ['a lone value', text('0'), 'store_malformed_response', 1],
  [
    'a fatal error',
    text('<br />\n<b>Fatal error</b>: Cannot use [] for reading, thrown in x.php'),
    'store_malformed_response',
    1,
  ],
  ['an empty body', text(''), 'store_answer_cut', 5],
  ['JSON that ends too early', text('[{"id":1,"note":"<p>[]</p>"},{"id":2'), 'store_answer_cut', 5],
  ['a connection closed at once', (_, response) => response.destroy(), 'store_unreachable', 5],
  [
    'a body cut on the way',
    (_, response) => {
      response.writeHead(200, { 'content-length': 500 })
      response.write(orders, () => response.destroy())
    },
    'store_answer_cut',
    5,
  ],
  [
    'a chunked body cut on the way',
    (_, response) => response.write(orders, () => response.destroy()),
    'store_answer_cut',
    5,
  ],
  [
    'gzip that ends too early',
    (_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.end(Buffer.from('1f8b0800000000000003ab', 'hex'))
    },
    'store_answer_cut',
    5,
  ],
]

describe('faults of hosts and plugins (rows 31–34)', () => {
  for (const [name, script, code, requests] of hosts) {
    it(`${name} → ${code}`, async () => {
      const shop = await startShop(script)
      const { client, fault, said, events } = openClient(shop.url)
      const error = await fault(client.get('orders', { per_page: 100, search: 'x' }))
      assert.equal(error.code, code)
      assert.equal(shop.seen.length, requests)
      assert.equal(events.at(-1)?.code, code)
      assertNothingSecret(said, shop.seen)
    })
  }

  const tolerated: [string, string, RegExp | null][] = [
    ['a byte-order mark', `\uFEFF${orders}`, null],
    ['two marks and blank lines', `\uFEFF\n\n\uFEFF${orders}\n`, null],
    ['PHP warnings before', warning + warning + orders, /Warning/],
    [
      'PHP warnings in plain text',
      `\nNotice: Undefined index [0] in /srv/x.php on line 3\n${orders}`,
      /Notice/,
    ],
    ['PHP warnings after', orders + warning, /Warning/],
    ['a comment of a cache plugin', `${orders}<!-- cached -->`, /cached/],
    ['a database error before', `<div id="error"><p>[Table x is crashed]</p></div>${orders}`, /crashed/],
  ]
  for (const [name, body, noted] of tolerated) {
    it(`reads on past ${name} (row 34)`, async () => {
      const shop = await startShop(text(body))
      const { client, said } = openClient(shop.url)
      const answer = await client.get('orders')
      assert.deepEqual(answer.data, JSON.parse(orders))
      if (noted) assert.match(answer.warnings.join(), noted)
      else assert.deepEqual(answer.warnings, [])
      assert.equal(
        said.some((line) => line.includes('plugin.php')),
        body.includes('plugin.php'),
      )
    })
  }

  it('shows the first 200 characters of what is no JSON, without anything secret', async () => {
    const shop = await startShop((seen, response) => {
      const echo = `Debug: ${seen.url.href} ${seen.headers.authorization} key=ck_5e0c5a1d9f3b4471 pwd=x `
      response.end(echo + 'and so on '.repeat(100))
    })
    const { client, fault, said } = openClient(shop.url)
    const error = await fault(client.get('orders', { per_page: 100 }))
    assert.equal(error.code, 'store_malformed_response')
    assert.match(error.message, /Debug: .*and so on/)
    assert.ok(String(error.data.start).length <= 201)
    assertNothingSecret(said, shop.seen)
  })

  it('finds plain permalinks (row 38)', async () => {
    const index = {
      namespaces: ['wc/v3'],
      routes: { '/': { _links: { self: [{ href: 'https://x/?rest_route=/' }] } } },
    }
    const shop = await startShop((seen, response) => {
      if (seen.url.searchParams.get('rest_route') === '/') json(response, index)
      else html(404)(seen, response)
    })
    const { client, fault, said } = openClient(`${shop.url}/shop`)
    assert.equal((await fault(client.get('orders'))).code, 'store_plain_permalinks')
    assert.deepEqual(shop.seen[1]?.url.search, '?rest_route=%2F')
    assertNothingSecret(said, shop.seen)
  })

  it('does not blame permalinks where a firewall hides only the interface', async () => {
    const index = {
      namespaces: ['wc/v3'],
      routes: { '/': { _links: { self: [{ href: 'https://x/wp-json/' }] } } },
    }
    const shop = await startShop((seen, response) => {
      if (seen.url.searchParams.has('rest_route')) json(response, index)
      else html(404)(seen, response)
    })
    const { client, fault } = openClient(shop.url)
    assert.equal((await fault(client.get('orders'))).code, 'store_not_woocommerce')
  })
})

describe('certificates', () => {
  it('are checked: a self-signed one needs its authority in WOOCOMMERCE_CA_FILE', async () => {
    const tls = await certificate()
    const shop = await startShop((_, response) => json(response, []), tls)
    const without = openClient(shop.url)
    const error = await without.fault(without.client.get('orders'))
    assert.equal(error.code, 'store_certificate_untrusted')
    assert.match(error.message, /self-signed/)
    assert.equal(shop.seen.length, 0)
    const withIt = openClient(shop.url, { ca: tls.cert })
    assert.deepEqual((await withIt.client.get('orders')).data, [])
  })

  it('must be made out for the name', async () => {
    const tls = await certificate(['other.example.test'])
    const shop = await startShop((_, response) => json(response, []), tls)
    const { client, fault } = openClient(shop.url, { ca: tls.cert })
    const error = await fault(client.get('orders'))
    assert.equal(error.code, 'store_certificate_untrusted')
    assert.match(error.message, /another name/)
  })

  it('are not to be had from a port that speaks no TLS, which is said without retries', async () => {
    const shop = await startShop((_, response) => json(response, []))
    const { client, fault, pauses } = openClient(shop.url.replace('http:', 'https:'))
    const error = await fault(client.get('orders'))
    assert.equal(error.code, 'store_unreachable')
    assert.match(error.message, /no TLS/)
    assert.deepEqual(pauses, [])
  })
})
