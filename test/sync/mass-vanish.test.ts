/** 7: more than a twentieth and more than twenty rows gone at once: a person decides. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateShop } from '../../demo/generate/shop.ts'
import { createWrites } from '../../demo/writes.ts'
import { listAlerts } from '../../src/mirror/alerts.ts'
import type { ResourceName } from '../../src/store/resources.ts'
import { follow } from '../../src/sync/follow.ts'
import { acceptDeletions } from '../../src/sync/gone.ts'
import { withRun } from '../../src/sync/run.ts'
import { syncAll } from '../../src/sync/sync.ts'
import { verification } from '../../src/sync/verify.ts'
import { testDatabase } from '../database.ts'
import type { MirroredShop } from '../shop.ts'
import { shopBeside } from './shop-beside.ts'
import { assertMirrorIsShop, mirrorRows } from './shop-rows.ts'

const database = await testDatabase()
let shops = 0

async function mirrored(t: Parameters<typeof shopBeside>[0]): Promise<MirroredShop> {
  const shop = generateShop({ seed: 700 + ++shops, orders: 200, products: 20, days: 40 })
  const beside = await shopBeside(t, database, { shop })
  const results = await syncAll(beside.context, { full: false, resources: NAMES })
  assert.deepEqual(results.map((one) => one.fault).filter(Boolean), [])
  return beside
}

const NAMES = ['orders', 'products', 'customers'] as const

async function codes(one: MirroredShop, resource: ResourceName) {
  const results = await syncAll(one.context, { full: false, resources: [resource] })
  return results.map(({ fault }) => fault?.code ?? null)
}

async function told(one: MirroredShop, resource: ResourceName) {
  const all = await verification(one.database.pool, one.context.store)
  const found = all.resources.find((each) => each.resource === resource)
  assert.ok(found)
  return found
}

/** Takes orders away past every rule, as a broken plugin's filter would hide them. */
function hide({ shop }: MirroredShop, count: number): () => void {
  const rows = shop.orders.sorted('id').slice(50, 50 + count)
  for (const { id } of rows) shop.orders.remove(id)
  return () => {
    for (const row of rows) shop.orders.put(row)
  }
}

test('7: many orders gone at once: nothing is marked, an alert is raised, the verification says so', async (t) => {
  const one = await mirrored(t)
  const before = (await mirrorRows(one.database.pool, one.context.store.id, 'orders')).size
  const unhide = hide(one, 30)

  assert.deepEqual(await codes(one, 'orders'), ['sync_mass_vanish'])
  assert.equal((await mirrorRows(one.database.pool, one.context.store.id, 'orders')).size, before)
  const [alert] = await listAlerts(one.database.pool, one.context.store.id)
  assert.deepEqual([alert?.code, alert?.subject, alert?.data.gone], ['sync_mass_vanish', 'orders', 30])
  const { state, reasons } = await told(one, 'orders')
  assert.equal(state, 'incomplete')
  assert.ok(reasons.includes('the last run failed: sync_mass_vanish'), reasons.join())

  await t.test('it stays so until somebody acts', async () => {
    assert.deepEqual(await codes(one, 'orders'), ['sync_mass_vanish'])
    assert.equal((await listAlerts(one.database.pool, one.context.store.id))[0]?.times, 2)
  })

  await t.test('a look that ends well does not make it complete', async () => {
    await withRun(one.context, { resource: 'orders', kind: 'follow' }, follow)
    const found = await told(one, 'orders')
    assert.deepEqual([found.state, found.problem], ['incomplete', null])
    assert.ok(found.reasons.includes('somebody should look at it: sync_mass_vanish'), found.reasons.join())
  })

  await t.test('when the orders come back, the alert is over', async () => {
    unhide()
    assert.deepEqual(await codes(one, 'orders'), [null])
    assert.deepEqual(await listAlerts(one.database.pool, one.context.store.id), [])
    assert.equal((await told(one, 'orders')).state, 'complete')
    await assertMirrorIsShop(one, ['orders'])
  })
})

test('7: accepted by a person, the deletions are marked and the alert is over; the next time it asks again', async (t) => {
  const one = await mirrored(t)
  hide(one, 40)
  assert.deepEqual(await codes(one, 'orders'), ['sync_mass_vanish'])
  await acceptDeletions(one.context, ['orders'])
  assert.deepEqual(await codes(one, 'orders'), [null])
  assert.deepEqual(await listAlerts(one.database.pool, one.context.store.id), [])
  assert.equal((await told(one, 'orders')).state, 'complete')
  await assertMirrorIsShop(one, ['orders'])

  hide(one, 40)
  assert.deepEqual(await codes(one, 'orders'), ['sync_mass_vanish'])
})

test('7: twenty rows, or a twentieth, are ordinary', async (t) => {
  const one = await mirrored(t)
  hide(one, 20)
  assert.deepEqual(await codes(one, 'orders'), [null])
  await assertMirrorIsShop(one, ['orders'])
})

test('7: a list that is compared whole is guarded alike', async (t) => {
  const one = await mirrored(t)
  const writes = createWrites(one.shop)
  for (let at = 0; at < 40; at++) writes.createCustomer({ email: `client-${at}@example.test` })
  assert.deepEqual(await codes(one, 'customers'), [null])
  const before = one.shop.small.customers
  for (const { id } of before.slice(0, 30)) writes.deleteCustomer(Number(id))
  assert.deepEqual(await codes(one, 'customers'), ['sync_mass_vanish'])
  assert.equal((await mirrorRows(one.database.pool, one.context.store.id, 'customers')).size, before.length)
  one.shop.small.customers = before
  assert.deepEqual(await codes(one, 'customers'), [null])
  assert.deepEqual(await listAlerts(one.database.pool, one.context.store.id), [])
})
