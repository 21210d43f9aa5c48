/** Keys of customers: the same for whoever is the same, and no help to find out who it is. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { migrate, migrationsFolder, readMigrations } from '../../src/database/migrate.ts'
import { newFolder } from '../database/private-folder.ts'
import { type TestDatabase, testDatabase, testLogger } from '../database.ts'

const BEFORE_THE_SECRET = '0010'

async function keyOf(database: TestDatabase, store: number, email: string | null): Promise<string | null> {
  const { rows } = await database.pool.query('SELECT mirror.customer_key($1, $2) AS key', [store, email])
  return rows[0].key
}

test('one customer has one key, however the e-mail is written', async (t) => {
  const database = await testDatabase(t)
  const key = await keyOf(database, 1, 'ștefan.É@example.com')
  assert.match(key ?? '', /^[0-9a-f]{16}$/)
  assert.equal(await keyOf(database, 1, '  ȘTEFAN.é@Example.COM '), key)
  assert.notEqual(await keyOf(database, 2, 'ștefan.É@example.com'), key)
  assert.deepEqual([await keyOf(database, 1, '  '), await keyOf(database, 1, null)], [null, null])
  // Nothing in an e-mail is read as an escape.
  const odd = ['a\\', 'a\\\\', 'a\\x41', 'aA', 'a\\101', '\\x61', "a'", 'a:b', 'a%sb']
  const keys = await Promise.all(odd.map((email) => keyOf(database, 1, email)))
  assert.equal(new Set(keys).size, odd.length)
})

test('another database has another key, and none can be worked out from the e-mail', async (t) => {
  const databases = [
    await testDatabase(t, { migrations: 'none' }),
    await testDatabase(t, { migrations: 'none' }),
  ]
  for (const database of databases) await migrate(database, { logger: testLogger })
  const [one, other] = await Promise.all(databases.map((database) => keyOf(database, 1, 'ana@example.com')))
  assert.notEqual(one, other)
  for (const guess of ['1:ana@example.com', 'ana@example.com', '1ana@example.com', ':1:ana@example.com']) {
    const plain = createHash('sha256').update(guess).digest('hex')
    assert.ok(!plain.startsWith(one ?? plain) && !plain.startsWith(other ?? plain), guess)
  }
})

test('rows written before the keys had a secret are found by the new ones, by their indexes', async (t) => {
  const database = await testDatabase(t, { migrations: 'none' })
  const folder = await newFolder(t)
  for (const { name } of await readMigrations(migrationsFolder)) {
    const file = `${name}.sql`
    if (name < BEFORE_THE_SECRET) await cp(join(migrationsFolder, file), join(folder, file))
  }
  await migrate(database, { folder, logger: testLogger })
  await database.pool.query(
    `INSERT INTO mirror.orders (store_id, id, status, billing_email, created_at, seen_at, content_hash, record)
     SELECT 1, n, 'completed', 'Person' || n % 500 || '@Example.com', now(), now(), 'x', '{}'
     FROM generate_series(1, 2000) AS n`,
  )
  await database.pool.query(
    `INSERT INTO mirror.customers (store_id, id, email, seen_at, content_hash, record)
     SELECT 1, n, 'person' || n || '@example.com', now(), 'x', '{}' FROM generate_series(1, 2000) AS n`,
  )
  await database.pool.query('ANALYZE mirror.orders, mirror.customers')
  const before = await keyOf(database, 1, 'person7@example.com')
  await migrate(database, { logger: testLogger })
  const key = await keyOf(database, 1, 'person7@example.com')
  assert.notEqual(key, before)

  const asked = {
    orders_customer_key: `SELECT id FROM mirror.orders WHERE store_id = $1
                          AND mirror.customer_key(store_id, billing_email) = $2 ORDER BY id`,
    customers_key: `SELECT id FROM mirror.customers WHERE store_id = $1 AND deleted_at IS NULL
                    AND mirror.customer_key(store_id, email) = $2`,
  }
  for (const [index, statement] of Object.entries(asked)) {
    const { rows } = await database.pool.query(`EXPLAIN ${statement}`, [1, key])
    assert.match(JSON.stringify(rows), new RegExp(`using ${index} |on ${index} `))
  }
  const found = async (statement: string, wanted: string | null) =>
    (await database.pool.query(statement, [1, wanted])).rows.map(({ id }) => id)
  assert.deepEqual(await found(asked.orders_customer_key, key), [7, 507, 1007, 1507])
  assert.deepEqual(await found(asked.customers_key, key), [7])
  assert.deepEqual(await found('SELECT id FROM mirror.customers WHERE store_id = $1 AND key = $2', key), [7])
  assert.deepEqual(await found(asked.orders_customer_key, before), [])
})
