/** One order, found by its number or its id. */
import type pg from 'pg'
import { z } from 'zod'
import { WooSyncError } from '../../errors.ts'
import { aggregateOf, type FactBook } from '../facts.ts'

/** Fields of an input that name one order; spread them into its shape. */
export const orderInput = {
  number: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('The order’s number as people know it; # in front may be left.'),
  id: z
    .int()
    .positive()
    .optional()
    .describe('Its id in the shop; instead of the number, or to make it sure.'),
}

/** `#1001` and ` 1001 ` as the shop has it: `1001`. */
export function numberOf(text: string): string {
  return text.trim().replace(/^#/, '')
}

interface OrderNamed {
  number?: string | undefined
  id?: number | undefined
}

export interface FoundOrder {
  id: number
  number: string | null
  status: string | null
  currency: string | null
  /** How many orders have this number; the newest of them was taken. */
  sameNumber: number
}

/**
 * The order, whatever its status; null: there is none, which is a fact.
 * @throws input_invalid when neither number nor id is given
 */
export async function findOrder(
  { db, storeId, facts }: { db: pg.Pool | pg.PoolClient; storeId: number; facts: FactBook },
  { number, id }: OrderNamed,
): Promise<FoundOrder | null> {
  if (number === undefined && id === undefined) {
    throw new WooSyncError('input_invalid', { field: 'number', problem: 'give number or id' })
  }
  const values: unknown[] = [storeId]
  const conditions = ['o.store_id = $1', 'o.deleted_at IS NULL']
  if (number !== undefined) conditions.push(`o.number = $${values.push(numberOf(number))}`)
  if (id !== undefined) conditions.push(`o.id = $${values.push(id)}`)
  const { rows } = await db.query<FoundOrder>(
    `SELECT o.id, o.number, o.status, o.currency, count(*) OVER ()::int AS "sameNumber"
     FROM mirror.orders o
     WHERE ${conditions.join(' AND ')}
     ORDER BY coalesce(o.created_at, '-infinity') DESC, o.id DESC
     LIMIT 1`,
    values,
  )
  const [found] = rows
  if (found) return found
  facts.add({
    subject: { kind: 'order', id: id === undefined ? null : String(id), name: number ?? null },
    attribute: 'orders',
    filter: { ...(number !== undefined && { number }), ...(id !== undefined && { id }) },
    value: 0,
    type: 'count',
    unit: 'orders',
    source: aggregateOf('orders', 0),
  })
  return null
}
