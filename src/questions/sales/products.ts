/** What each product sold, as a relation: from the sums of whole months where they can be taken, else from the rows. */
import type pg from 'pg'
import { nextMonth } from '../../mirror/sums.ts'
import { monthsIn, productsIn } from '../../mirror/sums-sql.ts'
import type { Period } from '../facts.ts'
import { readSummed } from '../summed.ts'
import { sqlZone } from '../zone.ts'

/** A period in parts: months whose sums are kept, and what lies around and between them. */
export interface Parts {
  /** First days: `2026-11-01`; months in UTC. */
  months: string[]
  /** Moments; each span ends before the one at the same place in `ends`. */
  begins: string[]
  ends: string[]
}

interface Borders {
  begins: Date
  ends: Date
}

export async function readParts(client: pg.PoolClient, storeId: number, period: Period): Promise<Parts> {
  const { rows } = await client.query<Borders>(
    `SELECT ($1::date)::timestamp AT TIME ZONE $3 AS begins, ($2::date + 1)::timestamp AT TIME ZONE $3 AS ends`,
    [period.from, period.to, sqlZone(period.timezone)],
  )
  const { begins, ends } = rows[0] as Borders
  return partsOf(begins.toISOString(), ends.toISOString(), await readSummed(client, storeId))
}

/** @param summed what is kept; null: nothing */
export function partsOf(
  begins: string,
  ends: string,
  summed: { months: ReadonlySet<string>; until: string } | null,
): Parts {
  const parts: Parts = { months: [], begins: [], ends: [] }
  let open = begins
  const read = (until: string) => {
    if (open < until) {
      parts.begins.push(open)
      parts.ends.push(until)
    }
  }
  const monthOf = (moment: string) => `${moment.slice(0, 7)}-01`
  const start = (month: string) => `${month}T00:00:00.000Z`
  let month = monthOf(begins)
  if (start(month) < begins) month = nextMonth(month)
  for (; summed && month < summed.until && start(nextMonth(month)) <= ends; month = nextMonth(month)) {
    if (summed.months.has(month)) continue
    read(start(month))
    parts.months.push(month)
    open = start(nextMonth(month))
  }
  read(ends)
  return parts
}

/**
 * Kept rows and, for each span, those made of orders. Each span stands in the statement by itself, so that the planner
 * knows how much lies in it.
 */
function bothOf(
  table: 'products' | 'months',
  made: (span: string) => string,
  columns: string,
  { months, begins, ends }: Parts,
  values: unknown[],
): string {
  const place = (value: unknown) => `$${values.push(value)}`
  const kept = `SELECT ${columns} FROM sums.${table} WHERE store_id = $1 AND month = ANY(${place(months)}::date[])`
  // The same day for all of them: they are no months.
  const spans = begins.map(
    (first, i) => `(
      SELECT DATE '2000-01-01' AS month, ${place(first)}::timestamptz AS begins, ${place(ends[i])}::timestamptz AS ends) AS span`,
  )
  return [kept, ...spans.map((span) => `SELECT ${columns} FROM (${made(span)}) AS fresh`)].join(' UNION ALL ')
}

/**
 * A row for each currency and product of the paid orders: currency (empty: none), product_id (0: none any more), orders,
 * sold, pieces, given_back, pieces_back.
 * @param values the store's id first; what it needs is appended
 */
export function productsOver(parts: Parts, values: unknown[]): string {
  const columns = 'currency, product_id, orders, sold, pieces, given_back, pieces_back'
  return `
    SELECT currency, product_id, sum(orders)::bigint AS orders, sum(sold) AS sold, sum(pieces) AS pieces,
           sum(given_back) AS given_back, sum(pieces_back) AS pieces_back
    FROM (${bothOf('products', productsIn, columns, parts, values)}) AS parts
    GROUP BY currency, product_id`
}

/** A row for each currency: with_lines and with_products, how many paid orders have some. */
export function ordersOver(parts: Parts, values: unknown[]): string {
  const columns = 'currency, with_lines, with_products'
  return `
    SELECT currency, sum(with_lines)::bigint AS with_lines, sum(with_products)::bigint AS with_products
    FROM (${bothOf('months', monthsIn, columns, parts, values)}) AS parts
    GROUP BY currency`
}
