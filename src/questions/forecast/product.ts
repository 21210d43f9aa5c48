/** The product or variation a forecast is about. */
import type pg from 'pg'

export interface Target {
  product_id: number
  /** Null: the product with all its variations. */
  variation_id: number | null
  name: string | null
  sku: string | null
}

/** @returns null: the shop has no such product */
export async function findTarget(
  client: pg.ClientBase,
  storeId: number,
  by: { id: number } | { sku: string },
): Promise<Target | null> {
  const condition = (alias: string) => ('id' in by ? `${alias}.id = $2` : `${alias}.sku = $2`)
  const { rows } = await client.query<Target>(
    `SELECT p.id AS product_id, NULL::bigint AS variation_id, p.name, p.sku, p.id
     FROM mirror.products p
     WHERE p.store_id = $1 AND p.deleted_at IS NULL AND ${condition('p')}
     UNION ALL
     SELECT v.product_id, v.id, concat_ws(' – ', p.name, nullif(v.name, '')), v.sku, v.id
     FROM mirror.variations v
     JOIN mirror.products p ON p.store_id = v.store_id AND p.id = v.product_id AND p.deleted_at IS NULL
     WHERE v.store_id = $1 AND v.deleted_at IS NULL AND ${condition('v')}
     ORDER BY variation_id NULLS FIRST, product_id
     LIMIT 1`,
    [storeId, 'id' in by ? by.id : by.sku],
  )
  const [row] = rows
  if (!row) return null
  const { product_id, variation_id, name, sku } = row
  return { product_id, variation_id, name, sku }
}
