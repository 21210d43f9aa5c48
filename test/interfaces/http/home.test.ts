/** The status page of a copied shop: the verification's figures, escaped, without a person or a secret in it. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import pg from 'pg'
import { generateShop } from '../../../demo/generate/shop.ts'
import { createHttp, type HttpOptions } from '../../../src/interfaces/http/server.ts'
import { createMetrics } from '../../../src/metrics.ts'
import { listStores } from '../../../src/mirror/stores.ts'
import { listedResources } from '../../../src/sync/keeper.ts'
import { syncAll } from '../../../src/sync/sync.ts'
import { verification } from '../../../src/sync/verify.ts'
import { mirroredShop } from '../../shop.ts'
import { httpOptions, keptLog, problemCode } from './parts.ts'

const KEY = 'metrics-key-planted-2718281828'

/** The page as a fresh server shows it: nothing is kept from before. */
async function look(options: HttpOptions, headers: Record<string, string> = { accept: 'text/html' }) {
  const http = createHttp({ ...options, metrics: createMetrics() })
  const answer = await http.inject({ url: '/', headers })
  await http.close()
  return answer
}

const rowOf = (html: string, name: string) =>
  html.split('<tr role="row">').find((row) => row.includes(`</svg>${name}</span>`)) ?? ''
const cellsOf = (row: string) =>
  [...row.matchAll(/data-label="([^"]+)">(.*?)<\/td>/gs)].map(([, label, cell]) => [
    label,
    cell?.replace(/<[^>]+>/g, ''),
  ])

test('the status page', async (t) => {
  const mirrored = await mirroredShop({
    shop: generateShop({ seed: 11, products: 20, orders: 60, days: 30 }),
  })
  const { context, database, shop, server } = mirrored
  const log = keptLog()
  const answers: string[] = []
  const options = await httpOptions({
    database,
    logger: log.logger,
    settings: { HOST: '127.0.0.1', PORT: 0, METRICS_KEY: KEY },
    knownStore: async () => (await listStores(database.pool))[0] ?? null,
  })

  await t.test('before anything is known, and while nothing is copied', async () => {
    const waiting = await look({ ...options, knownStore: async () => null })
    assert.equal(waiting.statusCode, 200)
    assert.match(waiting.body, /No shop has been copied yet/)
    const json = await look({ ...options, knownStore: async () => null }, { accept: 'application/json' })
    assert.equal(problemCode({ ...json, status: json.statusCode }), 'store_not_known')
    const early = await look(options)
    assert.match(early.body, /The first copy has begun/)
    assert.match(rowOf(early.body, 'orders'), /not copied yet/)
  })

  const results = await syncAll(context, { full: false })
  assert.ok(results.every((one) => one.fault === null))
  // As if followed: so that there are delays; the estimate of the shop's clock would move them.
  await database.pool.query(`UPDATE mirror.stores SET clock_offset_ms = 0`)
  await database.pool.query(
    `UPDATE mirror.changes SET way = 'follow', modified_at = at - interval '4.2 seconds' WHERE resource = 'orders'`,
  )
  const before = server.requests().length
  const page = await look(options)
  answers.push(page.body)

  await t.test('says that the copy is complete, in words and with a named icon for each resource', () => {
    assert.equal(page.statusCode, 200)
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8')
    assert.match(page.body, new RegExp(`<h1>${shop.info.name}</h1>`))
    assert.match(page.body, /The copy is complete\./)
    assert.equal(page.body.match(/role="img" aria-label="complete"/g)?.length, listedResources.length)
    assert.match(page.body, /<meta http-equiv="refresh" content="10">/)
    assert.match(page.body, /<html lang="en">/)
    assert.equal(server.requests().length, before, 'the shop is not asked')
  })

  await t.test('a row for each resource with the figures of the verification', async () => {
    const { resources } = await verification(database.pool, context.store)
    for (const one of resources) {
      const row = rowOf(page.body, one.resource.replaceAll('_', ' '))
      const cells = Object.fromEntries(cellsOf(row))
      assert.equal(cells['In the shop'], one.inStore === null ? '–' : String(one.inStore), one.resource)
      assert.equal(cells.Here, String(one.inMirror))
      assert.equal(cells.Missing, one.state === 'on demand' ? '–' : '0')
      assert.equal(cells.Stale, one.state === 'on demand' ? '–' : '0')
      if (one.newestChange === null) assert.equal(cells['Newest change'], '–')
      else {
        const exact = `${one.newestChange.toISOString().slice(0, 19).replace('T', ' ')} UTC`
        assert.ok(row.includes(`title="${exact}"`), row)
        assert.match(cells['Newest change'] ?? '', /just now|ago$/)
      }
      assert.match(cells['Last proof'] ?? '', one.proofs.length === 0 ? /^–$/ : /^(counted|listed|read) /)
    }
  })

  await t.test('the delay, and how it is spread', () => {
    const row = rowOf(page.body, 'orders')
    assert.match(row, /title="Half of the changes were here within 4\.\d s, 95 % within 4\.\d s\."/)
    assert.match(Object.fromEntries(cellsOf(row)).Delay ?? '', /^4\.\d s$/)
  })

  await t.test('what is amiss is said, resource by resource', async () => {
    await database.pool.query(
      `INSERT INTO mirror.stale (store_id, resource, id, reason)
       SELECT $1, 'orders', id::text, 'test' FROM generate_series(1, 1234) AS id`,
      [context.store.id],
    )
    await database.pool.query(
      `UPDATE sync.proofs SET in_store = in_store + 2, missing = 2 WHERE resource = 'tags'`,
    )
    await database.pool.query(
      `UPDATE sync.resources SET problem = 'store_timeout' WHERE resource = 'products'`,
    )
    const { body } = await look(options)
    answers.push(body)
    assert.match(
      body,
      new RegExp(`The copy is not complete: ${listedResources.length - 3} of ${listedResources.length} `),
    )
    assert.deepEqual(Object.fromEntries(cellsOf(rowOf(body, 'orders'))).Stale, '1,234')
    assert.match(rowOf(body, 'orders'), /1234 known to differ/)
    assert.deepEqual(Object.fromEntries(cellsOf(rowOf(body, 'tags'))).Missing, '2')
    assert.match(rowOf(body, 'products'), /the last run failed: store_timeout/)
  })

  await t.test('the same as JSON, for whoever asks for it first', async () => {
    const answer = await look(options, { accept: 'application/json' })
    answers.push(answer.body)
    assert.match(String(answer.headers['content-type']), /^application\/json/)
    const told = JSON.parse(answer.body)
    const known = JSON.parse(JSON.stringify(await verification(database.pool, context.store)))
    delete known.store.id
    assert.deepEqual({ ...told, at: null }, { ...known, at: null })
    for (const accept of ['text/html,application/json;q=0.9', '*/*']) {
      assert.match(String((await look(options, { accept })).headers['content-type']), /^text\/html/, accept)
    }
  })

  await t.test('what the shop calls itself is shown, not run', async () => {
    const name = `<script>alert(1)</script>"'&<img src=x onerror=alert(2)>`
    await database.pool.query(`UPDATE mirror.stores SET name = $1`, [name])
    const { body, headers } = await look(options)
    assert.doesNotMatch(body, /<script|<img/)
    assert.match(body, /<h1>&#60;script&#62;alert\(1\)&#60;\/script&#62;&#34;&#39;&#38;&#60;img/)
    await database.pool.query(`UPDATE mirror.stores SET name = 'Shop'`)
    const policy = String(headers['content-security-policy'])
    const style = /<style>([\s\S]*)<\/style>/.exec(body)?.[1] ?? ''
    assert.ok(
      policy.includes(`'sha256-${createHash('sha256').update(style).digest('base64')}'`),
      'its own style only',
    )
    assert.match(policy, /default-src 'none'/)
    assert.match(policy, /frame-ancestors 'none'/)
    assert.equal(headers['x-frame-options'], 'DENY')
    assert.doesNotMatch(body, /<[^>]* (style|on\w+)=/)
  })

  await t.test('a database that is away: a page that says so, and a problem for programs', async (t) => {
    const gone = new pg.Pool({ host: '127.0.0.1', port: 1, user: 'nobody', password: 'planted-password' })
    t.after(() => gone.end())
    const away = { ...options, database: { pool: gone, clock: Date.now } }
    const shown = await look(away)
    assert.equal(shown.statusCode, 503)
    assert.match(shown.body, /Postgres does not answer/)
    assert.match(shown.body, /database_unreachable/)
    const told = await look(away, { accept: 'application/json' })
    assert.equal(problemCode({ ...told, status: told.statusCode }), 'database_unreachable')
    answers.push(shown.body, told.body)
    assert.match(log.lines.join(), /database_unreachable/)
  })

  await t.test('no person and no secret is in any answer or log', async () => {
    const { rows: people } = await database.pool.query<{ email: string }>(
      `SELECT DISTINCT lower(billing_email) AS email FROM mirror.orders WHERE billing_email LIKE '%@%'
       UNION SELECT lower(email) FROM mirror.customers WHERE email LIKE '%@%'`,
    )
    assert.ok(people.length > 5)
    const http = createHttp({ ...options, metrics: createMetrics() })
    const secrets = { key: KEY, consumer: shop.info.consumerKey, secret: shop.info.consumerSecret }
    for (const url of ['/', '/metrics', '/readyz', '/healthz', '/nothing']) {
      for (const [name, value] of Object.entries(secrets)) {
        const asked = await http.inject({
          url: `${url}?consumer_${name}=${value}`,
          remoteAddress: '203.0.113.9',
          headers: { authorization: `Bearer ${name === 'key' ? KEY : value}`, cookie: `session=${value}` },
        })
        answers.push(asked.body, JSON.stringify(asked.headers))
      }
    }
    await http.close()
    const everything = [...answers, ...log.lines].join('\n')
    const { password } = new URL(database.url)
    for (const secret of [...Object.values(secrets), 'planted-password', ...(password ? [password] : [])]) {
      assert.ok(!everything.includes(secret), 'a secret was told')
    }
    for (const { email } of people) assert.ok(!everything.toLowerCase().includes(email), email)
  })
})
