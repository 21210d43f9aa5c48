/**
 * Keeps the sums of customers and of products by month up to date: from the marks that every change of orders, their
 * lines and refunds leaves (migration 0010). Questions do not wait for it: they sum what is marked themselves.
 */
import type pg from 'pg'
import type { Database } from '../database/open.ts'
import { customerKey } from './paid.ts'
import {
  CUSTOMER_COLUMNS,
  customersOf,
  markedBy,
  monthsIn,
  PRODUCT_COLUMNS,
  productsIn,
  touchedBy,
} from './sums-sql.ts'

/** From so many marked customers on everything is summed anew: one pass over all orders is faster then. */
export const MOST_MARKED = 20_000

/**
 * waiting: the first copy is not done, or another process is at it. begun: changes leave marks from now on, and everything
 * is summed when the transactions that began before have ended. current: there was nothing to do. summed: what was
 * marked, built: all of it.
 */
export type Kept = 'waiting' | 'begun' | 'current' | 'summed' | 'built'

interface StoreRow {
  since: string | null
  /** Whether all transactions before `since` have ended. */
  settled: boolean | null
  until: string | null
  /** The month that is running, in UTC. */
  month: string
}

interface Marked {
  keys: string[]
  months: string[]
}

/** One step; to be called again and again. May run in several processes. */
export async function keepSums(
  database: Pick<Database, 'transaction'>,
  storeId: number,
  signal?: AbortSignal,
): Promise<Kept> {
  return database.transaction((client) => step(client, storeId), { signal })
}

async function step(client: pg.ClientBase, storeId: number): Promise<Kept> {
  // Locked, and each statement after it sees what was committed before: sums are never older than the marks taken.
  const { rows } = await client.query<StoreRow>(
    `SELECT since::text, since <= pg_snapshot_xmin(pg_current_snapshot()) AS settled, until::text,
              sums.month_of(now())::text AS month
       FROM sums.stores WHERE store_id = $1 FOR UPDATE SKIP LOCKED`,
    [storeId],
  )
  const [standing] = rows
  if (!standing) return begin(client, storeId)
  if (standing.since === null) {
    // Now that marks are asked for: who has not seen that has its transaction's id already.
    await client.query(
      `UPDATE sums.stores SET since = pg_snapshot_xmax(pg_current_snapshot()) WHERE store_id = $1`,
      [storeId],
    )
    // Just after the first copy Postgres may not know yet how large its tables are: summing took minutes then, not seconds.
    await client.query('ANALYZE mirror.orders, mirror.order_lines, mirror.refunds, mirror.refund_lines')
    return 'begun'
  }
  if (standing.until === null) return standing.settled ? build(client, storeId, standing.month) : 'begun'
  const { keys, months } = await takeMarks(client, storeId)
  if (keys.length > MOST_MARKED) return build(client, storeId, standing.month)
  const over = months.filter((month) => month < (standing.until as string))
  const due = [...over, ...monthsBetween(standing.until, standing.month)]
  if (keys.length > 0) await sumCustomers(client, storeId, keys)
  if (due.length > 0) await sumMonths(client, storeId, due, standing.month)
  return keys.length + due.length > 0 ? 'summed' : 'current'
}

/** Asks for marks where orders and refunds are copied: the first copy itself is not slowed down. */
async function begin(client: pg.ClientBase, storeId: number): Promise<Kept> {
  const { rowCount } = await client.query(
    `INSERT INTO sums.stores (store_id)
     SELECT $1 WHERE 2 = (
       SELECT count(*) FROM sync.resources
       WHERE store_id = $1 AND resource IN ('orders', 'refunds') AND backfilled_at IS NOT NULL)
     ON CONFLICT DO NOTHING`,
    [storeId],
  )
  return rowCount === 1 ? 'begun' : 'waiting'
}

async function build(client: pg.ClientBase, storeId: number, month: string): Promise<Kept> {
  await client.query(`SET LOCAL work_mem = '64MB'`)
  for (const table of ['marks', 'customers', 'products', 'months']) {
    await client.query(`DELETE FROM sums.${table} WHERE store_id = $1`, [storeId])
  }
  await client.query(
    `INSERT INTO sums.customers (store_id, ${CUSTOMER_COLUMNS}) SELECT $1, ${CUSTOMER_COLUMNS} FROM (${customersOf('true')}) AS c`,
    [storeId],
  )
  const { rows } = await client.query<{ first: string | null }>(
    `SELECT sums.month_of(min(created_at))::text AS first FROM mirror.orders WHERE store_id = $1 AND deleted_at IS NULL`,
    [storeId],
  )
  const first = rows[0]?.first ?? month
  await sumMonths(client, storeId, monthsBetween(first, month), month)
  return 'built'
}

async function takeMarks(client: pg.ClientBase, storeId: number): Promise<Marked> {
  const { rows } = await client.query<Marked>(
    `WITH taken AS (DELETE FROM sums.marks WHERE store_id = $1 RETURNING order_id, key, month),
     touched AS (${touchedBy('taken')})
     ${markedBy('taken')}`,
    [storeId],
  )
  return rows[0] as Marked
}

async function sumCustomers(client: pg.ClientBase, storeId: number, keys: readonly string[]): Promise<void> {
  const values = [storeId, keys]
  await client.query(`DELETE FROM sums.customers WHERE store_id = $1 AND key = ANY($2::text[])`, values)
  await client.query(
    `INSERT INTO sums.customers (store_id, ${CUSTOMER_COLUMNS})
     SELECT $1, ${CUSTOMER_COLUMNS} FROM (${customersOf(`${customerKey} = ANY($2::text[])`)}) AS c`,
    values,
  )
}

const ONE_MONTH = `(
  SELECT $2::date AS month, $2::date::timestamp AT TIME ZONE 'UTC' AS begins,
         ($2::date + interval '1 month') AT TIME ZONE 'UTC' AS ends) AS span`

/** One by one, so that none needs much memory. All before the running one are summed then. */
async function sumMonths(
  client: pg.ClientBase,
  storeId: number,
  months: readonly string[],
  running: string,
): Promise<void> {
  for (const month of months) {
    const values = [storeId, month]
    await client.query(`DELETE FROM sums.months WHERE store_id = $1 AND month = $2`, values)
    await client.query(`DELETE FROM sums.products WHERE store_id = $1 AND month = $2`, values)
    await client.query(
      `INSERT INTO sums.months (store_id, month, currency, with_lines, with_products)
       SELECT $1, month, currency, with_lines, with_products FROM (${monthsIn(ONE_MONTH)}) AS m`,
      values,
    )
    await client.query(
      `INSERT INTO sums.products (store_id, ${PRODUCT_COLUMNS})
       SELECT $1, ${PRODUCT_COLUMNS} FROM (${productsIn(ONE_MONTH)}) AS p`,
      values,
    )
  }
  await client.query(`UPDATE sums.stores SET until = $2 WHERE store_id = $1 AND until IS DISTINCT FROM $2`, [
    storeId,
    running,
  ])
}

/** From the first on, without the last: `2026-11-01`, … */
function monthsBetween(first: string, last: string): string[] {
  const months: string[] = []
  for (let month = first; month < last; month = nextMonth(month)) months.push(month)
  return months
}

/** Of the first day of a month, that of the next one. */
export function nextMonth(month: string): string {
  const [year, number] = month.split('-').map(Number) as [number, number]
  return new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 10)
}
