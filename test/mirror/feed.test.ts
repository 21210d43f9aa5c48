import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type pg from 'pg'
import {
  appendChanges,
  CHANGES_CHANNEL,
  FEED_START,
  type FeedEntry,
  type FeedPosition,
  pruneChanges,
  readChanges,
} from '../../src/mirror/changes.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import { order, seen, write } from './records.ts'

const transactions = process.env.CI === 'true' ? 3000 : 400

/** A seeded draw, so that a failure can be looked at again. */
function drawer(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const append = (client: pg.ClientBase, ids: readonly string[], storeId = 1) =>
  appendChanges(
    client,
    storeId,
    'orders',
    'follow',
    ids.map((id) => ({ id, kind: 'updated', modifiedAt: null })),
  )

function isAfter(one: FeedPosition, other: FeedPosition): boolean {
  const [a, b] = [BigInt(one.xid), BigInt(other.xid)]
  return a > b || (a === b && one.seq > other.seq)
}

/**
 * Reads on from where it stood, a few entries at a time, until all were written and none of them can be held
 * back any more: a transaction in any database of the server does that, and other tests run beside this one.
 */
async function follow(database: TestDatabase, written: () => boolean): Promise<FeedEntry[]> {
  const given: FeedEntry[] = []
  let at = FEED_START
  for (;;) {
    const last = written() && (await isOpen(database))
    let entries: FeedEntry[]
    do {
      entries = await readChanges(database.pool, 1, at, 7)
      for (const entry of entries) {
        assert.ok(isAfter(entry, at), 'an entry appeared before one already given')
        at = { xid: entry.xid, seq: entry.seq }
        given.push(entry)
      }
    } while (entries.length > 0)
    if (last) return given
  }
}

/** Whether every entry there is may be given out. */
async function isOpen(database: TestDatabase): Promise<boolean> {
  const { rows } = await database.pool.query(
    `SELECT NOT EXISTS (SELECT 1 FROM mirror.changes WHERE xid >= pg_snapshot_xmin(pg_current_snapshot())) AS open`,
  )
  return rows[0].open
}

describe('a reader beside many writers', () => {
  test('sees each entry once, and none before one already given', async (t) => {
    const database = await testDatabase(t, { poolSize: 12 })
    const draw = drawer(Number(process.env.SEED ?? 7))
    let open = 0
    let next = 0
    const committed: string[] = []

    /** Transactions of several steps, ended in an order that is not the one they began in. */
    async function writer() {
      while (next < transactions) {
        const mine = next++
        const client = await database.pool.connect()
        try {
          open++
          await client.query('BEGIN')
          const ids: string[] = []
          for (let step = 0; step <= draw(4); step++) {
            const id = `${mine}-${step}`
            await append(client, [id])
            ids.push(id)
          }
          const rolledBack = draw(10) === 0
          await client.query(rolledBack ? 'ROLLBACK' : 'COMMIT')
          if (!rolledBack) committed.push(...ids)
        } finally {
          open--
          client.release()
        }
      }
    }

    const writers = Promise.all(Array.from({ length: 8 }, writer))
    let done = false
    const marked = writers.then(() => {
      done = true
    })
    const readers = await Promise.all([follow(database, () => done), follow(database, () => done)])
    await marked
    assert.equal(open, 0)
    assert.ok(committed.length >= transactions)
    for (const given of readers) {
      const ids = given.map((entry) => entry.id)
      assert.equal(new Set(ids).size, ids.length, 'an entry was given twice')
      assert.deepEqual(ids.toSorted(), committed.toSorted())
    }
    // Without the transactions in the order, entries of one that committed late would be passed over.
    const [first] = readers
    const bySequence = first?.toSorted((a, b) => a.seq - b.seq)
    assert.notDeepEqual(bySequence, first, 'transactions never overlapped: the test tested nothing')
  })

  test('waits for a transaction that began earlier and commits later', async (t) => {
    const database = await testDatabase(t)
    const [early, late] = [await database.pool.connect(), await database.pool.connect()]
    try {
      await early.query('BEGIN')
      await append(early, ['early'])
      await late.query('BEGIN')
      await append(late, ['late'])
      await late.query('COMMIT')
      assert.deepEqual(await readChanges(database.pool, 1, FEED_START, 10), [])
      await early.query('COMMIT')
      const entries = await follow(database, () => true)
      assert.deepEqual(
        entries.map((entry) => entry.id),
        ['early', 'late'],
      )
    } finally {
      early.release()
      late.release()
    }
  })
})

test('transactions are in the order of numbers, not of texts', async (t) => {
  const database = await testDatabase(t)
  for (const xid of ['10', '9', '100', '99', '11']) {
    await database.pool.query(
      `INSERT INTO mirror.changes (store_id, xid, resource, id, change, way)
       VALUES (1, $1::xid8, 'orders', $1, 'updated', 'follow')`,
      [xid],
    )
  }
  const given: string[] = []
  let at = FEED_START
  for (;;) {
    const [entry] = await readChanges(database.pool, 1, at, 1)
    if (!entry) break
    given.push(entry.id)
    at = entry
  }
  assert.deepEqual(given, ['9', '10', '11', '99', '100'])
})

test('an entry says what, which way, and when in the shop', async (t) => {
  const database = await testDatabase(t)
  await write(database, 'orders', [seen('orders', order(5), { seenAt: 1000 })], { way: 'delivery' })
  const [entry] = await follow(database, () => true)
  assert.ok(entry)
  const { xid, seq, at, ...rest } = entry
  assert.match(xid, /^\d+$/)
  assert.equal(typeof seq, 'number')
  assert.ok(at instanceof Date)
  assert.deepEqual(rest, {
    resource: 'orders',
    id: '5',
    change: 'created',
    way: 'delivery',
    note: null,
    modifiedAt: new Date('2026-05-01T09:00:00Z'),
  })
  assert.deepEqual(await readChanges(database.pool, 2, FEED_START, 10), [], 'another store has none of it')
})

test('whoever listens is told when the transaction commits, once for each store and resource', async (t) => {
  const database = await testDatabase(t)
  const session = await database.direct()
  const heard: string[] = []
  const told = new Promise<void>((resolve) => {
    session.on('notification', ({ channel, payload }) => {
      heard.push(`${channel}: ${payload}`)
      if (payload === '3 orders') resolve()
    })
  })
  await session.query(`LISTEN ${CHANGES_CHANNEL}`)
  await database
    .transaction(async (client) => {
      await append(client, ['1'], 9)
      throw new Error('rolled back')
    })
    .catch(() => undefined)
  await database.transaction((client) => append(client, ['1', '2'], 2))
  await database.transaction((client) => append(client, [], 4))
  await database.transaction((client) => append(client, ['1'], 3))
  await told
  await session.end()
  assert.deepEqual(heard, ['woosync_changes: 2 orders', 'woosync_changes: 3 orders'])
})

describe('pruning', () => {
  test('removes what is older, in bounded steps, and nothing else', async (t) => {
    const database = await testDatabase(t)
    await database.pool.query(
      `INSERT INTO mirror.changes (store_id, resource, id, change, way, at)
       SELECT 1 + n % 2, 'orders', n::text, 'updated', 'follow', now() - make_interval(days => CASE WHEN n <= 25000 THEN 8 ELSE 6 END)
       FROM generate_series(1, 25100) AS n`,
    )
    const removed: number[] = []
    const counting = {
      query: async (...args: Parameters<pg.Pool['query']>) => {
        const result = (await database.pool.query(...args)) as unknown as pg.QueryResult
        removed.push(result.rowCount ?? 0)
        return result
      },
    } as unknown as pg.Pool
    assert.equal(await pruneChanges(counting, 7), 25_000)
    assert.deepEqual(removed, [10_000, 10_000, 5_000])
    const { rows } = await database.pool.query(
      'SELECT count(*) AS left, min(id::int) AS first FROM mirror.changes',
    )
    assert.deepEqual(rows, [{ left: 100, first: 25_001 }])
    assert.equal(await pruneChanges(database.pool, 7), 0)
  })
})
