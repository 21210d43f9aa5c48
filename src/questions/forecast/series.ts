/** What was sold, day by day or week by week: the series that a forecast goes on from. */
import { Decimal } from 'decimal.js'
import type pg from 'pg'
import type { Store } from '../../mirror/stores.ts'
import { amount } from '../../money.ts'
import { PAID_STATUSES } from '../definitions.ts'
import { addDays, daysBetween, localDay, sqlZone } from '../zone.ts'
import type { Of } from './measure.ts'
import type { Every } from './models.ts'
import type { Target } from './product.ts'

export interface SeriesWanted {
  of: Of
  every: Every
  /** Days back from today. */
  history: number
  /** Null: of every currency; never for amounts. */
  currency: string | null
  /** Null: everything sold. */
  target: Target | null
}

export interface Point {
  /** The day, or the Monday of the week. */
  from: string
  /** Decimal text. */
  value: string
}

export interface Series {
  points: Point[]
  /** Points without a paid order. */
  empty: number
  /** Paid orders it comes from. */
  orders: number
  /** Decimal text, of all points; an amount as amounts are written. */
  sum: string
  /** Where the forecast begins: the day after the last whole one. */
  next: string
}

interface DayRow {
  day: string
  value: string
  orders: number
}

/**
 * Whole days or weeks alone: not today, nor what the copy has not yet seen whole. Days without an order are zeros; it
 * begins with the first order, but not before the history asked for.
 */
export async function readSeries(
  client: pg.ClientBase,
  store: Store,
  now: Date,
  wanted: SeriesWanted,
): Promise<Series> {
  const { every } = wanted
  const today = await firstOpenDay(client, store, now)
  const next = every === 'day' ? today : mondayOf(today)
  const back = addDays(today, -wanted.history)
  const earliest = every === 'day' ? back : mondayOf(back)
  const first = await firstDay(client, store, wanted, next)
  // A first week that began before the shop sold anything is no whole week.
  const opened = first === null ? next : every === 'day' ? first : mondayOf(addDays(first, 6))
  const [, from] = [earliest, opened].sort() as [string, string]
  const rows = from < next ? await readDays(client, store, wanted, from, next) : []
  const days = new Map(rows.map((row) => [row.day, row]))
  const length = every === 'day' ? 1 : 7
  const count = from < next ? daysBetween(from, addDays(next, -1)) / length : 0
  let empty = 0
  const points = Array.from({ length: count }, (_, i): Point => {
    const start = addDays(from, i * length)
    const held = Array.from({ length }, (_, j) => days.get(addDays(start, j))).filter(
      (row) => row !== undefined,
    )
    if (held.length === 0) empty += 1
    return { from: start, value: sumOf(held) }
  })
  const sum = sumOf(points)
  return {
    points,
    empty,
    orders: rows.reduce((sum, row) => sum + row.orders, 0),
    sum: wanted.of === 'net_sales' ? (amount(sum, wanted.currency) ?? sum) : sum,
    next,
  }
}

export function sumOf(values: readonly { value: string }[]): string {
  return values.reduce((sum, { value }) => sum.plus(value), new Decimal(0)).toFixed()
}

/** The Monday on or before it. */
export function mondayOf(day: string): string {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay()
  return addDays(day, -((weekday + 6) % 7))
}

/** The shop's day that is not over, or not yet copied whole: later orders may still come in for it. */
async function firstOpenDay(client: pg.ClientBase, store: Store, now: Date): Promise<string> {
  const { rows } = await client.query<{ followed_at: Date | null }>(
    `SELECT followed_at FROM sync.resources WHERE store_id = $1 AND resource = 'orders'`,
    [store.id],
  )
  const followed = rows[0]?.followed_at
  const moment = followed && followed < now ? followed : now
  return localDay(moment, store.timezone)
}

/** Conditions on the orders, and those on their lines where it is about a product. */
function conditions(store: Store, { currency, target }: SeriesWanted) {
  const values: unknown[] = [store.id, sqlZone(store.timezone), PAID_STATUSES]
  const orders = ['o.store_id = $1', 'o.deleted_at IS NULL', 'o.status = ANY($3)']
  const add = (condition: string, value: unknown) => {
    values.push(value)
    return condition.replace('?', `$${values.length}`)
  }
  if (currency !== null) orders.push(add('o.currency = ?', currency))
  let lines = 'true'
  if (target?.variation_id != null) lines = add('l.variation_id = ?', target.variation_id)
  else if (target) lines = add('l.product_id = ?', target.product_id)
  return { values, add, orders, lines }
}

/** The day of the first paid order there ever was of it; null: there is none before that day. */
async function firstDay(
  client: pg.ClientBase,
  store: Store,
  wanted: SeriesWanted,
  before: string,
): Promise<string | null> {
  const { values, add, orders, lines } = conditions(store, wanted)
  orders.push(add('o.created_at < (?::date)::timestamp AT TIME ZONE $2', before))
  const joined = wanted.target
    ? `JOIN mirror.order_lines l ON l.store_id = $1 AND l.order_id = o.id AND ${lines}`
    : ''
  const { rows } = await client.query<{ day: string | null }>(
    `SELECT (min(o.created_at) AT TIME ZONE $2)::date::text AS day
     FROM mirror.orders o ${joined}
     WHERE ${orders.join(' AND ')}`,
    values,
  )
  return rows[0]?.day ?? null
}

async function readDays(
  client: pg.ClientBase,
  store: Store,
  wanted: SeriesWanted,
  from: string,
  next: string,
): Promise<DayRow[]> {
  const { values, add, orders, lines } = conditions(store, wanted)
  orders.push(add('o.created_at >= (?::date)::timestamp AT TIME ZONE $2', from))
  orders.push(add('o.created_at < (?::date)::timestamp AT TIME ZONE $2', next))
  if (!wanted.target && wanted.of !== 'items') {
    return (await client.query<DayRow>(wholeDays(wanted.of, orders), values)).rows
  }
  // A product may stand in several lines of an order.
  const counted = wanted.target ? 'DISTINCT id' : 'id'
  const { rows } = await client.query<DayRow>(
    `WITH paid AS (
       SELECT o.id, (o.created_at AT TIME ZONE $2)::date AS day
       FROM mirror.orders o
       WHERE ${orders.join(' AND ')}
     ), sold AS (${soldBy(wanted, lines)})
     SELECT day::text, sum(value)::text AS value, count(${counted})::int AS orders
     FROM sold
     GROUP BY day
     ORDER BY day`,
    values,
  )
  return rows
}

/**
 * Of all orders, from indexes alone. Quarters of an hour are summed first: days begin with one in every zone, and to tell
 * the day of each order takes longer than its sum.
 */
function wholeDays(of: 'net_sales' | 'orders', orders: readonly string[]): string {
  const quarter = `date_bin('15 minutes', o.created_at, TIMESTAMPTZ '2000-01-01T00:00:00Z')`
  const back = `
    UNION ALL
    SELECT ${quarter}, -coalesce(sum(r.amount), 0), 0
    FROM mirror.orders o
    JOIN mirror.refunds r ON r.store_id = $1 AND r.order_id = o.id AND r.deleted_at IS NULL
    WHERE ${orders.join(' AND ')} AND o.refunded_total <> 0
    GROUP BY 1`
  return `
    SELECT (quarter AT TIME ZONE $2)::date::text AS day, sum(value)::text AS value, sum(orders)::int AS orders
    FROM (
      SELECT ${quarter} AS quarter, ${of === 'orders' ? 'count(*)::numeric' : 'coalesce(sum(o.total), 0)'} AS value,
             count(*) AS orders
      FROM mirror.orders o
      WHERE ${orders.join(' AND ')}
      GROUP BY 1
      ${of === 'orders' ? '' : back}
    ) AS quarters
    GROUP BY 1
    ORDER BY 1`
}

/** Day and value of everything that adds to the measure or takes from it; the order where it adds. */
function soldBy({ of, target }: SeriesWanted, lines: string): string {
  if (of === 'orders') {
    return `SELECT DISTINCT p.day, p.id, 1::numeric AS value
       FROM paid p
       JOIN mirror.order_lines l ON l.store_id = $1 AND l.order_id = p.id AND ${lines}`
  }
  const column = of === 'items' ? 'quantity' : 'total'
  // All orders are counted without their lines: to find the different ones among millions takes longer than the rest.
  const counted = target ? '' : 'SELECT day, id, 0::numeric AS value FROM paid UNION ALL'
  // Refund lines are negative in WooCommerce.
  return `${counted}
     SELECT p.day, ${target ? 'p.id' : 'NULL'}, coalesce(l.${column}, 0) AS value
     FROM paid p
     JOIN mirror.order_lines l ON l.store_id = $1 AND l.order_id = p.id AND ${lines}
     UNION ALL
     SELECT p.day, NULL, coalesce(rl.${column}, 0)
     FROM paid p
     JOIN mirror.refund_lines rl ON rl.store_id = $1 AND rl.order_id = p.id
     JOIN mirror.refunds r ON r.store_id = $1 AND r.id = rl.refund_id AND r.deleted_at IS NULL
     JOIN mirror.order_lines l ON l.store_id = $1 AND l.order_id = p.id AND l.line_id = rl.order_line_id AND ${lines}`
}
