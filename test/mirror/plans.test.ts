/** The plans of the statements that run all the time, on a table that has grown. */
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type pg from 'pg'
import { FEED_START, readChanges } from '../../src/mirror/changes.ts'
import { listStale } from '../../src/mirror/marks.ts'
import { extent, idAt, idsBetween, type MirrorList } from '../../src/mirror/positions.ts'
import { markDeleted } from '../../src/mirror/tombstones.ts'
import { type Batch, writeRecords } from '../../src/mirror/write.ts'
import { resources } from '../../src/store/resources.ts'
import { testDatabase } from '../database.ts'
import { order, seen } from './records.ts'

const ROWS = 200_000

const orders: MirrorList = {
  storeId: 1,
  resource: 'orders',
  statuses: resources.orders.statuses?.names ?? [],
}

let plans: string[] = []
async function grown(): Promise<pg.Client> {
  let session: pg.Client | undefined
  // Hooks run in the order they were made: ours must end its session before the database's looks for it.
  after(() => session?.end())
  const database = await testDatabase()
  session = await database.direct()
  await session.query(
    `INSERT INTO mirror.orders (store_id, id, status, created_at, modified_at, seen_at, content_hash, record, deleted_at)
     SELECT 1 + n % 2, n, CASE WHEN n % 50 = 0 THEN 'trash' ELSE 'completed' END, now(), now(), now(), 'x',
            jsonb_build_object('id', n, 'text', repeat('some text ', 12)),
            CASE WHEN n % 100 = 8 THEN now() END
     FROM generate_series(1, ${ROWS}) AS n`,
  )
  await session.query(
    `INSERT INTO mirror.order_lines (store_id, order_id, line_id)
     SELECT 1 + n % 2, n, n FROM generate_series(1, ${ROWS}) AS n`,
  )
  await session.query(
    `INSERT INTO mirror.changes (store_id, resource, id, change, way)
     SELECT 1 + n % 2, 'orders', n::text, 'created', 'backfill' FROM generate_series(1, ${ROWS / 2}) AS n`,
  )
  await session.query(
    `INSERT INTO mirror.stale (store_id, resource, id, reason)
     SELECT 1, 'orders', n::text, 'x' FROM generate_series(1, 20000) AS n`,
  )
  for (const table of ['orders', 'order_lines', 'changes', 'stale']) {
    await session.query(`VACUUM (ANALYZE) mirror.${table}`)
  }
  // Every statement of this session tells its plan: what is looked at is what the program runs.
  await session.query(`LOAD 'auto_explain'`)
  await session.query(
    `SET auto_explain.log_min_duration = 0; SET auto_explain.log_level = 'notice';
     SET client_min_messages = 'notice'`,
  )
  session.on('notice', ({ message }) => {
    if (message?.includes('plan:')) plans.push(message)
  })
  return session
}

describe(`with ${ROWS} orders`, async () => {
  const session = await grown()

  /** Runs the work and gives the plans that read the table. */
  async function plansOf(table: string, work: () => Promise<unknown>): Promise<string[]> {
    plans = []
    await work()
    const found = plans.filter((plan) => plan.includes(` on ${table} `) || plan.includes(` on ${table}\n`))
    assert.ok(found.length > 0, `nothing read ${table}:\n${plans.join('\n')}`)
    return found
  }

  function assertByIndex(found: readonly string[], index: RegExp) {
    for (const plan of found) {
      assert.doesNotMatch(plan, /Seq Scan/, plan)
      assert.match(plan, index)
    }
  }

  async function written(records: Batch['records']) {
    await session.query('BEGIN')
    const batch = { storeId: 1, resource: 'orders', way: 'follow', records } as const
    const outcome = await writeRecords(session, batch)
    await session.query('ROLLBACK')
    return outcome
  }

  const batchOf = (first: number, fields: object) =>
    Array.from({ length: 100 }, (_, at) =>
      seen('orders', order(first + 2 * at, { ...fields }), { seenAt: Date.now() + 10_000 }),
    )

  test('a batch of updates goes by the primary keys', async () => {
    const found = await plansOf('orders', async () => {
      const newer = { date_modified_gmt: '2099-01-01T00:00:00' }
      const { updated, restored } = await written(batchOf(80_000, newer))
      assert.deepEqual([updated, restored], [98, 2])
    })
    // Looked at, locked, written.
    assert.ok(found.length >= 3)
    assertByIndex(found, /orders_pkey/)
    const ofLines = plans.filter((plan) => plan.includes('DELETE FROM mirror.order_lines'))
    assert.equal(ofLines.length, 1)
    // The index of what was sold begins with the order, too.
    assertByIndex(ofLines, /order_lines_(pkey|sold)/)
  })

  test('a batch of new records too', async () => {
    const found = await plansOf('orders', async () => {
      assert.equal((await written(batchOf(ROWS + 1_000, {}))).created, 100)
    })
    assertByIndex(found, /orders_pkey/)
  })

  test('a tombstone goes by the primary key', async () => {
    const gone = Array.from({ length: 50 }, (_, at) => ({
      id: String(80_000 + 2 * at),
      evidence: '404',
      askedAt: Date.now() + 10_000,
    }))
    const found = await plansOf('orders', async () => {
      await session.query('BEGIN')
      assert.equal((await markDeleted(session, 1, 'orders', 'reconcile', gone)).length, 49)
      await session.query('ROLLBACK')
    })
    assertByIndex(found, /orders_pkey/)
  })

  test('counting and finding positions go by the index of what is present', async () => {
    const questions = [
      () => extent(session, orders),
      () => idAt(session, orders, 50_000),
      () => idsBetween(session, orders, '100', '5000'),
      () => idsBetween(session, orders, null, null),
    ]
    for (const question of questions) {
      const found = await plansOf('orders', question)
      assertByIndex(found, /orders_present/)
    }
    const none = { ...orders, statuses: null }
    for (const question of [() => extent(session, none), () => idAt(session, none, 50_000)]) {
      assertByIndex(await plansOf('orders', question), /orders_present/)
    }
  })

  test('reading on in the feed goes by its key', async () => {
    const { rows } = await session.query(
      `SELECT xid::text, seq FROM mirror.changes WHERE store_id = 1 ORDER BY xid, seq OFFSET 40000 LIMIT 1`,
    )
    for (const position of [FEED_START, rows[0]]) {
      assertByIndex(await plansOf('changes', () => readChanges(session, 1, position, 100)), /changes_pkey/)
    }
  })

  test('marks of a few records go by their key', async () => {
    const found = await plansOf('stale', () => written(batchOf(ROWS + 1_000, {})))
    // Whether there are any at all is seen at the first row, whichever way it is looked for.
    const removed = found.filter((plan) => plan.includes('DELETE FROM mirror.stale'))
    assert.equal(removed.length, 1)
    assertByIndex(removed, /stale_pkey/)
    assert.equal((await listStale(session, 1, 'orders', 10)).length, 10)
  })
})
