/** Counting pairs of products in paid orders. Each product counts once in an order, on however many lines it stands. */
import type pg from 'pg'
import type { Period } from '../facts.ts'
import { isPaid } from '../orders/paid.ts'

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

const SORTS = {
  count: 'count DESC, lift DESC',
  lift: 'lift DESC, count DESC',
  confidence: 'greatest(confidence, CASE WHEN $4::bigint IS NULL THEN confidence_back END) DESC, count DESC',
} as const

/**
 * The pairs, and how many paid orders with a known product there are. Products in fewer orders than a pair must have
 * are put aside before pairs are made: no pair of theirs could have enough.
 */
export async function countPairs(
  client: pg.PoolClient,
  asked: PairsAsked,
): Promise<{ paidOrders: number; rows: PairRow[] }> {
  const { storeId, period, zone, product, minCount, suggestibleOnly, sort, limit } = asked
  const [first, second] =
    product === null
      ? ['least(x.product_id, y.product_id)', 'greatest(x.product_id, y.product_id)']
      : ['x.product_id', 'y.product_id']
  const { rows } = await client.query<PairRow & { paid_orders: number }>(
    `WITH basket AS MATERIALIZED (
       SELECT DISTINCT l.order_id, l.product_id
       FROM mirror.orders o
       JOIN mirror.order_lines l ON l.store_id = o.store_id AND l.order_id = o.id AND l.product_id IS NOT NULL
       WHERE o.store_id = $1 AND o.deleted_at IS NULL AND ${isPaid}
         AND o.created_at >= ($2::date)::timestamp AT TIME ZONE $5
         AND o.created_at < ($3::date + 1)::timestamp AT TIME ZONE $5
     ),
     total AS (SELECT count(DISTINCT order_id) AS orders FROM basket),
     single AS MATERIALIZED (
       SELECT b.product_id, count(*) AS orders, p.name, p.sku, coalesce(p.deleted_at IS NULL AND ${suggestible}, false) AS suggestible
       FROM basket b
       LEFT JOIN mirror.products p ON p.store_id = $1 AND p.id = b.product_id
       GROUP BY b.product_id, p.store_id, p.id
     ),
     enough AS (SELECT product_id, suggestible FROM single WHERE orders >= $6),
     wanted AS MATERIALIZED (
       SELECT b.order_id, b.product_id
       FROM basket b
       JOIN enough e ON e.product_id = b.product_id
       WHERE (NOT $7 OR e.suggestible OR b.product_id = $4)
         ${product === null ? '' : 'AND b.order_id IN (SELECT order_id FROM basket WHERE product_id = $4)'}
     ),
     pair AS (
       SELECT ${first} AS a_id, ${second} AS b_id, count(*) AS count
       FROM wanted x
       JOIN wanted y ON y.order_id = x.order_id AND ${product === null ? 'y.product_id > x.product_id' : 'x.product_id = $4 AND y.product_id <> $4'}
       GROUP BY 1, 2
       HAVING count(*) >= $6
     ),
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
     ),
     best AS (SELECT * FROM measured ORDER BY ${SORTS[sort]}, a_id, b_id LIMIT $8)
     SELECT t.orders AS paid_orders, m.*
     FROM total t
     LEFT JOIN best m ON true
     ORDER BY ${SORTS[sort]}, a_id, b_id`,
    [storeId, period.from, period.to, product, zone, minCount, suggestibleOnly, limit],
  )
  return {
    paidOrders: rows[0]?.paid_orders ?? 0,
    rows: rows.flatMap(({ paid_orders: _orders, ...row }) => (row.a_id === null ? [] : [row])),
  }
}

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
