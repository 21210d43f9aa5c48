/** Order notes: comments of their own type. REST lists them order by order, the database all at once. */
import type { Fields } from '../canonical.ts'
import type { Cell } from './database.ts'
import type { SqlReader, SqlShop } from './reader.ts'
import { dateText, idCondition, wantedRows } from './rows.ts'
import { tableName } from './tables.ts'

/** Notes of orders that REST shows, as REST shows them, with the order's id; they have no date of change. */
export const orderNoteReader: SqlReader = {
  async list(shop, after, limit) {
    const rows = await shop.database.query(
      `SELECT c.comment_ID FROM ${notesOfOrders(shop)}
       WHERE c.comment_type = 'order_note' AND c.comment_ID > ? AND c.comment_approved = '1'
       ORDER BY c.comment_ID LIMIT ?`,
      [Number(after ?? 0), limit],
    )
    return rows.map(([id]) => ({ id: id as string, modifiedAt: null }))
  },

  async read(shop, ids) {
    if (ids.length === 0) return []
    const { sql, values } = idCondition('c.comment_ID', ids)
    const [rows, metas] = await Promise.all([
      shop.database.query(
        `SELECT c.comment_ID, c.comment_post_ID, c.comment_author, c.comment_date_gmt, c.comment_content
         FROM ${notesOfOrders(shop)}
         WHERE ${sql} AND c.comment_type = 'order_note' AND c.comment_approved = '1'`,
        values,
      ),
      readMarks(shop, ids),
    ])
    return [...wantedRows(rows, ids)].map(([id, row]) => noteOf(id, row, metas.get(id)?.[1] ?? null))
  },
}

/** A note whose order is gone, or is none, cannot be asked for over REST. */
function notesOfOrders(shop: SqlShop): string {
  const orders =
    shop.storage === 'hpos'
      ? `${tableName(shop, 'wc_orders')} o ON o.id = c.comment_post_ID AND o.type = 'shop_order'`
      : `${tableName(shop, 'posts')} o ON o.ID = c.comment_post_ID AND o.post_type = 'shop_order'`
  return `${tableName(shop, 'comments')} c JOIN ${orders}`
}

/** The notes that customers see. */
async function readMarks(shop: SqlShop, ids: readonly string[]): Promise<Map<string, Cell[]>> {
  const { sql, values } = idCondition('comment_id', ids)
  const rows = await shop.database.query(
    `SELECT comment_id, meta_value FROM ${tableName(shop, 'commentmeta')}
     WHERE ${sql} AND meta_key = 'is_customer_note' ORDER BY comment_id, meta_id`,
    values,
  )
  return wantedRows(rows, ids)
}

function noteOf(id: string, [, order, author, created, content]: readonly Cell[], mark: Cell): Fields {
  return {
    id: Number(id),
    order_id: Number(order) || 0,
    author: author ?? '',
    date_created_gmt: dateText(created),
    note: content ?? '',
    customer_note: mark !== null && mark !== '' && mark !== '0',
  }
}
