/** /metrics on a copied shop: every line valid, the figures those of the verification, cheap, and never broken. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { generateShop } from '../../../demo/generate/shop.ts'
import { WooSyncError } from '../../../src/errors.ts'
import { createHttp } from '../../../src/interfaces/http/server.ts'
import { createMetrics } from '../../../src/metrics.ts'
import { withRun } from '../../../src/sync/run.ts'
import { syncAll } from '../../../src/sync/sync.ts'
import { verification } from '../../../src/sync/verify.ts'
import { mirroredShop } from '../../shop.ts'
import { parseExposition, type Sample, valueIn } from './exposition.ts'
import { httpOptions } from './parts.ts'

test('metrics of a copied shop', async (t) => {
  const metrics = createMetrics()
  const mirrored = await mirroredShop({
    shop: generateShop({ seed: 5, products: 20, orders: 60, days: 30 }),
    client: { onRequest: metrics.onRequest },
  })
  const { context, database, server } = mirrored
  const { store } = context
  let queries = 0
  const pool: pg.Pool = Object.create(database.pool, {
    query: {
      value: (...args: Parameters<pg.Pool['query']>) => {
        queries++
        return database.pool.query(...args)
      },
    },
  })
  const options = await httpOptions({
    database: { ...database, pool },
    metrics,
    knownStore: async () => store,
  })
  const http = createHttp(options)
  t.after(() => http.close())
  const scrape = async (): Promise<Sample[]> => {
    const answer = await http.inject('/metrics')
    assert.equal(answer.statusCode, 200)
    assert.equal(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
    return parseExposition(answer.body)
  }
  const of = (resource: string) => ({ store: String(store.id), resource })

  await t.test('before the first copy: not complete, nothing proved', async () => {
    const first = createHttp({ ...options, metrics: createMetrics() })
    const samples = parseExposition((await first.inject('/metrics')).body)
    await first.close()
    assert.equal(valueIn(samples, 'woosync_up'), 1)
    assert.equal(valueIn(samples, 'woosync_complete', of('orders')), 0)
    assert.equal(valueIn(samples, 'woosync_rows', of('orders')), undefined)
  })

  const results = await syncAll(context, { full: false })
  assert.deepEqual(
    results.filter((one) => one.fault),
    [],
  )
  // As if followed: so that there are delays.
  await database.pool.query(
    `UPDATE mirror.changes SET way = 'follow', modified_at = at - make_interval(secs => 3 + seq % 20)
     WHERE resource = 'orders'`,
  )

  await t.test('the figures are those of the verification', async () => {
    const samples = await scrape()
    const known = await verification(database.pool, store)
    assert.ok(known.complete)
    for (const one of known.resources.filter(({ state }) => state !== 'on demand')) {
      const value = (name: string, labels = {}) => valueIn(samples, name, { ...of(one.resource), ...labels })
      assert.equal(value('woosync_rows'), one.inMirror, one.resource)
      assert.equal(value('woosync_shop_rows'), one.inStore)
      assert.equal(value('woosync_missing'), 0)
      assert.equal(value('woosync_surplus'), 0)
      assert.equal(value('woosync_stale'), 0)
      assert.equal(value('woosync_quarantined'), 0)
      assert.equal(value('woosync_complete'), 1)
      assert.equal(value('woosync_delay_seconds', { quantile: '0.5' }), one.delayP50 ?? undefined)
      assert.equal(value('woosync_delay_seconds', { quantile: '0.95' }), one.delayP95 ?? undefined)
    }
    assert.ok(valueIn(samples, 'woosync_delay_seconds', of('orders'))! >= 3)
    const age = valueIn(samples, 'woosync_age_seconds', of('orders'))!
    assert.ok(age >= 0 && age < 60, String(age))
    assert.equal(valueIn(samples, 'woosync_complete', of('order_notes')), undefined)
    assert.ok(valueIn(samples, 'process_resident_memory_bytes')! > 1e6)
  })

  await t.test('requests to the shop are counted, all of them, by route', async () => {
    const samples = await scrape()
    const requests = samples.filter((one) => one.name === 'woosync_store_requests_total')
    assert.equal(
      requests.reduce((sum, one) => sum + one.value, 0),
      server.requests().length,
    )
    assert.ok(requests.some((one) => one.labels.route === '/wp-json/wc/v3/orders' && one.value >= 1))
    const timed = samples.filter((one) => one.name === 'woosync_store_request_seconds_count')
    assert.equal(
      timed.reduce((sum, one) => sum + one.value, 0),
      server.requests().length,
    )
  })

  await t.test('each run is counted once, with how it ended', async () => {
    const fault = new WooSyncError('store_timeout', { host: 'shop', seconds: 1 })
    const failing = withRun(context, { resource: 'tags', kind: 'ask' }, () => Promise.reject(fault))
    await assert.rejects(failing, { code: 'store_timeout' })
    await scrape()
    const samples = await scrape()
    const { rows } = await database.pool.query<{ count: number }>(`SELECT count(*) AS count FROM sync.runs`)
    const runs = samples.filter((one) => one.name === 'woosync_runs_total')
    assert.equal(
      runs.reduce((sum, one) => sum + one.value, 0),
      rows[0]?.count,
    )
    assert.equal(valueIn(runs, 'woosync_runs_total', { kind: 'backfill', ...of('orders'), result: 'ok' }), 1)
    assert.equal(valueIn(runs, 'woosync_runs_total', { ...of('tags'), result: 'store_timeout' }), 1)
  })

  await t.test('what is open shows', async () => {
    await database.pool.query(
      `INSERT INTO mirror.stale (store_id, resource, id, reason)
       SELECT $1, 'orders', id::text, 'test' FROM generate_series(1, 7) AS id`,
      [store.id],
    )
    await database.pool.query(
      `INSERT INTO sync.deliveries (store_id, topic, body) SELECT $1, 'order.updated', '{}' FROM generate_series(1, 3)`,
      [store.id],
    )
    const samples = await scrape()
    assert.equal(valueIn(samples, 'woosync_stale', of('orders')), 7)
    assert.equal(valueIn(samples, 'woosync_complete', of('orders')), 0)
    assert.equal(valueIn(samples, 'woosync_complete', of('products')), 1)
    assert.equal(valueIn(samples, 'woosync_queue', { queue: 'stale' }), 7)
    assert.equal(valueIn(samples, 'woosync_queue', { queue: 'deliveries' }), 3)
  })

  await t.test(
    'a scrape costs a handful of queries and no request to the shop; many at once share one',
    async () => {
      const asked = server.requests().length
      queries = 0
      await scrape()
      assert.ok(queries <= 7, `${queries} queries`)
      queries = 0
      await Promise.all(Array.from({ length: 20 }, scrape))
      assert.ok(queries <= 7, `${queries} queries for 20 scrapes at once`)
      assert.equal(server.requests().length, asked)
    },
  )

  await t.test('errors are counted by code; a code that is none becomes internal', async () => {
    metrics.onFault('sync_mass_vanish')
    metrics.onFault('a sentence with a "quote"')
    metrics.onRequest({
      method: 'GET',
      route: '/wp-json/wc/v3/orders/{id}',
      status: null,
      ms: 1500,
      bytes: 0,
      code: 'store_timeout',
      retries: 2,
    })
    const samples = await scrape()
    assert.equal(valueIn(samples, 'woosync_errors_total', { code: 'sync_mass_vanish' }), 1)
    assert.equal(valueIn(samples, 'woosync_errors_total', { code: 'internal' }), 1)
    assert.equal(valueIn(samples, 'woosync_errors_total', { code: 'store_timeout' }), 1)
    assert.equal(valueIn(samples, 'woosync_store_retries_total'), 1)
    assert.equal(valueIn(samples, 'woosync_store_requests_total', { status: 'none' }), 1)
  })
})

test('a database that is away does not break the scrape', async (t) => {
  const options = await httpOptions()
  const metrics = createMetrics()
  const gone = new pg.Pool({ host: '127.0.0.1', port: 1, user: 'nobody', password: 'planted-password' })
  t.after(() => gone.end())
  const database = { pool: gone, clock: Date.now }
  const http = createHttp({
    ...options,
    metrics,
    database,
    knownStore: () => gone.query('SELECT').then(() => null),
  })
  t.after(() => http.close())
  const answer = await http.inject('/metrics')
  assert.equal(answer.statusCode, 200)
  const samples = parseExposition(answer.body)
  assert.equal(valueIn(samples, 'woosync_up'), 0)
  assert.ok(!samples.some((one) => one.name === 'woosync_complete'))
})
