import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Raw } from '../../demo/table.ts'
import { type Quarantined, quarantine } from '../../src/mirror/marks.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import { feedOf, order, rowsOf, seen, write } from './records.ts'

interface QuarantineRow {
  id: string
  raw: string
  code: string
  problem: string
  seen_at: Date
}

async function quarantined(database: TestDatabase): Promise<QuarantineRow[]> {
  const { rows } = await database.pool.query<QuarantineRow>(
    `SELECT id, raw, code, problem, seen_at FROM mirror.quarantine
     WHERE store_id = 1 AND resource = 'orders' ORDER BY id::bigint`,
  )
  return rows
}

const planted = 'planted-secret'

/** What Postgres or a column refuses, each with what the problem is called. */
const bad: readonly [string, Raw, RegExp][] = [
  ['a number beyond what numeric holds', { total: '1e200000' }, /overflow/],
  ['text where a number belongs', { total: 'free' }, /total is no number/],
  ['a line without an id', { line_items: [{ name: 'Vin' }] }, /line_id/],
  ['a list where text belongs', { status: ['processing'] }, /status is no text/],
  ['an id beyond a whole number', { customer_id: 1.5 }, /customer_id is no whole number/],
]

describe('one bad record', () => {
  for (const [name, fields, problem] of bad) {
    test(`${name}: it alone is set aside`, async (t) => {
      const database = await testDatabase(t)
      const raws = [order(1), order(2, { ...fields, order_key: planted, total_kept: 'kept' }), order(3)]
      const written = await write(
        database,
        'orders',
        raws.map((raw) => seen('orders', raw, { seenAt: 1000 })),
      )
      assert.deepEqual([written.created, written.quarantined], [2, 1])
      const [row, ...others] = await quarantined(database)
      assert.deepEqual(others, [])
      assert.equal(row?.id, '2')
      assert.equal(row?.code, 'store_record_unreadable')
      assert.match(row?.problem ?? '', problem)
      assert.deepEqual(row?.seen_at, new Date(1000))
      assert.ok(row?.raw.includes('kept') && !row.raw.includes(planted))
      assert.deepEqual((await rowsOf(database, 'orders')).length, 2)
      assert.deepEqual(
        (await feedOf(database)).map((entry) => entry.id),
        ['1', '3'],
      )
    })
  }

  test('an integer that is too large for its column', async (t) => {
    const database = await testDatabase(t)
    const raws = [1, 2].map((id) => ({ id, code: 'x', usage_limit: id === 1 ? 2 ** 40 : 3 }))
    const written = await write(
      database,
      'coupons',
      raws.map((raw) => seen('coupons', raw, { seenAt: 1000 })),
    )
    assert.deepEqual([written.created, written.quarantined], [1, 1])
  })
})

test('a batch of 200 with three bad records stores 197', async (t) => {
  const database = await testDatabase(t)
  const records = Array.from({ length: 200 }, (_, at) => {
    const [, fields = {}] = { 0: bad[0], 77: bad[1], 199: bad[2] }[at] ?? []
    return seen('orders', order(at + 1, { ...fields, order_key: planted }), { seenAt: 1000 })
  })
  const written = await write(database, 'orders', records)
  assert.deepEqual([written.created, written.quarantined], [197, 3])
  const rows = await quarantined(database)
  assert.deepEqual(
    rows.map((row) => row.id),
    ['1', '78', '200'],
  )
  for (const row of rows) {
    const record = records.find((one) => one.id === row.id)
    assert.deepEqual(JSON.parse(row.raw), record?.fields)
    assert.ok(!row.raw.includes(planted))
  }
  assert.equal((await rowsOf(database, 'order_lines')).length, 197)
  assert.equal((await feedOf(database)).length, 197)
})

test('the same batch again finds the same, and nothing is told twice', async (t) => {
  const database = await testDatabase(t)
  const records = [order(1), order(2, { total: '1e200000' }), order(3)].map((raw) =>
    seen('orders', raw, { seenAt: 1000 }),
  )
  await write(database, 'orders', records)
  const before = await quarantined(database)
  const again = await write(database, 'orders', records)
  assert.deepEqual([again.created, again.unchanged, again.quarantined], [0, 2, 1])
  assert.deepEqual(await quarantined(database), before)
  assert.equal((await feedOf(database)).length, 2)
})

describe('an update that cannot be stored', () => {
  test('leaves the row as it was, its lines too, and the others are updated', async (t) => {
    const database = await testDatabase(t)
    const write2 = (seenAt: number, of: (id: number) => Raw) =>
      write(
        database,
        'orders',
        Array.from({ length: 50 }, (_, at) => seen('orders', of(at + 1), { seenAt })),
      )
    await write2(1000, (id) => order(id))
    const written = await write2(2000, (id) =>
      order(id, { number: 'new', line_items: id === 30 ? [{ name: 'no id' }] : [] }),
    )
    assert.deepEqual([written.updated, written.quarantined], [49, 1])
    const { rows } = await database.pool.query(
      `SELECT id, number, (SELECT count(*) FROM mirror.order_lines l WHERE l.order_id = o.id) AS lines
       FROM mirror.orders o WHERE number <> 'new'`,
    )
    assert.deepEqual(rows, [{ id: 30, number: '30', lines: 1 }])
  })
})

describe('the quarantine is over', () => {
  const bad1 = (seenAt: number) => seen('orders', order(1, { total: 'free' }), { seenAt })
  const good = (seenAt: number) => seen('orders', order(1), { seenAt })

  test('when a good version comes later', async (t) => {
    const database = await testDatabase(t)
    await write(database, 'orders', [bad1(1000)])
    await write(database, 'orders', [good(2000)])
    assert.deepEqual(await quarantined(database), [])
  })

  test('when the good version that is held is seen again', async (t) => {
    const database = await testDatabase(t)
    await write(database, 'orders', [good(500)])
    await write(database, 'orders', [bad1(1000)])
    assert.equal((await quarantined(database)).length, 1)
    await write(database, 'orders', [good(2000)])
    assert.deepEqual(await quarantined(database), [])
  })

  test('but not by a good version that was asked for before the bad one', async (t) => {
    const database = await testDatabase(t)
    await write(database, 'orders', [bad1(1000)])
    await write(database, 'orders', [good(900)])
    assert.equal((await quarantined(database)).length, 1)
  })

  test('and does not begin with a version that was asked for before the row that is held', async (t) => {
    const database = await testDatabase(t)
    await write(database, 'orders', [good(2000)])
    await write(database, 'orders', [bad1(1000)])
    assert.deepEqual(await quarantined(database), [])
  })

  test('a bad version of a row already bad: the later one is kept', async (t) => {
    const database = await testDatabase(t)
    await write(database, 'orders', [bad1(2000)])
    await write(database, 'orders', [seen('orders', order(1, { total: 'older' }), { seenAt: 1000 })])
    assert.match((await quarantined(database))[0]?.raw ?? '', /free/)
    await write(database, 'orders', [seen('orders', order(1, { total: 'later' }), { seenAt: 3000 })])
    const [row] = await quarantined(database)
    assert.match(row?.raw ?? '', /later/)
    assert.deepEqual(row?.seen_at, new Date(3000))
  })
})

test('what has no usable id is kept under a hash, of every kind of key', async (t) => {
  const database = await testDatabase(t)
  const one: Quarantined = { id: '1-abc_def', raw: '{}', problem: 'its id is no whole number', seenAt: 1000 }
  await quarantine(database.pool, 1, 'orders', [one])
  await quarantine(database.pool, 1, 'settings', [one])
  const { rows } = await database.pool.query(`SELECT resource, id FROM mirror.quarantine ORDER BY resource`)
  assert.deepEqual(rows, [
    { resource: 'orders', id: one.id },
    { resource: 'settings', id: one.id },
  ])
})
