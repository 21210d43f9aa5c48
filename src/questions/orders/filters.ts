/** Which orders a list shows. */

import { z } from 'zod'
import type { Reader } from '../../database/asking.ts'
import type { Store } from '../../mirror/stores.ts'
import type { Fact, Period } from '../facts.ts'
import { resolvePeriod } from '../period.ts'
import { personal } from '../personal.ts'
import { sqlZone } from '../zone.ts'
import { numberOf } from './lookup.ts'
import { customerKey, isOrder } from './paid.ts'

const LONGEST_DAYS = 3660

/** Fields of an input: a period that may be left out; spread them into its shape. */
export const periodIfAny = {
  days: z
    .int()
    .min(1)
    .max(LONGEST_DAYS)
    .optional()
    .describe(
      'Only the last so many days of the shop, today included; all when neither days nor from is given.',
    ),
  from: z.iso.date().optional().describe('First day, the shop’s own, such as 2026-11-01; instead of days.'),
  to: z.iso.date().optional().describe('Last day, included; today when only from is given.'),
}

type PeriodGiven = { [Name in keyof typeof periodIfAny]?: z.output<(typeof periodIfAny)[Name]> | undefined }

/** Null: no period was asked for. @throws input_invalid as `resolvePeriod` does */
export function resolvePeriodIfAny(given: PeriodGiven, store: Store, now: Date): Period | null {
  const asked = given.days ?? given.from ?? given.to
  return asked === undefined ? null : resolvePeriod(given, 1, store, now)
}

const amountInput = (meaning: string) =>
  z
    .number()
    .min(0)
    .max(1e12)
    .optional()
    .describe(`${meaning}, in the given currency; without one in the shop’s own.`)

export const customerInput = z
  .string()
  .regex(/^[0-9a-f]{16}$/)
  .optional()

export const orderFilterInput = {
  status: z
    .array(
      z
        .string()
        .regex(/^[a-z0-9_-]{1,40}$/)
        .describe('A status without wc-, or any.'),
    )
    .min(1)
    .max(30)
    .optional()
    .describe(
      'Only these statuses; any: all of them. Without it all but trash, checkout-draft and auto-draft.',
    ),
  ...periodIfAny,
  customer_id: z.int().positive().optional().describe('Orders of this account.'),
  customer: customerInput.describe('Orders of the customer with this key; guests included.'),
  email: personal(z.string().min(1).max(320).describe('Orders with this billing e-mail, case ignored.')),
  number: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('The order with this number; # in front may be left.'),
  product_id: z.int().positive().optional().describe('Orders that hold this product or variation.'),
  payment_method: z.string().min(1).max(100).optional().describe('Id of the way to pay, such as cod.'),
  currency: z
    .string()
    .regex(/^[A-Za-z]{3}$/)
    .optional()
    .describe('Orders in this currency, such as RON; case ignored.'),
  min_total: amountInput('Orders of at least this total'),
  max_total: amountInput('Orders of at most this total'),
  text: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe(
      'An order number; for callers who may see names also beginnings of words of the billing name or e-mail.',
    ),
}

export type OrderFilter = z.output<z.ZodObject<typeof orderFilterInput>>

/** What a filter names, looked up. */
export interface Named {
  /** By key or by e-mail: both, where both are given. */
  customers: string[]
  product: NamedProduct | null
}

export interface NamedProduct {
  id: number
  /** Null: the product with all its variations. */
  variation: number | null
}

export async function lookUp(db: Reader, store: Store, given: OrderFilter): Promise<Named> {
  const customers = given.customer === undefined ? [] : [given.customer]
  if (given.email !== undefined) {
    const { rows } = await db.query<{ key: string | null }>(`SELECT mirror.customer_key($1, $2) AS key`, [
      store.id,
      given.email,
    ])
    customers.push(rows[0]?.key ?? '')
  }
  const { product_id } = given
  return {
    customers,
    product: product_id === undefined ? null : await productNamed(db, store.id, product_id),
  }
}

/** The id of a variation names its product, and it; also of one that is gone, as orders still hold it. */
export async function productNamed(
  db: Pick<Reader, 'query'>,
  storeId: number,
  id: number,
): Promise<NamedProduct> {
  const { rows } = await db.query<{ product_id: number }>(
    `SELECT product_id FROM mirror.variations WHERE store_id = $1 AND id = $2 AND product_id IS NOT NULL`,
    [storeId, id],
  )
  const parent = rows[0]?.product_id
  return parent === undefined ? { id, variation: null } : { id: parent, variation: id }
}

export interface Chosen {
  /** Conditions on mirror.orders o, all of which hold. */
  where: string
  period: Period | null
  /** For facts; a customer is in it by key. */
  filter: Fact['filter']
}

/**
 * @param values values of the query, `$1` being the store; more are appended
 * @throws input_invalid
 */
export function chooseOrders(
  given: OrderFilter,
  asked: { store: Store; now: Date; personal: boolean; named: Named },
  values: unknown[],
): Chosen {
  const { store } = asked
  const conditions = ['o.store_id = $1', 'o.deleted_at IS NULL']
  const filter: Fact['filter'] = {}
  const value = (one: unknown) => `$${values.push(one)}`
  const { status } = given
  if (status === undefined) conditions.push(isOrder)
  else {
    filter.status = status
    if (!status.includes('any')) conditions.push(`o.status = ANY(${value(status)}::text[])`)
  }
  const period = resolvePeriodIfAny(given, store, asked.now)
  if (period) {
    const created = `coalesce(o.created_at, '-infinity')`
    const zone = value(sqlZone(store.timezone))
    conditions.push(
      `${created} >= (${value(period.from)}::date)::timestamp AT TIME ZONE ${zone}`,
      `${created} < (${value(period.to)}::date + 1)::timestamp AT TIME ZONE ${zone}`,
    )
  }
  for (const customer of asked.named.customers) {
    filter.customer = customer
    conditions.push(`${customerKey} = ${value(customer)}`)
  }
  const equal = { number: 'number', customer_id: 'customer_id', payment_method: 'payment_method' } as const
  for (const [field, column] of Object.entries(equal)) {
    const wanted = given[field as keyof typeof equal]
    if (wanted === undefined) continue
    filter[field] = wanted
    conditions.push(`o.${column} = ${value(field === 'number' ? numberOf(String(wanted)) : wanted)}`)
  }
  // Amounts of other currencies are not compared with.
  const limited = given.min_total !== undefined || given.max_total !== undefined
  const currency = given.currency?.toUpperCase() ?? (limited ? (store.currency ?? undefined) : undefined)
  if (currency !== undefined) {
    filter.currency = currency
    conditions.push(`o.currency = ${value(currency)}`)
  }
  if (given.min_total !== undefined) {
    filter.min_total = given.min_total
    conditions.push(`o.total >= ${value(String(given.min_total))}::numeric`)
  }
  if (given.max_total !== undefined) {
    filter.max_total = given.max_total
    conditions.push(`o.total <= ${value(String(given.max_total))}::numeric`)
  }
  const { product } = asked.named
  if (product) {
    filter.product_id = product.variation ?? product.id
    const variation = product.variation === null ? '' : `AND l.variation_id = ${value(product.variation)}`
    conditions.push(
      `EXISTS (SELECT 1 FROM mirror.order_lines l
               WHERE l.store_id = o.store_id AND l.order_id = o.id AND l.product_id = ${value(product.id)} ${variation})`,
    )
  }
  if (given.text !== undefined) {
    filter.text = given.text
    conditions.push(matches(given.text, asked.personal, value))
  }
  return { where: conditions.join('\n  AND '), period, filter }
}

function matches(text: string, personal: boolean, value: (one: unknown) => string): string {
  const number = `o.number = ${value(numberOf(text))}`
  if (!personal) return number
  const words = `array_to_tsvector(mirror.people_words(coalesce(o.billing_name, '') || ' ' || coalesce(o.billing_email, '')))`
  return `(${number} OR ${words} @@ mirror.people_query(${value(text)}))`
}
