/**
 * What each figure means, in one sentence: shown wherever the figure stands, as shops and WooCommerce's own reports
 * differ in it (51). The text is binding: the queries do what it says.
 */
import type { Fact } from './facts.ts'

export interface Definition {
  definition: string
  type: Fact['type']
  /** Of a count or a quantity; money has the currency of its result. */
  unit: string | null
}

const money = (definition: string): Definition => ({ definition, type: 'money', unit: null })
const count = (unit: string, definition: string): Definition => ({ definition, type: 'count', unit })
const pieces = (definition: string): Definition => ({ definition, type: 'quantity', unit: 'pieces' })

export { PAID_STATUSES } from '../mirror/paid.ts'

export const definitions = {
  orders: count(
    'orders',
    'Paid orders: those in status processing, completed or refunded, by the shop’s local day of creation; with the filter status those in that status instead.',
  ),
  gross_sales: money(
    'Totals of these orders as the customers saw them: with tax, shipping and fees, after discounts.',
  ),
  refunds: money('All refunds of these orders, whenever they were made, with tax.'),
  net_sales: money('Gross sales minus refunds.'),
  tax: money('Tax in gross sales, tax on shipping and fees included, before refunds.'),
  refunded_tax: money('Tax in refunds, tax on shipping and fees included, as far as the refunds say it.'),
  shipping: money('Shipping charged, without tax, before refunds.'),
  discounts: money('What coupons took off, without tax.'),
  fees: money('Fees charged, without tax, before refunds; a negative fee is a reduction.'),
  items: pieces('Pieces in the product lines of these orders, before refunds.'),
  refunded_items: pieces('Pieces in the refunds of these orders, whenever they were made.'),
  average_order_value: money(
    'Net sales divided by orders, rounded to the decimals of the currency, half away from zero; none without orders.',
  ),
  new_customers: count(
    'customers',
    'Billing e-mails (trimmed, case ignored, guests included) of these orders without a paid order before the period; their first paid order ever lies in it, unless the filter status chose orders that are not paid.',
  ),
  returning_customers: count(
    'customers',
    'Billing e-mails (trimmed, case ignored, guests included) of these orders that had a paid order before the period.',
  ),
  orders_without_email: count('orders', 'These orders without a billing e-mail; they belong to no customer.'),
  orders_by_status: count(
    'orders',
    'Orders in that status, paid or not, by the shop’s local day of creation; of the other filters all hold.',
  ),
  product_orders: count(
    'orders',
    'These orders with a line of it; an order with several of them counts in each.',
  ),
  product_sales: money('Totals of its lines in these orders, after discounts, without tax.'),
  product_refunds: money(
    'Totals of its lines in refunds of these orders, whenever they were made, without tax; a refund of an amount alone belongs to no product.',
  ),
  net_product_sales: money('Product sales minus product refunds.'),
  product_items: pieces('Pieces in its lines of these orders, before refunds.'),
  product_refunded_items: pieces('Pieces in its lines of refunds of these orders, whenever they were made.'),
} as const satisfies Record<string, Definition>

export type MetricName = keyof typeof definitions
