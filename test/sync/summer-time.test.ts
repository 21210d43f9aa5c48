/** 2, 3: when summer time ends, local time repeats an hour, and products sort by local time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateShop } from '../../demo/generate/shop.ts'
import type { Shop } from '../../demo/shop.ts'
import { createWrites } from '../../demo/writes.ts'
import { follow } from '../../src/sync/follow.ts'
import { withRun } from '../../src/sync/run.ts'
import { inRepeatedHour } from '../../src/sync/summer-time.ts'
import { syncAll } from '../../src/sync/sync.ts'
import { testDatabase } from '../database.ts'
import type { MirroredShop } from '../shop.ts'
import { shopBeside } from './shop-beside.ts'
import { assertMirrorIsShop } from './shop-rows.ts'

const database = await testDatabase()

/** 25 October 2026: at 01:00 GMT the clocks of Bucharest go from 04:00 back to 03:00. */
const END = Date.UTC(2026, 9, 25, 1)
const HOUR = 3_600_000
const PRODUCTS = 240

function setClock(shop: Shop, moment: number) {
  shop.setClockOffset(moment - Date.now())
}

async function copied(t: Parameters<typeof shopBeside>[0], seed: number): Promise<MirroredShop> {
  const shop = generateShop({ seed, orders: 5, products: PRODUCTS, days: 5, now: END - 48 * HOUR })
  setClock(shop, END - 2 * HOUR)
  const mirrored = await shopBeside(t, database, { shop })
  const results = await syncAll(mirrored.context, { full: false, resources: ['products'] })
  assert.deepEqual(results.map((one) => one.fault).filter(Boolean), [])
  return mirrored
}

async function followProducts({ context }: MirroredShop) {
  // A clock that jumped is believed only when an answer has shown it; the first one may refuse the signature.
  await context.client.get('products', { per_page: 1 }).catch(() => undefined)
  return withRun(context, { resource: 'products', kind: 'follow' }, (run) => follow(run))
}

/** Moments in both passes of the hour, so that their local times interleave. */
function* moments(count: number) {
  for (let at = 0; at < count; at++) yield END - HOUR + (2 * HOUR * at) / count
}

test('2, 3: the second pass of the repeated hour is known by its moment', () => {
  const repeated = inRepeatedHour('Europe/Bucharest')
  assert.deepEqual([END - HOUR, END - 1000, END, END + HOUR - 1000, END + HOUR].map(repeated), [
    false,
    false,
    true,
    true,
    false,
  ])
  assert.equal(inRepeatedHour('+02:00')(END), false)
})

test('2, 3: products changed in both passes of the hour, more than fit on pages, are all followed', async (t) => {
  const mirrored = await copied(t, 801)
  const writes = createWrites(mirrored.shop)
  const rows = mirrored.shop.products.sorted('id').filter(({ status }) => status !== 'trash')
  assert.ok(rows.length > 200)
  const when = moments(rows.length)
  for (const { id } of rows) {
    setClock(mirrored.shop, when.next().value as number)
    writes.updateProduct(id, { short_description: `schimbat ${id}` })
  }
  setClock(mirrored.shop, END + 3 * HOUR)
  const { counts } = await followProducts(mirrored)
  assert.equal(counts.updated, rows.length)
  await assertMirrorIsShop(mirrored, ['products'])
})

test('2, 3: polls in the middle of the hour leave no product behind', async (t) => {
  const mirrored = await copied(t, 802)
  const writes = createWrites(mirrored.shop)
  const rows = mirrored.shop.products.sorted('id').filter(({ status }) => status !== 'trash')
  const when = moments(rows.length)
  let updated = 0
  for (const [at, { id }] of rows.entries()) {
    setClock(mirrored.shop, when.next().value as number)
    writes.updateProduct(id, { short_description: `schimbat ${id}` })
    if (at % 30 === 29) updated += (await followProducts(mirrored)).counts.updated
  }
  setClock(mirrored.shop, END + 3 * HOUR)
  updated += (await followProducts(mirrored)).counts.updated
  assert.equal(updated, rows.length)
  await assertMirrorIsShop(mirrored, ['products'])
})
