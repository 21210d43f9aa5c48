/** How much a shop holds: for a connection test, by counts that an index answers. */
import type { SqlShop } from './reader.ts'
import { tableName } from './tables.ts'

export interface ShopCounts {
  /** By status as REST names it: `completed`, `trash`. */
  orders: Record<string, number>
  products: Record<string, number>
  variations: number
  coupons: number
  refunds: number
  /** Users of every role. */
  customers: number
  /** FooEvents (45). */
  tickets: number
}

/** Counts the shop's records in three statements. */
export async function countRecords(shop: SqlShop): Promise<ShopCounts> {
  const posts = await groups(
    shop,
    `SELECT post_type, post_status, COUNT(*) FROM ${tableName(shop, 'posts')}
     WHERE post_type IN ? AND post_status <> 'auto-draft'
     GROUP BY post_type, post_status`,
    [
      'product',
      'product_variation',
      'shop_coupon',
      'event_magic_tickets',
      ...(shop.storage === 'classic' ? ORDERS : []),
    ],
  )
  const orders =
    shop.storage === 'classic'
      ? posts
      : await groups(
          shop,
          `SELECT type, status, COUNT(*) FROM ${tableName(shop, 'wc_orders')}
           WHERE type IN ? AND status <> 'auto-draft'
           GROUP BY type, status`,
          ORDERS,
        )
  const [users] = await shop.database.query(`SELECT COUNT(*) FROM ${tableName(shop, 'users')}`)
  return {
    orders: byStatus(orders, 'shop_order'),
    products: byStatus(posts, 'product'),
    variations: sum(byStatus(posts, 'product_variation')),
    coupons: sum(byStatus(posts, 'shop_coupon')),
    refunds: sum(byStatus(orders, 'shop_order_refund')),
    customers: Number(users?.[0] ?? 0),
    tickets: sum(byStatus(posts, 'event_magic_tickets')),
  }
}

const ORDERS = ['shop_order', 'shop_order_refund']

interface Group {
  type: string
  status: string
  count: number
}

async function groups(shop: SqlShop, statement: string, types: readonly string[]): Promise<Group[]> {
  const rows = await shop.database.query(statement, [types])
  return rows.map(([type, status, count]) => ({
    type: type ?? '',
    status: (status ?? '').replace(/^wc-/, ''),
    count: Number(count),
  }))
}

function byStatus(groups: readonly Group[], type: string): Record<string, number> {
  return Object.fromEntries(
    groups.filter((group) => group.type === type).map(({ status, count }) => [status, count]),
  )
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
