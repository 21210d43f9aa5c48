/** 1, 11: lists that pass over what they are asked, or whose pages and headers contradict each other. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateShop } from '../../demo/generate/shop.ts'
import { createWrites } from '../../demo/writes.ts'
import { follow } from '../../src/sync/follow.ts'
import { withRun } from '../../src/sync/run.ts'
import { scrubPage } from '../../src/sync/scrub.ts'
import { syncAll } from '../../src/sync/sync.ts'
import { verification } from '../../src/sync/verify.ts'
import { testDatabase } from '../database.ts'
import { openContext } from '../shop.ts'
import { certificate } from '../store/rest/scripted.ts'
import { type Meddling, shopBehindHost } from './host-between.ts'
import { shopBeside } from './shop-beside.ts'
import { assertMirrorIsShop, mirrorRows } from './shop-rows.ts'

const database = await testDatabase()
let seed = 400

async function behindHost(
  t: Parameters<typeof shopBehindHost>[0],
  meddling: Meddling,
  size: { orders?: number; products?: number } = {},
) {
  const shop = generateShop({ seed: ++seed, orders: 20, products: 20, days: 30, ...size })
  const server = await shopBehindHost(t, shop, meddling)
  const context = await openContext(database, server, { shop })
  t.after(async () => {
    await context.client.close()
    await context.locks.close()
  })
  return { shop, server, context, database, writes: createWrites(shop) }
}

test('11: a shop that ignores offset is read by page numbers, and its scrub goes on all the same', async (t) => {
  const one = await behindHost(
    t,
    { question: (path, query) => /products$/.test(path) && query.delete('offset') },
    { products: 330 },
  )
  const resources = ['products'] as const
  const [result] = await syncAll(one.context, { full: false, resources })
  assert.equal(result?.fault, null)
  assert.equal(result?.counts?.created, one.shop.products.size)
  await assertMirrorIsShop(one, resources)

  const row = one.shop.products.sorted('id')[250]
  assert.ok(row)
  one.shop.products.put({ ...row, body: { ...one.shop.products.body(row), short_description: 'altul' } })
  for (let finished = false, slices = 0; !finished; slices++) {
    assert.ok(slices < 10, 'the scrub does not end')
    const run = await withRun(one.context, { resource: 'products', kind: 'scrub' }, (each) => scrubPage(each))
    finished = run.result.finished
  }
  await assertMirrorIsShop(one, resources)
})

test('1: a shop that ignores modified_after is found out by the probe, read whole and compared', async (t) => {
  const one = await behindHost(t, {
    question: (_, query) => {
      query.delete('modified_after')
      query.delete('after')
    },
  })
  assert.equal(one.context.store.capabilities.lists.orders?.modified, false)
  assert.equal(one.context.store.capabilities.lists.orders?.created, false)
  for (const { fault } of await syncAll(one.context, { full: false })) assert.equal(fault, null)
  await assertMirrorIsShop(one)
  const [first, second] = one.shop.orders.sorted('id')
  one.writes.updateOrder(first?.id ?? 0, { customer_note: 'schimbat' })
  one.writes.deleteOrder(second?.id ?? 0)
  const { counts } = await withRun(one.context, { resource: 'orders', kind: 'follow' }, follow)
  assert.deepEqual([counts.updated, counts.deleted], [1, 1])
  for (const { fault } of await syncAll(one.context, { full: false })) assert.equal(fault, null)
  await assertMirrorIsShop(one)
})

test('11: a short page whose headers promise more is not the end of the list', async (t) => {
  const hidden = new Set<number>()
  const one = await behindHost(
    t,
    // As a plugin does that hides a record from the answer, but not from the count.
    { rows: (_, rows) => rows.filter((row) => !hidden.has((row as { id: number }).id)) },
    { orders: 450 },
  )
  const ids = one.shop.orders.sorted('id').map(({ id }) => id)
  for (const at of [30, 150, 151, 320]) hidden.add(ids[at] as number)
  const [result] = await syncAll(one.context, { full: false, resources: ['orders'] })
  assert.equal(result?.fault, null)
  const mirror = await mirrorRows(database.pool, one.context.store.id, 'orders')
  assert.deepEqual(
    ids.filter((id) => !mirror.has(String(id))),
    [...hidden],
  )
  const told = await verification(database.pool, one.context.store)
  const orders = told.resources.find(({ resource }) => resource === 'orders')
  assert.equal(orders?.state, 'incomplete')
  assert.ok(orders.reasons.includes('the shop has 450, the copy 446'), orders.reasons.join())
})

test('11: rows that are promised and never come are an error with a name, not a silent end', async (t) => {
  const one = await behindHost(
    t,
    { rows: (path, rows) => (/\/orders$/.test(path) && rows.length > 1 ? rows.slice(0, 1) : rows) },
    { orders: 150 },
  )
  const [result] = await syncAll(one.context, { full: false, resources: ['orders'] })
  assert.equal(result?.fault?.code, 'store_lists_disagree')
  const told = await verification(database.pool, one.context.store)
  assert.equal(told.resources.find(({ resource }) => resource === 'orders')?.state, 'never copied')
})

test('11: pages that are empty though their headers promise rows are an error with a name', async (t) => {
  const one = await behindHost(t, { rows: (path, rows) => (/\/products$/.test(path) ? [] : rows) })
  const [result] = await syncAll(one.context, { full: false, resources: ['products'] })
  assert.equal(result?.fault?.code, 'store_lists_disagree')
})

test('35: a page cache that keeps every list hides nothing: answers out of it are asked for past it', async (t) => {
  const shop = generateShop({ seed: ++seed, orders: 130, products: 20, days: 30 })
  const tls = await certificate()
  // Over HTTPS no signature stands in the address, and each question is the same as the last one.
  const one = await shopBeside(t, database, { shop, server: { tls }, client: { ca: tls.cert } })
  const resources = ['orders', 'products', 'customers'] as const
  const sync = async () => {
    for (const { fault } of await syncAll(one.context, { full: false, resources })) assert.equal(fault, null)
  }
  one.server.faults.set({ kind: 'pageCache', ageSeconds: 600 })
  await sync()
  const writes = createWrites(shop)
  const [first, second, third] = shop.orders.sorted('id')
  for (const text of ['o dată', 'încă o dată']) {
    writes.updateOrder(first?.id ?? 0, { customer_note: text })
    writes.createOrder({ status: 'processing' })
    writes.createCustomer({ email: `${text.length}@example.test` })
    await sync()
    await assertMirrorIsShop(one, resources)
  }
  writes.deleteOrder(second?.id ?? 0)
  writes.deleteOrder(third?.id ?? 0)
  await sync()
  await assertMirrorIsShop(one, resources)
})
