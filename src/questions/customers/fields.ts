/** A customer as it is shown: a billing e-mail, named by a key that tells nobody who it is. */
import { Decimal } from 'decimal.js'
import type pg from 'pg'
import { z } from 'zod'
import { amount, roundedAmount } from '../../money.ts'
import { aggregateOf, type FactBook, type Subject } from '../facts.ts'
import { customerKey, isOrder, isPaid, meanings, ownFirst, refundedOfOrder } from '../orders/paid.ts'
import { personal } from '../personal.ts'

const moment = (meaning: string) => z.iso.datetime().nullable().describe(`${meaning} (UTC).`)

export const customerShape = {
  key: z.string().nullable().describe('Key of the customer; null for an account without an e-mail.'),
  customer_id: z
    .int()
    .nullable()
    .describe('Id of the account with this e-mail, else of the last order’s; null for guests.'),
  orders: z.int().describe('Orders in every status but trash and drafts.'),
  paid_orders: z.int().describe('Those in status processing, completed or refunded.'),
  first_order_at: moment('First of these orders'),
  last_order_at: moment('Last of these orders'),
  totals: z
    .array(
      z.object({
        currency: z.string().nullable().describe('Currency of the amounts.'),
        paid_orders: z.int().describe('Paid orders in it.'),
        total: z.string().describe('Their totals.'),
        refunded_total: z.string().describe('All refunds of these orders.'),
        net_total: z.string().describe('Totals minus refunds.'),
        average: z.string().describe('Net total by paid order, rounded to the currency’s decimals.'),
      }),
    )
    .describe('Paid orders by currency, the shop’s own first; empty where none was paid.'),
  country: z.string().nullable().describe('Country of the last bill, else of the account.'),
  name: personal(z.string().nullable().describe('Name on the last bill, else of the account.')),
  email: personal(z.string().nullable().describe('E-mail, trimmed, in small letters.')),
}

export const customerRowSchema = z.object(customerShape)

export type CustomerShown = z.input<typeof customerRowSchema>

/** A customer to be described: by key, or an account that may have none. */
export interface Whom {
  key: string | null
  /** Of an account without orders. */
  accountId: number | null
}

interface DetailRow {
  place: number
  customer_id: number | null
  orders: number
  paid_orders: number
  first_order_at: Date | null
  last_order_at: Date | null
  country: string | null
  name: string | null
  email: string | null
}

interface TotalRow {
  key: string
  currency: string | null
  paid_orders: number
  total: string
  refunded: string
}

/** Describes customers, in the order they are given. */
export async function describeCustomers(
  db: pg.Pool | pg.PoolClient,
  store: { id: number; currency: string | null },
  whom: readonly Whom[],
): Promise<CustomerShown[]> {
  if (whom.length === 0) return []
  const keys = whom.map(({ key }) => key)
  const { rows } = await db.query<DetailRow>(
    `SELECT w.place, coalesce(w.account, a.id, l.customer_id) AS customer_id, s.orders, s.paid_orders, s.first_order_at,
            s.last_order_at, coalesce(nullif(l.billing_country, ''), a.billing_country) AS country,
            coalesce(nullif(l.billing_name, ''), nullif(concat_ws(' ', a.first_name, a.last_name), '')) AS name,
            lower(trim(coalesce(l.billing_email, a.email))) AS email
     FROM unnest($2::text[], $3::bigint[]) WITH ORDINALITY AS w (key, account, place)
     CROSS JOIN LATERAL (
       SELECT count(*) AS orders, count(*) FILTER (WHERE ${isPaid}) AS paid_orders, min(o.created_at) AS first_order_at,
              max(o.created_at) AS last_order_at
       FROM mirror.orders o
       WHERE o.store_id = $1 AND o.deleted_at IS NULL AND ${isOrder} AND ${customerKey} = w.key
     ) s
     LEFT JOIN LATERAL (
       SELECT o.billing_country, o.billing_name, o.billing_email, o.customer_id
       FROM mirror.orders o
       WHERE o.store_id = $1 AND o.deleted_at IS NULL AND ${isOrder} AND ${customerKey} = w.key
       ORDER BY o.created_at DESC NULLS LAST, o.id DESC
       LIMIT 1
     ) l ON true
     LEFT JOIN LATERAL (
       SELECT c.id, c.billing_country, c.first_name, c.last_name, c.email
       FROM mirror.customers c
       WHERE c.store_id = $1 AND c.deleted_at IS NULL
         AND (c.id = w.account OR w.account IS NULL AND mirror.customer_key(c.store_id, c.email) = w.key)
       ORDER BY c.id
       LIMIT 1
     ) a ON true
     ORDER BY w.place`,
    [store.id, keys, whom.map(({ accountId }) => accountId)],
  )
  const { rows: totals } = await db.query<TotalRow>(
    `SELECT ${customerKey} AS key, o.currency, count(*) AS paid_orders, coalesce(sum(o.total), 0) AS total,
            sum(${refundedOfOrder}) AS refunded
     FROM mirror.orders o
     WHERE o.store_id = $1 AND o.deleted_at IS NULL AND ${isPaid} AND ${customerKey} = ANY($2::text[])
     GROUP BY 1, 2`,
    [store.id, keys],
  )
  const byKey = Map.groupBy(totals, ({ key }) => key)
  return rows.map(({ place, ...row }) => {
    const key = keys[place - 1] ?? null
    return {
      ...row,
      key,
      first_order_at: row.first_order_at?.toISOString() ?? null,
      last_order_at: row.last_order_at?.toISOString() ?? null,
      totals: ownFirst((key === null ? undefined : byKey.get(key)) ?? [], store.currency).map(showTotal),
    }
  })
}

function showTotal({ currency, paid_orders, total, refunded }: TotalRow) {
  const net = new Decimal(total).minus(refunded)
  const shown = (value: string) => amount(value, currency) ?? value
  return {
    currency,
    paid_orders,
    total: shown(total),
    refunded_total: shown(refunded),
    net_total: shown(net.toFixed()),
    average: roundedAmount(net.div(paid_orders).toFixed(), currency),
  }
}

/** Nobody's name without the right to see it. */
export function customerSubject(customer: CustomerShown, mayName: boolean): Subject {
  const id = customer.key ?? (customer.customer_id === null ? null : `account ${customer.customer_id}`)
  return { kind: 'customer', id, name: mayName ? (customer.name ?? null) : null }
}

export function addCustomerFacts(facts: FactBook, customer: CustomerShown, mayName: boolean): void {
  const common = {
    subject: customerSubject(customer, mayName),
    source: aggregateOf('orders', customer.orders),
  } as const
  facts.add({ ...common, attribute: 'orders', value: customer.orders, type: 'count', unit: 'orders' })
  facts.add({
    ...common,
    attribute: 'paid_orders',
    value: customer.paid_orders,
    type: 'count',
    unit: 'orders',
  })
  facts.add({ ...common, attribute: 'last_order_at', value: customer.last_order_at, type: 'moment' })
  for (const { currency, paid_orders, net_total, average } of customer.totals) {
    const money = {
      ...common,
      filter: { ...(currency !== null && { currency }) },
      type: 'money',
      unit: currency,
      definition: meanings.netOfCustomer,
      source: aggregateOf('orders', paid_orders),
    } as const
    facts.add({ ...money, attribute: 'net_total', value: net_total })
    facts.add({ ...money, attribute: 'average', value: average })
  }
}
