/** How orders add up: by customer, and by product. One text for what is kept and for what a question sums itself. */
import { customerKey, isOrder, isPaid } from './paid.ts'

/**
 * Rows as sums.customers has them, but for the store, which is `$1`.
 * @param of condition on an order `o`
 */
export const customersOf = (of: string) => `
  SELECT p.*, coalesce(g.amount, 0) AS refunded
  FROM (
    SELECT ${customerKey} AS key, coalesce(o.currency, '') AS currency, min(o.id) AS first_order_id, count(*) AS orders,
           count(*) FILTER (WHERE ${isPaid}) AS paid_orders, min(o.created_at) AS first_at, max(o.created_at) AS last_at,
           min(o.created_at) FILTER (WHERE ${isPaid}) AS first_paid_at,
           max(o.created_at) FILTER (WHERE ${isPaid}) AS last_paid_at,
           coalesce(sum(o.total) FILTER (WHERE ${isPaid}), 0) AS total
    FROM mirror.orders o
    WHERE o.store_id = $1 AND o.deleted_at IS NULL AND ${isOrder} AND ${customerKey} IS NOT NULL AND ${of}
    GROUP BY 1, 2
  ) p
  LEFT JOIN (
    -- Few beside orders: summed by themselves.
    SELECT ${customerKey} AS key, coalesce(o.currency, '') AS currency, sum(r.amount) AS amount
    FROM mirror.orders o
    JOIN mirror.refunds r ON r.store_id = o.store_id AND r.order_id = o.id AND r.deleted_at IS NULL
    WHERE o.store_id = $1 AND o.deleted_at IS NULL AND ${isPaid} AND ${customerKey} IS NOT NULL AND ${of}
    GROUP BY 1, 2
  ) g ON g.key = p.key AND g.currency = p.currency`

export const CUSTOMER_COLUMNS =
  'key, currency, first_order_id, orders, paid_orders, first_at, last_at, first_paid_at, last_paid_at, total, refunded'

/** Paid orders of time spans: a relation `span (month, begins, ends)`; each order lies in one at most. */
const paidIn = (spans: string) => `
  ${spans}
  JOIN mirror.orders o ON o.store_id = $1 AND o.deleted_at IS NULL AND ${isPaid}
    AND o.created_at >= span.begins AND o.created_at < span.ends`

/** Rows as sums.products has them, but for the store. */
export const productsIn = (spans: string) => `
  SELECT coalesce(s.month, b.month) AS month, coalesce(s.currency, b.currency) AS currency,
         coalesce(s.product_id, b.product_id) AS product_id, coalesce(s.orders, 0) AS orders, coalesce(s.sold, 0) AS sold,
         coalesce(s.pieces, 0) AS pieces, coalesce(b.given_back, 0) AS given_back,
         coalesce(b.pieces_back, 0) AS pieces_back
  FROM (
    SELECT span.month, coalesce(o.currency, '') AS currency, coalesce(l.product_id, 0) AS product_id,
           count(DISTINCT o.id) AS orders, coalesce(sum(l.total), 0) AS sold, coalesce(sum(l.quantity), 0) AS pieces
    FROM ${paidIn(spans)}
    JOIN mirror.order_lines l ON l.store_id = $1 AND l.order_id = o.id
    GROUP BY 1, 2, 3
  ) s
  FULL JOIN (
    -- Lines of refunds are negative in WooCommerce.
    SELECT span.month, coalesce(o.currency, '') AS currency, coalesce(l.product_id, 0) AS product_id,
           -coalesce(sum(l.total), 0) AS given_back, -coalesce(sum(l.quantity), 0) AS pieces_back
    FROM ${paidIn(spans)} AND o.refunded_total <> 0
    JOIN mirror.refunds r ON r.store_id = $1 AND r.order_id = o.id AND r.deleted_at IS NULL
    JOIN mirror.refund_lines l ON l.store_id = $1 AND l.refund_id = r.id
    GROUP BY 1, 2, 3
  ) b ON b.month = s.month AND b.currency = s.currency AND b.product_id = s.product_id`

export const PRODUCT_COLUMNS = 'month, currency, product_id, orders, sold, pieces, given_back, pieces_back'

/** Rows as sums.months has them, but for the store. */
export const monthsIn = (spans: string) => `
  SELECT span.month, coalesce(o.currency, '') AS currency, count(*) FILTER (WHERE l.lines > 0) AS with_lines,
         count(*) FILTER (WHERE l.products > 0) AS with_products
  FROM ${paidIn(spans)}
  CROSS JOIN LATERAL (
    SELECT count(*) AS lines, count(l.product_id) AS products
    FROM mirror.order_lines l WHERE l.store_id = $1 AND l.order_id = o.id
  ) l
  GROUP BY 1, 2`

/** What is marked: the customers and the months to be summed anew. `marks` is the relation of the marks. */
export const markedBy = (marks: string) => `
  SELECT ARRAY(
           SELECT m.key FROM ${marks} m WHERE m.key IS NOT NULL
           UNION
           SELECT t.key FROM touched t WHERE t.key IS NOT NULL
         ) AS keys,
         ARRAY(
           SELECT m.month::text FROM ${marks} m WHERE m.month IS NOT NULL
           UNION
           SELECT t.month::text FROM touched t WHERE t.month IS NOT NULL
         ) AS months`

/** The orders that marks name, as they are now. */
export const touchedBy = (marks: string) => `
  SELECT DISTINCT ${customerKey} AS key, sums.month_of(o.created_at) AS month
  FROM mirror.orders o
  WHERE o.store_id = $1 AND o.id IN (SELECT m.order_id FROM ${marks} m)`
