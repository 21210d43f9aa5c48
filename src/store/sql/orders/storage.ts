/** What both storages of orders give (40): the same heads from different tables. */
import type { Fields } from '../../canonical.ts'
import type { Cell } from '../database.ts'
import { decimalText, minorText, minorUnits } from '../decimal.ts'
import { metaValue } from '../php.ts'
import type { Listed, SqlShop } from '../reader.ts'
import type { Lines } from './lines.ts'

export type Address = Record<string, string>

/** One meta as the database has it. */
export interface Meta {
  key: string
  value: Cell
}

/** An order without its lines; amounts and names as the database has them, dates as REST writes them. */
export interface OrderHead {
  id: string
  parent: Cell
  /** With or without `wc-`. */
  status: Cell
  currency: Cell
  version: Cell
  pricesIncludeTax: boolean
  /** GMT, all four. */
  created: string | null
  modified: string | null
  completed: string | null
  paid: string | null
  discountTotal: Cell
  discountTax: Cell
  shippingTotal: Cell
  shippingTax: Cell
  /** Without the tax on shipping (42a). */
  cartTax: Cell
  total: Cell
  customer: Cell
  billing: Address
  shipping: Address
  paymentMethod: Cell
  paymentMethodTitle: Cell
  transaction: Cell
  createdVia: Cell
  customerNote: Cell
  cartHash: Cell
  /** Those that REST shows, in their order. */
  metas: readonly Meta[]
}

/** A refund without its lines. */
export interface RefundHead {
  id: string
  order: Cell
  created: string | null
  amount: Cell
  reason: Cell
  cartTax: Cell
  shippingTax: Cell
  refundedBy: Cell
  refundedPayment: Cell
  metas: readonly Meta[]
}

/** Refunds whose own records are read, or those of some orders. */
export type RefundsOf = { refunds: readonly string[] } | { orders: readonly string[] }

export interface OrderStorage {
  list(shop: SqlShop, type: OrderType, after: string | null, limit: number): Promise<Listed[]>
  changed(shop: SqlShop, type: OrderType, since: number, after: string, limit: number): Promise<Listed[]>
  orders(shop: SqlShop, ids: readonly string[]): Promise<OrderHead[]>
  refunds(shop: SqlShop, of: RefundsOf): Promise<RefundHead[]>
}

export type OrderType = 'shop_order' | 'shop_order_refund'

/** Statuses that REST never lists: orders nobody has made yet, and refunds of orders in the trash of WordPress. */
export const hiddenStatuses: Readonly<Record<OrderType, readonly string[]>> = {
  shop_order: ['auto-draft'],
  shop_order_refund: ['auto-draft', 'trash'],
}

export const BILLING_FIELDS = [
  'first_name',
  'last_name',
  'company',
  'address_1',
  'address_2',
  'city',
  'state',
  'postcode',
  'country',
  'email',
  'phone',
] as const
export const SHIPPING_FIELDS = BILLING_FIELDS.filter((field) => field !== 'email')

/** @param value gives a field's text; what is absent is empty */
export function addressOf(fields: readonly string[], value: (field: string) => Cell | undefined): Address {
  const address: Address = {}
  for (const field of fields) address[field] = value(field) ?? ''
  return address
}

/** What an order shows that the shop's settings say. */
export interface OrderSettings {
  decimals: number
  /** A plugin numbers the orders in sequence, and keeps each number as meta data. */
  ownNumbers: boolean
}

/** An order as REST shows it. */
export function orderFields(
  head: OrderHead,
  lines: Lines,
  refunds: readonly RefundHead[],
  { decimals, ownNumbers }: OrderSettings,
): Fields {
  const money = (cell: Cell) => decimalText(cell, decimals)
  const tax = taxUnits(head, decimals)
  return {
    id: Number(head.id),
    parent_id: Number(head.parent) || 0,
    status: (head.status ?? '').replace(/^wc-/, ''),
    currency: head.currency ?? '',
    version: head.version ?? '',
    prices_include_tax: head.pricesIncludeTax,
    date_created_gmt: head.created,
    date_modified_gmt: head.modified,
    date_completed_gmt: head.completed,
    date_paid_gmt: head.paid,
    discount_total: money(head.discountTotal),
    discount_tax: money(head.discountTax),
    shipping_total: money(head.shippingTotal),
    shipping_tax: money(head.shippingTax),
    cart_tax: money(head.cartTax),
    total: money(head.total),
    total_tax: minorText(tax, decimals),
    customer_id: Number(head.customer) || 0,
    billing: head.billing,
    shipping: head.shipping,
    payment_method: head.paymentMethod ?? '',
    payment_method_title: head.paymentMethodTitle ?? '',
    transaction_id: head.transaction ?? '',
    created_via: head.createdVia ?? '',
    customer_note: head.customerNote ?? '',
    cart_hash: head.cartHash ?? '',
    number: (ownNumbers && ownNumber(head)) || head.id,
    meta_data: metaData(head.metas),
    ...lines,
    refunds: refunds.map((refund) => ({
      id: Number(refund.id),
      reason: refund.reason ?? '',
      // WooCommerce puts the sign before the text, also before 0.
      total: `-${money(refund.amount)}`,
      total_tax: minorText(taxUnits(refund, decimals), decimals),
    })),
  }
}

/** The keys of the plugins in use; the longer one holds the number with what the shop puts around it. */
function ownNumber({ metas }: OrderHead): Cell | undefined {
  const first = (wanted: string) => metas.find(({ key }) => key === wanted)?.value
  return first('_order_number_formatted') || first('_order_number')
}

/** A refund as REST shows it. */
export function refundFields(head: RefundHead, lines: Lines, decimals: number): Fields {
  const { coupon_lines: _, ...shown } = lines
  return {
    id: Number(head.id),
    parent_id: Number(head.order) || 0,
    date_created_gmt: head.created,
    amount: decimalText(head.amount, decimals),
    reason: head.reason ?? '',
    refunded_by: Number(head.refundedBy) || 0,
    refunded_payment: Boolean(head.refundedPayment) && head.refundedPayment !== '0',
    meta_data: metaData(head.metas),
    ...shown,
  }
}

/** The sum is rounded once, not each part: six digits are what both columns can have. */
function taxUnits(taxes: { cartTax: Cell; shippingTax: Cell }, decimals: number): number {
  const fine = Math.max(6, decimals)
  const sum = minorUnits(taxes.cartTax, fine, 'up') + minorUnits(taxes.shippingTax, fine, 'up')
  // Nearly always it is a whole number already.
  const rest = sum % 10 ** (fine - decimals)
  return rest === 0 ? sum / 10 ** (fine - decimals) + 0 : minorUnits(minorText(sum, fine), decimals, 'up')
}

function metaData(metas: readonly Meta[]): Fields[] {
  return metas.map(({ key, value }) => ({ key, value: metaValue(value) }))
}
