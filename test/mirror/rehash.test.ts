import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { generateShop } from '../../demo/generate/shop.ts'
import { rehash, rehashIfNeeded } from '../../src/mirror/rehash.ts'
import { mirrorTables } from '../../src/mirror/tables/index.ts'
import { markDeleted } from '../../src/mirror/tombstones.ts'
import { resourceNames } from '../../src/store/resources.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import { feedOf, order, recordsOf, rowsOf, seen, write } from './records.ts'

/** Makes rows look as an earlier version of the form might have left them. */
async function makeOld(database: TestDatabase, table: string, where = 'true'): Promise<number> {
  const { rowCount } = await database.pool.query(
    `UPDATE mirror.${table} AS t
     SET content_hash = '0-' || left(md5(t.id::text), 22),
         record = t.record || t.volatile || '{"order_key": "planted-secret", "related_ids": [3], "paid": "local"}',
         volatile = '{}'
     WHERE ${where}`,
  )
  return rowCount ?? 0
}

async function allRows(database: TestDatabase): Promise<Record<string, unknown[]>> {
  const tables = Object.values(mirrorTables).flatMap(({ table, lines }) =>
    lines ? [table, lines.table] : [table],
  )
  const rows: Record<string, unknown[]> = {}
  for (const table of tables) rows[table] = await rowsOf(database, table)
  return rows
}

describe('after an upgrade of the record’s form', () => {
  test('every resource’s rows become what this version would have written', async (t) => {
    const database = await testDatabase(t)
    const shop = generateShop({ seed: 9, products: 40, orders: 700, days: 60, now: Date.UTC(2026, 4, 1) })
    const given = Map.groupBy(recordsOf(shop), (one) => one.resource)
    for (const [name, list] of given) {
      const records = list.map(({ raw, parent }) => {
        // The old form below adds a date that must go again: its twin has to be there.
        const whole = { paid_gmt: null, ...raw }
        return seen(name, whole, { seenAt: 1000, ...(parent !== undefined && { parent }) })
      })
      await write(database, name, records)
      await write(database, name, records, { storeId: 2 })
    }
    await database.transaction((client) =>
      markDeleted(client, 1, 'orders', 'reconcile', [
        { id: String(shop.orders.sorted('id')[0]?.id), evidence: '404', askedAt: 2000 },
      ]),
    )
    const before = await allRows(database)
    const feed = await database.pool.query('SELECT * FROM mirror.changes ORDER BY xid, seq')

    let old = 0
    for (const name of resourceNames) {
      const { table, lines } = mirrorTables[name]
      old += await makeOld(database, table)
      if (lines) await database.pool.query(`DELETE FROM mirror.${lines.table} WHERE line_id % 2 = 0`)
    }
    await database.pool.query(`UPDATE mirror.orders SET total = NULL, billing_name = 'x', paid_at = now()`)
    assert.notDeepEqual((await allRows(database)).orders, before.orders)
    assert.deepEqual(await rehash(database), { rows: old, left: 0 })
    const after = await allRows(database)
    for (const [table, rows] of Object.entries(before)) {
      for (const [at, row] of rows.entries()) assert.deepEqual(after[table]?.[at], row, table)
      assert.equal(after[table]?.length, rows.length, table)
    }
    assert.deepEqual(
      (await database.pool.query('SELECT * FROM mirror.changes ORDER BY xid, seq')).rows,
      feed.rows,
    )
    assert.deepEqual(await rehash(database), { rows: 0, left: 0 }, 'a second time finds nothing')
  })

  test('the tombstone, the dates and the way it was seen stay', async (t) => {
    const database = await testDatabase(t)
    await write(database, 'orders', [seen('orders', order(1), { seenAt: 1234 })])
    await database.pool.query(
      `UPDATE mirror.orders SET modified_at = '2020-01-01 00:00:00.654321Z', seen_at = '2021-01-01 00:00:00.123456Z',
         deleted_at = '2022-01-01', deleted_evidence = 'x', content_hash = '0-old', total = 1`,
    )
    assert.deepEqual(await rehash(database, 'orders'), { rows: 1, left: 0 })
    const { rows } = await database.pool.query(
      `SELECT extract(microseconds FROM modified_at) AS modified, extract(microseconds FROM seen_at) AS seen,
              deleted_at, deleted_evidence, total
       FROM mirror.orders`,
    )
    assert.deepEqual(rows, [
      {
        modified: '654321',
        seen: '123456',
        deleted_at: new Date(rows[0].deleted_at),
        deleted_evidence: 'x',
        total: '120.50',
      },
    ])
    assert.equal((await feedOf(database)).length, 1)
  })

  test('only the rows of another version are touched, and only the resource that is named', async (t) => {
    const database = await testDatabase(t)
    await write(
      database,
      'orders',
      [1, 2].map((id) => seen('orders', order(id), { seenAt: 1000 })),
    )
    await write(database, 'tags', [seen('tags', { id: 1, name: 'x' }, { seenAt: 1000 })])
    await database.pool.query(`UPDATE mirror.orders SET content_hash = '10-old' WHERE id = 2`)
    await database.pool.query(`UPDATE mirror.tags SET content_hash = '0-old'`)
    const { rows: before } = await database.pool.query(`SELECT xmin FROM mirror.orders WHERE id = 1`)
    assert.deepEqual(await rehash(database, 'orders'), { rows: 1, left: 0 })
    const { rows: after } = await database.pool.query(`SELECT xmin FROM mirror.orders WHERE id = 1`)
    assert.deepEqual(after, before)
    assert.equal(
      (await database.pool.query('SELECT content_hash FROM mirror.tags')).rows[0].content_hash,
      '0-old',
    )
  })

  test('a row the form cannot be made of is left, with the batch around it done', async (t) => {
    const database = await testDatabase(t)
    const records = [1, 2, 3, 4].map((id) => seen('orders', order(id), { seenAt: 1000 }))
    await write(database, 'orders', records)
    await database.pool.query(
      `UPDATE mirror.orders SET content_hash = '0-old',
         record = record || CASE id WHEN 1 THEN '{"total": "free"}'::jsonb
           WHEN 2 THEN '{"total": "1e200000"}' WHEN 3 THEN '{"id": 77}' ELSE '{}' END`,
    )
    assert.deepEqual(await rehash(database, 'orders'), { rows: 1, left: 3 })
    const { rows } = await database.pool.query(`SELECT id FROM mirror.orders WHERE content_hash <> '0-old'`)
    assert.deepEqual(rows, [{ id: 4 }])
    // The shop's next answer replaces it, as any other.
    const answered = await write(database, 'orders', [seen('orders', order(1), { seenAt: 2000 })])
    assert.equal(answered.updated, 1)
  })
})

test('at each start it is asked for once per version of the form', async (t) => {
  const database = await testDatabase(t)
  await write(database, 'orders', [seen('orders', order(1), { seenAt: 1000 })])
  const makeOldAgain = () => database.pool.query(`UPDATE mirror.orders SET content_hash = '0-old'`)
  await makeOldAgain()
  assert.deepEqual(await rehashIfNeeded(database), { rows: 1, left: 0 })
  await makeOldAgain()
  assert.deepEqual(await rehashIfNeeded(database), { rows: 0, left: 0 }, 'this version has done it')
  await database.pool.query(`UPDATE sync.record_form SET version = version - 1`)
  assert.deepEqual(await rehashIfNeeded(database), { rows: 1, left: 0 })
})

describe('beside a running synchronisation', () => {
  test('a row that is just being written is waited for and not written over', async (t) => {
    const database = await testDatabase(t)
    await write(
      database,
      'orders',
      [1, 2, 3].map((id) => seen('orders', order(id), { seenAt: 1000 })),
    )
    await database.pool.query(`UPDATE mirror.orders SET content_hash = '0-old'`)
    const client = await database.pool.connect()
    let rehashing: ReturnType<typeof rehash>
    const changed = seen('orders', order(2, { number: 'new' }), { seenAt: 2000 })
    try {
      await client.query('BEGIN')
      await client.query(
        `UPDATE mirror.orders SET number = 'new', content_hash = $1, record = $2 WHERE id = 2`,
        [changed.hash, changed.json],
      )
      rehashing = rehash(database, 'orders')
      for (;;) {
        const { rows } = await database.pool.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        )
        if (rows.length > 0) break
      }
      await client.query('COMMIT')
    } finally {
      client.release()
    }
    assert.deepEqual(await rehashing, { rows: 2, left: 0 })
    const { rows } = await database.pool.query('SELECT number FROM mirror.orders ORDER BY id')
    assert.deepEqual(rows, [{ number: '1' }, { number: 'new' }, { number: '3' }])
  })

  test('two at once and a writer end in the same rows as one after the other', async (t) => {
    const database = await testDatabase(t)
    const records = Array.from({ length: 1500 }, (_, at) => seen('orders', order(at + 1), { seenAt: 1000 }))
    await write(database, 'orders', records)
    await database.pool.query(`UPDATE mirror.orders SET content_hash = '0-old'`)
    const changes = records
      .filter((_, at) => at % 10 === 0)
      .map((record) => seen('orders', order(Number(record.id), { number: 'new' }), { seenAt: 2000 }))
    const [one, other] = await Promise.all([
      rehash(database, 'orders'),
      rehash(database, 'orders'),
      write(database, 'orders', changes),
    ])
    assert.ok(one.rows + other.rows <= 1500 && one.rows + other.rows >= 1350)
    const { rows } = await database.pool.query(
      `SELECT count(*) AS all, count(*) FILTER (WHERE number = 'new') AS new,
              count(*) FILTER (WHERE content_hash = '0-old') AS old
       FROM mirror.orders`,
    )
    assert.deepEqual(rows, [{ all: 1500, new: 150, old: 0 }])
    assert.equal((await rowsOf(database, 'order_lines')).length, 1500)
  })
})

describe('at the start of a process', () => {
  test('it is done once for a form, and again after the next change of it', async (t) => {
    const database = await testDatabase(t)
    await write(database, 'orders', [seen('orders', order(1), { seenAt: 1000 })])
    await rehashIfNeeded(database)
    await makeOld(database, 'orders')
    assert.deepEqual(await rehashIfNeeded(database), { rows: 0, left: 0 }, 'this form was seen to already')
    await database.pool.query(`UPDATE sync.record_form SET version = version - 1`)
    assert.deepEqual(await rehashIfNeeded(database), { rows: 1, left: 0 })
  })
})
