/** Products and variations among WordPress' posts. */
import { resources } from '../../resources.ts'
import type { Cell } from '../database.ts'
import type { SqlShop } from '../reader.ts'
import { idCondition, wantedRows } from '../rows.ts'
import { tableName } from '../tables.ts'

export type ProductPostType = 'product' | 'product_variation'

/** All that REST lists with every status named (6); `auto-draft` is what an editor's open page holds. */
export const STATUSES: readonly string[] = resources.products.statuses?.names ?? []

export interface Post {
  id: string
  title: string
  slug: string
  createdGmt: Cell
  modifiedGmt: Cell
  status: string
  content: string
  excerpt: string
  parent: string
  menuOrder: number
  commentStatus: string
}

/** Posts of a type by id, in any order; those in no status that REST lists are left out. */
export async function readPosts(
  shop: SqlShop,
  type: ProductPostType,
  ids: readonly string[],
): Promise<Map<string, Post>> {
  const wanted = idCondition('ID', ids)
  const rows = await shop.database.query(
    `
    SELECT ID, post_title, post_name, post_date_gmt, post_modified_gmt, post_status, post_content, post_excerpt,
      post_parent, menu_order, comment_status
    FROM ${tableName(shop, 'posts')}
    WHERE ${wanted.sql} AND post_type = ? AND post_status IN ?`,
    [...wanted.values, type, STATUSES],
  )
  const posts = new Map<string, Post>()
  for (const [id, row] of wantedRows(rows, ids)) posts.set(id, postOf(id, row))
  return posts
}

function postOf(id: string, row: Cell[]): Post {
  return {
    id,
    title: row[1] ?? '',
    slug: row[2] ?? '',
    createdGmt: row[3] ?? null,
    modifiedGmt: row[4] ?? null,
    status: row[5] ?? '',
    content: row[6] ?? '',
    excerpt: row[7] ?? '',
    parent: row[8] ?? '0',
    menuOrder: Number(row[9] ?? 0),
    commentStatus: row[10] ?? '',
  }
}

/** Which of these posts are products, whatever their status. */
export async function readProductIds(shop: SqlShop, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const wanted = idCondition('ID', ids)
  const rows = await shop.database.query(
    `SELECT ID FROM ${tableName(shop, 'posts')} WHERE ${wanted.sql} AND post_type = 'product'`,
    wanted.values,
  )
  return new Set(wantedRows(rows, ids).keys())
}

/** A variation as its parent sees it. */
export interface Child {
  id: string
  status: string
}

/** Variations of products that REST names in them, in the order of the menu. */
export async function readChildren(shop: SqlShop, parents: readonly string[]): Promise<Map<string, Child[]>> {
  const children = new Map<string, Child[]>()
  if (parents.length === 0) return children
  const rows = await shop.database.query(
    `
    SELECT post_parent, ID, post_status, menu_order
    FROM ${tableName(shop, 'posts')}
    WHERE post_parent IN ? AND post_type = 'product_variation' AND post_status IN ('publish', 'private')`,
    [parents.map(Number)],
  )
  rows.sort((a, b) => Number(a[3]) - Number(b[3]) || Number(a[1]) - Number(b[1]))
  for (const [parent, id, status] of rows) {
    const child = { id: id as string, status: status ?? '' }
    const known = children.get(parent as string)
    if (known === undefined) children.set(parent as string, [child])
    else known.push(child)
  }
  return children
}
