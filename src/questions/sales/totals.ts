/** Sums of orders and their refunds, in groups. */
import type pg from 'pg'
import { ORDER_SUMS, REFUND_SUMS, type Sums } from './figures.ts'
import type { Chosen } from './filters.ts'
import type { GroupSql } from './groups.ts'

/** What the orders of one currency and group add up to. */
export interface Group {
  currency: string | null
  /** Null where the orders have none. */
  key: string | null
  sums: Partial<Sums>
}

type Row = { currency: string | null; key: string | null } & Partial<Sums>

/**
 * Two statements: the first reads the index orders_created alone, where the group is in it; the second the few
 * orders with refunds (orders_refunded, refunds_order). To be asked in one snapshot.
 */
export async function sumOrders(
  client: pg.PoolClient,
  values: readonly unknown[],
  where: string,
  { by, key = by, from = '' }: GroupSql,
): Promise<Group[]> {
  const sold = await client.query<Row>(
    `SELECT o.currency, (${key})::text AS key, ${ORDER_SUMS}
     FROM mirror.orders o ${from}
     WHERE ${where}
     GROUP BY o.currency, ${by}`,
    [...values],
  )
  const refunded = await client.query<Row>(
    `SELECT o.currency, (${key})::text AS key, ${REFUND_SUMS}
     FROM mirror.orders o ${from}
     JOIN mirror.refunds r ON r.store_id = $1 AND r.order_id = o.id AND r.deleted_at IS NULL
     WHERE ${where} AND o.refunded_total <> 0
     GROUP BY o.currency, ${by}`,
    [...values],
  )
  return [...sold.rows, ...refunded.rows].map(({ currency, key, ...sums }) => ({ currency, key, sums }))
}

/** Orders by currency and status, whatever their status. */
export function sumByStatus(client: pg.PoolClient, chosen: Chosen): Promise<Group[]> {
  // The last value is that of the status, which this does not ask for.
  return sumOrders(client, chosen.values.slice(0, -1), chosen.inAnyStatus, { by: 'o.status' })
}
