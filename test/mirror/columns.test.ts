import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { generateShop } from '../../demo/generate/shop.ts'
import { mirrorTables } from '../../src/mirror/tables/index.ts'
import { type ResourceName, resourceNames, resources } from '../../src/store/resources.ts'
import { testDatabase } from '../database.ts'
import { skipWithoutRecordings } from '../recordings.ts'
import { recordedShop } from '../shop.ts'
import { extracts, lineExtracts } from './extracts.ts'
import { type Given, recordsOf, seen, write } from './records.ts'

const fixed = {
  modified_at: 'timestamp with time zone',
  seen_at: 'timestamp with time zone',
  deleted_at: 'timestamp with time zone',
  deleted_evidence: 'text',
  content_hash: 'text',
  record: 'jsonb',
  volatile: 'jsonb',
}

const sqlNames: Record<string, string> = { timestamptz: 'timestamp with time zone', 'bigint[]': 'ARRAY' }

describe('the tables of the migrated database', async () => {
  const { pool } = await testDatabase()
  const { rows } = await pool.query<{ table: string; column: string; type: string }>(
    `SELECT table_name AS table, column_name AS column, data_type AS type
     FROM information_schema.columns
     WHERE table_schema = 'mirror' AND is_generated = 'NEVER'`,
  )
  const columnsOf = (table: string) =>
    Object.fromEntries(rows.filter((row) => row.table === table).map((row) => [row.column, row.type]))

  for (const name of resourceNames) {
    const { table, columns, lines } = mirrorTables[name]
    const key = resources[name].key === 'number' ? 'bigint' : 'text'
    const typed = (of: typeof columns) => of.map((each) => [each.name, sqlNames[each.type] ?? each.type])

    test(`${table} has the columns that are written, of that type, and no other`, () => {
      assert.deepEqual(columnsOf(table), {
        store_id: 'integer',
        id: key,
        ...Object.fromEntries(typed(columns)),
        ...fixed,
      })
    })

    if (!lines) continue
    test(`${lines.table} likewise`, () => {
      assert.deepEqual(columnsOf(lines.table), {
        store_id: 'integer',
        [lines.owner]: key,
        ...Object.fromEntries(typed(lines.columns)),
      })
    })
  }

  test('every primary key begins with the store', async () => {
    const keys = await pool.query<{ table: string; first: string }>(
      `SELECT c.relname AS table, a.attname AS first
       FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
       WHERE i.indisprimary AND n.nspname = 'mirror'`,
    )
    assert.ok(keys.rows.length > resourceNames.length)
    for (const { table, first } of keys.rows) assert.equal(first, 'store_id', table)
  })
})

describe('typed columns are what SQL itself reads out of the stored record', () => {
  test('of every record of a recorded shop', { skip: skipWithoutRecordings }, async (t) => {
    await assertColumns(await testDatabase(t), recordsOf(recordedShop()))
  })

  test('of every record of a generated shop', async (t) => {
    const shop = generateShop({ seed: 11, products: 60, orders: 400, days: 90, now: Date.UTC(2026, 4, 1) })
    await assertColumns(await testDatabase(t), recordsOf(shop))
  })
})

async function assertColumns(database: Awaited<ReturnType<typeof testDatabase>>, given: Given[]) {
  for (const [name, of] of Map.groupBy(given, (one) => one.resource)) {
    const records = of.map((one) =>
      seen(name, one.raw, { seenAt: 1_000_000, ...(one.parent !== undefined && { parent: one.parent }) }),
    )
    const written = await write(database, name, records)
    assert.equal(written.quarantined, 0, name)
    assert.equal(written.created, new Set(records.map((record) => record.id)).size, name)
    await assertTable(database, name)
  }
}

async function assertTable(database: Awaited<ReturnType<typeof testDatabase>>, name: ResourceName) {
  const { table, columns, lines } = mirrorTables[name]
  const expected = extracts[name]
  assert.deepEqual(Object.keys(expected).sort(), columns.map((column) => column.name).sort(), name)
  for (const [column, sql] of Object.entries(expected)) {
    const { rows } = await database.pool.query(
      `SELECT id, ${column} AS held, ${sql} AS wanted
       FROM (SELECT *, record || volatile AS doc FROM mirror.${table}) AS t
       WHERE ${column} IS DISTINCT FROM ${sql}`,
    )
    assert.deepEqual(rows, [], `${table}.${column}`)
  }
  if (!lines) return
  const wanted = lineExtracts[lines.table] ?? {}
  const names = lines.columns.map((column) => column.name)
  assert.deepEqual(Object.keys(wanted).sort(), [...names].sort(), lines.table)
  const list = names.join(', ')
  const { rows } = await database.pool.query(
    `WITH wanted AS (
       SELECT ${names.map((column) => `${wanted[column]} AS ${column}`).join(', ')}
       FROM mirror.${table} AS t, jsonb_array_elements(record->'line_items') AS line
     )
     (SELECT ${list} FROM wanted EXCEPT ALL SELECT ${list} FROM mirror.${lines.table})
     UNION ALL
     (SELECT ${list} FROM mirror.${lines.table} EXCEPT ALL SELECT ${list} FROM wanted)`,
  )
  assert.deepEqual(rows, [], lines.table)
}
