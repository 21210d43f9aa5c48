/** What keeping up costs the shop, in requests, on many orders; and that a cursor never says too much. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateShop } from '../../demo/generate/shop.ts'
import type { Row } from '../../demo/table.ts'
import { createWrites } from '../../demo/writes.ts'
import { isoSeconds } from '../../demo/zone.ts'
import type { ResourceName } from '../../src/store/resources.ts'
import { follow } from '../../src/sync/follow.ts'
import { reconcile } from '../../src/sync/reconcile.ts'
import { type Run, withRun } from '../../src/sync/run.ts'
import { syncAll } from '../../src/sync/sync.ts'
import { mirroredShop } from '../shop.ts'
import { mirrorRows } from './shop-rows.ts'

/** Twenty thousand in CI; the questions grow with the logarithm. */
const ORDERS = process.env.CI === 'true' ? 20_000 : 5_000
const MINUTE = 60_000
const FOLLOWED = ['orders', 'refunds', 'products', 'variations', 'coupons'] as const

test(`a shop of ${ORDERS} orders that is kept up with`, async (t) => {
  const shop = generateShop({ seed: 4, orders: ORDERS, products: 40, days: 300 })
  const mirrored = await mirroredShop({ shop })
  const { server, context, database } = mirrored
  const writes = createWrites(shop)
  const first = await syncAll(context, { full: false, resources: FOLLOWED })
  assert.deepEqual(first.map((one) => one.fault).filter(Boolean), [])

  let ahead = 0
  /** The shop's clock goes on, so that what happened before is settled. */
  const pass = (ms: number) => {
    ahead += ms
    shop.setClockOffset(ahead)
  }
  const requests = (path: RegExp) => server.requests().filter((one) => path.test(one.path))
  const run = <T>(resource: ResourceName, work: (run: Run) => Promise<T>) =>
    withRun(context, { resource, kind: 'follow' }, work)
  const poll = async (resource: ResourceName) => {
    server.clearRequests()
    const { counts } = await run(resource, follow)
    return { counts, asked: server.requests().length }
  }
  const cursorOf = async (resource: ResourceName): Promise<number> => {
    const { rows } = await database.pool.query(
      `SELECT follow_cursor FROM sync.resources WHERE store_id = $1 AND resource = $2`,
      [context.store.id, resource],
    )
    return rows[0].follow_cursor.getTime()
  }
  const orders = shop.orders.sorted('id').filter(({ status }) => status === 'completed')
  const deleted = (orders[1_500] as Row).id
  let next = 0
  const change = () => {
    const { id } = orders[next++] as Row
    writes.updateOrder(id, { customer_note: `schimbat ${next}` })
    return id
  }
  const put = (row: Row, second: number) => {
    const body = {
      ...shop.orders.body(row),
      date_modified_gmt: isoSeconds(second),
      customer_note: `${second}`,
    }
    shop.orders.put({ ...row, modified: second, body })
  }

  await t.test('the first copy is cut by counts and costs little more than its pages (5)', async () => {
    const pages = Math.ceil(ORDERS / 100)
    const asked = first.find((one) => one.resource === 'orders')?.requests ?? 0
    // Questions for the cuts, and each segment and the poll after it read a row or a page again.
    assert.ok(asked <= pages + 34, `${asked} requests for ${pages} pages`)
    assert.equal((await mirrorRows(database.pool, context.store.id, 'orders')).size, ORDERS)
  })

  /** A clock that jumped is believed when an answer has shown it; the first one may refuse the signature. */
  const jump = async (ms: number) => {
    pass(ms)
    await context.client.get('orders', { per_page: 1 }).catch(() => undefined)
  }
  await jump(20 * MINUTE)

  await t.test('a poll without change is one request for each followed resource', async () => {
    for (const resource of FOLLOWED) {
      const { asked, counts } = await poll(resource)
      assert.equal(asked, 1, resource)
      assert.deepEqual([counts.created, counts.updated, counts.deleted], [0, 0, 0], resource)
    }
  })

  for (const k of [1, 99, 100, 101, 250]) {
    await t.test(`2, 5: ${k} changed orders cost at most ⌈(${k} + r) / 100⌉ + 1 requests`, async () => {
      for (let at = 0; at < k; at++) {
        pass(1000)
        change()
      }
      pass(5 * MINUTE)
      const { asked, counts } = await poll('orders')
      assert.equal(counts.updated, k)
      // Each order has a second of its own: read again is one row for each page, and the one of the cursor.
      const again = asked + 1
      assert.ok(counts.seen <= k + again, `${counts.seen} rows read for ${k}`)
      assert.ok(asked <= Math.ceil((k + again) / 100) + 1, `${asked} requests for ${k}`)
    })
  }

  await t.test('5: rows that share a second are read again, not lost: 350 within one', async () => {
    pass(1000)
    const second = Math.floor(shop.now() / 1000)
    for (let at = 0; at < 350; at++) put(orders[next++] as Row, second)
    pass(5 * MINUTE)
    const { asked, counts } = await poll('orders')
    assert.equal(counts.updated, 350)
    assert.ok(asked <= Math.ceil((350 + 5) / 100) + 1, `${asked} requests`)
    const idle = await poll('orders')
    assert.equal(idle.counts.updated, 0)
    assert.ok(idle.asked <= Math.ceil(351 / 100) + 1, `${idle.asked} requests`)
    assert.equal(await cursorOf('orders'), second * 1000)
  })

  await t.test('2: a row that appears late, up to two minutes back, is still read', async () => {
    pass(MINUTE)
    change()
    assert.equal((await poll('orders')).counts.updated, 1)
    const late = orders[next++] as Row
    put(late, Math.floor(shop.now() / 1000) - 115)
    assert.equal((await poll('orders')).counts.updated, 1)
    const { rows } = await database.pool.query(
      `SELECT record->>'customer_note' AS note FROM mirror.orders WHERE id = $1`,
      [late.id],
    )
    assert.equal(rows[0].note, shop.orders.body(shop.orders.get(late.id) as Row).customer_note)
    pass(5 * MINUTE)
    await poll('orders')
  })

  await t.test('2: a date in the shop’s future never moves the cursor', async () => {
    const before = await cursorOf('orders')
    const early = orders[next++] as Row
    put(early, Math.floor(shop.now() / 1000) + 86_400)
    assert.equal((await poll('orders')).counts.updated, 1)
    assert.equal(await cursorOf('orders'), before)
    pass(5 * MINUTE)
    change()
    const { counts } = await poll('orders')
    assert.equal(counts.updated, 1)
    pass(5 * MINUTE)
    await poll('orders')
    assert.ok((await cursorOf('orders')) > before)
    assert.ok((await cursorOf('orders')) < shop.now())
    put(early, Math.floor(shop.now() / 1000))
    pass(5 * MINUTE)
    await poll('orders')
    await run('orders', follow)
  })

  await t.test('2: without rows the cursor stays, however late it gets', async () => {
    await poll('products')
    const before = await cursorOf('products')
    await jump(60 * MINUTE)
    assert.equal((await poll('products')).asked, 1)
    assert.equal(await cursorOf('products'), before)
  })

  await t.test('2, 4: a clock that was ahead and is set right hides no change', async () => {
    await jump(30 * MINUTE)
    change()
    pass(5 * MINUTE)
    assert.equal((await poll('orders')).counts.updated, 1)
    await jump(-30 * MINUTE)
    change()
    const { counts } = await poll('orders')
    assert.ok(shop.now() < (await cursorOf('orders')), 'its date is older than the cursor')
    assert.equal(counts.updated, 1)
    await jump(60 * MINUTE)
    await poll('orders')
  })

  await t.test('7: an order deleted for good is found and marked with at most 40 requests', async () => {
    writes.deleteOrder(deleted)
    server.clearRequests()
    const { result, requests: counted } = await run('orders', (one) => reconcile(one, 'positions'))
    assert.ok(result.agrees)
    const asked = server.requests().length
    assert.equal(asked, counted)
    assert.ok(asked <= 40, `${asked} requests`)
    const { rows } = await database.pool.query(
      `SELECT deleted_at IS NOT NULL AS deleted, deleted_evidence FROM mirror.orders WHERE id = $1`,
      [deleted],
    )
    assert.ok(rows[0].deleted)
    assert.match(rows[0].deleted_evidence, /^404 woocommerce_rest_shop_order_invalid_id/)
    t.diagnostic(`a deleted order among ${ORDERS}: ${asked} requests`)
  })

  await t.test('7: nothing missed is one question, and two random positions', async () => {
    server.clearRequests()
    await run('orders', (one) => reconcile(one, 'positions'))
    assert.equal(server.requests().length, 3)
  })

  await t.test('7: an order inserted with an old date is found by the count alone', async () => {
    const id = shop.nextId()
    const model = shop.orders.body(orders[10] as Row)
    const body = { ...model, id, number: String(id), refunds: [] }
    shop.orders.put({ ...(orders[10] as Row), id, body })
    server.clearRequests()
    const { counts } = await run('orders', (one) => reconcile(one, 'positions'))
    assert.equal(counts.created, 1)
    assert.ok(server.requests().length <= 40, `${server.requests().length} requests`)
  })

  await t.test('7: a missed insert beside a missed delete is found when every id is listed', async () => {
    // No order has the id of a refund.
    const { id: free } = shop.refunds.sorted('id')[5] as Row
    assert.ok(free < (shop.orders.sorted('id').at(-1) as Row).id)
    const model = orders[11] as Row
    const gone = orders[12] as Row
    shop.orders.put({ ...model, id: free, body: { ...shop.orders.body(model), id: free, refunds: [] } })
    shop.orders.remove(gone.id)
    server.clearRequests()
    const { result, counts } = await run('orders', (one) => reconcile(one, 'every id'))
    assert.ok(result.agrees)
    assert.deepEqual([counts.created, counts.deleted], [1, 1])
    assert.ok(requests(/_fields=id(&|$)/).length <= Math.ceil(ORDERS / 99) + 10)
  })

  await t.test('after all this the mirror has the shop’s orders, each with its date', async () => {
    const { rows } = await database.pool.query(
      `SELECT id, status, extract(epoch FROM modified_at)::integer AS modified FROM mirror.orders
       WHERE store_id = $1 AND deleted_at IS NULL ORDER BY id`,
      [context.store.id],
    )
    const expected = shop.orders.sorted('id').map(({ id, status, modified }) => ({ id, status, modified }))
    assert.deepEqual(rows, expected)
  })
})
