/** Counting pairs of products in paid orders. Each product counts once in an order, on however many lines it stands. */
import type pg from 'pg'
import type { Period } from '../facts.ts'
import { isPaid } from '../orders/paid.ts'
import { ordersOver, productsOver, readParts } from '../sales/products.ts'

export interface PairsAsked {
  storeId: number
  period: Period
  /** The shop's zone, as SQL takes it. */
  zone: string
  /** Only pairs with this product, which is then the first; null: all. */
  product: number | null
  minCount: number
  /** Suggest only what is published and in stock. */
  suggestibleOnly: boolean
  sort: 'count' | 'lift' | 'confidence'
  limit: number
}

export interface PairRow {
  a_id: number
  a_name: string | null
  a_sku: string | null
  a_orders: number
  a_suggestible: boolean
  b_id: number
  b_name: string | null
  b_sku: string | null
  b_orders: number
  b_suggestible: boolean
  count: number
  support: string
  confidence: string
  confidence_back: string
  lift: string
}

/** Published and in stock; a variable product through its variations. `p` is the product. */
const suggestible = `(
  p.status = 'publish' AND CASE WHEN p.type LIKE '%variable%'
    THEN EXISTS (SELECT 1 FROM mirror.variations v
                 WHERE v.store_id = p.store_id AND v.product_id = p.id AND v.deleted_at IS NULL
                   AND v.status = 'publish' AND v.stock_status = 'instock')
    ELSE p.stock_status = 'instock' END
)`

/** Of one product, its own confidence counts. */
const SORTS = {
  count: () => 'count DESC, lift DESC',
  lift: () => 'lift DESC, count DESC',
  confidence: (product: number | null) =>
    `${product === null ? 'greatest(confidence, confidence_back)' : 'confidence'} DESC, count DESC`,
}

interface Counted {
  paidOrders: number
  rows: PairRow[]
}

/** The pairs, and how many paid orders with a known product there are. To be asked in one snapshot. */
export async function countPairs(client: pg.PoolClient, asked: PairsAsked): Promise<Counted> {
  const parts = await readParts(client, asked.storeId, asked.period)
  const values: unknown[] = [asked.storeId]
  const place = (value: unknown) => `$${values.push(value)}`
  const [from, to, zone] = [asked.period.from, asked.period.to, asked.zone].map(place)
  const least = place(asked.minCount)
  const paid = `
    o.store_id = $1 AND o.deleted_at IS NULL AND ${isPaid}
    AND o.created_at >= (${from}::date)::timestamp AT TIME ZONE ${zone}
    AND o.created_at < (${to}::date + 1)::timestamp AT TIME ZONE ${zone}`
  const pairs =
    asked.product === null ? pairsOfAll(paid, asked, least) : pairsOfOne(paid, place(asked.product), least)
  const suggestions = !asked.suggestibleOnly
    ? 'true'
    : asked.product === null
      ? 'a.suggestible AND b.suggestible'
      : 'b.suggestible'
  const order = `${SORTS[asked.sort](asked.product)}, a_id, b_id`
  const { rows } = await client.query<PairRow & { paid_orders: number }>(
    `WITH total AS (SELECT coalesce(sum(with_products), 0) AS orders FROM (${ordersOver(parts, values)}) AS o),
     single AS MATERIALIZED (
       SELECT b.product_id, b.orders, p.name, p.sku, coalesce(p.deleted_at IS NULL AND ${suggestible}, false) AS suggestible
       FROM (
         SELECT product_id, sum(orders)::bigint AS orders FROM (${productsOver(parts, values)}) AS o
         WHERE product_id > 0 AND orders > 0 GROUP BY product_id
       ) AS b
       LEFT JOIN mirror.products p ON p.store_id = $1 AND p.id = b.product_id
     ),
     ${pairs},
     measured AS (
       SELECT q.a_id, a.name AS a_name, a.sku AS a_sku, a.orders AS a_orders, a.suggestible AS a_suggestible,
              q.b_id, b.name AS b_name, b.sku AS b_sku, b.orders AS b_orders, b.suggestible AS b_suggestible, q.count,
              round(100.0 * q.count / t.orders, 4) AS support,
              round(100.0 * q.count / a.orders, 4) AS confidence,
              round(100.0 * q.count / b.orders, 4) AS confidence_back,
              round(1.0 * q.count * t.orders / (a.orders * b.orders), 4) AS lift
       FROM pair q
       JOIN single a ON a.product_id = q.a_id
       JOIN single b ON b.product_id = q.b_id
       CROSS JOIN total t
       WHERE ${suggestions}
     ),
     best AS (
       SELECT * FROM measured ORDER BY ${order} LIMIT ${place(asked.limit)}
     )
     SELECT t.orders::bigint AS paid_orders, m.*
     FROM total t
     LEFT JOIN best m ON true
     ORDER BY ${order}`,
    values,
  )
  return {
    paidOrders: rows[0]?.paid_orders ?? 0,
    rows: rows.flatMap(({ paid_orders: _orders, ...row }) => (row.a_id === null ? [] : [row])),
  }
}

/** From the orders with the product alone. */
const pairsOfOne = (paid: string, product: string, least: string) => `
  chosen AS MATERIALIZED (
    SELECT o.id FROM mirror.orders o
    WHERE ${paid} AND o.id IN (
      SELECT l.order_id FROM mirror.order_lines l WHERE l.store_id = $1 AND l.product_id = ${product}::bigint)
  ),
  pair AS (
    SELECT ${product}::bigint AS a_id, l.product_id AS b_id, count(DISTINCT l.order_id) AS count
    FROM chosen
    JOIN mirror.order_lines l ON l.store_id = $1 AND l.order_id = chosen.id AND l.product_id <> ${product}::bigint
    GROUP BY l.product_id
    HAVING count(DISTINCT l.order_id) >= ${least}
  )`

/**
 * Products in fewer orders than a pair must have are put aside before pairs are made: no pair of theirs could have
 * enough.
 */
const pairsOfAll = (paid: string, { suggestibleOnly }: PairsAsked, least: string) => `
  wanted AS MATERIALIZED (
    SELECT DISTINCT l.order_id, l.product_id
    FROM mirror.orders o
    JOIN mirror.order_lines l ON l.store_id = $1 AND l.order_id = o.id
    JOIN single s ON s.product_id = l.product_id AND s.orders >= ${least}${suggestibleOnly ? ' AND s.suggestible' : ''}
    WHERE ${paid}
  ),
  pair AS (
    SELECT x.product_id AS a_id, y.product_id AS b_id, count(*) AS count
    FROM wanted x
    JOIN wanted y ON y.order_id = x.order_id AND y.product_id > x.product_id
    GROUP BY 1, 2
    HAVING count(*) >= ${least}
  )`

interface ProductFound {
  product_id: number
  name: string | null
  sku: string | null
  suggestible: boolean
}

/** The product of an id or SKU; a variation stands for its product. */
export async function findProduct(
  client: pg.PoolClient,
  storeId: number,
  { product_id, sku }: { product_id?: number | undefined; sku?: string | undefined },
): Promise<ProductFound | null> {
  const named = (table: string) =>
    sku === undefined ? `${table}.id = $2::bigint` : `lower(${table}.sku) = lower($2::text)`
  const { rows } = await client.query<ProductFound>(
    `SELECT p.id AS product_id, p.name, p.sku, ${suggestible} AS suggestible
     FROM (
       SELECT s.id FROM mirror.products s WHERE s.store_id = $1 AND s.deleted_at IS NULL AND ${named('s')}
       UNION ALL
       SELECT v.product_id FROM mirror.variations v WHERE v.store_id = $1 AND v.deleted_at IS NULL AND ${named('v')}
     ) found
     JOIN mirror.products p ON p.store_id = $1 AND p.id = found.id AND p.deleted_at IS NULL
     ORDER BY p.id
     LIMIT 1`,
    [storeId, sku ?? product_id],
  )
  return rows[0] ?? null
}
