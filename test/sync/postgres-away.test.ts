/** Postgres that goes away in the middle and comes back; and a run whose lock went with its connection. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import pg from 'pg'
import { generateShop } from '../../demo/generate/shop.ts'
import { startDemoServer } from '../../demo/server.ts'
import { createWrites } from '../../demo/writes.ts'
import { migrate } from '../../src/database/migrate.ts'
import { openDatabase } from '../../src/database/open.ts'
import { startPrivatePostgres } from '../../src/database/private-postgres.ts'
import { toWooSyncError, type WooSyncError } from '../../src/errors.ts'
import type { SyncContext } from '../../src/sync/context.ts'
import { entomb } from '../../src/sync/gone.ts'
import { writePage } from '../../src/sync/pages.ts'
import { withRun } from '../../src/sync/run.ts'
import { syncAll } from '../../src/sync/sync.ts'
import { verification } from '../../src/sync/verify.ts'
import { atEnd, newFolder, serverOf, stopAtEnd, until } from '../database/private-folder.ts'
import { type TestDatabase, testDatabase, testLogger, testPostgres } from '../database.ts'
import { type MirroredShop, openContext } from '../shop.ts'
import { shopBeside } from './shop-beside.ts'
import { assertMirrorIsShop, mirrorDigest } from './shop-rows.ts'

const database = await testDatabase()
const NAMES = ['orders', 'refunds', 'products', 'customers', 'tax_classes'] as const
const LOST = new Set(['sync_lock_lost', 'database_lost', 'database_unreachable'])

/** A shop whose n-th answered request from now makes something happen. */
async function eventful(t: TestContext, seed: number) {
  let left = 0
  let act = async () => {}
  let acting: Promise<void> | undefined
  const onRequest = () => {
    if (--left === 0) acting = act()
  }
  const shop = generateShop({ seed, orders: 420, products: 20, days: 60 })
  const mirrored = await shopBeside(t, database, { shop, client: { onRequest } })
  return {
    ...mirrored,
    /** Synchronises; after so many requests that happens, and is over when the run is. */
    async sync(requests = 0, happens = async () => {}) {
      left = requests
      act = happens
      const results = await syncAll(mirrored.context, { full: false, resources: NAMES })
      await acting
      return results.flatMap(({ fault }) => fault ?? [])
    },
  }
}

async function asAdmin(statement: string, values: unknown[]): Promise<number> {
  const { connection } = await testPostgres()
  const session = new pg.Client({ ...connection, database: 'postgres' })
  await session.connect()
  try {
    return (await session.query(statement, values)).rowCount ?? 0
  } finally {
    await session.end()
  }
}

async function endAllSessions() {
  await asAdmin(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = $1 AND backend_type = 'client backend'`,
    [database.name],
  )
}

async function endLockSession() {
  const ended = await asAdmin(
    // Waits until it is gone, and its locks with it.
    `SELECT pg_terminate_backend(pid, 5000) FROM
       (SELECT DISTINCT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE d.datname = $1 AND l.locktype = 'advisory') AS holders`,
    [database.name],
  )
  assert.ok(ended > 0, 'nobody held a lock')
}

function assertLost(faults: readonly WooSyncError[]) {
  assert.ok(faults.length > 0, 'nothing failed')
  for (const { code } of faults) assert.ok(LOST.has(code), `ended with ${code}`)
}

async function assertWhole(mirrored: MirroredShop) {
  await assertMirrorIsShop(mirrored, NAMES)
  const told = await verification(mirrored.database.pool, mirrored.context.store)
  const open = told.resources.filter(({ resource }) => (NAMES as readonly string[]).includes(resource))
  assert.deepEqual(
    open.flatMap(({ reasons }) => reasons),
    [],
  )
}

test('all sessions ended in the middle: the run says so, and the next one goes on', async (t) => {
  const moments = process.env.CI === 'true' ? [1, 2, 3, 5, 7, 9, 11, 13, 15, 17] : [1, 5, 12]
  for (const moment of moments) {
    await t.test(`after ${moment} requests of the first copy, and of a follow`, async (t) => {
      const shop = await eventful(t, 500 + moment)
      assertLost(await shop.sync(moment, endAllSessions))
      assert.deepEqual(await shop.sync(), [])
      await assertWhole(shop)

      const writes = createWrites(shop.shop)
      for (const { id } of shop.shop.orders.sorted('id').slice(0, 130)) {
        writes.updateOrder(id, { customer_note: 'schimbat' })
      }
      await shop.sync(1 + (moment % 4), endAllSessions)
      assert.deepEqual(await shop.sync(), [])
      await assertWhole(shop)
    })
  }
})

test('the lock’s session ended: the run stops with sync_lock_lost, and the next one takes over', async (t) => {
  const shop = await eventful(t, 541)
  const faults = await shop.sync(4, endLockSession)
  assert.ok(faults.some(({ code }) => code === 'sync_lock_lost'))
  for (const { code } of faults) assert.equal(code, 'sync_lock_lost')
  assert.deepEqual(await shop.sync(), [])
  await assertWhole(shop)
})

test('a run that does not know that it lost its lock writes nothing more', async (t) => {
  const shop = await eventful(t, 551)
  assert.deepEqual(await shop.sync(), [])
  const [order] = shop.shop.orders.sorted('id')
  assert.ok(order)
  const stale = shop.shop.orders.body(order)
  // As where the network is cut between this process and Postgres, and nobody has noticed here yet.
  const noticed = Promise.withResolvers<unknown>()
  const unaware: SyncContext = {
    ...shop.context,
    locks: {
      ...shop.context.locks,
      tryHold: async (key, signal) => {
        const lock = await shop.context.locks.tryHold(key, signal)
        lock?.lost.addEventListener('abort', noticed.resolve)
        return lock && { ...lock, lost: new AbortController().signal }
      },
    },
  }
  const run = withRun(unaware, { resource: 'orders', kind: 'follow' }, async (one) => {
    await endLockSession()
    // The others of this process have a session again; only this run knows nothing.
    await noticed.promise
    createWrites(shop.shop).updateOrder(order.id, { customer_note: 'schimbat' })
    assert.deepEqual(await shop.sync(), [])
    const before = await mirrorDigest(database.pool, shop.context.store.id)
    const gone = { id: String(order.id), evidence: 'none', askedAt: Date.now() + 60_000 }
    for (const write of [
      () => writePage(one, { rows: [stale], sentAt: Date.now() + 60_000, source: 'answer' }),
      () => entomb(one, [gone]),
    ]) {
      const fault = await write().then(() => null, toWooSyncError)
      assert.equal(fault?.code, 'sync_lock_lost')
    }
    assert.deepEqual(await mirrorDigest(database.pool, shop.context.store.id), before)
  })
  await run
  await assertWhole(shop)
})

test('a Postgres that crashes in the middle and is started again loses nothing', async (t) => {
  const dataDirectory = await newFolder(t)
  stopAtEnd(t, dataDirectory)
  const own = await startPrivatePostgres({ dataDirectory, logger: testLogger })
  atEnd(t, () => own.release())
  const opened = await openDatabase({
    url: own.url,
    dataDirectory,
    applicationName: 'woosync-test',
    logger: testLogger,
  })
  atEnd(t, () => opened.close())
  await migrate(opened, { logger: testLogger })
  const crashing: TestDatabase = { ...opened, url: own.url, name: 'woosync' }

  const shop = generateShop({ seed: 561, orders: 420, products: 20, days: 60 })
  const server = await startDemoServer({ shop })
  atEnd(t, () => server.close())
  let left = 0
  let crash: Promise<unknown> | undefined
  const onRequest = () => {
    if (--left === 0) crash = crashOf(dataDirectory)
  }
  const context = await openContext(crashing, server, { shop, client: { onRequest } })
  atEnd(t, async () => {
    await context.client.close()
    await context.locks.close()
  })
  left = 9
  const results = await syncAll(context, { full: false, resources: NAMES })
  await crash
  assertLost(results.flatMap(({ fault }) => fault ?? []))

  const again = await startPrivatePostgres({ dataDirectory, logger: testLogger })
  atEnd(t, () => again.release())
  for (const { fault } of await syncAll(context, { full: false, resources: NAMES })) assert.equal(fault, null)
  await assertWhole({ shop, server, database: crashing, context: context })
})

/** Ends the server without a goodbye, as a machine does that loses its power. */
async function crashOf(dataDirectory: string): Promise<void> {
  const pid = await serverOf(dataDirectory)
  assert.ok(pid)
  process.kill(pid, 'SIGQUIT')
  await until('the server is gone', async () => (await serverOf(dataDirectory)) === undefined)
}
