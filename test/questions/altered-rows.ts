/** Rows put into a mirror as no demo shop has them. */
import type pg from 'pg'

interface Order {
  id: number
  email?: string | null
  status?: string
  currency?: string
  total?: string
  number?: string
  account?: number | null
  daysAgo?: number
  lines?: readonly (readonly [product: number | null, pieces: number])[]
}

export async function insertOrder(
  db: pg.Pool,
  { id, email = null, status = 'completed', lines = [], ...order }: Order,
): Promise<void> {
  await db.query(
    `INSERT INTO mirror.orders (store_id, id, number, status, currency, total, billing_email, billing_name, customer_id,
       created_at, modified_at, seen_at, content_hash, record)
     VALUES (1, $1::bigint, $2, $3, $4, $5, $6, 'Țuică Ștefan', $7, now() - $8 * interval '1 day', now(), now(), $1::text, '{}')`,
    [
      id,
      order.number ?? String(id),
      status,
      order.currency ?? 'RON',
      order.total ?? '100',
      email,
      order.account ?? null,
      order.daysAgo ?? 1,
    ],
  )
  for (const [index, [product, pieces]] of lines.entries()) {
    await db.query(
      `INSERT INTO mirror.order_lines (store_id, order_id, line_id, name, product_id, quantity, total)
       VALUES (1, $1, $2, 'line', $3, $4, 10)`,
      [id, id * 100 + index, product, pieces],
    )
  }
}

export const insertRefund = (
  db: pg.Pool,
  { id, order, amount, deleted }: { id: number; order: number; amount: string; deleted?: boolean },
) =>
  db.query(
    `INSERT INTO mirror.refunds (store_id, id, order_id, amount, reason, created_at, seen_at, content_hash, record, deleted_at)
     VALUES (1, $1::bigint, $2, $3, 'Popescu asked for it', now(), now(), $1::text, '{}', CASE WHEN $4 THEN now() END)`,
    [id, order, amount, deleted === true],
  )
