/** A mirror kept from the shop's database while things happen there (4, 7, 40, 43). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WooSyncError } from '../../../src/errors.ts'
import { markStale } from '../../../src/mirror/marks.ts'
import type { ResourceName } from '../../../src/store/resources.ts'
import { acceptDeletions } from '../../../src/sync/gone.ts'
import { keeperOf } from '../../../src/sync/keeper.ts'
import { type RunCounts, withRun } from '../../../src/sync/run.ts'
import { syncAll } from '../../../src/sync/sync.ts'
import { verification } from '../../../src/sync/verify.ts'
import { skipWithoutMariadb, startMariadb } from '../../mariadb.ts'
import { skipWithoutRecordings } from '../../recordings.ts'
import { sqlMirror } from './shop.ts'

const SHOP = 'woocommerce_small'

test('a shop whose database is read', { skip: skipWithoutRecordings || skipWithoutMariadb }, async (t) => {
  const mariadb = await startMariadb()
  const { context, database } = await sqlMirror(mariadb, SHOP)
  assert.ok((await syncAll(context, { full: true })).every((one) => one.fault === null))

  const follow = async (resource: ResourceName) =>
    withRun(context, { resource, kind: 'follow' }, (run) => keeperOf(run).follow(run))
  const change = (statements: string) => mariadb.run(SHOP, statements)
  const one = async (question: string) => (await database.pool.query(question)).rows[0]
  const stateOf = async (resource: ResourceName) => {
    const { resources } = await verification(database.pool, context.store)
    return resources.find((each) => each.resource === resource)
  }

  await t.test('nothing happened: a handful of statements, and every id proved', async () => {
    const { counts, requests } = await follow('orders')
    assert.equal(changed(counts), 0)
    assert.ok(requests <= 12, `${requests} statements`)
    const state = await stateOf('orders')
    assert.equal(state?.state, 'complete')
    assert.deepEqual([state?.inStore, state?.inMirror], [798, 798])
    assert.ok(state?.proofs.some((proof) => proof.strength === 'listed'))
  })

  await t.test('43: an order changed is read again, alone', async () => {
    await change(
      `UPDATE wp_wc_orders SET status = 'wc-on-hold', date_updated_gmt = UTC_TIMESTAMP() WHERE id = 233`,
    )
    const { counts } = await follow('orders')
    assert.equal(counts.updated, 1)
    assert.ok(counts.seen < 50, `${counts.seen} read`)
    assert.equal((await one(`SELECT status FROM mirror.orders WHERE id = 233`)).status, 'on-hold')
  })

  await t.test('7: an order inserted with an old date is found, as every id is compared', async () => {
    await change(
      `INSERT INTO wp_wc_orders (id, status, currency, type, tax_amount, total_amount, customer_id,
         date_created_gmt, date_updated_gmt, parent_order_id)
       VALUES (999001, 'wc-completed', 'RON', 'shop_order', 0, 12.5, 0, '2019-01-02 03:04:05', '2019-01-02 03:04:05', 0)`,
    )
    const { counts } = await follow('orders')
    assert.equal(counts.created, 1)
    const row = await one(`SELECT total::text, created_at FROM mirror.orders WHERE id = 999001`)
    assert.deepEqual([row.total, row.created_at.toISOString()], ['12.50', '2019-01-02T03:04:05.000Z'])
  })

  await t.test('7: what is deleted for good becomes a tombstone with its evidence', async () => {
    await change(`DELETE FROM wp_wc_orders WHERE id = 999001`)
    const { counts } = await follow('orders')
    assert.equal(counts.deleted, 1)
    const row = await one(`SELECT deleted_at, deleted_evidence FROM mirror.orders WHERE id = 999001`)
    assert.ok(row.deleted_at)
    assert.match(row.deleted_evidence, /absent from the shop’s database/)
  })

  await t.test('and comes back when it is there again', async () => {
    await change(
      `INSERT INTO wp_wc_orders (id, status, currency, type, total_amount, customer_id, date_created_gmt, date_updated_gmt)
       VALUES (999001, 'wc-completed', 'RON', 'shop_order', 13, 0, '2019-01-02 03:04:05', '2019-01-02 03:04:05')`,
    )
    assert.equal((await follow('orders')).counts.restored, 1)
  })

  await t.test('4: what moves no date is found by the scrub', async () => {
    await change(
      `UPDATE wp_woocommerce_order_itemmeta SET meta_value = '77'
       WHERE meta_key = '_qty' AND order_item_id = (SELECT min(order_item_id) FROM wp_woocommerce_order_items
         WHERE order_id = 234 AND order_item_type = 'line_item')`,
    )
    assert.equal((await follow('orders')).counts.updated, 0)
    let updated = 0
    for (let finished = false; !finished; ) {
      const { result, counts } = await withRun(context, { resource: 'orders', kind: 'scrub' }, (run) =>
        keeperOf(run).scrub(run),
      )
      updated += counts.updated
      finished = result.finished
    }
    assert.equal(updated, 1)
    assert.equal(
      (await one(`SELECT max(quantity)::int AS most FROM mirror.order_lines WHERE order_id = 234`)).most,
      77,
    )
    const read = (await stateOf('orders'))?.proofs.find((proof) => proof.strength === 'read')
    assert.equal(read?.share, 1)
  })

  await t.test('what has no dates is read whole at each look', async () => {
    await change(`UPDATE wp_terms SET name = 'Vinuri &amp; altele' WHERE term_id =
      (SELECT term_id FROM wp_term_taxonomy WHERE taxonomy = 'product_cat' ORDER BY term_id LIMIT 1)`)
    assert.equal((await follow('categories')).counts.updated, 1)
    const row = await one(
      `SELECT count(*)::int AS renamed FROM mirror.categories WHERE name = 'Vinuri & altele'`,
    )
    assert.equal(row.renamed, 1)
  })

  await t.test('a mark is settled from the database, a record that is not there is gone', async () => {
    await change(
      `UPDATE wp_posts SET post_title = 'Alt nume' WHERE ID = 113; DELETE FROM wp_posts WHERE ID = 114`,
    )
    await markStale(database.pool, context.store.id, 'products', [
      { id: '113', reason: 'delivery product.updated' },
      { id: '114', reason: 'delivery product.deleted' },
    ])
    const { counts } = await withRun(context, { resource: 'products', kind: 'fetch' }, (run) =>
      keeperOf(run).fetchStale(run, 'delivery'),
    )
    assert.deepEqual([counts.updated, counts.deleted], [1, 1])
    assert.equal((await stateOf('products'))?.stale, 0)
    assert.equal((await one(`SELECT name FROM mirror.products WHERE id = 113`)).name, 'Alt nume')
  })

  await t.test('much gone at once waits for a person', async () => {
    await change(`CREATE TABLE kept AS SELECT * FROM wp_wc_orders WHERE id > 900;
      DELETE FROM wp_wc_orders WHERE id > 900`)
    await assert.rejects(follow('orders'), isFault('sync_mass_vanish'))
    assert.equal((await stateOf('orders'))?.state, 'incomplete')
    await change(`INSERT INTO wp_wc_orders SELECT * FROM kept; DROP TABLE kept`)
    assert.equal(changed((await follow('orders')).counts), 0)
    assert.equal((await stateOf('orders'))?.state, 'complete')
  })

  await t.test('40: a shop that moves its orders to other tables is noticed at once', async () => {
    await change(
      `UPDATE wp_options SET option_value = 'no' WHERE option_name = 'woocommerce_custom_orders_table_enabled'`,
    )
    await assert.rejects(follow('orders'), isFault('sync_mass_vanish'))
    await change(
      `UPDATE wp_options SET option_value = 'yes' WHERE option_name = 'woocommerce_custom_orders_table_enabled'`,
    )
    assert.equal(changed((await follow('orders')).counts), 0)
  })

  await t.test('deletions that a person has agreed to are marked', async () => {
    await change(`DELETE FROM wp_comments WHERE comment_type = 'order_note'`)
    await assert.rejects(follow('order_notes'), isFault('sync_mass_vanish'))
    await acceptDeletions(context, ['order_notes'])
    assert.ok((await follow('order_notes')).counts.deleted > 20)
  })
})

test('a copy whose connections break', { skip: skipWithoutRecordings || skipWithoutMariadb }, async () => {
  const mariadb = await startMariadb()
  const { context, database } = await sqlMirror(mariadb, SHOP)
  let broken = 0
  const cut = async () => {
    const sessions = await mariadb.ask(
      SHOP,
      `SELECT id FROM information_schema.processlist WHERE user = 'woosync'`,
    )
    await mariadb.run(null, sessions.map(([id]) => `KILL ${id};`).join(''))
  }
  let cutting = Promise.resolve()
  const [result] = await syncAll(
    {
      ...context,
      onProgress: ({ done }) => {
        if (done === 0 || broken > 0) return
        broken++
        cutting = cut().catch(() => undefined)
      },
    },
    { full: true, resources: ['orders'] },
  )
  await cutting
  assert.equal(broken, 1)
  assert.equal(result?.fault, null)
  assert.equal((await database.pool.query('SELECT 1 FROM mirror.orders')).rowCount, 798)
  // What was written before was not read again from the beginning.
  assert.ok((result?.counts?.seen ?? 0) < 2 * 798, `${result?.counts?.seen} read`)
})

function changed({ created, updated, restored, deleted }: RunCounts): number {
  return created + updated + restored + deleted
}

function isFault(code: string) {
  return (thrown: unknown) => thrown instanceof WooSyncError && thrown.code === code
}
