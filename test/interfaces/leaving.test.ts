/** Nobody waits any more, or it takes too long: through every interface the statement ends in Postgres, not only the answer. */
import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { storeOf } from '../../src/interfaces/library/open.ts'
import { operations } from '../../src/operations.ts'
import { start } from '../cli/woosync.ts'
import { newFolder, until } from '../database/private-folder.ts'
import { code, demoMirror, startApi } from './http/api-parts.ts'
import { connect, newKey, startMcp } from './mcp/parts.ts'

// Before the database looks for connections that were left open.
let end = async () => {}
after(() => end())
const shop = await demoMirror({ seed: 17, products: 10, orders: 12 })
const { database } = shop
const api = await startApi(shop)
const key = await api.key(['read'])
const PRODUCTS = '/api/v1/products/by-sku/nothing'

/** Somebody holds the products: whoever asks for them waits. */
const holder = await database.direct()
end = () => holder.end()
const lock = () => holder.query('BEGIN; LOCK TABLE mirror.products, mirror.orders IN ACCESS EXCLUSIVE MODE')
afterEach(() => holder.query('ROLLBACK'))

/** Statements of questions that Postgres has under way. */
async function underWay(): Promise<number> {
  const { rows } = await holder.query<{ count: number }>(
    `SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
       AND backend_type = 'client backend'`,
  )
  return rows[0]?.count ?? 0
}
/** A transaction sees the activity as it was when it looked first. */
const look = async () => {
  await holder.query('SELECT pg_stat_clear_snapshot()')
  return underWay()
}
const begun = () => until('the question waits in Postgres', async () => (await look()) > 0)
const ended = () => until('nothing is under way', async () => (await look()) === 0)

test('HTTP: a connection that is closed ends the statement', async () => {
  await lock()
  const leaving = new AbortController()
  const headers = { authorization: `Bearer ${key}` }
  const asked = fetch(`${api.url}${PRODUCTS}`, { headers, signal: leaving.signal })
  asked.catch(() => undefined)
  await begun()
  leaving.abort()
  await assert.rejects(asked, { name: 'AbortError' })
  await ended()
})

test('HTTP: a question past its limit is told so, and a page of an export as well', async () => {
  const quick = await startApi(shop, { QUESTION_TIME_LIMIT_SECONDS: '0.2' })
  await lock()
  // A list, a snapshot of several statements, a page of an export.
  for (const path of [PRODUCTS, '/api/v1/orders/1', '/api/v1/sales/stats', '/api/v1/products?format=csv']) {
    const answer = await quick.get(path, key)
    assert.equal(answer.status, 504, path)
    assert.equal(await code(answer), 'question_too_slow', path)
    await ended()
  }
})

test('library: the signal of a call, and that of all of them', async () => {
  await lock()
  const all = new AbortController()
  const fresh = { maxAgeMinutes: 15, refresh: 'never', whenDown: 'fail' } as const
  const store = storeOf(shop.app, fresh, { signal: all.signal })
  const one = new AbortController()
  const mine = store.products.bySku({ sku: 'nothing' }, { signal: one.signal })
  const other = store.sales.stats()
  await until('both wait', async () => (await look()) === 2)
  one.abort()
  await assert.rejects(mine, { code: 'sync_cancelled' })
  await until('the other goes on', async () => (await look()) === 1)
  all.abort()
  await assert.rejects(other, { code: 'sync_cancelled' })
  await ended()
})

test('what is read once for several goes on when one of them leaves', async () => {
  await holder.query('BEGIN; LOCK TABLE mirror.categories IN ACCESS EXCLUSIVE MODE')
  const [sku] = (await database.pool.query(`SELECT sku FROM mirror.products WHERE sku <> '' LIMIT 1`)).rows
  const store = storeOf(shop.app, { maxAgeMinutes: 15, refresh: 'never', whenDown: 'fail' })
  const leaving = new AbortController()
  const left = store.products.bySku(sku, { signal: leaving.signal })
  await begun()
  const stays = store.products.bySku(sku)
  leaving.abort()
  await assert.rejects(left, { code: 'sync_cancelled' })
  await holder.query('ROLLBACK')
  assert.equal((await stays).product?.sku, sku.sku)
})

test('MCP over HTTP: cancelled by the client, and left by it', async () => {
  const mcp = await startMcp(shop)
  const readers = await newKey(shop)
  await lock()
  const client = await connect(mcp.url, readers)
  const cancelling = new AbortController()
  const asked = client.callTool({ name: 'products_by_sku', arguments: { sku: 'nothing' } }, undefined, {
    signal: cancelling.signal,
  })
  asked.catch(() => undefined)
  await begun()
  cancelling.abort('enough')
  await assert.rejects(asked)
  await ended()

  const leaving = new AbortController()
  const message = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'products_by_sku', arguments: { sku: 'nothing' } },
  }
  const left = fetch(mcp.url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${readers}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify(message),
    signal: leaving.signal,
  })
  left.catch(() => undefined)
  await begun()
  leaving.abort()
  await assert.rejects(left)
  await ended()
})

test('command line: Ctrl-C ends the statement, and the limit is told to people', async (t) => {
  const cwd = await newFolder(t)
  const { consumerKey, consumerSecret } = shop.shop.info
  const env = {
    DATABASE_URL: database.url,
    WOOCOMMERCE_URL: shop.server.url,
    WOOCOMMERCE_KEY: consumerKey,
    WOOCOMMERCE_SECRET: consumerSecret,
  }
  const ask = (more = {}) => start(['products', 'by-sku', 'nothing'], { cwd, env: { ...env, ...more } })
  // The first process looks through the rows once, and would wait for the lock before it is asked anything.
  assert.equal((await ask().ended).code, 0)
  await lock()
  const running = ask()
  await begun()
  running.child.kill('SIGINT')
  const { code: exit, stderr } = await running.ended
  assert.equal(exit, 130, stderr)
  await ended()
  const slow = await ask({ QUESTION_TIME_LIMIT_SECONDS: '0.3' }).ended
  assert.equal(slow.code, 1)
  assert.match(slow.stderr, /more than 0.3 s and was stopped/)
  await ended()
})

test('after all this everybody is answered again', async () => {
  assert.equal((await shop.ask(operations.products.bySku, { sku: 'nothing' })).product, null)
})
