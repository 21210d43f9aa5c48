import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openDatabase } from '../../src/database/open.ts'
import { type TestDatabase, testDatabase, testLogger } from '../database.ts'
import { newFolder, serverOf, stopAtEnd, until } from './private-folder.ts'

async function opened(url: string) {
  return openDatabase({
    url,
    dataDirectory: '',
    poolSize: 2,
    applicationName: 'woosync-test',
    logger: testLogger,
  })
}

/** Makes the functions that tell clock and version tell something else to whoever names them plainly. */
async function pretend(database: TestDatabase, functions: string): Promise<void> {
  await database.pool.query(`
    CREATE SCHEMA pretended;
    ${functions};
    ALTER DATABASE ${database.name} SET search_path = pretended, pg_catalog, public`)
}

test('without a URL the private Postgres is opened, and closed with the last one', async (t) => {
  const data = join(await newFolder(t), 'data')
  stopAtEnd(t, data)
  const options = { dataDirectory: data, applicationName: 'woosync-test', logger: testLogger }
  const database = await openDatabase(options)
  const { rows } = await database.pool.query('SELECT current_database() AS name, 1::bigint AS one')
  assert.deepEqual(rows, [{ name: 'woosync', one: 1 }])
  assert.match(database.version, /^\d+\.\d+$/)
  const second = await openDatabase(options)
  await Promise.all([database.close(), database.close()])
  assert.equal((await second.pool.query('SELECT 1')).rowCount, 1)
  await second.close()
  assert.equal(await serverOf(data), undefined)
})

test('values come out exact', async (t) => {
  const database = await testDatabase(t, { migrations: 'none' })
  const { rows } = await database.pool.query(`
    SELECT 9007199254740991::bigint AS id, ARRAY[1, NULL]::bigint[] AS ids,
      0.10::numeric AS money, ARRAY[0.10, 20]::numeric(10, 2)[] AS moneys,
      '2024-03-31'::date AS day, ARRAY['2024-03-31']::date[] AS days,
      '2024-03-31 02:30'::timestamp AS local,
      '2024-03-31 02:30+02'::timestamptz AS moment,
      '{"a": [1, null]}'::jsonb AS record, 0.5::float8 AS share`)
  assert.deepEqual(rows, [
    {
      id: 9007199254740991,
      ids: [1, null],
      money: '0.10',
      moneys: ['0.10', '20.00'],
      day: '2024-03-31',
      days: ['2024-03-31'],
      local: '2024-03-31 02:30:00',
      moment: new Date('2024-03-31T00:30:00Z'),
      record: { a: [1, null] },
      share: 0.5,
    },
  ])
  await assert.rejects(database.pool.query('SELECT 9007199254740993::bigint'), RangeError)
  assert.equal((await database.pool.query('SELECT 1 AS one')).rows[0].one, 1, 'the client is still usable')
  const session = await database.direct()
  assert.equal((await session.query('SELECT 7::bigint AS id')).rows[0].id, 7)
  await session.end()
})

test('the clock is the database’s, never ahead of it and close behind it', async (t) => {
  const base = await testDatabase(t, { migrations: 'none' })
  await pretend(
    base,
    `CREATE FUNCTION pretended.clock_timestamp() RETURNS timestamptz LANGUAGE sql
     AS $$ SELECT pg_catalog.clock_timestamp() + interval '7 minutes' $$`,
  )
  const database = await opened(base.url)
  try {
    for (let look = 0; look < 20; look++) {
      const { rows } = await database.pool.query<{ before: Date }>('SELECT clock_timestamp() AS before')
      const clock = database.clock()
      const after = await database.pool.query<{ after: Date }>('SELECT clock_timestamp() AS after')
      assert.ok(clock <= after.rows[0]!.after.getTime(), 'never later than the true one')
      assert.ok(clock > rows[0]!.before.getTime() - 1_000, 'and not a second earlier')
    }
    assert.ok(database.clock() - Date.now() > 6.9 * 60_000)
  } finally {
    await database.close()
  }
})

test('a server too old for us is refused', async (t) => {
  const base = await testDatabase(t, { migrations: 'none' })
  await pretend(
    base,
    `CREATE FUNCTION pretended.current_setting(text) RETURNS text LANGUAGE sql
     AS $$ SELECT CASE $1 WHEN 'server_version' THEN '13.9 (Debian 13.9-1)' ELSE '130009' END $$`,
  )
  await assert.rejects(opened(base.url), {
    code: 'database_too_old',
    data: { version: '13.9', needed: 14 },
  })
})

test('a connection that breaks while idle or checked out does not end the process', async (t) => {
  const database = await testDatabase(t, { migrations: 'none', poolSize: 3 })
  const client = await database.pool.connect()
  const idle = await database.pool.connect()
  idle.release()
  const session = await database.direct()
  const ended = Promise.all(
    [client, session].map((each) => new Promise((end) => each.once('end', () => end(true)))),
  )
  await database.transaction((killer) =>
    killer.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    ),
  )
  await ended
  client.release(true)
  await until('the pool has new connections', async () => {
    const { rowCount } = await database.pool.query('SELECT 1')
    return rowCount === 1
  })
})

test('reads go to the replica, sessions around the pooler', async (t) => {
  const main = await testDatabase(t, { migrations: 'none' })
  const replica = await testDatabase(t, { migrations: 'none' })
  const around = await testDatabase(t, { migrations: 'none' })
  const database = await openDatabase({
    url: main.url,
    readUrl: replica.url,
    directUrl: around.url,
    dataDirectory: '',
    applicationName: 'woosync-test',
    logger: testLogger,
  })
  try {
    const question = 'SELECT current_database() AS name'
    assert.equal((await database.pool.query(question)).rows[0].name, main.name)
    assert.equal((await database.readPool.query(question)).rows[0].name, replica.name)
    const session = await database.direct()
    assert.equal((await session.query(question)).rows[0].name, around.name)
  } finally {
    await database.close()
  }
})
