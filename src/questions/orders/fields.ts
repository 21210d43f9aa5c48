/** An order as lists show it: its fields, the SQL that reads them, and what of them are facts. */
import { z } from 'zod'
import { amount } from '../../money.ts'
import { type FactBook, rowsOf, type Subject } from '../facts.ts'
import { personal } from '../personal.ts'
import { customerKey, meanings, refundedOfOrder } from './paid.ts'

export const money = (meaning: string) =>
  z.string().nullable().describe(`${meaning}, in the order’s currency.`)
export const moment = (meaning: string) => z.iso.datetime().nullable().describe(`${meaning} (UTC).`)

export const orderShape = {
  id: z.int().describe('Id in the shop.'),
  number: z.string().nullable().describe('Number as people know it.'),
  status: z.string().nullable().describe('pending, processing, completed, refunded, failed …'),
  currency: z.string().nullable().describe('Currency of all amounts of the order.'),
  total: money('What was to be paid, tax included'),
  refunded_total: money('What was given back, from the refunds'),
  net: money('Total minus what was given back'),
  total_tax: money('Tax in the total, that on shipping included'),
  shipping_total: money('Shipping without tax'),
  discount_total: money('Discounts without tax'),
  items: z.number().describe('Pieces in the order’s lines, refunded ones included.'),
  created_at: moment('When it was made'),
  paid_at: moment('When it was paid; null: the shop has no such date'),
  completed_at: moment('When it was completed; null: the shop has no such date'),
  modified_at: moment('When the shop last changed it'),
  payment_method: z.string().nullable().describe('Id of the way to pay, such as cod; empty where none.'),
  payment_method_title: z.string().nullable().describe('The way to pay as the customer saw it.'),
  customer_id: z.int().nullable().describe('Id of the account; null for guests.'),
  customer: z
    .string()
    .nullable()
    .describe('Key of the customer (the billing e-mail, named to nobody); null without an e-mail.'),
  coupons: z.array(z.string().describe('A code.')).describe('Codes of the coupons used.'),
  billing_country: z.string().nullable().describe('Country of the bill, such as RO.'),
  billing_name: personal(z.string().nullable().describe('Name on the bill.')),
  billing_email: personal(z.string().nullable().describe('E-mail on the bill.')),
  billing_phone: personal(z.string().nullable().describe('Telephone on the bill.')),
}

export const orderRowSchema = z.object(orderShape)

type OrderShown = z.input<typeof orderRowSchema>

export interface OrderRow {
  id: number
  number: string | null
  status: string | null
  currency: string | null
  total: string | null
  refunded_total: string
  net: string | null
  total_tax: string | null
  shipping_total: string | null
  discount_total: string | null
  items: string
  created_at: Date | null
  paid_at: Date | null
  completed_at: Date | null
  modified_at: Date | null
  payment_method: string | null
  payment_method_title: string | null
  customer_id: number | null
  customer: string | null
  coupons: string[]
  billing_country: string | null
  billing_name: string | null
  billing_email: string | null
  billing_phone: string | null
}

/** The columns of an `OrderRow`; `o` is the alias of mirror.orders. */
export const orderColumns = `
  o.id, o.number, o.status, o.currency, o.total, o.total_tax, o.shipping_total, o.discount_total,
  ${refundedOfOrder} AS refunded_total, o.total - ${refundedOfOrder} AS net,
  (SELECT coalesce(sum(l.quantity), 0) FROM mirror.order_lines l
   WHERE l.store_id = o.store_id AND l.order_id = o.id) AS items,
  o.created_at, o.paid_at, o.completed_at, o.modified_at, o.payment_method, o.payment_method_title,
  o.customer_id, ${customerKey} AS customer,
  ARRAY(SELECT coalesce(c->>'code', '') FROM jsonb_array_elements(mirror.json_list(o.record->'coupon_lines')) AS c) AS coupons,
  o.billing_country, o.billing_name, o.billing_email, o.record #>> '{billing,phone}' AS billing_phone`

const iso = (date: Date | null) => date?.toISOString() ?? null

/** A row as it is shown. */
export function showOrder(row: OrderRow): OrderShown {
  const shown = (value: string | null) => amount(value, row.currency)
  return {
    id: row.id,
    number: row.number,
    status: row.status,
    currency: row.currency,
    total: shown(row.total),
    refunded_total: shown(row.refunded_total),
    net: shown(row.net),
    total_tax: shown(row.total_tax),
    shipping_total: shown(row.shipping_total),
    discount_total: shown(row.discount_total),
    items: Number(row.items),
    created_at: iso(row.created_at),
    paid_at: iso(row.paid_at),
    completed_at: iso(row.completed_at),
    modified_at: iso(row.modified_at),
    payment_method: row.payment_method,
    payment_method_title: row.payment_method_title,
    customer_id: row.customer_id,
    customer: row.customer,
    coupons: row.coupons,
    billing_country: row.billing_country,
    billing_name: row.billing_name,
    billing_email: row.billing_email,
    billing_phone: row.billing_phone,
  }
}

export function orderSubject({ id, number }: Pick<OrderRow, 'id' | 'number'>): Subject {
  return { kind: 'order', id: String(id), name: number }
}

/** The facts of an order: status, moment, and amounts. Nobody's name is in them. */
export function addOrderFacts(facts: FactBook, order: OrderShown): void {
  const subject = orderSubject(order)
  const source = rowsOf('orders', [order.id])
  const unit = order.currency
  facts.add({ subject, attribute: 'status', value: order.status, type: 'state', source })
  facts.add({ subject, attribute: 'created_at', value: order.created_at, type: 'moment', source })
  facts.add({ subject, attribute: 'total', value: order.total, type: 'money', unit, source })
  facts.add({
    subject,
    attribute: 'net',
    value: order.net,
    type: 'money',
    unit,
    definition: meanings.net,
    source,
  })
}
