/** The figures of sales in one currency: how Postgres adds them up, and how they are shown. */
import { Decimal } from 'decimal.js'
import { z } from 'zod'
import { amount, roundedAmount } from '../../money.ts'
import { definitions, type MetricName } from '../definitions.ts'

/** What is added up, row by row; a table's own column names, so that sums of sums can be made. */
const ADDED = [
  'orders',
  'gross_sales',
  'refunds',
  'tax',
  'refunded_tax',
  'shipping',
  'discounts',
  'fees',
  'items',
  'refunded_items',
  'refund_rows',
] as const

type Added = (typeof ADDED)[number]

/** Decimal texts, exact. */
export type Sums = Record<Added, string>

/** Columns of a query over `mirror.orders o`. */
export const ORDER_SUMS = `
  count(*)::text AS orders, coalesce(sum(o.total), 0) AS gross_sales,
  coalesce(sum(o.total_tax), 0) AS tax, coalesce(sum(o.shipping_total), 0) AS shipping,
  coalesce(sum(o.discount_total), 0) AS discounts, coalesce(sum(o.fee_total), 0) AS fees,
  coalesce(sum(o.item_count), 0) AS items`

/** Columns of a query over those orders joined with `mirror.refunds r`. */
export const REFUND_SUMS = `
  coalesce(sum(r.amount), 0) AS refunds, coalesce(sum(r.total_tax), 0) AS refunded_tax, coalesce(sum(r.item_count), 0) AS refunded_items,
  count(*)::text AS refund_rows`

export function addUp(parts: readonly Partial<Sums>[]): Sums {
  return Object.fromEntries(
    ADDED.map((name) => [
      name,
      parts.reduce((sum, part) => sum.plus(part[name] ?? 0), new Decimal(0)).toFixed(),
    ]),
  ) as Sums
}

const money = (name: MetricName) => z.string().describe(definitions[name].definition)
const whole = (name: MetricName) => z.int().describe(definitions[name].definition)
const pieces = (name: MetricName) => z.number().describe(definitions[name].definition)

export const figuresShape = {
  orders: whole('orders'),
  gross_sales: money('gross_sales'),
  refunds: money('refunds'),
  net_sales: money('net_sales'),
  tax: money('tax'),
  refunded_tax: money('refunded_tax'),
  shipping: money('shipping'),
  discounts: money('discounts'),
  fees: money('fees'),
  items: pieces('items'),
  refunded_items: pieces('refunded_items'),
  average_order_value: z.string().nullable().describe(definitions.average_order_value.definition),
}

const figures = z.object(figuresShape)
export type Figures = z.output<typeof figures>
export type FigureName = keyof Figures

/** In the order in which they are shown. */
export const figureNames = Object.keys(figuresShape) as FigureName[]

export function toFigures(sums: Sums, currency: string | null): Figures {
  const inMoney = (value: string) => amount(value, currency) ?? value
  const net = new Decimal(sums.gross_sales).minus(sums.refunds)
  const orders = Number(sums.orders)
  return {
    orders,
    gross_sales: inMoney(sums.gross_sales),
    refunds: inMoney(sums.refunds),
    net_sales: inMoney(net.toFixed()),
    tax: inMoney(sums.tax),
    refunded_tax: inMoney(sums.refunded_tax),
    shipping: inMoney(sums.shipping),
    discounts: inMoney(sums.discounts),
    fees: inMoney(sums.fees),
    items: Number(sums.items),
    refunded_items: Number(sums.refunded_items),
    average_order_value: orders === 0 ? null : roundedAmount(quotient(net, orders), currency),
  }
}

/** More decimals than any currency has, so that rounding comes once. */
function quotient(sum: Decimal, count: number): string {
  return sum.div(count).toFixed(15)
}

/** The shop's own currency first, the others by name; one without a name last. */
export function currenciesInOrder(
  found: Iterable<string | null>,
  own: string | null,
  asked: string | undefined,
): (string | null)[] {
  const first = asked === undefined ? own : asked.toUpperCase()
  const others = [...new Set(found)].filter((currency) => currency !== first)
  others.sort((one, other) => (one ?? '~').localeCompare(other ?? '~'))
  return first === null ? others : [first, ...others]
}
