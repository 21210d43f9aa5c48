/** Questions as people and programs ask them, put together from what the shop has. */
import type pg from 'pg'

export interface Ask {
  /** Beneath /api/v1. */
  path: string
  /** The same for the MCP server. */
  tool: string
  input: Record<string, string | number | boolean>
}

/** What questions can name; read anew now and then, so that new records are asked for and gone ones too. */
export interface Names {
  products: readonly { id: number; sku: string | null; name: string }[]
  orders: readonly { id: number; number: string }[]
  categories: readonly { slug: string }[]
}

export async function readNames(pool: pg.Pool): Promise<Names> {
  const some = async <T>(select: string) =>
    (await pool.query(`${select} ORDER BY random() LIMIT 40`)).rows as T[]
  return {
    products: await some('SELECT id, sku, name FROM mirror.products'),
    orders: await some('SELECT id, number FROM mirror.orders'),
    categories: await some('SELECT slug FROM mirror.categories WHERE deleted_at IS NULL'),
  }
}

/** One question by chance. */
export function drawAsk({ products, orders, categories }: Names, random: () => number): Ask | undefined {
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)]
  const plain = pick(PLAIN) as [string, Ask['input']]
  const product = pick(products)
  const order = pick(orders)
  const category = pick(categories)
  if (!product || !order || !category || random() < 0.5) return askOf(...plain)
  const made: readonly (readonly [string, Ask['input'], string?])[] = [
    ['products.search', { text: product.name.split(' ')[0] ?? 'vin' }],
    ['products.get', { id: product.id }, `products/${product.id}`],
    ['products.variations', { id: product.id }, `products/${product.id}/variations`],
    ['stock.status', { id: product.id }, 'stock/status'],
    ['orders.get', { number: order.number }, `orders/${order.number}`],
    ['orders.items', { number: order.number }, `orders/${order.number}/items`],
    ['orders.refunds', { order_id: order.id }, 'refunds'],
    ['products.in-category', { slug: category.slug }, `categories/${category.slug}/products`],
    ['baskets.together', { product_id: product.id }],
  ]
  const [name, input, path] = pick(made) as (typeof made)[number]
  return askOf(name, input, path)
}

/** The path of a question that names a record already holds what names it. */
function askOf(name: string, input: Ask['input'], path = PATHS[name] ?? name.replace('.', '/')): Ask {
  return { tool: name.replaceAll(/[.-]/g, '_'), input, path }
}

const PATHS: Readonly<Record<string, string>> = {
  'products.search': 'products',
  'products.categories': 'categories',
  'orders.list': 'orders',
  'orders.refunds': 'refunds',
  'customers.list': 'customers',
}

const PLAIN: readonly (readonly [string, Ask['input']])[] = [
  ['products.summary', {}],
  ['products.search', { on_sale: true, limit: 20 }],
  ['products.categories', {}],
  ['stock.low', { threshold: 5 }],
  ['stock.out', {}],
  ['stock.backordered', {}],
  ['stock.unmanaged', {}],
  ['stock.dead', { days: 90 }],
  ['stock.cover', { limit: 20 }],
  ['orders.list', { days: 7, limit: 50 }],
  ['orders.list', { status: 'processing' }],
  ['orders.refunds', { days: 30 }],
  ['sales.stats', { days: 30, compare: 'previous' }],
  ['sales.breakdown', { by: 'category', days: 30 }],
  ['sales.breakdown', { by: 'day', days: 14 }],
  ['customers.list', { limit: 20 }],
  ['customers.segments', {}],
  ['customers.cohorts', { months: 3 }],
  ['customers.lifetime-value', {}],
  ['baskets.together', { days: 90, min_count: 2 }],
  ['forecast.sales', { horizon: 7 }],
  ['mirror.verification', {}],
  ['mirror.freshness', {}],
  ['mirror.changes', { limit: 100 }],
  ['mirror.needs-refresh', {}],
]
