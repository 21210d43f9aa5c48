/**
 * What stock is counted of: each published product that is sold as it is, each published variation, and, where
 * variations share their product's stock, that stock once. Grouped and external products have none of their own.
 */
import { z } from 'zod'
import type { Store } from '../../mirror/stores.ts'
import { amount } from '../../money.ts'
import { type FactBook, rowsOf, type Subject } from '../facts.ts'
import type { Sorts } from '../page.ts'

/** Said in every list: who reads it knows what was left out. */
export const COUNTED =
  'Published only. A variable product counts through its variations; stock that variations share is one row.'

export const unitRow = z.object({
  product_id: z.int().describe('Id of the product, or of the variation’s product.'),
  variation_id: z
    .int()
    .nullable()
    .describe('Id of the variation; null for a product and for stock that its variations share.'),
  name: z.string().nullable().describe('Name in the shop; of a variation with its product’s before it.'),
  sku: z.string().nullable().describe('SKU; null where it has none.'),
  manage_stock: z.boolean().describe('Whether pieces are counted.'),
  stock_quantity: z.number().nullable().describe('Pieces; null where they are not counted.'),
  stock_status: z.string().nullable().describe('instock, outofstock or onbackorder, as the shop says.'),
  backorders: z.string().nullable().describe('no, notify or yes: whether it may be sold without stock.'),
  low_stock_amount: z
    .number()
    .nullable()
    .describe(
      'From how many pieces on it is low: its own, its product’s, or the shop’s threshold; or that asked for.',
    ),
  threshold: z
    .enum(['variation', 'product', 'store', 'asked'])
    .nullable()
    .describe('Whose threshold that is; null where pieces are not counted.'),
  sharedBy: z.int().describe('How many published variations share this stock; 0: it is one thing’s own.'),
  price: z.string().nullable().describe('What it costs now; of shared stock the lowest price.'),
  currency: z.string().nullable().describe('Currency of the price: the shop’s own.'),
  permalink: z.string().nullable().describe('Its page in the shop.'),
})

export interface UnitColumns {
  product_id: number
  variation_id: number | null
  name: string | null
  sku: string | null
  managed: boolean
  stock_quantity: string | null
  stock_status: string | null
  backorders: string | null
  low_stock_amount: string | null
  threshold: 'variation' | 'product' | 'store' | 'asked' | null
  shared_by: number
  price: string | null
  permalink: string | null
}

export const unitColumns = `u.product_id, u.variation_id, u.name, nullif(u.sku, '') AS sku, u.managed, u.stock_quantity,
  u.stock_status, u.backorders, u.low_stock_amount, u.threshold, u.shared_by, u.price, u.permalink`

export const unitSorts = {
  name: { by: 'left(u.search_name, 100)', type: 'text' },
  stock_quantity: { by: 'coalesce(u.stock_quantity, 0)', type: 'numeric' },
} as const satisfies Sorts

/**
 * The units as CTEs, the last one named `units`: `unit_id` is the id of the product or variation. $1 is the store.
 * @param threshold SQL of a threshold that takes the place of everybody's own; null: the cascade (50)
 */
export const units = (threshold: string | null) => `
  shop AS (
    SELECT coalesce((
      SELECT mirror.json_number(s.value #>> '{}') FROM mirror.settings s
      WHERE s.store_id = $1 AND s.group_id = 'products' AND s.option = 'woocommerce_notify_low_stock_amount'
        AND s.deleted_at IS NULL
    ), 2) AS low
  ),
  -- Not written down in between: a shop's products are many, and wide.
  published AS NOT MATERIALIZED (
    SELECT p.* FROM mirror.products p
    WHERE p.store_id = $1 AND p.deleted_at IS NULL AND p.status = 'publish'
      AND coalesce(p.type, '') NOT IN ('grouped', 'external')
  ),
  counted AS (
    SELECT p.id AS unit_id, p.id AS product_id, NULL::bigint AS variation_id, p.name, p.search_name, p.sku, p.price,
           p.permalink, p.created_at, coalesce(p.manage_stock, false) AS managed, p.stock_quantity AS pieces,
           p.stock_status, p.backorders, NULL::numeric AS of_variation, p.low_stock_amount AS of_product,
           0 AS shared_by
    FROM published p
    WHERE coalesce(p.type, '') NOT LIKE '%variable%'
    UNION ALL
    SELECT p.id, p.id, NULL, p.name, p.search_name, p.sku, p.price, p.permalink, p.created_at, true,
           p.stock_quantity, p.stock_status, p.backorders, NULL, p.low_stock_amount, shared.variations
    FROM published p
    JOIN (
      SELECT v.product_id, count(*)::int AS variations
      FROM mirror.variations v
      WHERE v.store_id = $1 AND v.deleted_at IS NULL AND v.status = 'publish' AND v.manage_stock = 'parent'
      GROUP BY v.product_id
    ) shared ON shared.product_id = p.id
    WHERE p.type LIKE '%variable%' AND p.manage_stock
    UNION ALL
    SELECT v.id, v.product_id, v.id, concat_ws(' – ', p.name, nullif(v.name, '')), p.search_name, v.sku, v.price,
           v.permalink, v.created_at, v.manage_stock = 'true', v.stock_quantity,
           v.stock_status, v.backorders, v.low_stock_amount, p.low_stock_amount, 0
    FROM mirror.variations v
    JOIN published p ON p.id = v.product_id
    WHERE v.store_id = $1 AND v.deleted_at IS NULL AND v.status = 'publish' AND p.type LIKE '%variable%'
      AND NOT (v.manage_stock = 'parent' AND coalesce(p.manage_stock, false))
  ),
  units AS (
    SELECT c.*, CASE WHEN c.managed THEN c.pieces END AS stock_quantity,
           CASE WHEN c.managed THEN coalesce(${threshold ?? 'c.of_variation, c.of_product, shop.low'}) END AS low_stock_amount,
           CASE WHEN NOT c.managed THEN NULL
                ${threshold === null ? `WHEN c.of_variation IS NOT NULL THEN 'variation' WHEN c.of_product IS NOT NULL THEN 'product' ELSE 'store'` : `ELSE 'asked'`}
           END AS threshold
    FROM counted c, shop
  )`

export function toUnit(row: UnitColumns, store: Store): z.output<typeof unitRow> {
  const { managed, shared_by, low_stock_amount, stock_quantity } = row
  return {
    product_id: row.product_id,
    variation_id: row.variation_id,
    name: row.name,
    sku: row.sku,
    manage_stock: managed,
    stock_quantity: stock_quantity === null ? null : Number(stock_quantity),
    stock_status: row.stock_status,
    backorders: row.backorders,
    low_stock_amount: low_stock_amount === null ? null : Number(low_stock_amount),
    threshold: row.threshold,
    sharedBy: shared_by,
    price: amount(row.price, store.currency),
    currency: store.currency,
    permalink: row.permalink,
  }
}

interface Unit {
  product_id: number
  variation_id: number | null
  name: string | null
}

/** What a unit's facts are about, and the row they come from. */
export function aboutUnit({ product_id, variation_id, name }: Unit) {
  const kind = variation_id === null ? 'product' : 'variation'
  const id = variation_id ?? product_id
  const subject: Subject = { kind, id: String(id), name }
  return { subject, source: rowsOf(`${kind}s`, [id]) }
}

export function addStockFacts(facts: FactBook, unit: z.output<typeof unitRow>): void {
  const about = aboutUnit(unit)
  facts.add({
    ...about,
    attribute: 'stock_quantity',
    value: unit.stock_quantity,
    type: 'quantity',
    unit: 'pieces',
  })
  facts.add({ ...about, attribute: 'stock_status', value: unit.stock_status, type: 'state' })
  facts.add({ ...about, attribute: 'sku', value: unit.sku, type: 'text' })
  if (unit.low_stock_amount === null) return
  facts.add({
    ...about,
    attribute: 'low_stock_amount',
    filter: { threshold: unit.threshold ?? '' },
    value: unit.low_stock_amount,
    type: 'parameter',
    unit: 'pieces',
  })
}
