/** Sums that are kept are those of the rows, whatever was written and however far they have come. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import type pg from 'pg'
import { type Kept, keepSums } from '../../src/mirror/sums.ts'
import { ordersOver, partsOf, productsOver } from '../../src/questions/sales/products.ts'
import { customerSums, readSummed } from '../../src/questions/summed.ts'
import { testDatabase } from '../database.ts'

const database = await testDatabase()
const db = database.pool
const STORE = 1

before(async () => {
  await db.query(`INSERT INTO mirror.stores (url) VALUES ('https://shop.example')`)
  await db.query(
    `INSERT INTO sync.resources (store_id, resource, backfilled_at) SELECT 1, r, now() FROM unnest(ARRAY['orders', 'refunds']) AS r`,
  )
})

/** Until everything is summed; transactions of other databases of the server may have to end first. */
async function summedUp(): Promise<Kept> {
  for (;;) {
    const kept = await keepSums(database, STORE)
    if (kept !== 'begun') return kept
    await pause(10)
  }
}

async function emptied(): Promise<void> {
  await db.query('TRUNCATE mirror.orders, mirror.order_lines, mirror.refunds, mirror.refund_lines')
}

const PERIOD = ['2025-11-10T22:00:00.000Z', '2026-04-20T21:00:00.000Z'] as const

/** All that questions take from sums, by way of them and from the rows alone, in one snapshot. */
async function bothWays(): Promise<{ kept: unknown; plain: unknown; taken: boolean }> {
  const client = await db.connect()
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const summed = await readSummed(client, STORE)
    const kept = await everySum(client, summed)
    const plain = await everySum(client, null)
    await client.query('COMMIT')
    return { kept, plain, taken: summed !== null }
  } finally {
    client.release()
  }
}

async function everySum(client: pg.PoolClient, summed: Awaited<ReturnType<typeof readSummed>>) {
  const ask = async (make: (values: unknown[]) => string, order: string) => {
    const values: unknown[] = [STORE]
    const { rows } = await client.query(`${make(values)} ORDER BY ${order}`, values)
    return rows
  }
  const parts = partsOf(...PERIOD, summed)
  return {
    customers: await ask(
      (values) => `WITH ${customerSums(summed, values)}
        SELECT key, currency, first_order_id, orders, paid_orders, first_at, last_at, first_paid_at, last_paid_at,
               total::float8, refunded::float8 FROM customer_sums`,
      'key, currency',
    ),
    products: await ask(
      (
        values,
      ) => `SELECT currency, product_id, orders, sold::float8, pieces::float8, given_back::float8, pieces_back::float8
        FROM (${productsOver(parts, values)}) AS p`,
      'currency, product_id',
    ),
    orders: await ask((values) => `SELECT * FROM (${ordersOver(parts, values)}) AS o`, 'currency'),
  }
}

const moments = [
  null,
  '2025-10-31T23:59:59Z',
  '2025-11-10T21:59:59Z',
  '2025-11-10T22:00:00Z',
  '2025-12-01T00:00:00Z',
  '2026-01-31T23:59:59.999Z',
  '2026-02-01T00:00:00Z',
  '2026-04-20T21:00:00Z',
  '2099-05-01T00:00:00Z',
]
const statuses = ['processing', 'completed', 'refunded', 'pending', 'trash', 'checkout-draft']
const emails = ['ana@example.com', ' Ana@Example.com', 'ion@example.com', '', null]

const id = fc.integer({ min: 1, max: 4 })
interface OrderGiven {
  id: number
  status: string
  currency: string | null
  total: string | null
  email: string | null
  at: string | null
  refunded: string | null
  lines: [product: number | null, pieces: number][]
}

const orderArbitrary: fc.Arbitrary<OrderGiven> = fc.record({
  id,
  status: fc.constantFrom(...statuses),
  currency: fc.constantFrom('RON', 'EUR', null),
  total: fc.constantFrom('10.10', '0.05', null),
  email: fc.constantFrom(...emails),
  at: fc.constantFrom(...moments),
  refunded: fc.constantFrom('0', '5', null),
  lines: fc.array(fc.tuple(fc.constantFrom(1, 2, null), fc.integer({ min: 1, max: 3 })), { maxLength: 3 }),
})

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('write' as const), order: orderArbitrary }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constantFrom('bury' as const, 'restore' as const), id }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('rehash' as const), id }) },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('refund' as const), id, order: id, buried: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constantFrom('remove' as const, 'refundless' as const), id }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('sum' as const) }) },
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** As the writer does: the row, then its lines anew. */
async function writeOrder(client: pg.PoolClient, { lines, ...order }: OrderGiven): Promise<void> {
  await client.query(
    `INSERT INTO mirror.orders (store_id, id, status, currency, total, billing_email, created_at, refunded_total, seen_at,
       content_hash, record)
     VALUES (1, $1, $2, $3, $4, $5, $6, $7, now(), '', '{}')
     ON CONFLICT (store_id, id) DO UPDATE SET status = excluded.status, currency = excluded.currency, total = excluded.total,
       billing_email = excluded.billing_email, created_at = excluded.created_at,
       refunded_total = excluded.refunded_total, deleted_at = NULL`,
    [order.id, order.status, order.currency, order.total, order.email, order.at, order.refunded],
  )
  await client.query('DELETE FROM mirror.order_lines WHERE store_id = 1 AND order_id = $1', [order.id])
  for (const [index, [product, pieces]] of lines.entries()) {
    await client.query(
      `INSERT INTO mirror.order_lines (store_id, order_id, line_id, product_id, quantity, total) VALUES (1, $1, $2, $3, $4, $4)`,
      [order.id, index, product, pieces],
    )
  }
}

async function writeRefund(client: pg.PoolClient, given: Extract<Step, { does: 'refund' }>): Promise<void> {
  await client.query(
    `INSERT INTO mirror.refunds (store_id, id, order_id, amount, seen_at, content_hash, record, deleted_at)
     VALUES (1, $1, $2, 3, now(), '', '{}', CASE WHEN $3 THEN now() END)
     ON CONFLICT (store_id, id) DO UPDATE SET order_id = excluded.order_id, deleted_at = excluded.deleted_at`,
    [given.id, given.order, given.buried],
  )
  await client.query('DELETE FROM mirror.refund_lines WHERE store_id = 1 AND refund_id = $1', [given.id])
  await client.query(
    `INSERT INTO mirror.refund_lines (store_id, refund_id, line_id, order_id, product_id, quantity, total)
     VALUES (1, $1, 1, $2, 1, -1, -2)`,
    [given.id, given.order],
  )
}

async function perform(given: Step): Promise<void> {
  if (given.does === 'sum') {
    await summedUp()
    return
  }
  await database.transaction(async (client) => {
    const on = (sql: string) => client.query(sql, [given.does === 'write' ? given.order.id : given.id])
    switch (given.does) {
      case 'write':
        return writeOrder(client, given.order)
      case 'refund':
        return writeRefund(client, given)
      case 'bury':
        await on('UPDATE mirror.orders SET deleted_at = now() WHERE store_id = 1 AND id = $1')
        return
      case 'restore':
        await on('UPDATE mirror.orders SET deleted_at = NULL WHERE store_id = 1 AND id = $1')
        return
      case 'rehash':
        await on(
          `UPDATE mirror.orders SET content_hash = 'new', total = total + 1 WHERE store_id = 1 AND id = $1`,
        )
        return
      case 'remove':
        await on('DELETE FROM mirror.orders WHERE store_id = 1 AND id = $1')
        return
      case 'refundless':
        await on('DELETE FROM mirror.refunds WHERE store_id = 1 AND id = $1')
    }
  })
}

test('after whatever is written, with sums kept up or not, they are those of the rows', async () => {
  let taken = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
      await emptied()
      const [first, ...others] = steps as [Step, ...Step[]]
      await perform(first)
      await summedUp()
      for (const one of others) {
        await perform(one)
        const found = await bothWays()
        taken += Number(found.taken)
        assert.deepEqual(found.kept, found.plain)
      }
    }),
    { numRuns: 25 },
  )
  assert.ok(taken > 50, 'the sums were taken')
})

test('an order being written when marks begin is waited for', async () => {
  await emptied()
  const writer = await db.connect()
  try {
    await writer.query('BEGIN')
    const order = { id: 1, status: 'completed', currency: 'RON', total: '10', email: 'ana@example.com' }
    await writeOrder(writer, { ...order, at: '2026-01-05T00:00:00Z', refunded: '0', lines: [[1, 2]] })
    for (let i = 0; i < 5; i++) assert.equal(await keepSums(database, STORE), 'begun')
    assert.equal((await bothWays()).taken, false)
    await writer.query('COMMIT')
  } finally {
    writer.release()
  }
  assert.equal(await summedUp(), 'built')
  const { kept, plain, taken } = await bothWays()
  assert.ok(taken)
  assert.deepEqual(kept, plain)
  assert.equal((kept as { customers: unknown[] }).customers.length, 1)
})

test('two orders of one customer written side by side are both summed', async () => {
  await emptied()
  assert.equal(await summedUp(), 'built')
  const [one, other] = [await db.connect(), await db.connect()]
  const order = { status: 'completed', currency: 'RON', total: '10', email: 'ana@example.com', refunded: '0' }
  try {
    await one.query('BEGIN')
    await other.query('BEGIN')
    await writeOrder(one, { ...order, id: 1, at: '2026-01-05T00:00:00Z', lines: [[1, 2]] })
    await writeOrder(other, { ...order, id: 2, at: '2026-01-06T00:00:00Z', lines: [[1, 1]] })
    await one.query('COMMIT')
    assert.equal(await keepSums(database, STORE), 'summed')
    assert.equal(await keepSums(database, STORE), 'current')
    // Its order is not there yet for who writes the refund.
    await perform({ does: 'refund', id: 1, order: 2, buried: false })
    assert.equal(await keepSums(database, STORE), 'current')
    await other.query('COMMIT')
  } finally {
    one.release()
    other.release()
  }
  for (const _state of ['marked', 'summed']) {
    const { kept, plain, taken } = await bothWays()
    assert.ok(taken)
    assert.deepEqual(kept, plain)
    await keepSums(database, STORE)
  }
})

test('two at once do not sum twice', async () => {
  await emptied()
  await summedUp()
  const order = { id: 1, status: 'completed', currency: 'RON', total: '10', email: 'ana@example.com' }
  await perform({ does: 'write', order: { ...order, at: '2026-01-05T00:00:00Z', refunded: '0', lines: [] } })
  const kept = await Promise.all([keepSums(database, STORE), keepSums(database, STORE)])
  assert.equal(kept.filter((one) => one === 'summed').length, 1)
  const found = await bothWays()
  assert.deepEqual(found.kept, found.plain)
})

test('during the first copy nothing is marked, and everything is read from the rows', async () => {
  await emptied()
  await db.query(`UPDATE sync.resources SET backfilled_at = NULL WHERE resource = 'refunds'`)
  assert.equal(await keepSums(database, STORE), 'waiting')
  const order = { id: 1, status: 'completed', currency: 'RON', total: '10', email: 'ana@example.com' }
  await db.query('DELETE FROM sums.marks')
  await perform({
    does: 'write',
    order: { ...order, at: '2026-01-05T00:00:00Z', refunded: '0', lines: [[1, 1]] },
  })
  const { rows } = await db.query('SELECT FROM sums.marks')
  assert.equal(rows.length, 0)
  const { kept, taken } = await bothWays()
  assert.equal(taken, false)
  assert.equal((kept as { products: unknown[] }).products.length, 1)
})
