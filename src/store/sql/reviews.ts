/** Reviews of products from a shop's database: comments of WordPress, as REST shows them with `context=edit`. */
import type { Fields } from '../canonical.ts'
import type { Cell } from './database.ts'
import type { SqlReader } from './reader.ts'
import { dateText, groupRows, idCondition, wantedRows } from './rows.ts'
import { tableName } from './tables.ts'

/** What REST lists as all: approved ones and those that wait, neither spam nor the trash. */
const LISTED: Readonly<Record<string, string>> = { '1': 'approved', '0': 'hold' }

export const reviewReader: SqlReader = {
  async list(shop, after, limit) {
    // WooCommerce has an index on `comment_type`; sorting by `ID + 0` keeps the server from walking all comments,
    // orders' notes among them, in the order of their key.
    const rows = await shop.database.query(
      `
      SELECT c.comment_ID
      FROM ${tableName(shop, 'comments')} c
      JOIN ${tableName(shop, 'posts')} p ON p.ID = c.comment_post_ID
      WHERE c.comment_type = 'review' AND c.comment_approved IN ? AND p.post_type = 'product' AND c.comment_ID > ?
      ORDER BY c.comment_ID + 0
      LIMIT ?`,
      [Object.keys(LISTED), Number(after ?? 0), limit],
    )
    return rows.map(([id]) => ({ id: id as string, modifiedAt: null }))
  },

  async read(shop, ids) {
    const wanted = idCondition('c.comment_ID', ids)
    const rows = await shop.database.query(
      `
      SELECT c.comment_ID, c.comment_post_ID, c.comment_date_gmt, c.comment_approved,
        c.comment_author, c.comment_author_email, c.comment_content, p.post_title
      FROM ${tableName(shop, 'comments')} c
      JOIN ${tableName(shop, 'posts')} p ON p.ID = c.comment_post_ID
      WHERE ${wanted.sql} AND c.comment_type = 'review' AND c.comment_approved IN ? AND p.post_type = 'product'`,
      [...wanted.values, Object.keys(LISTED)],
    )
    const reviews = wantedRows(rows, ids)
    if (reviews.size === 0) return []
    const metas = idCondition('comment_id', [...reviews.keys()])
    const metaRows = await shop.database.query(
      `
      SELECT comment_id, meta_key, meta_value
      FROM ${tableName(shop, 'commentmeta')}
      WHERE ${metas.sql} AND meta_key IN ('rating', 'verified')
      ORDER BY comment_id, meta_id`,
      metas.values,
    )
    const groups = groupRows(metaRows, ids)
    return [...reviews].map(([id, row]) => makeReview(row, groups.get(id) ?? []))
  },
}

function makeReview(row: Cell[], metas: readonly Cell[][]): Fields {
  const [id, product, created, approved, author, email, content, title] = row
  const meta = (key: string) => metas.find(([, name]) => name === key)?.[2] ?? ''
  return {
    id: Number(id),
    date_created_gmt: dateText(created),
    product_id: Number(product),
    product_name: title ?? '',
    status: LISTED[approved ?? ''] ?? approved,
    reviewer: author ?? '',
    reviewer_email: email ?? '',
    review: content ?? '',
    rating: Number.parseInt(meta('rating'), 10) || 0,
    // Where nobody asked yet, REST looks for an order of the reviewer and keeps the answer here.
    verified: meta('verified') !== '' && meta('verified') !== '0',
  }
}
