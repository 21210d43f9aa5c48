/** The recorded shop, copied over REST from the demo that plays it: every list complete, to the cent. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Decimal } from 'decimal.js'
import type { ResourceName } from '../../src/store/resources.ts'
import { type ResourceResult, syncAll } from '../../src/sync/sync.ts'
import { verification } from '../../src/sync/verify.ts'
import { recordings, skipWithoutRecordings } from '../recordings.ts'
import { type MirroredShop, mirroredShop, recordedShop } from '../shop.ts'
import { assertMirrorIsShop } from './shop-rows.ts'

/** The recordings' README; those it does not count, by the rows of their pages. */
const COUNTS: Partial<Record<ResourceName, number>> = {
  orders: 798,
  refunds: 74,
  products: 172,
  variations: 45,
  customers: 21,
  coupons: 6,
  reviews: 8,
  categories: 25,
  tags: 7,
  attributes: 3,
  attribute_terms: 20,
  shipping_classes: 0,
  tax_rates: 2,
  tax_classes: 3,
  shipping_zones: 2,
  shipping_methods: 3,
  payment_gateways: 3,
  settings: 61,
}

test('the recorded shop', { skip: skipWithoutRecordings }, async (t) => {
  const mirrored = await mirroredShop({ shop: recordedShop() })
  const first = await sync(mirrored, 'what is new')

  await t.test('every resource that has a list is complete, with the counts of the recordings', async () => {
    const { complete, resources } = await verification(mirrored.database.pool, mirrored.context.store)
    const listed = resources.filter((one) => one.state !== 'on demand')
    assert.deepEqual(
      listed.filter((one) => one.state !== 'complete').map((one) => [one.resource, one.reasons]),
      [],
    )
    assert.ok(complete)
    assert.deepEqual(Object.fromEntries(listed.map((one) => [one.resource, one.inMirror])), COUNTS)
    assert.deepEqual(Object.fromEntries(listed.map((one) => [one.resource, one.inStore])), COUNTS)
    assert.deepEqual(resources.find((one) => one.resource === 'order_notes')?.state, 'on demand')
    assert.equal(
      sum(first, 'created'),
      Object.values(COUNTS).reduce((a, b) => a + b),
    )
  })

  await t.test('the mirror is the shop, row by row', () => assertMirrorIsShop(mirrored))

  await t.test(
    'order totals by status and currency equal those of the recorded pages, to the cent',
    async () => {
      const { rows } = await mirrored.database.pool.query(
        `SELECT status, currency, count(*), sum(total) AS total, sum(total_tax) AS tax FROM mirror.orders
       GROUP BY status, currency`,
      )
      const mirror = rows.map((row) => [
        `${row.status} ${row.currency}`,
        row.count,
        fixed(row.total),
        fixed(row.tax),
      ])
      assert.deepEqual(sorted(mirror), sorted(recordedTotals()))
    },
  )

  await t.test('6: orders of every status are there, trash and checkout drafts too', async () => {
    const { rows } = await mirrored.database.pool.query(
      `SELECT count(*) FILTER (WHERE status = 'trash') AS trash,
              count(*) FILTER (WHERE status = 'checkout-draft') AS drafts FROM mirror.orders`,
    )
    assert.deepEqual(rows[0], { trash: 28, drafts: 1 })
  })

  await t.test('10: customers of every role are there, and guests stay in their orders', async () => {
    const { rows } = await mirrored.database.pool.query(
      `SELECT count(*) FILTER (WHERE role <> 'customer') AS others, count(*) AS all,
              (SELECT count(*) FROM mirror.orders WHERE customer_id IS NULL) AS guests FROM mirror.customers`,
    )
    assert.deepEqual(rows[0], { others: 1, all: 21, guests: 454 })
  })

  await t.test('order lines and refund lines are all there', async () => {
    const { rows } = await mirrored.database.pool.query(
      `SELECT (SELECT count(*) FROM mirror.order_lines l JOIN mirror.orders o
                 ON o.store_id = l.store_id AND o.id = l.order_id
               WHERE status NOT IN ('trash', 'checkout-draft')) AS usual,
              (SELECT count(*) FROM mirror.order_lines) AS orders,
              (SELECT count(*) FROM mirror.refund_lines) AS refunds`,
    )
    assert.deepEqual(rows[0], { usual: 2411, orders: 2411 + 135, refunds: 121 })
  })

  for (const how of ['what is new', 'everything'] as const) {
    await t.test(`a second run over ${how} changes nothing and says so (invariant 1)`, async () => {
      const before = await feedLength(mirrored)
      const results = await sync(mirrored, how)
      for (const kind of ['created', 'updated', 'restored', 'deleted', 'ignored', 'quarantined'] as const) {
        assert.equal(sum(results, kind), 0, kind)
      }
      assert.equal(await feedLength(mirrored), before)
      assert.ok((await verification(mirrored.database.pool, mirrored.context.store)).complete)
    })
  }
})

async function sync(mirrored: MirroredShop, how: 'what is new' | 'everything'): Promise<ResourceResult[]> {
  const results = await syncAll(mirrored.context, { full: how === 'everything' })
  assert.deepEqual(results.map((one) => one.fault).filter(Boolean), [])
  return results
}

function sum(results: readonly ResourceResult[], kind: keyof NonNullable<ResourceResult['counts']>): number {
  return results.reduce((total, one) => total + (one.counts?.[kind] ?? 0), 0)
}

async function feedLength({ database }: MirroredShop): Promise<number> {
  const { rows } = await database.pool.query('SELECT count(*) FROM mirror.changes')
  return rows[0].count
}

type Totals = [name: string, orders: number, total: string, tax: string]

/** From the recorded pages themselves, past the demo shop. */
function recordedTotals(): Totals[] {
  const folder = join(recordings as string, 'api')
  const pages = readdirSync(folder).filter((name) =>
    /^orders-(p|trash-p|checkout-draft-p)\d+\.json$/.test(name),
  )
  const sums = new Map<string, { count: number; total: Decimal; tax: Decimal }>()
  for (const page of pages) {
    for (const order of JSON.parse(readFileSync(join(folder, page), 'utf8'))) {
      const name = `${order.status} ${order.currency}`
      const held = sums.get(name) ?? { count: 0, total: new Decimal(0), tax: new Decimal(0) }
      sums.set(name, {
        count: held.count + 1,
        total: held.total.plus(order.total),
        tax: held.tax.plus(order.total_tax),
      })
    }
  }
  return [...sums].map(([name, { count, total, tax }]) => [name, count, fixed(total), fixed(tax)])
}

const fixed = (amount: Decimal.Value) => new Decimal(amount).toFixed(2)

const sorted = <T extends unknown[]>(rows: T[]) => rows.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1))
