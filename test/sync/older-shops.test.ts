/** 8, 9: WooCommerce before 10.3 lists variations, and before 9.0 refunds, only for each parent. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateShop } from '../../demo/generate/shop.ts'
import { createWrites } from '../../demo/writes.ts'
import type { ResourceName } from '../../src/store/resources.ts'
import { follow } from '../../src/sync/follow.ts'
import { reconcile } from '../../src/sync/reconcile.ts'
import { withRun } from '../../src/sync/run.ts'
import { syncAll } from '../../src/sync/sync.ts'
import { verification } from '../../src/sync/verify.ts'
import { mirroredShop } from '../shop.ts'
import { assertMirrorIsShop } from './shop-rows.ts'

test('8, 9: a shop without the global lists of variations and refunds', async (t) => {
  const shop = generateShop({ seed: 61, orders: 300, products: 60, days: 90 })
  const lacks = ['globalVariations', 'globalRefunds'] as const
  const mirrored = await mirroredShop({ shop, server: { lacks } })
  const { server, context, database } = mirrored
  const writes = createWrites(shop)
  const sync = async () => {
    const results = await syncAll(context, { full: false })
    assert.deepEqual(results.map((one) => one.fault).filter(Boolean), [])
  }
  const look = async (resource: ResourceName) => {
    server.clearRequests()
    const { counts } = await withRun(context, { resource, kind: 'follow' }, follow)
    return { counts, paths: server.requests().map(({ path }) => path.replace(/^.*wc\/v3\/|\?.*$/g, '')) }
  }
  const variable = () => shop.variations.sorted('id')[0]
  const refunded = shop.refunds.sorted('id')
  assert.ok(variable() && refunded.length > 5)

  await t.test('it is copied and proved complete all the same', async () => {
    await sync()
    await assertMirrorIsShop(mirrored)
    assert.ok((await verification(database.pool, context.store)).complete)
    assert.equal(context.store.capabilities.lists.variations?.available, false)
    assert.equal(context.store.capabilities.lists.refunds?.available, false)
  })

  await t.test('following asks one question for each changed parent, and none for the others', async () => {
    await database.pool.query(`UPDATE mirror.changes SET at = at - interval '1 hour'`)
    assert.deepEqual((await look('variations')).paths, [])
    assert.deepEqual((await look('refunds')).paths, [])
    const { id, parent } = variable() ?? { id: 0, parent: 0 }
    writes.updateVariation(id, { regular_price: '77.70' })
    await look('products')
    const { paths, counts } = await look('variations')
    assert.deepEqual(paths, [`products/${parent}/variations`])
    assert.equal(counts.updated, 1)
  })

  await t.test('a new refund comes with its order', async () => {
    await database.pool.query(`UPDATE mirror.changes SET at = at - interval '1 hour'`)
    const order = shop.orders.sorted('id').find(({ status }) => status === 'completed')
    const refund = writes.createRefund(order?.id ?? 0, { amount: '0.01', reason: 'o sticlă spartă' })
    await look('orders')
    const { paths, counts } = await look('refunds')
    assert.deepEqual(paths, [`orders/${order?.id}/refunds`])
    assert.equal(counts.created, 1)
    const { rows } = await database.pool.query('SELECT reason FROM mirror.refunds WHERE id = $1', [refund.id])
    assert.equal(rows[0].reason, 'o sticlă spartă')
  })

  await t.test(
    '9: a refund deleted in the shop moves no date, and is found when all lists are compared',
    async () => {
      const { id, parent } = refunded[2] ?? { id: 0, parent: 0 }
      writes.deleteRefund(parent, id)
      assert.equal((await look('refunds')).counts.deleted, 0)
      await withRun(context, { resource: 'refunds', kind: 'reconcile' }, (run) => reconcile(run, 'positions'))
      const { rows } = await database.pool.query(
        'SELECT deleted_evidence FROM mirror.refunds WHERE id = $1 AND deleted_at IS NOT NULL',
        [id],
      )
      assert.match(rows[0].deleted_evidence, /^404 /)
    },
  )

  await t.test('variations that come and go with their products', async () => {
    const { parent } = variable() ?? { parent: 0 }
    const model = shop.variations.sorted('id').at(-1)
    writes.deleteVariation(model?.id ?? 0)
    writes.deleteProduct(parent)
    await sync()
    await sync()
    await assertMirrorIsShop(mirrored, ['products', 'variations', 'refunds'])
    assert.ok((await verification(database.pool, context.store)).complete)
  })
})
