/** Which orders a question about sales is of: the paid ones of a period, or fewer. */
import type pg from 'pg'
import { z } from 'zod'
import type { Store } from '../../mirror/stores.ts'
import { PAID_STATUSES } from '../definitions.ts'
import type { Fact, Period } from '../facts.ts'
import { productNamed } from '../orders/filters.ts'
import { sqlZone } from '../zone.ts'

/** Fields of an input. */
export const filterInput = {
  status: z
    .array(z.string().min(1).max(50).describe('Status such as on-hold.'))
    .min(1)
    .max(20)
    .optional()
    .describe('Orders in these statuses instead of the paid ones (processing, completed, refunded).'),
  product_id: z
    .int()
    .positive()
    .optional()
    .describe(
      'Only orders with a line of this product, or of a variation of it; the id of a variation: of it alone. The figures are of the whole orders.',
    ),
  category: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe(
      'Only orders with a product of this category or one below it, by its slug, case ignored; the figures are of the whole orders.',
    ),
  country: z
    .string()
    .regex(/^[A-Za-z]{2}$/)
    .optional()
    .describe('Only orders billed to this country: two letters.'),
  payment_method: z.string().min(1).max(100).optional().describe('Only orders paid by this method: its id.'),
  coupon: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Only orders with this coupon: its code, case ignored.'),
  currency: z
    .string()
    .regex(/^[A-Za-z]{3}$/)
    .optional()
    .describe('Only orders in this currency: three letters.'),
}

const filters = z.object(filterInput)
export type Filters = z.output<typeof filters>

/** The orders chosen, as parts of a query over `mirror.orders o`. */
export interface Chosen {
  /** Values of the query, $1 the store; whatever else it takes is appended. */
  values: unknown[]
  /** Of the store, the period and every filter but the status. */
  inAnyStatus: string
  /** Those and the status. */
  where: string
  /** Of product lines `l`, where the filter names products: in figures of products only theirs count. */
  lines: string
  /** SQL of the period's first moment. */
  begins: string
  /** SQL of the first moment after it. */
  ends: string
  /** SQL of the shop's time zone. */
  zone: string
  statuses: readonly string[]
  period: Period
  /** Paid orders in whatever currency, without any other filter: sums that are kept may be taken. */
  plain: boolean
}

/** The ids of products in a category and below it. */
const productsOf = (slug: string) => `
  SELECT p.id FROM mirror.products p
  WHERE p.store_id = $1 AND p.deleted_at IS NULL AND p.category_ids && ARRAY(
    WITH RECURSIVE tree AS (
      SELECT c.id FROM mirror.categories c WHERE c.store_id = $1 AND lower(c.slug) = lower(${slug}) AND c.deleted_at IS NULL
      UNION
      SELECT c.id FROM mirror.categories c JOIN tree ON c.parent_id = tree.id
      WHERE c.store_id = $1 AND c.deleted_at IS NULL)
    SELECT tree.id FROM tree)`

/** Reads which product is meant, where one is: to be asked in the snapshot of the question. */
export async function choose(
  client: pg.PoolClient,
  store: Store,
  period: Period,
  filter: Filters,
): Promise<Chosen> {
  const values: unknown[] = [store.id]
  const bind = (value: unknown) => `$${values.push(value)}`
  const zone = bind(sqlZone(period.timezone))
  const begins = `(${bind(period.from)}::date)::timestamp AT TIME ZONE ${zone}`
  const ends = `(${bind(period.to)}::date + 1)::timestamp AT TIME ZONE ${zone}`
  const conditions = [
    `o.store_id = $1 AND o.deleted_at IS NULL AND o.created_at >= ${begins}`,
    `o.created_at < ${ends}`,
  ]
  const lines: string[] = []
  if (filter.product_id !== undefined) {
    const { id, variation } = await productNamed(client, store.id, filter.product_id)
    lines.push(`l.product_id = ${bind(id)}`)
    if (variation !== null) lines[0] += ` AND l.variation_id = ${bind(variation)}`
  }
  if (filter.category !== undefined) lines.push(`l.product_id IN (${productsOf(bind(filter.category))})`)
  for (const line of lines) {
    conditions.push(`o.id IN (SELECT l.order_id FROM mirror.order_lines l WHERE l.store_id = $1 AND ${line})`)
  }
  if (filter.country !== undefined)
    conditions.push(`o.billing_country = ${bind(filter.country.toUpperCase())}`)
  if (filter.payment_method !== undefined)
    conditions.push(`o.payment_method = ${bind(filter.payment_method)}`)
  if (filter.currency !== undefined) conditions.push(`o.currency = ${bind(filter.currency.toUpperCase())}`)
  if (filter.coupon !== undefined) {
    conditions.push(`EXISTS (
      SELECT FROM jsonb_array_elements(mirror.json_list(o.record->'coupon_lines')) AS used
      WHERE lower(used->>'code') = lower(${bind(filter.coupon)}))`)
  }
  const inAnyStatus = conditions.join(' AND ')
  const statuses = filter.status ?? PAID_STATUSES
  return {
    values,
    inAnyStatus,
    where: `${inAnyStatus} AND o.status = ANY(${bind(statuses)}::text[])`,
    lines: lines.length === 0 ? 'true' : lines.join(' AND '),
    begins,
    ends,
    zone,
    statuses,
    period,
    plain: Object.values(filter).every((value) => value === undefined),
  }
}

/** The filter as facts show it. */
export function shownFilter(filter: Filters): Fact['filter'] {
  const { status, ...others } = filter
  const given = Object.entries(others).filter(([, value]) => value !== undefined)
  return { status: [...(status ?? PAID_STATUSES)], ...Object.fromEntries(given) }
}
