/** Cohorts where a clock is wrong: an order of a year to come is shown, and the months before it are not filled in. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { operations } from '../../src/operations.ts'
import { insertOrder } from './altered-rows.ts'
import { demoMirror } from './shop.ts'

test('an order of December 9999', async () => {
  const shop = await demoMirror({ seed: 5, products: 4, orders: 0 })
  const db = shop.database.pool
  const zone = shop.context.store.timezone
  await insertOrder(db, { id: 1, email: 'ana@example.com', daysAgo: 65 })
  for (const [id, email, moment] of [
    [2, 'ana@example.com', '9999-12-01T12:00:00Z'],
    [3, 'ion@example.com', '9999-12-01T12:00:00Z'],
    // Behind midnight in the shop's zone: January of the year 10000.
    [4, 'ion@example.com', '9999-12-31T23:59:59Z'],
  ] as const) {
    await insertOrder(db, { id, email })
    await db.query('UPDATE mirror.orders SET created_at = $2 WHERE id = $1', [id, moment])
  }
  assert.equal(zone, 'Europe/Bucharest')
  const { cohorts } = await shop.ask(operations.customers.cohorts, {})
  const [ana, ion] = cohorts
  assert.equal(cohorts.length, 2)
  // 65 days ago is two or three months back; each up to now is there.
  const upToNow = ana?.months.slice(0, -1) ?? []
  assert.deepEqual(
    upToNow.map(({ monthsSince }) => monthsSince),
    [0, 1, 2, 3].slice(0, upToNow.length),
  )
  assert.ok(upToNow.length >= 3)
  const last = ana?.months.at(-1)
  assert.deepEqual([last?.month, last?.customers, last?.retention], ['9999-12', 1, 100])
  assert.ok((last?.monthsSince ?? 0) > 90_000)
  assert.deepEqual(
    ion?.months.map(({ month, monthsSince, customers }) => [month, monthsSince, customers]),
    [
      ['9999-12', 0, 1],
      ['10000-01', 1, 1],
    ],
  )
})
