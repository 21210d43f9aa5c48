/**
 * The sums that are kept beside the rows (mirror/sums.ts), and what of them cannot be taken: what changed since is marked,
 * and summed from its rows. To be asked in one snapshot with the question's own statements.
 */
import type pg from 'pg'
import { MOST_MARKED } from '../mirror/sums.ts'
import { CUSTOMER_COLUMNS, customersOf, markedBy, touchedBy } from '../mirror/sums-sql.ts'
import { customerKey } from './orders/paid.ts'

export interface Summed {
  /** Customers whose sums are out of date. */
  keys: string[]
  /** Months whose sums are: `2026-11-01`. */
  months: Set<string>
  /** Months before this one are summed. */
  until: string
}

interface StandingRow {
  keys: string[]
  months: string[]
  until: string | null
}

/** @returns null: everything is to be taken from the rows */
export async function readSummed(client: pg.PoolClient, storeId: number): Promise<Summed | null> {
  const { rows } = await client.query<StandingRow>(
    `WITH of_store AS MATERIALIZED (SELECT * FROM sums.marks WHERE store_id = $1),
     touched AS MATERIALIZED (${touchedBy('of_store')}),
     marked AS (${markedBy('of_store')})
     SELECT marked.*, (SELECT until::text FROM sums.stores WHERE store_id = $1) AS until FROM marked`,
    [storeId],
  )
  const [standing] = rows
  if (!standing || standing.until === null || standing.keys.length > MOST_MARKED) return null
  return { keys: standing.keys, months: new Set(standing.months), until: standing.until }
}

/**
 * For WITH: `customer_sums` has a row for each customer and currency with orders, as sums.customers.
 * @param values of the query, the store's id first; what it needs is appended
 */
export function customerSums(summed: Summed | null, values: unknown[]): string {
  if (!summed) return `customer_sums AS MATERIALIZED (${customersOf('true')})`
  const kept = `SELECT ${CUSTOMER_COLUMNS} FROM sums.customers s WHERE s.store_id = $1`
  if (summed.keys.length === 0) return `customer_sums AS NOT MATERIALIZED (${kept})`
  const marked = `$${values.push(summed.keys)}::text[]`
  return `customer_sums AS NOT MATERIALIZED (
    ${kept} AND NOT EXISTS (SELECT FROM unnest(${marked}) AS marked WHERE marked = s.key)
    UNION ALL
    SELECT ${CUSTOMER_COLUMNS} FROM (${customersOf(`${customerKey} = ANY(${marked})`)}) AS fresh)`
}
