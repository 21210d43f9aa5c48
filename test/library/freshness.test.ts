/** The library keeps its copy fresh: at the first question that finds it too old, once, and not at all while it is fresh (A3, A10, A14). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateShop } from '../../demo/generate/shop.ts'
import { storeOf } from '../../src/interfaces/library/open.ts'
import { listStores } from '../../src/mirror/stores.ts'
import { until } from '../database/private-folder.ts'
import { appOf } from '../questions/shop.ts'
import { mirroredShop } from '../shop.ts'

const { context, database, server, shop } = await mirroredShop({
  shop: generateShop({ seed: 12, products: 15, orders: 30, days: 20 }),
})
const knownStore = async () => (await listStores(database.pool))[0] ?? null
const app = appOf(context, { knownStore })
const fresh = { maxAgeMinutes: 15, refresh: 'needed', whenDown: 'fail' } as const

/** As if that much time had gone by since the shop was last asked. */
async function age(minutes: number): Promise<void> {
  await database.pool.query(`UPDATE sync.resources SET followed_at = now() - make_interval(mins => $1)`, [
    minutes,
  ])
}

test('the first question copies what it rests on, the next ones ask the shop nothing', async () => {
  const store = storeOf(app, fresh)
  assert.equal(await store.needsRefresh(), true)
  const all = await store.syncProducts()
  const published = shop.products.sorted('id').filter(({ status }) => status === 'publish')
  assert.equal(all.length, published.length)
  assert.ok(store.lastSync && Date.now() - store.lastSync.getTime() < 60_000)
  assert.equal(store.productCount, shop.products.size)
  assert.equal(await store.needsRefresh(), false)
  const before = server.requests().length
  for (let turn = 0; turn < 5; turn++) await store.syncProducts()
  const [first] = all
  assert.ok(first)
  await store.getProductById(first.id)
  await store.searchProducts(first.name ?? '')
  assert.equal(server.requests().length, before)
})

test('when it is too old, the shop is asked once however many wait', async () => {
  const store = storeOf(app, fresh)
  await age(20)
  const before = server.requests().length
  await store.syncProducts()
  const once = server.requests().length - before
  assert.ok(once > 0)
  await age(20)
  // A process that starts now knows of no freshness.
  const another = storeOf(app, fresh)
  const start = server.requests().length
  await Promise.all(Array.from({ length: 20 }, () => another.syncProducts()))
  assert.equal(server.requests().length - start, once)
})

test('force asks it though it is fresh', async () => {
  const store = storeOf(app, fresh)
  const before = server.requests().length
  await store.syncProducts({ force: true })
  assert.ok(server.requests().length > before)
})

test('with refresh never the shop is not asked, however old', async () => {
  const store = storeOf(app, { ...fresh, refresh: 'never' })
  await age(500)
  const before = server.requests().length
  assert.ok((await store.syncProducts()).length > 0)
  assert.equal(server.requests().length, before)
  assert.equal(await store.needsRefresh(), true)
})

test('a shop that is down: an error, or, if asked, what is there with its age', async (t) => {
  await age(60)
  server.faults.set({ kind: 'status', status: 401 })
  t.after(() => server.faults.clear())
  const failing = storeOf(app, fresh)
  await assert.rejects(failing.searchProducts('a'), (fault: { code?: string }) => {
    assert.match(fault.code ?? '', /^store_/)
    return true
  })
  const asked = server.requests().length
  await assert.rejects(failing.searchProducts('a'))
  assert.equal(server.requests().length, asked, 'it is not asked again for each question')
  assert.equal(await failing.isConnected(), false)

  const content = storeOf(app, { ...fresh, whenDown: 'stale' })
  // What was read of the standing in the last second is kept; here time went by in one step.
  const old = await until('its age is said', async () => {
    const { products, asOf } = await content.products.search({})
    assert.ok(products.length > 0)
    return Date.now() - Date.parse(asOf.products?.at ?? '') > 55 * 60_000 && asOf
  })
  assert.equal(old.products?.state, 'incomplete', 'the last look failed')
})

test('is it connected', async () => {
  assert.equal(await storeOf(app, fresh).isConnected(), true)
})
