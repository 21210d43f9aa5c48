/** One fault during a first copy or a follow: the runs end well or with a code of their own, and nothing is lost. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { generateShop } from '../../demo/generate/shop.ts'
import type { Row } from '../../demo/table.ts'
import { createWrites } from '../../demo/writes.ts'
import type { SyncContext } from '../../src/sync/context.ts'
import { type ResourceResult, syncAll } from '../../src/sync/sync.ts'
import { verification } from '../../src/sync/verify.ts'
import type { TestDatabase } from '../database.ts'
import { type FaultCase, listening, secretsIn } from './fault-cases.ts'
import { shopBeside } from './shop-beside.ts'
import { assertMirrorIsShop } from './shop-rows.ts'

const NAMES = ['orders', 'refunds', 'products', 'customers', 'tax_classes'] as const

export async function playFault(
  t: TestContext,
  database: TestDatabase,
  fault: FaultCase,
  { seed, during }: { seed: number; during: 'first copy' | 'follow' },
): Promise<void> {
  const shop = generateShop({ seed, orders: 130, products: 12, days: 40 })
  const { options, pace, logger, lines } = await listening(fault.tls ?? false)
  const beside = await shopBeside(t, database, { shop, ...options })
  const context: SyncContext = { ...beside.context, pace, logger }
  const results: ResourceResult[] = []
  const sync = async () => {
    const now = await syncAll(context, { full: false, resources: NAMES })
    results.push(...now)
    return now.filter((one) => one.fault !== null).map((one) => [one.resource, one.fault?.code])
  }
  const copied = async () => {
    assert.deepEqual(await sync(), [])
    await assertMirrorIsShop({ shop, database, context }, NAMES)
    const told = await verification(database.pool, context.store)
    const open = told.resources.filter(({ resource }) => (NAMES as readonly string[]).includes(resource))
    assert.deepEqual(
      open.flatMap(({ reasons }) => reasons),
      [],
    )
  }

  if (during === 'follow') {
    await copied()
    change(shop)
  }
  for (const one of fault.faults(shop)) beside.server.faults.set(one)
  if (during === 'follow') change(shop)
  const failed = await sync()
  const codes = new Set(failed.map(([, code]) => code))
  for (const code of codes)
    assert.ok((fault.codes as string[]).includes(code as string), `ended with ${code}`)
  if (fault.codes.length > 0) assert.ok(codes.size > 0, 'nothing failed')
  const told = await verification(database.pool, context.store)
  for (const [resource] of failed) {
    const one = told.resources.find((each) => each.resource === resource)
    assert.notEqual(one?.state, 'complete', `${resource} failed and is called complete`)
  }
  if (fault.quarantines) {
    assert.equal(
      told.resources.reduce((sum, one) => sum + one.quarantined, 0),
      1,
    )
    assert.ok(!told.complete)
  }

  beside.server.faults.clear()
  // A record in quarantine is asked for again, though its date does not move.
  if (!fault.quarantines) change(shop)
  await copied()

  const { rows } = await database.pool.query<{ text: string }>(
    `SELECT to_jsonb(r)::text AS text FROM sync.runs r UNION ALL SELECT to_jsonb(s)::text FROM sync.resources s
     UNION ALL SELECT to_jsonb(a)::text FROM sync.alerts a UNION ALL SELECT to_jsonb(m)::text FROM mirror.stores m`,
  )
  const said = results.map(({ fault: one }) => JSON.stringify([one, one?.stack, String(one?.cause)]))
  assert.deepEqual(secretsIn(shop, [...lines, ...said, ...rows.map((row) => row.text)]), [])
  assert.ok(lines.length > 0)
}

/** What a quarter of an hour brings. */
function change(shop: Parameters<typeof createWrites>[0]): void {
  const writes = createWrites(shop)
  const orders = shop.orders.sorted('id').filter(({ status }) => status === 'completed')
  const at = (index: number) => (orders[index] as Row).id
  for (const index of [0, 5, 9]) writes.updateOrder(at(index), { customer_note: `schimbat ${shop.now()}` })
  writes.createOrder({ status: 'processing' })
  writes.trashOrder(at(11))
  writes.createRefund(at(13), { amount: '0.01', reason: 'probă' })
  writes.deleteOrder(at(15))
  const product = shop.products.sorted('id').find(({ status }) => status === 'publish') as Row
  writes.updateProduct(product.id, { short_description: `altul ${shop.now()}` })
  writes.createProduct({ name: 'Nou', regular_price: '3' })
  writes.updateCustomer(Number(shop.small.customers[0]?.id), { first_name: `Altă ${shop.now()}` })
}
