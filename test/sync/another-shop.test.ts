/** 38: who a shop is does not depend on its address. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateShop } from '../../demo/generate/shop.ts'
import { startDemoServer } from '../../demo/server.ts'
import { toWooSyncError } from '../../src/errors.ts'
import { syncAll } from '../../src/sync/sync.ts'
import { verification } from '../../src/sync/verify.ts'
import { mirroredShop, openContext } from '../shop.ts'
import { assertMirrorIsShop, mirrorDigest } from './shop-rows.ts'

test('38: a shop’s identity, not its address, says whose copy this is', async (t) => {
  const shop = generateShop({ seed: 901, orders: 60, products: 15, days: 30 })
  const mirrored = await mirroredShop({ shop })
  const { database, context } = mirrored
  await syncAll(context, { full: false })
  const before = await mirrorDigest(database.pool, context.store.id)
  const feed = async () => (await database.pool.query('SELECT count(*) FROM mirror.changes')).rows[0].count
  const entries = await feed()
  const { port } = mirrored.server

  await t.test('38: another identity behind the same address stops before anything is written', async () => {
    await mirrored.server.close()
    const another = generateShop({ seed: 902, orders: 90, products: 20, days: 30 })
    const server = await startDemoServer({ shop: another, port })
    try {
      const fault = await openContext(database, server, { shop: another }).catch(toWooSyncError)
      assert.ok('code' in fault)
      assert.equal(fault.code, 'store_is_another_shop')
      assert.equal((await database.pool.query('SELECT count(*) FROM mirror.stores')).rows[0].count, 1)
      assert.deepEqual(await mirrorDigest(database.pool, context.store.id), before)
    } finally {
      await server.close()
    }
  })

  await t.test('38: the same identity under a new address goes on, and nothing has changed', async () => {
    const server = await startDemoServer({ shop })
    assert.notEqual(server.port, port)
    const moved = await openContext(database, server, { shop })
    try {
      assert.equal(moved.store.id, context.store.id)
      for (const full of [false, true]) {
        for (const { fault, counts, resource } of await syncAll(moved, { full })) {
          assert.equal(fault, null)
          const { created, updated, restored, deleted, quarantined } = counts ?? {}
          assert.deepEqual([created, updated, restored, deleted, quarantined], [0, 0, 0, 0, 0], resource)
        }
      }
      assert.equal(await feed(), entries)
      assert.deepEqual(await mirrorDigest(database.pool, context.store.id), before)
      await assertMirrorIsShop({ shop, database, context: moved })
      assert.ok((await verification(database.pool, moved.store)).complete)
    } finally {
      await moved.client.close()
      await moved.locks.close()
      await server.close()
    }
  })
})
