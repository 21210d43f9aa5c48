/** 1, 4, 9: what changes in a shop without moving any date a list could be asked by. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateShop } from '../../demo/generate/shop.ts'
import type { Raw, Row } from '../../demo/table.ts'
import { createWrites } from '../../demo/writes.ts'
import type { ResourceName } from '../../src/store/resources.ts'
import { follow } from '../../src/sync/follow.ts'
import { reconcile } from '../../src/sync/reconcile.ts'
import { withRun } from '../../src/sync/run.ts'
import { scrubPage } from '../../src/sync/scrub.ts'
import { syncAll } from '../../src/sync/sync.ts'
import { verification } from '../../src/sync/verify.ts'
import { mirroredShop, openContext } from '../shop.ts'
import { assertMirrorIsShop } from './shop-rows.ts'

test('changes that move no date', async (t) => {
  const shop = generateShop({ seed: 62, orders: 420, products: 30, days: 90 })
  const mirrored = await mirroredShop({ shop })
  const { context, database, server } = mirrored
  const writes = createWrites(shop)
  const sync = async () => {
    const results = await syncAll(context, { full: false })
    assert.deepEqual(results.map((one) => one.fault).filter(Boolean), [])
  }
  const followed = async (resource: ResourceName) =>
    (await withRun(context, { resource, kind: 'follow' }, follow)).counts
  const scrubbed = (resource: ResourceName, where = context) =>
    withRun(where, { resource, kind: 'scrub' }, (run) => scrubPage(run))
  const round = async (resource: ResourceName) => {
    let updated = 0
    for (let finished = false; !finished; ) {
      const page = await scrubbed(resource)
      updated += page.counts.updated
      finished = page.result.finished
    }
    return updated
  }
  await sync()
  const body = (id: number) => shop.orders.body(shop.orders.get(id) as Row)
  const completed = shop.orders.sorted('id').filter(({ status }) => status === 'completed')

  await t.test('4: meta of an order’s line, a check-in say: found by the scrub alone', async () => {
    const { id } = completed[3] as Row
    const line = (body(id).line_items as Raw[])[0] as Raw
    writes.setLineMeta(id, Number(line.id), [{ key: 'checked_in', value: 'yes' }])
    assert.equal((await followed('orders')).updated, 0)
    assert.equal(await round('orders'), 1)
    await assertMirrorIsShop(mirrored, ['orders'])
  })

  await t.test(
    '4: a renamed category: its own list is compared whole, its products are scrubbed',
    async () => {
      const product = shop.products.sorted('id').find(({ status }) => status === 'publish') as Row
      const category = (shop.products.body(product).categories as Raw[])[0]
      writes.updateCategory(Number(category?.id), { name: 'Altă denumire' })
      assert.equal((await followed('categories')).updated, 1)
      assert.equal((await followed('products')).updated, 0)
      const named = shop.products.sorted('id').filter((row) => {
        const categories = shop.products.body(row).categories as Raw[]
        return categories.some((one) => one.id === category?.id)
      })
      assert.ok(named.length > 0)
      assert.equal(await round('products'), named.length)
      await assertMirrorIsShop(mirrored, ['categories', 'products'])
    },
  )

  await t.test('9: a deleted refund is found by the count, and its order is asked for at once', async () => {
    const { id, parent } = shop.refunds.sorted('id')[1] as Row
    writes.deleteRefund(parent, id)
    assert.equal((await followed('refunds')).deleted, 0)
    await withRun(context, { resource: 'refunds', kind: 'reconcile' }, (run) => reconcile(run, 'positions'))
    const told = await verification(database.pool, context.store)
    const orders = told.resources.find((one) => one.resource === 'orders')
    assert.deepEqual([orders?.state, orders?.stale], ['incomplete', 1])
    await sync()
    await assertMirrorIsShop(mirrored, ['orders', 'refunds'])
  })

  await t.test('9: an order whose refunds differ from those held: the refund is asked for', async () => {
    const { id, parent } = shop.refunds.sorted('id')[4] as Row
    writes.deleteRefund(parent, id)
    assert.equal(await round('orders'), 1)
    assert.equal((await followed('refunds')).deleted, 1)
    await assertMirrorIsShop(mirrored, ['orders', 'refunds'])
  })

  await t.test('1: a list that ignores modified_after is read whole and compared by content', async () => {
    assert.ok(shop.small.customers.length > 5)
    writes.updateCustomer(Number(shop.small.customers[2]?.id), { first_name: 'Alt nume' })
    writes.deleteCustomer(Number(shop.small.customers[4]?.id))
    writes.createCustomer({ email: 'client.nou@example.test' })
    const counts = await followed('customers')
    assert.deepEqual([counts.created, counts.updated, counts.deleted], [1, 1, 1])
    await assertMirrorIsShop(mirrored, ['customers'])
  })

  await t.test(
    '4: the scrub goes on where it stood, in another process too, and reads every page once',
    async () => {
      server.clearRequests()
      const pages = Math.ceil((shop.orders.size - 1) / 99)
      const shares: number[] = []
      for (let at = 0; at < pages; at++) {
        const other = await openContext(database, server, { shop })
        try {
          const { result } = await scrubbed('orders', other)
          assert.equal(result.finished, at === pages - 1)
        } finally {
          await other.client.close()
          await other.locks.close()
        }
        const { rows } = await database.pool.query(
          `SELECT share::float8 FROM sync.proofs WHERE resource = 'orders' AND strength = 'read'`,
        )
        shares.push(rows[0].share)
      }
      assert.deepEqual(shares, [...shares].sort())
      assert.equal(shares.at(-1), 1)
      const read = server.requests().filter(({ path }) => /\/orders\?.*context=edit/.test(path))
      assert.equal(read.length, pages)
      const { rows } = await database.pool.query(
        `SELECT scrub_position, scrub_last_id, scrub_finished_at > now() - interval '1 minute' AS finished
       FROM sync.resources WHERE resource = 'orders'`,
      )
      assert.deepEqual(rows, [{ scrub_position: 0, scrub_last_id: null, finished: true }])
    },
  )

  await t.test(
    '4: rows that go away between two slices make the scrub step back, and it misses none',
    async () => {
      await scrubbed('orders')
      for (const { id } of shop.orders.sorted('id').slice(5, 15)) writes.deleteOrder(id)
      const late = shop.orders.sorted('id')[92] as Row
      shop.orders.put({ ...late, body: { ...shop.orders.body(late), customer_note: 'fără dată' } })
      let updated = 0
      for (let finished = false; !finished; ) {
        const page = await scrubbed('orders')
        updated += page.counts.updated
        finished = page.result.finished
      }
      assert.equal(updated, 1)
    },
  )
})

test('4, 7: more drafts without any date than fit on a page are copied, not lost', async () => {
  const shop = generateShop({ seed: 63, orders: 5, products: 150, days: 5 })
  const writes = createWrites(shop)
  for (let at = 0; at < 230; at++) {
    writes.insertProduct({ name: `Ciornă ${at}`, status: 'draft', date_created: null })
  }
  const mirrored = await mirroredShop({ shop })
  const results = await syncAll(mirrored.context, { full: false, resources: ['products'] })
  assert.deepEqual(results.map((one) => one.fault).filter(Boolean), [])
  // By the walk itself: what it misses would be found by the count, at a cost for each row.
  const [{ counts, requests }] = results as [(typeof results)[0]]
  assert.equal(counts?.created, shop.products.size)
  assert.ok(requests <= Math.ceil(shop.products.size / 99) + 6, `${requests} requests`)
  await assertMirrorIsShop(mirrored, ['products'])
})

test('12: what is in quarantine is asked for again, and let go when it is gone', async () => {
  const shop = generateShop({ seed: 64, orders: 60, products: 12, days: 30 })
  const mirrored = await mirroredShop({ shop })
  const { server, context, database } = mirrored
  const writes = createWrites(shop)
  const sync = async () => {
    const results = await syncAll(context, { full: false, resources: ['orders'] })
    assert.deepEqual(results.map((one) => one.fault).filter(Boolean), [])
  }
  const told = async () => {
    const all = await verification(database.pool, context.store)
    const orders = all.resources.find((one) => one.resource === 'orders')
    return [orders?.state, orders?.quarantined]
  }
  await sync()
  const completed = shop.orders.sorted('id').filter(({ status }) => status === 'completed')
  const [first, second, third] = completed as [Row, Row, Row]
  for (const { id } of [first, second]) {
    const total = { not: 'a number' }
    server.faults.set({
      kind: 'corrupt',
      resource: 'order',
      id,
      how: 'wrongType',
      field: 'total',
      value: total,
    })
    writes.updateOrder(id, { customer_note: 'schimbat' })
  }
  await sync()
  assert.deepEqual(await told(), ['incomplete', 2])

  // Later changes are settled, and no follow reads the two again.
  shop.setClockOffset(5 * 60_000)
  writes.updateOrder(third.id, { customer_note: 'schimbat' })
  shop.setClockOffset(10 * 60_000)
  await sync()
  assert.deepEqual(await told(), ['incomplete', 2])
  server.faults.clear()
  writes.deleteOrder(second.id)
  await sync()
  assert.deepEqual(await told(), ['complete', 0])
  await assertMirrorIsShop(mirrored, ['orders'])
})
