/** A process that lives for weeks learns what has changed in the shop since it began. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { identify, knowAgain } from '../../src/sync/identify.ts'
import { syncAll } from '../../src/sync/sync.ts'
import { smallShop } from '../demo/small-shop.ts'
import { mirroredShop } from '../shop.ts'
import { mirrorRows } from './shop-rows.ts'

const never = new AbortController().signal

test('after a day the shop is asked again what it can: orders with a plugin’s new status arrive', async () => {
  const { shop, writes } = smallShop()
  for (const slug of ['pending', 'processing', 'completed']) {
    shop.small.orderStatuses.push({ slug, name: slug })
  }
  const { context, database } = await mirroredShop({ shop, server: { writes } })
  const { pool } = database
  await syncAll(context, { full: false })
  shop.small.orderStatuses.push({ slug: 'ready-for-pickup', name: 'Ready for pickup' })
  const order = writes.createOrder({ status: 'ready-for-pickup' })
  const arrived = async () => {
    await syncAll(context, { full: false, resources: ['orders'] })
    return (await mirrorRows(pool, context.store.id, 'orders')).has(String(order.id))
  }
  await knowAgain(context, never)
  assert.equal(await arrived(), false, 'what was learned an hour ago still speaks')

  context.store.probedAt = new Date(Date.now() - 25 * 3_600_000)
  await pool.query(`UPDATE mirror.stores SET probed_at = now() - interval '25 hours'`)
  await knowAgain(context, never)
  assert.equal(await arrived(), true)
  const { rows } = await pool.query(
    `SELECT probed_at > now() - interval '1 hour' AS fresh FROM mirror.stores`,
  )
  assert.deepEqual(rows, [{ fresh: true }])
})

test('a shop’s clock that was set right is known, so that delays are not counted by the old one', async () => {
  const { shop, writes } = smallShop()
  const { context, database, server } = await mirroredShop({ shop, server: { writes } })
  const offset = async () => {
    await identify(context, never)
    await knowAgain(context, never)
    const { rows } = await database.pool.query<{ clock_offset_ms: number }>(
      'SELECT clock_offset_ms FROM mirror.stores',
    )
    return ((rows[0]?.clock_offset_ms ?? 0) / 60_000).toFixed(0).replace('-0', '0')
  }
  server.faults.set({ kind: 'clock', minutes: 5 })
  assert.equal(await offset(), '5')
  server.faults.clear()
  assert.equal(await offset(), '0')
})
