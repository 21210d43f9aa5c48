import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { listStale, markStale } from '../../src/mirror/marks.ts'
import { mirrorTables } from '../../src/mirror/tables/index.ts'
import { type Gone, markDeleted } from '../../src/mirror/tombstones.ts'
import { resourceNames } from '../../src/store/resources.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import { feedOf, order, rowsOf, seen, write } from './records.ts'

const evidence = '404 woocommerce_rest_shop_order_invalid_id'
const gone = (id: number, askedAt: number): Gone => ({ id: String(id), evidence, askedAt })

const mark = (database: TestDatabase, list: Gone[]) =>
  database.transaction((client) => markDeleted(client, 1, 'orders', 'reconcile', list))

async function held(database: TestDatabase, id: number) {
  const { rows } = await database.pool.query(
    `SELECT deleted_at IS NOT NULL AS deleted, deleted_evidence AS evidence, seen_at AS seen, content_hash AS hash
     FROM mirror.orders WHERE id = $1`,
    [id],
  )
  return rows[0]
}

describe('a record is marked as deleted', () => {
  test('only when the evidence was asked for after what is held', async (t) => {
    const database = await testDatabase(t)
    await write(
      database,
      'orders',
      [1, 2, 3].map((id) => seen('orders', order(id), { seenAt: 1000 })),
    )
    const marked = await mark(database, [gone(1, 999), gone(2, 1000), gone(3, 1001), gone(4, 1001)])
    assert.deepEqual(marked, ['3'])
    assert.equal((await held(database, 1)).deleted, false)
    assert.equal((await held(database, 2)).deleted, false)
    const { hash } = seen('orders', order(3), { seenAt: 1000 })
    assert.deepEqual(await held(database, 3), { deleted: true, evidence, seen: new Date(1001), hash })
    assert.deepEqual((await feedOf(database)).slice(3), [
      { id: '3', change: 'deleted', way: 'reconcile', note: null },
    ])
  })

  test('once: a second time changes nothing and is not told again', async (t) => {
    const database = await testDatabase(t)
    await write(database, 'orders', [seen('orders', order(1), { seenAt: 1000 })])
    assert.deepEqual(await mark(database, [gone(1, 2000)]), ['1'])
    const before = await rowsOf(database, 'orders')
    assert.deepEqual(await mark(database, [gone(1, 3000), gone(1, 3000)]), [])
    assert.deepEqual(await rowsOf(database, 'orders'), before)
    assert.equal((await feedOf(database)).length, 2)
  })

  test('and keeps its record, its columns and its lines', async (t) => {
    const database = await testDatabase(t)
    await write(database, 'orders', [seen('orders', order(1), { seenAt: 1000 })])
    const changing = ['deleted_at', 'deleted_evidence', 'seen_at']
    const before = await rowsOf(database, 'orders', changing)
    const lines = await rowsOf(database, 'order_lines')
    await mark(database, [gone(1, 2000)])
    assert.deepEqual(await rowsOf(database, 'orders', changing), before)
    assert.deepEqual(await rowsOf(database, 'order_lines'), lines)
    assert.equal(lines.length, 1)
  })

  test('which settles what was stale about it', async (t) => {
    const database = await testDatabase(t)
    await write(database, 'orders', [seen('orders', order(1), { seenAt: 1000 })])
    await markStale(database.pool, 1, 'orders', [{ id: '1', reason: 'x' }])
    await mark(database, [gone(1, 2000)])
    assert.deepEqual(await listStale(database.pool, 1, 'orders', 10), [])
  })

  test('in its own store and resource only', async (t) => {
    const database = await testDatabase(t)
    const record = seen('orders', order(1), { seenAt: 1000 })
    await write(database, 'orders', [record])
    await write(database, 'orders', [record], { storeId: 2 })
    await mark(database, [gone(1, 2000)])
    const { rows } = await database.pool.query(
      `SELECT store_id FROM mirror.orders WHERE deleted_at IS NOT NULL`,
    )
    assert.deepEqual(rows, [{ store_id: 1 }])
  })
})

describe('a tombstone', () => {
  async function withTombstone(t: { after(work: () => Promise<void>): void }): Promise<TestDatabase> {
    const database = await testDatabase(t)
    await write(database, 'orders', [seen('orders', order(1), { seenAt: 1000 })])
    await mark(database, [gone(1, 2000)])
    return database
  }

  test('is undone by an answer sent after it, also with the same content', async (t) => {
    for (const fields of [{}, { status: 'completed' }]) {
      const database = await withTombstone(t)
      const written = await write(database, 'orders', [seen('orders', order(1, fields), { seenAt: 2001 })])
      assert.equal(written.restored, 1)
      const row = await held(database, 1)
      assert.deepEqual([row.deleted, row.evidence, row.seen], [false, null, new Date(2001)])
      assert.equal((await feedOf(database)).at(-1)?.change, 'restored')
    }
  })

  test('stands against answers sent before it or with it', async (t) => {
    const database = await withTombstone(t)
    for (const seenAt of [1500, 2000]) {
      for (const fields of [{}, { status: 'completed' }]) {
        const written = await write(database, 'orders', [seen('orders', order(1, fields), { seenAt })])
        assert.deepEqual([written.restored, written.fetch, written.ignored], [0, [], 1])
      }
    }
    assert.equal((await held(database, 1)).deleted, true)
  })

  test('stands against a delivery and an earlier answer with a newer date, which cause a question', async (t) => {
    const database = await withTombstone(t)
    const newer = order(1, { date_modified_gmt: '2026-06-01T00:00:00' })
    for (const arriving of [{ seenAt: 1500 }, { seenAt: 9000, source: 'delivery' as const }]) {
      const written = await write(database, 'orders', [seen('orders', newer, arriving)])
      assert.deepEqual(written.fetch, ['1'])
      assert.equal((await held(database, 1)).deleted, true)
    }
    assert.equal((await listStale(database.pool, 1, 'orders', 10))[0]?.reason, 'seen after its deletion')
  })
})

test('no statement of the program deletes a row of a table of records', () => {
  const source = join(import.meta.dirname, '..', '..', 'src')
  const tables = resourceNames.map((name) => mirrorTables[name].table)
  const forbidden = new RegExp(
    `(DELETE\\s+FROM|TRUNCATE(\\s+TABLE)?|DROP\\s+TABLE)\\s+(ONLY\\s+)?mirror\\.(\\$\\{|(${tables.join('|')})\\b)`,
    'gi',
  )
  const found: string[] = []
  let files = 0
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(ts|sql)$/.test(entry.name)) continue
    files++
    const text = readFileSync(join(entry.parentPath, entry.name), 'utf8')
    for (const match of text.matchAll(forbidden)) {
      found.push(`${entry.name}: ${text.slice(match.index).split('\n')[0]}`)
    }
  }
  assert.ok(files > 40)
  // The one that is there replaces the lines of an order or refund that stays.
  assert.equal(found.length, 1, found.join('\n'))
  assert.match(
    found[0] ?? '',
    /^rows\.ts: DELETE FROM mirror\.\$\{table\} WHERE store_id = \$1 AND \$\{owner\} =/,
  )
})
