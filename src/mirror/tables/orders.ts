import { Decimal } from 'decimal.js'
import {
  bigint,
  boolean,
  entries,
  type MirrorTable,
  member,
  moment,
  numeric,
  reference,
  text,
} from './column.ts'

export const orders: MirrorTable = {
  table: 'orders',
  columns: [
    text('number'),
    text('status'),
    text('currency'),
    numeric('total'),
    numeric('total_tax'),
    numeric('shipping_total'),
    numeric('shipping_tax'),
    numeric('discount_total'),
    numeric('discount_tax'),
    numeric('fee_total', (order) => feesOf(order.fee_lines)),
    numeric('item_count', (order) => sumOf(order.line_items, 'quantity').toFixed()),
    numeric('refunded_total', (order) => refunded(order.refunds)),
    reference('customer_id'),
    text('billing_email', (order) => member(order.billing, 'email')),
    text('billing_name', (order) => fullName(order.billing)),
    text('billing_country', (order) => member(order.billing, 'country')),
    text('shipping_country', (order) => member(order.shipping, 'country')),
    text('payment_method'),
    text('payment_method_title'),
    text('created_via'),
    moment('created_at', 'date_created_gmt'),
    moment('paid_at', 'date_paid_gmt'),
    moment('completed_at', 'date_completed_gmt'),
  ],
  lines: {
    table: 'order_lines',
    owner: 'order_id',
    columns: [
      bigint('line_id', 'id'),
      text('name'),
      reference('product_id'),
      reference('variation_id'),
      text('sku'),
      numeric('quantity'),
      numeric('subtotal'),
      numeric('subtotal_tax'),
      numeric('total'),
      numeric('total_tax'),
      text('tax_class'),
    ],
    rows: (order) => entries(order.line_items),
  },
}

export const refunds: MirrorTable = {
  table: 'refunds',
  columns: [
    reference('order_id', 'parent_id'),
    numeric('amount'),
    numeric('total_tax', (refund) => refundedTax(refund.tax_lines)),
    numeric('item_count', (refund) => sumOf(refund.line_items, 'quantity').neg().toFixed()),
    text('reason'),
    reference('refunded_by'),
    moment('created_at', 'date_created_gmt'),
  ],
  lines: {
    table: 'refund_lines',
    owner: 'refund_id',
    columns: [
      bigint('line_id', 'id'),
      reference('order_id', 'order_id'),
      reference('order_line_id', (line) => metaValue(line.meta_data, '_refunded_item_id')),
      text('name'),
      reference('product_id'),
      reference('variation_id'),
      text('sku'),
      numeric('quantity'),
      numeric('total'),
      numeric('total_tax'),
    ],
    rows: (refund) => entries(refund.line_items).map((line) => ({ ...line, order_id: refund.parent_id })),
  },
}

export const order_notes: MirrorTable = {
  table: 'order_notes',
  columns: [
    reference('order_id'),
    text('author'),
    text('note'),
    boolean('customer_note'),
    moment('created_at', 'date_created_gmt'),
  ],
}

/** The embedded refunds have negative totals (9, 12). */
function refunded(list: unknown): string {
  const refunds = entries(list)
  if (refunds.length === 0) return '0'
  let sum = new Decimal(0)
  for (const refund of refunds) {
    const total = refund.total
    if (typeof total === 'string' || typeof total === 'number') sum = sum.minus(total === '' ? 0 : total)
  }
  return sum.toString()
}

/** The same in a refund's own record, by kind of tax. */
function refundedTax(taxLines: unknown): string {
  const tax = sumOf(taxLines, 'tax_total').plus(sumOf(taxLines, 'shipping_tax_total'))
  return tax.neg().toFixed()
}

const PLAIN = /^[+-]?\d{1,30}(\.\d{0,30})?$/

/** Of one field of all lines; what is no number there counts as nothing, as in mirror.json_sum. */
function sumOf(lines: unknown, field: string): Decimal {
  let sum = new Decimal(0)
  for (const line of entries(lines)) {
    const value = String(line[field] ?? '')
    if (PLAIN.test(value)) sum = sum.plus(value)
  }
  return sum
}

/** Null where there are none, so that sums pass over it. */
function feesOf(lines: unknown): string | null {
  const sum = sumOf(lines, 'total')
  return sum.isZero() ? null : sum.toFixed()
}

function fullName(address: unknown): string {
  return [member(address, 'first_name'), member(address, 'last_name')]
    .filter((part): part is string => typeof part === 'string' && part !== '')
    .join(' ')
}

function metaValue(meta: unknown, key: string): unknown {
  return entries(meta).find((entry) => entry.key === key)?.value
}
