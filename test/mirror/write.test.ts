import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { listStale } from '../../src/mirror/marks.ts'
import { writeRecords } from '../../src/mirror/write.ts'
import { testDatabase } from '../database.ts'
import { feedOf, order, rowsOf, seen, write } from './records.ts'

const nothing = {
  created: 0,
  updated: 0,
  restored: 0,
  unchanged: 0,
  ignored: 0,
  quarantined: 0,
  fetch: [],
}

const later = '2026-05-02T00:00:00'

describe('the same records again', () => {
  test('change nothing, and say so (invariant 1)', async (t) => {
    const database = await testDatabase(t)
    const records = Array.from({ length: 30 }, (_, at) => seen('orders', order(at + 1), { seenAt: 1000 }))
    assert.deepEqual(await write(database, 'orders', records), { ...nothing, created: 30 })
    const rows = await rowsOf(database, 'orders')
    const lines = await rowsOf(database, 'order_lines')
    for (const seenAt of [1000, 500, 2000]) {
      const again = records.map((record) => ({ ...record, seenAt }))
      assert.deepEqual(await write(database, 'orders', again), { ...nothing, unchanged: 30 })
    }
    assert.deepEqual(
      await rowsOf(database, 'orders'),
      rows,
      'an answer that brought nothing new leaves no mark',
    )
    assert.deepEqual(await rowsOf(database, 'order_lines'), lines)
    assert.equal((await feedOf(database)).length, 30)
  })

  test('twice in one batch: the one asked for last counts', async (t) => {
    const database = await testDatabase(t)
    const [first, second] = ['a', 'b'].map((number) => order(1, { number }))
    const written = await write(database, 'orders', [
      seen('orders', second, { seenAt: 2000 }),
      seen('orders', first, { seenAt: 1000 }),
    ])
    assert.deepEqual(written, { ...nothing, created: 1 })
    const { rows } = await database.pool.query('SELECT number, seen_at FROM mirror.orders')
    assert.deepEqual(rows, [{ number: 'b', seen_at: new Date(2000) }])
  })

  test('an empty batch writes nothing', async (t) => {
    assert.deepEqual(await write(await testDatabase(t), 'orders', []), nothing)
  })
})

describe('an update', () => {
  test('replaces columns, record and lines', async (t) => {
    const database = await testDatabase(t)
    await write(database, 'orders', [
      seen('orders', order(1, { customer_note: 'old' }), { seenAt: 1000 }),
      seen('orders', order(2), { seenAt: 1000 }),
    ])
    const changed = order(1, {
      status: 'completed',
      total: '9.99',
      date_modified_gmt: later,
      line_items: [
        { id: 11, name: 'Bere', quantity: 1, total: '5.00' },
        { id: 12, name: 'Vin', quantity: 3, total: '4.99' },
      ],
    })
    const record = seen('orders', changed, { seenAt: 2000 })
    assert.deepEqual(await write(database, 'orders', [record]), { ...nothing, updated: 1 })
    const { rows } = await database.pool.query(
      `SELECT status, total, modified_at, seen_at, content_hash, record FROM mirror.orders WHERE id = 1`,
    )
    assert.deepEqual(rows, [
      {
        status: 'completed',
        total: '9.99',
        modified_at: new Date(`${later}Z`),
        seen_at: new Date(2000),
        content_hash: record.hash,
        record: record.fields,
      },
    ])
    const lines = await database.pool.query(
      `SELECT order_id, line_id, name FROM mirror.order_lines ORDER BY order_id, line_id`,
    )
    assert.deepEqual(lines.rows, [
      { order_id: 1, line_id: 11, name: 'Bere' },
      { order_id: 1, line_id: 12, name: 'Vin' },
      { order_id: 2, line_id: 20, name: 'Vin' },
    ])
    assert.deepEqual((await feedOf(database)).at(-1), {
      id: '1',
      change: 'updated',
      way: 'follow',
      note: null,
    })
  })

  test('that takes all lines away leaves none', async (t) => {
    const database = await testDatabase(t)
    await write(database, 'orders', [seen('orders', order(1), { seenAt: 1000 })])
    const empty = order(1, { line_items: [], date_modified_gmt: later })
    await write(database, 'orders', [seen('orders', empty, { seenAt: 2000 })])
    assert.deepEqual(await rowsOf(database, 'order_lines'), [])
  })

  test('whose date went back waits for a question, is then applied and noted, and the mark is gone', async (t) => {
    const database = await testDatabase(t)
    await write(database, 'orders', [seen('orders', order(1), { seenAt: 1000 })])
    const back = order(1, { date_modified_gmt: '2026-04-01T00:00:00' })
    const asked = await write(database, 'orders', [seen('orders', back, { seenAt: 2000 })])
    assert.deepEqual(asked, { ...nothing, fetch: ['1'] })
    assert.equal((await listStale(database.pool, 1, 'orders', 10)).length, 1)
    const fetched = seen('orders', back, { seenAt: 3000, source: 'fetched' })
    assert.deepEqual(await write(database, 'orders', [fetched]), { ...nothing, updated: 1 })
    assert.deepEqual(await listStale(database.pool, 1, 'orders', 10), [])
    assert.equal((await feedOf(database)).at(-1)?.note, 'went_back')
  })

  test('in one store is none in another', async (t) => {
    const database = await testDatabase(t)
    for (const storeId of [1, 2]) {
      await write(database, 'orders', [seen('orders', order(1), { seenAt: 1000 })], { storeId })
    }
    const changed = order(1, { status: 'failed', date_modified_gmt: later, line_items: [] })
    await write(database, 'orders', [seen('orders', changed, { seenAt: 2000 })], { storeId: 2 })
    const { rows } = await database.pool.query(
      `SELECT store_id, status, (SELECT count(*) FROM mirror.order_lines l
         WHERE l.store_id = o.store_id AND l.order_id = o.id) AS lines
       FROM mirror.orders o ORDER BY store_id`,
    )
    assert.deepEqual(rows, [
      { store_id: 1, status: 'processing', lines: 1 },
      { store_id: 2, status: 'failed', lines: 0 },
    ])
  })
})

describe('what moves by itself', () => {
  const product = (sales: number, more = {}) => ({
    id: 1,
    name: 'Vin',
    total_sales: sales,
    permalink: 'https://shop.example/vin',
    average_rating: '4.50',
    date_modified_gmt: '2026-05-01T09:00:00',
    ...more,
  })
  const sql = `SELECT total_sales, permalink, average_rating, name, volatile, seen_at FROM mirror.products`

  test('is refreshed without an entry in the feed, by a later answer only', async (t) => {
    const database = await testDatabase(t)
    await write(database, 'products', [seen('products', product(5), { seenAt: 1000 })])
    const refreshed = await write(database, 'products', [seen('products', product(6), { seenAt: 2000 })])
    assert.deepEqual(refreshed, { ...nothing, unchanged: 1 })
    for (const seenAt of [1500, 2000]) {
      const late = await write(database, 'products', [seen('products', product(4), { seenAt })])
      assert.deepEqual(late, { ...nothing, unchanged: 1 })
    }
    const { rows } = await database.pool.query(sql)
    assert.equal(rows[0].total_sales, '6')
    assert.equal(rows[0].volatile.total_sales, 6)
    assert.deepEqual(rows[0].seen_at, new Date(2000))
    assert.equal((await feedOf(database)).length, 1)
  })

  test('stays, in its columns too, where another way in does not bring it', async (t) => {
    const database = await testDatabase(t)
    await write(database, 'products', [seen('products', product(5), { seenAt: 1000 })])
    const { permalink, average_rating, ...sparse } = product(7)
    await write(database, 'products', [seen('products', sparse, { seenAt: 2000 })])
    const kept = { permalink, average_rating, volatile: { total_sales: 7, permalink, average_rating } }
    const refreshed = (await database.pool.query(sql)).rows[0]
    assert.deepEqual({ ...refreshed, seen_at: 0 }, { ...kept, name: 'Vin', total_sales: '7', seen_at: 0 })

    const { permalink: _, ...changed } = product(8, { name: 'Vin alb', date_modified_gmt: later })
    const written = await write(database, 'products', [seen('products', changed, { seenAt: 3000 })])
    assert.equal(written.updated, 1)
    const updated = (await database.pool.query(sql)).rows[0]
    assert.deepEqual(
      { ...updated, seen_at: 0 },
      {
        permalink,
        average_rating,
        volatile: { total_sales: 8, permalink, average_rating },
        name: 'Vin alb',
        total_sales: '8',
        seen_at: 0,
      },
    )
  })
})

describe('two processes at once', () => {
  for (const count of [10, 400]) {
    test(`write the same ${count} new orders in opposite orders: each is told once`, async (t) => {
      const database = await testDatabase(t)
      const records = Array.from({ length: count }, (_, at) =>
        seen('orders', order(at + 1), { seenAt: 1000 }),
      )
      const written = await Promise.all([
        write(database, 'orders', records),
        write(database, 'orders', records.toReversed()),
        write(database, 'orders', records),
      ])
      const sum = (of: 'created' | 'unchanged') => written.reduce((total, one) => total + one[of], 0)
      assert.deepEqual([sum('created'), sum('unchanged')], [count, 2 * count])
      assert.equal((await feedOf(database)).length, count)
      assert.equal((await rowsOf(database, 'order_lines')).length, count)
    })
  }

  test('take records in one order, whatever theirs was, and so never lock each other out', async (t) => {
    const database = await testDatabase(t)
    const records = Array.from({ length: 40 }, (_, at) => seen('orders', order(at + 1), { seenAt: 1000 }))
    /** Without the second attempt that a transaction of ours gets after a deadlock. */
    const once = async (list: typeof records) => {
      const client = await database.pool.connect()
      try {
        await client.query('BEGIN')
        await writeRecords(client, { storeId: 1, resource: 'orders', way: 'follow', records: list })
      } finally {
        await client.query('COMMIT')
        client.release()
      }
    }
    const blocker = await database.pool.connect()
    try {
      await blocker.query('BEGIN')
      const [fifth] = records.slice(4)
      assert.ok(fifth)
      await writeRecords(blocker, { storeId: 1, resource: 'orders', way: 'follow', records: [fifth] })
      const both = Promise.all([once(records), once(records.toReversed())])
      await Promise.race([untilWaiting(database, 2), both])
      await blocker.query('ROLLBACK')
      await both
    } finally {
      blocker.release()
    }
    assert.equal((await feedOf(database)).length, 40)
  })

  test('an older answer that waits for a newer one to commit does not replace it', async (t) => {
    const database = await testDatabase(t)
    await write(database, 'orders', [seen('orders', order(1), { seenAt: 1000 })])
    const version = (number: string, seenAt: number) => seen('orders', order(1, { number }), { seenAt })
    const first = await database.pool.connect()
    try {
      await first.query('BEGIN')
      const batch = { storeId: 1, resource: 'orders', way: 'follow' } as const
      await writeRecords(first, { ...batch, records: [version('newer', 3000)] })
      const second = write(database, 'orders', [version('older', 2000)])
      await untilWaiting(database, 1)
      await first.query('COMMIT')
      assert.deepEqual(await second, { ...nothing, ignored: 1 })
    } finally {
      first.release()
    }
    const { rows } = await database.pool.query('SELECT number, seen_at FROM mirror.orders')
    assert.deepEqual(rows, [{ number: 'newer', seen_at: new Date(3000) }])
  })

  test('a new order that another process is just inserting is decided once more', async (t) => {
    const database = await testDatabase(t)
    const version = (number: string, seenAt: number) => seen('orders', order(1, { number }), { seenAt })
    const first = await database.pool.connect()
    try {
      await first.query('BEGIN')
      const batch = { storeId: 1, resource: 'orders', way: 'follow' } as const
      await writeRecords(first, { ...batch, records: [version('older', 2000)] })
      const second = write(database, 'orders', [version('newer', 3000)])
      await untilWaiting(database, 1)
      await first.query('COMMIT')
      assert.deepEqual(await second, { ...nothing, updated: 1 })
    } finally {
      first.release()
    }
    assert.deepEqual(
      (await feedOf(database)).map((entry) => entry.change),
      ['created', 'updated'],
    )
  })
})

async function untilWaiting(database: Awaited<ReturnType<typeof testDatabase>>, sessions: number) {
  for (;;) {
    const { rows } = await database.pool.query(
      `SELECT count(*) AS waiting FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    if (rows[0].waiting >= sessions) return
  }
}
