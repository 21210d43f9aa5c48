/** The lines of an order: products with what was refunded of them, shipping, fees, taxes, coupons. */
import type pg from 'pg'
import { z } from 'zod'
import { amount } from '../../money.ts'
import { type FactBook, rowsOf, type Subject } from '../facts.ts'
import { money } from './fields.ts'

type Client = pg.Pool | pg.PoolClient

/** Whose lines are read. */
export interface OrderOf {
  storeId: number
  orderId: number
  currency: string | null
}

export const lineSchema = z.object({
  line_id: z.int().describe('Id of the line.'),
  product_id: z.int().nullable().describe('Id of the product; null when it no longer exists.'),
  variation_id: z.int().nullable().describe('Id of the variation; null when it is of none.'),
  name: z.string().nullable().describe('Name as it was sold.'),
  sku: z.string().nullable().describe('SKU; empty or null where it has none.'),
  quantity: z.number().describe('Pieces ordered.'),
  refunded_quantity: z.number().describe('Pieces of them refunded.'),
  subtotal: money('Before discounts, without tax'),
  total: money('After discounts, without tax'),
  total_tax: money('Tax on the total'),
  refunded_total: money('What was given back of this line, without tax'),
})

export type OrderLine = z.input<typeof lineSchema>

interface LineRow {
  line_id: number
  product_id: number | null
  variation_id: number | null
  name: string | null
  sku: string | null
  quantity: string | null
  refunded_quantity: string
  subtotal: string | null
  total: string | null
  total_tax: string | null
  refunded_total: string
}

export async function readLines(db: Client, { storeId, orderId, currency }: OrderOf): Promise<OrderLine[]> {
  const { rows } = await db.query<LineRow>(
    `SELECT line_id, product_id, variation_id, name, sku, quantity, refunded_quantity, subtotal, total, total_tax,
            refunded_total
     FROM mirror.order_items
     WHERE store_id = $1 AND order_id = $2
     ORDER BY line_id`,
    [storeId, orderId],
  )
  return rows.map((row) => ({
    ...row,
    quantity: Number(row.quantity ?? 0),
    refunded_quantity: Number(row.refunded_quantity),
    subtotal: amount(row.subtotal, currency),
    total: amount(row.total, currency),
    total_tax: amount(row.total_tax, currency),
    refunded_total: amount(row.refunded_total, currency),
  }))
}

/** What was sold, as facts of the product. */
export function addLineFacts(facts: FactBook, order: OrderOf, lines: readonly OrderLine[]): void {
  for (const line of lines) {
    const own = line.variation_id ?? line.product_id
    const subject: Subject = {
      kind: line.variation_id === null ? 'product' : 'variation',
      id: own === null ? null : String(own),
      name: line.name,
    }
    const common = {
      subject,
      filter: { order_id: order.orderId, line_id: line.line_id },
      source: rowsOf('order_lines', [line.line_id]),
    }
    facts.add({ ...common, attribute: 'quantity', value: line.quantity, type: 'quantity', unit: 'pieces' })
    facts.add({ ...common, attribute: 'total', value: line.total, type: 'money', unit: order.currency })
    if (line.refunded_quantity !== 0) {
      const value = line.refunded_quantity
      facts.add({ ...common, attribute: 'refunded_quantity', value, type: 'quantity', unit: 'pieces' })
    }
  }
}

export const otherLinesShape = {
  shipping: z
    .array(
      z.object({
        line_id: z.int().nullable().describe('Id of the line.'),
        method: z.string().nullable().describe('flat_rate, local_pickup …'),
        title: z.string().nullable().describe('As the customer saw it.'),
        total: money('Without tax'),
        total_tax: money('Tax on it'),
      }),
    )
    .describe('Shipping.'),
  fees: z
    .array(
      z.object({
        line_id: z.int().nullable().describe('Id of the line.'),
        name: z.string().nullable().describe('Name of the fee.'),
        total: money('Without tax'),
        total_tax: money('Tax on it'),
      }),
    )
    .describe('Fees.'),
  taxes: z
    .array(
      z.object({
        line_id: z.int().nullable().describe('Id of the line.'),
        label: z.string().nullable().describe('Name of the tax.'),
        rate_code: z.string().nullable().describe('The shop’s code of the rate.'),
        rate_percent: z.number().nullable().describe('Per cent.'),
        tax_total: money('Tax on products and fees'),
        shipping_tax_total: money('Tax on shipping'),
      }),
    )
    .describe('Taxes by rate.'),
  coupon_lines: z
    .array(
      z.object({
        line_id: z.int().nullable().describe('Id of the line.'),
        code: z.string().nullable().describe('The coupon’s code.'),
        discount: money('What it took off, without tax'),
        discount_tax: money('Tax on that'),
      }),
    )
    .describe('Coupons.'),
}

type OtherLines = z.input<z.ZodObject<typeof otherLinesShape>>

const TABLES = {
  shipping: { view: 'order_shipping', columns: ['line_id', 'method', 'title', 'total', 'total_tax'] },
  fees: { view: 'order_fees', columns: ['line_id', 'name', 'total', 'total_tax'] },
  taxes: {
    view: 'order_taxes',
    columns: ['line_id', 'label', 'rate_code', 'rate_percent', 'tax_total', 'shipping_tax_total'],
  },
  coupon_lines: { view: 'order_coupons', columns: ['line_id', 'code', 'discount', 'discount_tax'] },
} as const

const AMOUNTS = new Set(['total', 'total_tax', 'tax_total', 'shipping_tax_total', 'discount', 'discount_tax'])

export async function readOtherLines(
  db: Client,
  { storeId, orderId, currency }: OrderOf,
): Promise<OtherLines> {
  const lines: Record<string, unknown[]> = {}
  for (const [field, { view, columns }] of Object.entries(TABLES)) {
    const { rows } = await db.query<Record<string, string | number | null>>(
      `SELECT ${columns.join(', ')} FROM mirror.${view} WHERE store_id = $1 AND order_id = $2 ORDER BY line_id`,
      [storeId, orderId],
    )
    lines[field] = rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([column, value]) => {
          if (AMOUNTS.has(column)) return [column, amount(value as string | null, currency)]
          if (column === 'rate_percent') return [column, value === null ? null : Number(value)]
          return [column, value]
        }),
      ),
    )
  }
  return lines as OtherLines
}
