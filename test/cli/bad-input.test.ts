/** What people get wrong, and what befalls shops: each its own sentence, code and way out, on standard error. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmod, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import type { ErrorCode } from '../../src/errors.ts'
import { newFolder } from '../database/private-folder.ts'
import { testDatabase } from '../database.ts'
import { freePort } from '../free-port.ts'
import { certificate, closeAll, json, type Script, startShop, wooError } from '../store/rest/scripted.ts'
import { assertFault, newKeys, openShop, woosync } from './woosync.ts'

after(closeAll)

/** One for all: what fails writes nothing, and each shop that answers is another one. */
const database = await testDatabase()

/** A folder, and settings that name the database, and a shop where an address is given. */
async function place(t: TestContext, url?: string) {
  const cwd = await newFolder(t)
  const { consumerKey, consumerSecret } = newKeys()
  const env = {
    DATABASE_URL: database.url,
    ...(url && { WOOCOMMERCE_URL: url, WOOCOMMERCE_KEY: consumerKey, WOOCOMMERCE_SECRET: consumerSecret }),
  }
  return { cwd, env }
}

/** A WordPress whose front door stands open, and whose shop answers by the script. */
const shopThat = (script: Script): Script => {
  return (request, response) => {
    if (request.url.pathname === '/wp-json/') {
      return json(response, { name: 'Shop', namespaces: ['wp/v2', 'wc/v3'], gmt_offset: 0 })
    }
    return script(request, response)
  }
}

/** What stands at an address, and what is said of it. */
const addresses: { name: string; code: ErrorCode; script: Script }[] = [
  {
    name: 'a web site without WordPress',
    code: 'store_not_woocommerce',
    script: (_, response) => {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<html><body>Not found</body></html>')
    },
  },
  {
    name: 'a WordPress without WooCommerce',
    code: 'store_not_woocommerce',
    script: (request, response) =>
      request.url.pathname === '/wp-json/'
        ? json(response, { name: 'Blog', namespaces: ['wp/v2', 'oembed/1.0'] })
        : json(response, wooError('rest_no_route', 'No route was found.', 404), 404),
  },
  {
    name: 'a program that answers other JSON',
    code: 'store_not_woocommerce',
    script: (_, response) => json(response, { hello: 'world' }),
  },
  {
    name: 'keys that the shop does not know',
    code: 'store_key_unknown',
    script: shopThat((_, response) =>
      json(response, wooError('woocommerce_rest_authentication_error', 'Consumer key is invalid.', 401), 401),
    ),
  },
  {
    name: 'a secret that is wrong',
    code: 'store_secret_wrong',
    script: shopThat((_, response) =>
      json(
        response,
        wooError('woocommerce_rest_authentication_error', 'Consumer secret is invalid.', 401),
        401,
      ),
    ),
  },
  {
    name: 'a key whose user has too few rights',
    code: 'store_rights_missing',
    script: shopThat((_, response) =>
      json(response, wooError('woocommerce_rest_cannot_view', 'Sorry, you cannot list resources.', 403), 403),
    ),
  },
  {
    name: 'an address that a firewall blocks',
    code: 'store_blocked_by_host',
    script: (_, response) => {
      response
        .writeHead(403, { 'content-type': 'text/html' })
        .end('<html><title>Attention required</title><body>You have been blocked</body></html>')
    },
  },
  {
    name: 'a REST interface that a plugin switched off',
    code: 'store_rest_disabled',
    script: (_, response) =>
      json(response, wooError('rest_not_logged_in', 'You are not currently logged in.', 401), 401),
  },
]

describe('a shop that cannot be copied', () => {
  const said = new Map<string, string>()

  for (const { name, code, script } of addresses) {
    it(`${name}: ${code}`, async (t) => {
      const site = await startShop(script)
      const { cwd, env } = await place(t, site.url)
      const result = await woosync(['test-connection'], { cwd, env: { ...env, LANG: 'ro_RO.UTF-8' } })
      // In Romanian the sentence is another one; code and exit code are the same.
      assert.equal(result.code, 1, result.stderr)
      assert.match(result.stderr, new RegExp(`^❌ .+\\n  .+\\n  \\(${code}\\)\\n$`))
      assert.match(result.stdout, /TEST CONEXIUNE WOOCOMMERCE - 127.0.0.1:\d+\n/)
      assert.doesNotMatch(result.stdout, /✅/)
      said.set(code, result.stderr.replaceAll(/127\.0\.0\.1:\d+/g, 'host'))
    })
  }

  it('each of them has a sentence and a way out of its own', () => {
    const codes = new Set(addresses.map(({ code }) => code))
    assert.equal(said.size, codes.size)
    assert.equal(new Set([...said.values()].map((text) => text.split('\n')[0])).size, codes.size)
    assert.equal(new Set([...said.values()].map((text) => text.split('\n')[1])).size, codes.size)
  })

  it('no such host', async (t) => {
    const { cwd, env } = await place(t, 'https://shop.invalid')
    assertFault(await woosync(['test-connection'], { cwd, env }), 'store_host_unknown')
  })

  it('a closed port', async (t) => {
    const { cwd, env } = await place(t, `http://127.0.0.1:${await freePort()}`)
    assertFault(await woosync(['test-connection'], { cwd, env }), 'store_unreachable')
  })

  it('a shop over plain HTTP elsewhere', async (t) => {
    const { cwd, env } = await place(t, 'http://shop.invalid')
    assertFault(await woosync(['sync'], { cwd, env }), 'store_plain_http_refused')
  })

  it('plain permalinks', async (t) => {
    const { env: shop } = await openShop(t, { server: { plainPermalinks: true } })
    const { cwd, env } = await place(t)
    const result = await woosync(['test-connection'], { cwd, env: { ...env, ...shop } })
    assertFault(result, 'store_plain_permalinks')
  })

  it('the wrong key and the wrong secret of a real shop', async (t) => {
    const { env: shop } = await openShop(t)
    const { cwd, env } = await place(t)
    const other = newKeys()
    const unknown = { ...env, ...shop, WOOCOMMERCE_KEY: other.consumerKey }
    assertFault(await woosync(['test-connection'], { cwd, env: unknown }), 'store_key_unknown')
    // Over plain HTTP the secret signs, and a wrong one is seen as a wrong signature.
    const wrong = { ...env, ...shop, WOOCOMMERCE_SECRET: other.consumerSecret }
    assertFault(await woosync(['test-connection'], { cwd, env: wrong }), 'store_signature_refused')
  })

  it('keys that were good yesterday and are revoked today', async (t) => {
    const { env: shop, shop: state } = await openShop(t)
    const { cwd, env } = await place(t)
    const all = { ...env, ...shop }
    assert.equal((await woosync(['sync', '--resource', 'products'], { cwd, env: all })).code, 0)
    state.info.consumerKey = newKeys().consumerKey
    assertFault(await woosync(['test-connection'], { cwd, env: all }), 'store_key_unknown')
    assertFault(await woosync(['sync'], { cwd, env: all }), 'store_key_unknown')
    const doctor = await woosync(['doctor'], { cwd, env: all })
    assert.equal(doctor.code, 1)
    assert.match(doctor.stdout, /✗ shop: .+\(store_key_unknown\)\n {2}Make a key/)
  })
})

describe('a self-signed certificate', () => {
  let tls: { key: string; cert: string }
  before(async () => {
    tls = await certificate()
  })

  it('is refused, and taken with WOOCOMMERCE_CA_FILE', async (t) => {
    const { env: shop } = await openShop(t, { server: { tls } })
    const { cwd, env } = await place(t)
    const all = { ...env, ...shop }
    assertFault(await woosync(['test-connection'], { cwd, env: all }), 'store_certificate_untrusted')
    await writeFile(join(cwd, 'ca.pem'), tls.cert)
    const good = await woosync(['test-connection'], { cwd, env: { ...all, WOOCOMMERCE_CA_FILE: 'ca.pem' } })
    assert.equal(good.code, 0, good.stderr)
    const other = newKeys()
    const wrong = { ...all, WOOCOMMERCE_CA_FILE: 'ca.pem', WOOCOMMERCE_SECRET: other.consumerSecret }
    assertFault(await woosync(['test-connection'], { cwd, env: wrong }), 'store_secret_wrong')
  })

  it('the file is no certificate, or is not there', async (t) => {
    const cwd = await newFolder(t)
    await writeFile(join(cwd, 'ca.pem'), 'no certificate')
    for (const file of ['ca.pem', 'absent.pem', '.']) {
      const result = await woosync(['sync'], { cwd, env: { WOOCOMMERCE_CA_FILE: file } })
      assertFault(result, 'setting_invalid', 2)
      assert.match(result.stderr, /WOOCOMMERCE_CA_FILE/)
    }
  })
})

describe('a key that may only read', () => {
  it('is no fault, and test-connection and doctor say so', async (t) => {
    const { env: shop, readOnly } = await openShop(t)
    const { cwd, env } = await place(t)
    const all = { ...env, ...shop, ...readOnly }
    const tested = await woosync(['test-connection'], { cwd, env: all })
    assert.equal(tested.code, 0, tested.stderr)
    assert.match(tested.stdout, /⚠️ {2}This key may only read/)
    const synced = await woosync(['sync'], { cwd, env: all })
    assert.equal(synced.code, 0, synced.stderr)
    const doctor = await woosync(['doctor'], { cwd, env: all })
    assert.equal(doctor.code, 0, doctor.stdout)
    assert.match(doctor.stdout, /! key: The key may read, not write\./)
  })
})

describe('a database that cannot be used', () => {
  it('a port without Postgres', async (t) => {
    const { env: shop } = await openShop(t)
    const cwd = await newFolder(t)
    const DATABASE_URL = `postgres://me:topsecret@127.0.0.1:${await freePort()}/shop`
    const result = await woosync(['sync'], { cwd, env: { ...shop, DATABASE_URL } })
    assertFault(result, 'database_unreachable')
    assert.doesNotMatch(result.stderr, /topsecret/)
  })

  it('a data directory that is a file', async (t) => {
    const cwd = await newFolder(t)
    await writeFile(join(cwd, 'data'), 'in the way')
    assertFault(await woosync(['sync'], { cwd }), 'data_directory_unusable')
  })

  it('a data directory that may not be written', async (t) => {
    const cwd = await newFolder(t)
    await chmod(cwd, 0o555)
    // Root may write anywhere: there it is tried as somebody else.
    const uid = process.getuid?.() === 0 ? 65_534 : undefined
    assertFault(await woosync(['sync'], { cwd, ...(uid && { uid }) }), 'data_directory_unusable')
  })
})

describe('a database of the shop that is none', () => {
  it('a person is told at once, with the steps that were made', async (t) => {
    let connections = 0
    const other = createServer((socket) => {
      connections++
      socket.on('error', () => undefined).destroy()
    }).listen(0, '127.0.0.1')
    await once(other, 'listening')
    t.after(async () => other.close())
    const { cwd, env } = await place(t)
    const { port } = other.address() as { port: number }
    const mysql = {
      MYSQL_HOST: '127.0.0.1',
      MYSQL_PORT: String(port),
      MYSQL_USER: 'u',
      MYSQL_DATABASE: 'shop',
    }
    const result = await woosync(['test-connection'], { cwd, env: { ...env, ...mysql } })
    assert.equal(result.code, 1, result.stdout)
    assert.equal(connections, 1)
    assert.equal(result.stdout.match(/^✅ Reached the database’s server directly$/gm)?.length, 1)
  })
})

describe('a port that is taken', () => {
  it('PORT and DEMO_PORT', async (t) => {
    const { cwd, env } = await place(t)
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    t.after(async () => taken.close())
    const { port } = taken.address() as { port: number }
    const http = await woosync(['start'], { cwd, env: { ...env, PORT: String(port), DEMO_PORT: '0' } })
    assertFault(http, 'port_taken')
    assert.match(http.stderr, new RegExp(`Port ${port} `))
    const demo = await woosync(['start'], { cwd, env: { ...env, PORT: '0', DEMO_PORT: String(port) } })
    assertFault(demo, 'port_taken')
    assert.match(demo.stderr, new RegExp(`Port ${port} `))
  })
})
