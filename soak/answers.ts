/** At rest: what the program answers beside what a plain statement over the rows of the mirror says. */
import { isDeepStrictEqual } from 'node:util'
import type pg from 'pg'
import type { Book } from './promises.ts'

type Ask = (path: string) => Promise<Record<string, unknown>>

const PAID = `status IN ('processing', 'completed', 'refunded') AND deleted_at IS NULL`

interface Check {
  path: string
  /** Of the answer. */
  said(answer: Record<string, unknown>): unknown
  /** One column `said`. */
  counted: string
}

const checks: readonly Check[] = [
  {
    path: 'sales/stats?days=90&facts=none',
    said: ({ sales }) =>
      Object.fromEntries(
        (sales as { currency: string; orders: number; gross_sales: string }[]).map(
          (one): [string, string] => [one.currency, `${one.orders} ${one.gross_sales}`],
        ),
      ),
    counted: `SELECT coalesce(jsonb_object_agg(currency, orders || ' ' || gross), '{}') AS said FROM (
                SELECT o.currency, count(*) AS orders, round(sum(total), 2)::text AS gross FROM mirror.orders o
                JOIN mirror.stores s USING (store_id)
                WHERE ${PAID} AND (o.created_at AT TIME ZONE s.timezone)::date
                  > (now() AT TIME ZONE s.timezone)::date - 90
                GROUP BY 1) AS paid`,
  },
  {
    path: 'customers/segments?facts=none',
    said: ({ currencies }) =>
      Object.fromEntries(
        (currencies as { currency: string; customers: number; segments: { orders: number }[] }[]).map(
          ({ currency, customers, segments }): [string, string] => [
            currency,
            `${customers} ${segments.reduce((sum, { orders }) => sum + orders, 0)}`,
          ],
        ),
      ),
    // Few customers have no segments.
    counted: `SELECT coalesce(jsonb_object_agg(currency, customers || ' ' ||
                       CASE WHEN customers < 25 THEN 0 ELSE orders END), '{}') AS said FROM (
                SELECT currency, count(DISTINCT lower(trim(billing_email))) AS customers, count(*) AS orders
                FROM mirror.orders
                WHERE ${PAID} AND trim(billing_email) <> ''
                GROUP BY 1) AS paid`,
  },
]

export async function checkAnswers(pool: pg.Pool, ask: Ask, book: Book): Promise<void> {
  for (const { path, said, counted } of checks) {
    const answer = said(await ask(path))
    const { rows } = await pool.query<{ said: unknown }>(counted)
    if (!isDeepStrictEqual(answer, rows[0]?.said)) {
      const both = `${path}: ${JSON.stringify(answer)}, the rows say ${JSON.stringify(rows[0]?.said)}`
      book.broken('an answer is what the rows of the mirror say', both)
    }
  }
}
