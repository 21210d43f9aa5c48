/** Invariants 3 and 4: killed at any moment and run again, the mirror is the same, and no cursor says too much. */
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { randomFrom } from '../../demo/faults.ts'
import { generateShop } from '../../demo/generate/shop.ts'
import type { Shop } from '../../demo/shop.ts'
import type { Row } from '../../demo/table.ts'
import { createWrites } from '../../demo/writes.ts'
import { syncAll } from '../../src/sync/sync.ts'
import { verification } from '../../src/sync/verify.ts'
import { until } from '../database/private-folder.ts'
import { testDatabase } from '../database.ts'
import type { MirroredShop } from '../shop.ts'
import type { KillTask } from './kill-child.ts'
import { shopBeside } from './shop-beside.ts'
import { assertMirrorIsShop, mirrorDigest } from './shop-rows.ts'

const child = fileURLToPath(new URL('./kill-child.ts', import.meta.url))
const database = await testDatabase()
const undisturbed = await testDatabase()
const random = randomFrom(20_261_122)

const CI = process.env.CI === 'true'
/** Copies that are begun, and kills of each: 12, and 50 in CI. */
const COPIES = CI ? 10 : 2
const KILLS = CI ? 5 : 6
const FOLLOWS = CI ? 20 : 4

const generated = (seed: number) => generateShop({ seed, orders: 1050, products: 30, days: 90 })

/** Runs a synchronisation in a process of its own until it is killed; tells whether that came in time. */
async function killed(mirrored: MirroredShop, full: boolean, most: number): Promise<boolean> {
  const { consumerKey, consumerSecret } = mirrored.shop.info
  const task: KillTask = {
    database: database.url,
    url: mirrored.server.url,
    consumerKey,
    consumerSecret,
    full,
    requests: 1 + Math.floor(random() * most),
    milliseconds: Math.floor(random() * 12),
  }
  const run = fork(child, [JSON.stringify(task)], { stdio: 'inherit' })
  const [code, signal] = await once(run, 'exit')
  assert.ok(signal === 'SIGKILL' || code === 0, `the child ended with ${code ?? signal}`)
  await until('Postgres has noticed, and its locks are free', async () => {
    const { rowCount } = await database.pool.query(
      `SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
       WHERE d.datname = current_database() AND l.locktype = 'advisory'`,
    )
    return rowCount === 0
  })
  return signal === 'SIGKILL'
}

/** Invariant 4: whatever a cursor speaks for is in the mirror. */
async function assertCursorsAreTrue({ shop, context }: MirroredShop): Promise<void> {
  const { rows } = await database.pool.query<{ id: string; seconds: number | null; hash: string }>(
    `SELECT id::text, extract(epoch FROM modified_at)::integer AS seconds FROM mirror.orders WHERE store_id = $1`,
    [context.store.id],
  )
  const held = new Map(rows.map((row) => [Number(row.id), row.seconds]))
  const { rows: states } = await database.pool.query(
    `SELECT extract(epoch FROM follow_cursor)::float8 AS cursor, backfilled_at IS NOT NULL AS copied
     FROM sync.resources WHERE store_id = $1 AND resource = 'orders'`,
    [context.store.id],
  )
  if (!states[0]?.copied) return assertSegmentsAreTrue(shop, context.store.id, held)
  for (const { id, modified } of shop.orders.sorted('modified')) {
    if ((modified ?? 0) >= states[0].cursor) break
    assert.equal(held.get(id), modified, `the cursor speaks for order ${id}, which is not held as it is`)
  }
}

async function assertSegmentsAreTrue(
  shop: Shop,
  storeId: number,
  held: ReadonlyMap<number, unknown>,
): Promise<void> {
  const segments = await database.pool.query(
    `SELECT extract(epoch FROM after)::float8 AS first, extract(epoch FROM cursor)::float8 AS cursor,
            extract(epoch FROM before)::float8 AS before, finished, done
     FROM sync.segments WHERE store_id = $1 AND resource = 'orders'`,
    [storeId],
  )
  for (const one of segments.rows) {
    const end = one.finished ? (one.before ?? Number.POSITIVE_INFINITY) : (one.cursor ?? -1)
    const spoken = shop.orders
      .sorted('created')
      .filter(({ created }) => (created ?? 0) >= (one.first ?? 0) && (created ?? 0) < end)
    for (const { id } of spoken)
      assert.ok(held.has(id), `a segment speaks for order ${id}, which is not held`)
  }
}

async function finish(mirrored: MirroredShop): Promise<void> {
  const results = await syncAll(mirrored.context, { full: false })
  assert.deepEqual(results.map((one) => one.fault).filter(Boolean), [])
  await assertMirrorIsShop(mirrored)
  assert.ok((await verification(database.pool, mirrored.context.store)).complete)
}

const open = (t: TestContext, seed: number) => shopBeside(t, database, { shop: generated(seed) })

test('3, 4: a first copy killed again and again ends in the mirror of an undisturbed one', async (t) => {
  let kills = 0
  for (let copy = 0; copy < COPIES; copy++) {
    await t.test(`copy ${copy + 1}`, async (t) => {
      const mirrored = await open(t, 40 + copy)
      for (let kill = 0; kill < KILLS; kill++) {
        if (await killed(mirrored, false, 45)) kills++
        await assertCursorsAreTrue(mirrored)
        const told = await verification(database.pool, mirrored.context.store)
        const { rows } = await database.pool.query(
          `SELECT resource FROM sync.resources WHERE store_id = $1 AND backfilled_at IS NULL`,
          [mirrored.context.store.id],
        )
        for (const { resource } of rows) {
          assert.equal(told.resources.find((one) => one.resource === resource)?.state, 'never copied')
        }
      }
      await finish(mirrored)
      const { rows } = await database.pool.query(
        `SELECT resource, id FROM mirror.changes WHERE store_id = $1 AND change = 'created'
         GROUP BY resource, id HAVING count(*) > 1`,
        [mirrored.context.store.id],
      )
      assert.deepEqual(rows, [], 'a row was created twice')
      if (copy > 0) return
      // The same shop in a second copy, undisturbed.
      const whole = await shopBeside(t, undisturbed, { shop: generated(40) })
      await syncAll(whole.context, { full: false })
      assert.deepEqual(
        await mirrorDigest(database.pool, mirrored.context.store.id),
        await mirrorDigest(whole.database.pool, whole.context.store.id),
      )
    })
  }
  assert.ok(kills >= COPIES * KILLS * 0.6, `only ${kills} of ${COPIES * KILLS} kills came in time`)
  t.diagnostic(`${kills} kills of a first copy`)
})

test('3, 4: follow, reconcile and a full run killed again and again', async (t) => {
  const mirrored = await open(t, 70)
  const { shop } = mirrored
  await finish(mirrored)
  const writes = createWrites(shop)
  let kills = 0
  for (let round = 0; round < FOLLOWS; round++) {
    const orders = shop.orders.sorted('id').filter(({ status }) => status === 'completed')
    for (let at = 0; at < 230; at++) {
      writes.updateOrder((orders[at] as Row).id, { customer_note: `schimbat ${round}.${at}` })
    }
    for (const at of [240, 260, 280, 300]) writes.deleteOrder((orders[at] as Row).id)
    for (let at = 0; at < 15; at++) writes.createOrder({ status: 'processing' })
    writes.insertProduct({ name: `Import ${round}`, date_created_gmt: '2020-01-02T03:04:05' })
    const full = round % 4 === 3
    if (await killed(mirrored, full, full ? 60 : 45)) kills++
    await assertCursorsAreTrue(mirrored)
    if (round % 2 === 1) await finish(mirrored)
  }
  await finish(mirrored)
  assert.ok(kills >= FOLLOWS * 0.5, `only ${kills} of ${FOLLOWS} kills came in time`)
  t.diagnostic(`${kills} kills of a follow or a full run`)
})
