/** Statements that would go on without end are ended in Postgres itself: by their limit, and when nobody waits any more. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import pg from 'pg'
import { type Asking, createAsking, unlessLeaving } from '../../src/database/asking.ts'
import { testDatabase } from '../database.ts'
import { skipWithoutPooler, startPooler } from './pooler.ts'
import { atEnd, until } from './private-folder.ts'

const database = await testDatabase()
const LONG = 'SELECT pg_sleep(120)'

/** Statements of the given pattern that Postgres is at work on. */
async function atWork(pattern = 'pg_sleep'): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    `SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND query LIKE '%' || $1 || '%'`,
    [pattern],
  )
  return rows[0]?.count ?? 0
}

const nothingAtWork = () => until('Postgres is at rest', async () => (await atWork()) === 0)

function ask(pool: pg.Pool, limitMs: number, signal = new AbortController().signal): Asking {
  return createAsking(pool, { limitMs, signal })
}

const ways = {
  'a statement': (asking: Asking) => asking.query(LONG),
  'what several share': (asking: Asking) => asking.shared.query(LONG),
  'a snapshot': (asking: Asking) => asking.inSnapshot((client) => client.query(LONG)),
  'a snapshot of many statements': (asking: Asking) =>
    asking.inSnapshot(async (client) => {
      for (;;) await client.query('SELECT pg_sleep(0.01)')
    }),
}

const doors = {
  directly: async () => database.pool,
  'through a pooler': async (t: TestContext) => {
    const pool = new pg.Pool({ connectionString: await startPooler(t, database.name), max: 3 })
    pool.on('error', () => undefined)
    atEnd(t, () => pool.end())
    return pool
  },
}

for (const [door, open] of Object.entries(doors)) {
  const skip = door === 'directly' ? false : skipWithoutPooler
  test(`what is too slow is ended, ${door}`, { skip }, async (t) => {
    const pool = await open(t)
    for (const [way, run] of Object.entries(ways)) {
      const fault = { code: 'question_too_slow', status: 504, data: { seconds: 0.2 } }
      await assert.rejects(run(ask(pool, 200)), fault, way)
      await nothingAtWork()
      assert.equal((await ask(pool, 200).query<{ one: number }>('SELECT 1 AS one')).rows[0]?.one, 1)
    }
  })

  test(`whoever leaves takes the statement along, ${door}`, { skip }, async (t) => {
    const pool = await open(t)
    for (const [way, run] of Object.entries(ways)) {
      if (way === 'what several share') continue
      const leaving = new AbortController()
      const asked = run(ask(pool, 100_000, leaving.signal))
      await until(`${way} is at work`, async () => (await atWork()) === 1)
      leaving.abort(new Error('gone'))
      await assert.rejects(asked, { message: 'gone' }, way)
      await nothingAtWork()
    }
  })
}

test('a statement that waits for a lock is ended too, and the lock is no longer waited for', async () => {
  await database.pool.query('CREATE TABLE public.things (id integer)')
  const holder = await database.direct()
  await holder.query('BEGIN; LOCK TABLE public.things')
  const asked = ask(database.pool, 200).query('SELECT * FROM public.things')
  await assert.rejects(asked, { code: 'question_too_slow' })
  await until('nobody waits', async () => (await atWork('* FROM public.things')) === 0)
  await holder.end()
})

test('a limit that the server has of its own is told like ours', async () => {
  const asked = ask(database.pool, 100_000).inSnapshot(async (client) => {
    await client.query(`SET LOCAL statement_timeout = 50`)
    await client.query(LONG)
  })
  await assert.rejects(asked, { code: 'question_too_slow' })
})

test('in a transaction the server knows the limit as well: it holds when this process is killed', async () => {
  const { rows } = await ask(database.pool, 1234.5).inSnapshot((client) =>
    client.query<{ limit: string }>(`SELECT current_setting('statement_timeout') AS limit`),
  )
  assert.equal(rows[0]?.limit, '1235ms')
  const after = await database.pool.query(`SELECT current_setting('statement_timeout') AS limit`)
  assert.equal(after.rows[0]?.limit, '0')
})

test('whoever leaves while all connections are busy does not wait for one, and none is lost', async () => {
  const pool = new pg.Pool({ connectionString: database.url, max: 1 })
  const busy = await pool.connect()
  const leaving = new AbortController()
  const asked = ask(pool, 100_000, leaving.signal).query('SELECT 1')
  leaving.abort(new Error('gone'))
  await assert.rejects(asked, { message: 'gone' })
  busy.release()
  await ask(pool, 100_000).query('SELECT 1')
  assert.deepEqual([pool.totalCount, pool.idleCount], [1, 1])
  await pool.end()
})

test('errors keep their connection, in and out of a snapshot', async () => {
  const pool = new pg.Pool({ connectionString: database.url, max: 1 })
  const { rows: before } = await pool.query('SELECT pg_backend_pid() AS pid')
  await assert.rejects(ask(pool, 1000).query('SELECT 1 / 0'), { code: '22012' })
  await assert.rejects(
    ask(pool, 1000).inSnapshot((client) => client.query('SELECT 1 / 0')),
    { code: '22012' },
  )
  await assert.rejects(
    ask(pool, 1000).inSnapshot(async () => assert.fail('of our own')),
    { message: 'of our own' },
  )
  assert.deepEqual((await pool.query('SELECT pg_backend_pid() AS pid')).rows, before)
  await pool.end()
})

test('a connection that breaks is told, and not used again', async () => {
  const pool = new pg.Pool({ connectionString: database.url, max: 1 })
  pool.on('error', () => undefined)
  pool.on('connect', (client: pg.PoolClient) => client.on('error', () => undefined))
  for (const way of ['a statement', 'a snapshot'] as const) {
    const asked = ways[way](ask(pool, 100_000))
    asked.catch(() => undefined)
    await until('it is at work', async () => (await atWork()) === 1)
    await database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()`,
    )
    await assert.rejects(asked, { code: '57P01' })
    await ask(pool, 1000).query('SELECT 1')
  }
  await pool.end()
})

test('whoever has left already gets nothing, and what others wait for may fail without them', async () => {
  const gone = AbortSignal.abort(new Error('gone'))
  await assert.rejects(ask(database.pool, 1000, gone).query('SELECT 1'), { message: 'gone' })
  await assert.rejects(unlessLeaving(Promise.reject(new Error('failed')), gone))
})
