/** The first order the shop has: a period that begins before its day has no whole figures to compare with. */
import type pg from 'pg'
import type { Store } from '../../mirror/stores.ts'
import { aggregateOf, type FactBook, rowsOf } from '../facts.ts'
import { isOrder } from '../orders/paid.ts'
import { sqlZone } from '../zone.ts'

export interface FirstOrder {
  id: string
  /** The shop's own day. */
  day: string
}

/** By the index orders_created; whatever its status, but for the trash and drafts. Null: there is none. */
export async function readFirstOrder(client: pg.PoolClient, store: Store): Promise<FirstOrder | null> {
  const { rows } = await client.query<FirstOrder>(
    `SELECT o.id::text AS id, (o.created_at AT TIME ZONE $2)::date::text AS day
     FROM mirror.orders o
     WHERE o.store_id = $1 AND o.deleted_at IS NULL AND o.created_at IS NOT NULL AND ${isOrder}
     ORDER BY o.created_at
     LIMIT 1`,
    [store.id, sqlZone(store.timezone)],
  )
  return rows[0] ?? null
}

export function addFirstOrder(facts: FactBook, store: Store, first: FirstOrder | null): void {
  facts.add({
    subject: { kind: 'store', id: null, name: store.name },
    attribute: 'first_order_day',
    value: first?.day ?? null,
    type: 'date',
    definition:
      'The first day with an order, whatever its status, trash and drafts left out: with a period that begins before it nothing is compared in per cent.',
    source: first ? rowsOf('orders', [first.id]) : aggregateOf('orders', 0),
  })
}
