/** What customers bought: sums of paid orders by customer and currency, from an index that holds all it needs. */
import type pg from 'pg'
import { z } from 'zod'
import { PAID_STATUSES } from '../definitions.ts'
import { aggregateOf, type FactBook } from '../facts.ts'
import { customerKey, isPaid } from '../orders/paid.ts'

/** Paid orders of somebody, of the store `$1`. */
const paidBySomebody = `o.store_id = $1 AND o.deleted_at IS NULL AND ${isPaid} AND ${customerKey} IS NOT NULL`

/**
 * For WITH: `sums` has a row for each customer and currency: key, currency, orders, first_at, last_at, net. Refunds
 * are few beside orders: they are summed by themselves, so that orders need not be looked up in them.
 */
export const sumsOfCustomers = `
  paid AS (
    SELECT ${customerKey} AS key, coalesce(o.currency, '') AS currency, count(*) AS orders, coalesce(sum(o.total), 0) AS total,
           min(o.created_at) AS first_at, max(o.created_at) AS last_at
    FROM mirror.orders o
    WHERE ${paidBySomebody}
    GROUP BY 1, 2
  ),
  given_back AS (
    SELECT ${customerKey} AS key, coalesce(o.currency, '') AS currency, sum(r.amount) AS amount
    FROM mirror.refunds r
    JOIN mirror.orders o ON o.store_id = r.store_id AND o.id = r.order_id
    WHERE r.store_id = $1 AND r.deleted_at IS NULL AND ${paidBySomebody}
    GROUP BY 1, 2
  ),
  sums AS (
    SELECT p.key, nullif(p.currency, '') AS currency, p.orders, p.first_at, p.last_at,
           p.total - coalesce(g.amount, 0) AS net
    FROM paid p
    LEFT JOIN given_back g ON g.key = p.key AND g.currency = p.currency
  )`

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
