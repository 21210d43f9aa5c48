/** Sales of products and categories: sums of lines, and of the refunds of those lines, without tax. */
import { Decimal } from 'decimal.js'
import type pg from 'pg'
import { z } from 'zod'
import { amount } from '../../money.ts'
import { definitions } from '../definitions.ts'
import type { Chosen } from './filters.ts'
import { ordersOver, type Parts, productsOver, readParts } from './products.ts'

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

interface Lines {
  groups: LineGroup[]
  /** All lines at once, for each currency. */
  whole: LineGroup[]
}

/** To be asked in one snapshot. */
export async function readLines(
  client: pg.PoolClient,
  chosen: Chosen,
  by: 'product' | 'category',
): Promise<Lines> {
  const storeId = Number(chosen.values[0])
  const parts = chosen.plain ? await readParts(client, storeId, chosen.period) : null
  const products = await sumProducts(client, chosen, parts)
  const orders = await countOrders(client, chosen, parts)
  const whole = [...Map.groupBy(products, ({ currency }) => currency)].map(([currency, groups]) => ({
    ...together(groups),
    currency,
    key: null,
    name: null,
    orders: orders.get(currency) ?? 0,
  }))
  return { groups: by === 'product' ? products : await intoCategories(client, chosen, products), whole }
}

/** The name is the shop's now; a product that is gone has none. */
async function sumProducts(client: pg.PoolClient, chosen: Chosen, parts: Parts | null): Promise<LineGroup[]> {
  const values = parts ? chosen.values.slice(0, 1) : chosen.values
  const { rows } = await client.query<LineGroup>(
    `SELECT nullif(s.currency, '') AS currency, nullif(s.product_id, 0)::text AS key, n.name, s.orders,
            s.sold::text AS sold, s.pieces::text AS pieces, s.given_back::text AS given_back,
            s.pieces_back::text AS pieces_back
     FROM (${parts ? productsOver(parts, values) : productsOfChosen(chosen)}) AS s
     LEFT JOIN mirror.products n ON n.store_id = $1 AND n.id = s.product_id`,
    values,
  )
  return rows
}

/** As a row of sums.products. An order counts once for each product, on however many lines it stands. */
const productsOfChosen = ({ where, lines }: Chosen) => `
  SELECT coalesce(sold.currency, back.currency) AS currency, coalesce(sold.product_id, back.product_id) AS product_id,
         coalesce(orders, 0) AS orders, coalesce(sold, 0) AS sold, coalesce(pieces, 0) AS pieces,
         coalesce(given_back, 0) AS given_back, coalesce(pieces_back, 0) AS pieces_back
  FROM (
    SELECT currency, product_id, count(*) AS orders, coalesce(sum(sold), 0) AS sold, coalesce(sum(pieces), 0) AS pieces
    FROM (
      SELECT coalesce(o.currency, '') AS currency, o.id, coalesce(l.product_id, 0) AS product_id, sum(l.total) AS sold,
             sum(l.quantity) AS pieces
      FROM mirror.orders o
      JOIN mirror.order_lines l ON l.store_id = $1 AND l.order_id = o.id
      WHERE ${where} AND (${lines})
      GROUP BY 1, 2, 3
    ) AS ordered
    GROUP BY 1, 2
  ) AS sold
  FULL JOIN (
    -- Lines of refunds are negative in WooCommerce.
    SELECT coalesce(o.currency, '') AS currency, coalesce(l.product_id, 0) AS product_id,
           -coalesce(sum(l.total), 0) AS given_back, -coalesce(sum(l.quantity), 0) AS pieces_back
    FROM mirror.orders o
    JOIN mirror.refunds r ON r.store_id = $1 AND r.order_id = o.id AND r.deleted_at IS NULL
    JOIN mirror.refund_lines l ON l.store_id = $1 AND l.refund_id = r.id
    WHERE ${where} AND o.refunded_total <> 0 AND (${lines})
    GROUP BY 1, 2
  ) AS back ON back.currency = sold.currency AND back.product_id = sold.product_id`

/** Orders with a line, by currency. */
async function countOrders(
  client: pg.PoolClient,
  chosen: Chosen,
  parts: Parts | null,
): Promise<Map<string | null, number>> {
  const values = parts ? chosen.values.slice(0, 1) : chosen.values
  const { rows } = await client.query<{ currency: string | null; orders: number }>(
    parts
      ? `SELECT nullif(currency, '') AS currency, with_lines AS orders FROM (${ordersOver(parts, values)}) AS counted`
      : `SELECT o.currency, count(*) AS orders
         FROM mirror.orders o
         WHERE ${chosen.where}
           AND o.id IN (SELECT l.order_id FROM mirror.order_lines l WHERE l.store_id = $1 AND (${chosen.lines}))
         GROUP BY 1`,
    values,
  )
  return new Map(rows.map(({ currency, orders }) => [currency, orders]))
}

/** Products with the categories they are in now; one in two categories counts in both. */
const CATEGORIES = `
  SELECT p.id, c.slug, c.name, c.id AS category_id
  FROM mirror.products p
  JOIN mirror.categories c ON c.store_id = $1 AND c.id = ANY(p.category_ids) AND c.deleted_at IS NULL
  WHERE p.store_id = $1 AND p.deleted_at IS NULL`

/** Amounts and pieces add up over products; orders do not, so these are counted. */
async function intoCategories(
  client: pg.PoolClient,
  chosen: Chosen,
  products: readonly LineGroup[],
): Promise<LineGroup[]> {
  const { rows: places } = await client.query<{ id: number; slug: string | null; name: string | null }>(
    CATEGORIES,
    chosen.values.slice(0, 1),
  )
  const { rows: counted } = await client.query<{
    currency: string | null
    slug: string | null
    orders: number
  }>(
    `SELECT currency, slug, sum(orders)::bigint AS orders
     FROM (
       SELECT currency, category_id, count(*) AS orders
       FROM (
         SELECT DISTINCT o.currency, o.id, g.category_id
         FROM mirror.orders o
         JOIN mirror.order_lines l ON l.store_id = $1 AND l.order_id = o.id
         LEFT JOIN (${CATEGORIES}) AS g ON g.id = l.product_id
         WHERE ${chosen.where} AND (${chosen.lines})
       ) AS seen
       GROUP BY 1, 2
     ) AS counted
     LEFT JOIN mirror.categories c ON c.store_id = $1 AND c.id = category_id
     GROUP BY 1, 2`,
    chosen.values,
  )
  const placesOf = Map.groupBy(places, ({ id }) => String(id))
  const placed = products.flatMap((product) =>
    (placesOf.get(product.key ?? '') ?? [{ slug: null, name: null }]).map(({ slug, name }) => ({
      ...product,
      key: slug,
      name,
    })),
  )
  const orders = new Map(counted.map((row) => [placeOf(row.currency, row.slug), row.orders]))
  return [...Map.groupBy(placed, ({ currency, key }) => placeOf(currency, key))].map(([place, groups]) => ({
    ...together(groups),
    orders: orders.get(place) ?? 0,
  }))
}

const placeOf = (currency: string | null, key: string | null) => JSON.stringify([currency, key])

const SUMMED = ['sold', 'given_back', 'pieces', 'pieces_back'] as const

/** Amounts and pieces of several groups; whatever else is that of the first. */
function together(groups: readonly LineGroup[]): LineGroup {
  const sums = SUMMED.map((name) => [
    name,
    groups.reduce((sum, group) => sum.plus(group[name]), new Decimal(0)).toFixed(),
  ])
  return { ...(groups[0] as LineGroup), ...Object.fromEntries(sums) }
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
