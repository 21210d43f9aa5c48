/** What customers bought: sums of paid orders by customer and currency. */
import type pg from 'pg'
import { z } from 'zod'
import { PAID_STATUSES } from '../definitions.ts'
import { aggregateOf, type FactBook } from '../facts.ts'
import { customerKey, isPaid } from '../orders/paid.ts'
import { customerSums, readSummed } from '../summed.ts'

/**
 * For WITH: `sums` has a row for each customer and currency with paid orders: key, currency, orders, last_at, net.
 * @param values of the query, the store's id first; what it needs is appended
 */
export async function sumsOfCustomers(
  client: pg.PoolClient,
  storeId: number,
  values: unknown[],
): Promise<string> {
  return `${customerSums(await readSummed(client, storeId), values)},
    sums AS (
      SELECT key, nullif(currency, '') AS currency, paid_orders AS orders, last_paid_at AS last_at, total - refunded AS net
      FROM customer_sums
      WHERE paid_orders > 0
    )`
}

/** Field of an output. */
export const ordersWithoutEmail = z
  .int()
  .describe('Paid orders without a billing e-mail: they belong to no customer and are left out.')

/** How many paid orders belong to no customer; a fact. */
export async function countWithoutEmail(
  db: pg.Pool | pg.PoolClient,
  storeId: number,
  facts: FactBook,
): Promise<number> {
  const { rows } = await db.query<{ orders: number }>(
    `SELECT count(*) AS orders FROM mirror.orders o
     WHERE o.store_id = $1 AND o.deleted_at IS NULL AND ${isPaid} AND ${customerKey} IS NULL`,
    [storeId],
  )
  const orders = rows[0]?.orders ?? 0
  facts.add({
    subject: { kind: 'sales', id: null, name: null },
    attribute: 'orders_without_email',
    filter: { status: [...PAID_STATUSES] },
    value: orders,
    type: 'count',
    unit: 'orders',
    source: aggregateOf('orders', orders),
  })
  return orders
}
