/** Sales of products and categories: sums of lines, and of the refunds of those lines, without tax. */
import { Decimal } from 'decimal.js'
import type pg from 'pg'
import { z } from 'zod'
import { amount } from '../../money.ts'
import { definitions } from '../definitions.ts'
import type { Chosen } from './filters.ts'

export interface LineGroup {
  currency: string | null
  /** Id of the product, slug of the category; null: none any more. */
  key: string | null
  name: string | null
  orders: number
  sold: string
  given_back: string
  pieces: string
  pieces_back: string
}

export const lineFiguresShape = {
  product_sales: z.string().describe(definitions.product_sales.definition),
  product_refunds: z.string().describe(definitions.product_refunds.definition),
  net_product_sales: z.string().describe(definitions.net_product_sales.definition),
  product_items: z.number().describe(definitions.product_items.definition),
  product_refunded_items: z.number().describe(definitions.product_refunded_items.definition),
}

const lineFigures = z.object(lineFiguresShape)
export type LineFigures = z.output<typeof lineFigures>

const GROUPS = {
  /** The name is the shop's now, or the last one of a product that is gone. */
  product: {
    key: 'l.product_id',
    from: '',
    named: 'LEFT JOIN mirror.products n ON n.store_id = $1 AND n.id = coalesce(sold.key, back.key)',
    name: 'n.name',
  },
  /** A product in two categories counts in both. */
  category: {
    key: 'g.slug',
    from: `LEFT JOIN (
      SELECT p.id, c.slug
      FROM mirror.products p JOIN mirror.categories c ON c.store_id = $1 AND c.id = ANY(p.category_ids)
      WHERE p.store_id = $1 AND p.deleted_at IS NULL AND c.deleted_at IS NULL
    ) AS g ON g.id = l.product_id`,
    named: `LEFT JOIN mirror.categories n
      ON n.store_id = $1 AND n.slug = coalesce(sold.key, back.key) AND n.deleted_at IS NULL`,
    name: 'n.name',
  },
  /** All lines at once. */
  none: { key: 'NULL::text', from: '', named: '', name: 'NULL::text' },
} as const

export async function sumLines(
  client: pg.PoolClient,
  chosen: Chosen,
  by: keyof typeof GROUPS,
): Promise<LineGroup[]> {
  const { key, from, named, name } = GROUPS[by]
  const { rows } = await client.query<LineGroup>(
    `WITH sold AS (
       SELECT o.currency, ${key} AS key, count(DISTINCT o.id) AS orders, coalesce(sum(l.total), 0) AS sold,
              coalesce(sum(l.quantity), 0) AS pieces
       FROM mirror.orders o
       JOIN mirror.order_lines l ON l.store_id = $1 AND l.order_id = o.id
       ${from}
       WHERE ${chosen.where} AND (${chosen.lines})
       GROUP BY o.currency, ${key}
     ), back AS (
       -- Lines of refunds are negative in WooCommerce.
       SELECT o.currency, ${key} AS key, -coalesce(sum(l.total), 0) AS given_back,
              -coalesce(sum(l.quantity), 0) AS pieces_back
       FROM mirror.orders o
       JOIN mirror.refunds r ON r.store_id = $1 AND r.order_id = o.id AND r.deleted_at IS NULL
       JOIN mirror.refund_lines l ON l.store_id = $1 AND l.refund_id = r.id
       ${from}
       WHERE ${chosen.where} AND o.refunded_total <> 0 AND (${chosen.lines})
       GROUP BY o.currency, ${key}
     )
     SELECT coalesce(sold.currency, back.currency) AS currency, coalesce(sold.key, back.key)::text AS key,
            ${name} AS name, coalesce(orders, 0) AS orders, coalesce(sold, 0)::text AS sold,
            coalesce(pieces, 0)::text AS pieces, coalesce(given_back, 0)::text AS given_back,
            coalesce(pieces_back, 0)::text AS pieces_back
     FROM sold
     FULL JOIN back ON concat_ws('/', coalesce(sold.currency, ''), sold.key)
                     = concat_ws('/', coalesce(back.currency, ''), back.key)
     ${named}`,
    chosen.values,
  )
  return rows
}

export function toLineFigures(groups: readonly LineGroup[], currency: string | null): LineFigures {
  const sum = (name: 'sold' | 'given_back' | 'pieces' | 'pieces_back') =>
    groups.reduce((total, group) => total.plus(group[name]), new Decimal(0))
  const inMoney = (value: Decimal) => amount(value.toFixed(), currency) ?? value.toFixed()
  const [sold, back] = [sum('sold'), sum('given_back')]
  return {
    product_sales: inMoney(sold),
    product_refunds: inMoney(back),
    net_product_sales: inMoney(sold.minus(back)),
    product_items: sum('pieces').toNumber(),
    product_refunded_items: sum('pieces_back').toNumber(),
  }
}
