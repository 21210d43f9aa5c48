/** Invariant 7: what one store does (slow, wrong, hostile) is not felt by another in the same database. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { generateShop } from '../../demo/generate/shop.ts'
import { startDemoServer } from '../../demo/server.ts'
import type { SyncContext } from '../../src/sync/context.ts'
import { syncAll } from '../../src/sync/sync.ts'
import { verification } from '../../src/sync/verify.ts'
import { type MirroredShop, mirroredShop, openContext } from '../shop.ts'

describe('two stores in one database', () => {
  const good = mirroredShop({ shop: generateShop({ seed: 1, orders: 250, products: 30 }) })
  const badShop = generateShop({
    seed: 2,
    orders: 120,
    products: 20,
    info: { storeId: '00000000-0000-4000-8000-000000000002' },
  })
  let first: MirroredShop
  let second: SyncContext
  let badServer: Awaited<ReturnType<typeof startDemoServer>>

  before(async () => {
    first = await good
    badServer = await startDemoServer({ shop: badShop })
    second = await openContext(first.database, badServer, {
      shop: badShop,
      client: { timeoutMs: 300, delay: async () => undefined },
    })
  })
  after(async () => {
    await second.client.close()
    await second.locks.close()
    await badServer.close()
  })

  test('a shop that never answers, or answers nonsense, leaves the other one complete', async () => {
    badServer.faults.set({ kind: 'timeout', path: '/orders' })
    badServer.faults.set({ kind: 'html', path: '/products', status: 200 })
    const [own, other] = await Promise.all([
      syncAll(first.context, { full: false }),
      syncAll(second, { full: false }),
    ])
    assert.deepEqual(
      own.filter((result) => result.fault !== null),
      [],
    )
    assert.equal((await verification(first.database.pool, first.context.store)).complete, true)
    const failed = other.filter((result) => result.fault !== null).map((result) => result.resource)
    assert.ok(failed.includes('orders') && failed.includes('products'))
    assert.equal((await verification(first.database.pool, second.store)).complete, false)
  })

  test('rows with the same ids stand side by side; a deletion in one shop leaves the other’s row', async () => {
    badServer.faults.clear()
    await syncAll(second, { full: false })
    const { rows } = await first.database.pool.query<{ store_id: number; count: number }>(
      `SELECT store_id, count(*) AS count FROM mirror.orders WHERE deleted_at IS NULL GROUP BY store_id ORDER BY store_id`,
    )
    assert.deepEqual(rows, [
      { store_id: first.context.store.id, count: first.shop.orders.size },
      { store_id: second.store.id, count: badShop.orders.size },
    ])
    const shared = badShop.orders.sorted('id').find((row) => first.shop.orders.get(row.id))
    assert.ok(shared, 'both shops have an order of this number')
    badShop.orders.remove(shared.id)
    await syncAll(second, { full: false, resources: ['orders'] })
    const left = await first.database.pool.query(
      `SELECT store_id, deleted_at IS NOT NULL AS deleted FROM mirror.orders WHERE id = $1 ORDER BY store_id`,
      [shared.id],
    )
    assert.deepEqual(
      left.rows.map((row) => row.deleted),
      [false, true],
    )
  })
})
