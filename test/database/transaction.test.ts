import assert from 'node:assert/strict'
import { test } from 'node:test'
import type pg from 'pg'
import { type TestDatabase, testDatabase } from '../database.ts'
import { until } from './private-folder.ts'

async function withTable(database: TestDatabase): Promise<void> {
  await database.pool.query('CREATE TABLE entries (id int PRIMARY KEY, amount int NOT NULL DEFAULT 0)')
}

async function ids(database: TestDatabase): Promise<number[]> {
  const { rows } = await database.pool.query<{ id: number }>('SELECT id FROM entries ORDER BY id')
  return rows.map(({ id }) => id)
}

test('what resolves is stored, what rejects is rolled back and comes out as it was', async (t) => {
  const database = await testDatabase(t, { migrations: 'none', poolSize: 1 })
  await withTable(database)
  const answer = await database.transaction(async (client) => {
    await client.query('INSERT INTO entries VALUES (1)')
    return 'stored'
  })
  assert.equal(answer, 'stored')
  const own = Object.assign(new Error('of our own'), { code: 'ECONNREFUSED' })
  const failing = database.transaction(async (client) => {
    await client.query('INSERT INTO entries VALUES (2)')
    throw own
  })
  await assert.rejects(failing, own)
  assert.deepEqual(await ids(database), [1])
})

test('errors of the data keep their SQLSTATE', async (t) => {
  const database = await testDatabase(t, { migrations: 'none', poolSize: 1 })
  await withTable(database)
  const twice = (client: pg.PoolClient) => client.query('INSERT INTO entries VALUES (1), (1)')
  await assert.rejects(database.transaction(twice), { code: '23505' })
  const tooLarge = (client: pg.PoolClient) => client.query('INSERT INTO entries VALUES (3000000000)')
  await assert.rejects(database.transaction(tooLarge), { code: '22003' })
})

test('a failed statement that was passed over is not taken for stored', async (t) => {
  const database = await testDatabase(t, { migrations: 'none', poolSize: 1 })
  await withTable(database)
  const careless = database.transaction(async (client) => {
    await client.query('INSERT INTO entries VALUES (1)')
    await client.query('INSERT INTO entries VALUES (1)').catch(() => undefined)
  })
  await assert.rejects(careless, { code: 'internal' })
  assert.deepEqual(await ids(database), [])
})

test('of two in a deadlock both are stored, one of them run again', async (t) => {
  const database = await testDatabase(t, { migrations: 'none', poolSize: 2 })
  await withTable(database)
  await database.pool.query('INSERT INTO entries VALUES (1), (2)')
  let runs = 0
  const bothHoldOne = Promise.withResolvers<void>()
  const add = (first: number, second: number) =>
    database.transaction(async (client) => {
      runs++
      await client.query('UPDATE entries SET amount = amount + 1 WHERE id = $1', [first])
      if (runs === 2) bothHoldOne.resolve()
      await bothHoldOne.promise
      await client.query('UPDATE entries SET amount = amount + 1 WHERE id = $1', [second])
    })
  await Promise.all([add(1, 2), add(2, 1)])
  assert.equal(runs, 3)
  const { rows } = await database.pool.query('SELECT amount FROM entries ORDER BY id')
  assert.deepEqual(rows, [{ amount: 2 }, { amount: 2 }])
})

test('a serialization failure is run again', async (t) => {
  const database = await testDatabase(t, { migrations: 'none', poolSize: 2 })
  await withTable(database)
  await database.pool.query('INSERT INTO entries VALUES (1)')
  let runs = 0
  await database.transaction(async (client) => {
    runs++
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
    await client.query('SELECT * FROM entries')
    if (runs === 1) await database.pool.query('UPDATE entries SET amount = 5')
    await client.query('UPDATE entries SET amount = amount + 1')
  })
  assert.equal(runs, 2)
  assert.equal((await database.pool.query('SELECT amount FROM entries')).rows[0].amount, 6)
})

test('a session ended by the server in the middle: database_lost, nothing stored, the pool goes on', async (t) => {
  const database = await testDatabase(t, { migrations: 'none', poolSize: 2 })
  await withTable(database)
  const cut = database.transaction(async (client) => {
    await client.query('INSERT INTO entries VALUES (1)')
    await client.query('SELECT pg_terminate_backend(pg_backend_pid())')
  })
  await assert.rejects(cut, { code: 'database_lost' })
  assert.deepEqual(await ids(database), [])
})

test('an aborted signal cancels what runs on the server and rolls back', async (t) => {
  // One connection: the cancelling must not need another of the pool.
  const database = await testDatabase(t, { migrations: 'none', poolSize: 1 })
  const watcher = await testDatabase(t, { migrations: 'none', poolSize: 1 })
  await withTable(database)
  const abort = new AbortController()
  const reason = new Error('the run was stopped')
  const long = database.transaction(
    async (client) => {
      await client.query('INSERT INTO entries VALUES (1)')
      await client.query('SELECT pg_sleep(600)')
    },
    { signal: abort.signal },
  )
  const sleeping = async () => {
    const { rowCount } = await watcher.pool.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND state = 'active' AND query LIKE '%pg_sleep(600)%'`,
      [database.name],
    )
    return rowCount === 1
  }
  await until('the statement runs', sleeping)
  abort.abort(reason)
  await assert.rejects(long, reason)
  assert.equal(await sleeping(), false)
  assert.deepEqual(await ids(database), [])
  const late = database.transaction(async () => 'never', { signal: abort.signal })
  await assert.rejects(late, reason)
  const unharmed = await database.transaction(async () => 'stored', { signal: new AbortController().signal })
  assert.equal(unharmed, 'stored')
})

test('aborted while the work does something else: it is rolled back all the same', async (t) => {
  const database = await testDatabase(t, { migrations: 'none', poolSize: 1 })
  await withTable(database)
  const abort = new AbortController()
  const reason = new Error('the run was stopped')
  const work = database.transaction(
    async (client) => {
      await client.query('INSERT INTO entries VALUES (1)')
      abort.abort(reason)
    },
    { signal: abort.signal },
  )
  await assert.rejects(work, reason)
  assert.deepEqual(await ids(database), [])
})
