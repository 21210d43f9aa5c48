/** Paid order lines by the unit whose stock they took. */
import { PAID_STATUSES } from '../definitions.ts'

const STATUSES = PAID_STATUSES.map((status) => `'${status}'`).join(', ')

/** The unit of a line `l`: beside it stand its variation as `v` and its product as `p`, where they are known. */
const UNIT = `CASE
  WHEN l.variation_id IS NULL OR (v.manage_stock = 'parent' AND p.manage_stock) THEN l.product_id
  ELSE l.variation_id END`

const BESIDE = `
  LEFT JOIN mirror.variations v ON v.store_id = $1 AND v.id = l.variation_id
  LEFT JOIN mirror.products p ON p.store_id = $1 AND p.id = l.product_id`

const paid = (from: string, to: string) => `
  o.store_id = $1 AND o.deleted_at IS NULL AND o.status IN (${STATUSES})
  AND o.created_at >= ${from} AND o.created_at < ${to}`

/**
 * A query that gives `unit_id`, `created_at` of the order, `pieces` and `refunded`: one row for each line of the
 * paid orders of a period, and one for each line of a refund of such an order, with what was given back.
 * @param from SQL of a moment
 * @param to SQL of a moment, not included
 */
export const soldPieces = (from: string, to: string) => `
  SELECT ${UNIT} AS unit_id, o.created_at, l.quantity AS pieces, 0 AS refunded
  FROM mirror.orders o
  JOIN mirror.order_lines l ON l.store_id = o.store_id AND l.order_id = o.id
  ${BESIDE}
  WHERE ${paid(from, to)}
  UNION ALL
  SELECT ${UNIT}, o.created_at, 0, -rl.quantity
  FROM mirror.orders o
  JOIN mirror.refund_lines rl ON rl.store_id = o.store_id AND rl.order_id = o.id
  JOIN mirror.refunds rf ON rf.store_id = o.store_id AND rf.id = rl.refund_id AND rf.deleted_at IS NULL
  JOIN mirror.order_lines l ON l.store_id = o.store_id AND l.order_id = o.id AND l.line_id = rl.order_line_id
  ${BESIDE}
  WHERE ${paid(from, to)}`

/** The moment of a unit's last paid line ever; `u` is the unit. */
export const lastSold = `(
  SELECT max(o.created_at)
  FROM mirror.order_lines l
  JOIN mirror.orders o ON o.store_id = l.store_id AND o.id = l.order_id
  ${BESIDE}
  WHERE l.store_id = $1 AND l.product_id = u.product_id AND ${UNIT} = u.unit_id
    AND o.deleted_at IS NULL AND o.status IN (${STATUSES}))`
