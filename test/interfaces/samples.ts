/** An input for each operation of the registry, made for a mirror; an operation without one fails the tests. */
import { randomUUID } from 'node:crypto'
import { createKey } from '../../src/access/keys.ts'
import { createUser, newPassword } from '../../src/access/users.ts'
import type { AskedShop } from '../questions/shop.ts'

export interface Sample {
  operation: string
  input: Record<string, unknown>
}

/** Operations that change something, or ask the shop: their answers differ in moments and durations. */
export const ACTIONS = new Set([
  'sync',
  'verify',
  'doctor',
  'test-connection',
  'order-notes',
  'mirror.connection',
  'keys.create',
  'keys.list',
  'keys.revoke',
  'users.create',
  'users.list',
  'users.disable',
  'users.reset',
])

export async function samplesFor({ database, context }: AskedShop): Promise<Sample[]> {
  const one = async (sql: string) => {
    const { rows } = await database.pool.query(sql, [context.store.id])
    return rows[0] as Record<string, string | number>
  }
  const product = await one(
    `SELECT id, sku FROM mirror.products WHERE store_id = $1 AND sku <> '' AND status = 'publish' AND type = 'simple' ORDER BY id`,
  )
  const variable = await one(`SELECT product_id AS id FROM mirror.variations WHERE store_id = $1 ORDER BY id`)
  const category = await one(
    `SELECT slug FROM mirror.categories WHERE store_id = $1 ORDER BY count DESC NULLS LAST, id`,
  )
  const order = await one(
    `SELECT id, number FROM mirror.orders WHERE store_id = $1 AND status = 'completed' ORDER BY id`,
  )
  const buyer = await one(
    `SELECT lower(trim(billing_email)) AS email FROM mirror.orders WHERE store_id = $1 AND billing_email <> '' AND status = 'completed' ORDER BY id`,
  )
  const inputs: Record<string, Record<string, unknown>> = {
    'products.search': { text: 'gin', limit: 5 },
    'products.get': { id: product.id },
    'products.by-sku': { sku: product.sku },
    'products.in-category': { slug: category.slug, limit: 5 },
    'products.categories': {},
    'products.summary': {},
    'products.details': { sku: product.sku },
    'products.variations': { id: variable.id },
    'stock.status': { sku: product.sku },
    'stock.low': { threshold: 50, limit: 5 },
    'stock.out': {},
    'stock.backordered': {},
    'stock.unmanaged': {},
    'stock.dead': { days: 30 },
    'stock.cover': { limit: 5 },
    'orders.list': { limit: 3, status: ['completed', 'processing'] },
    'orders.get': { number: String(order.number) },
    'orders.items': { number: String(order.number) },
    'orders.refunds': { limit: 5 },
    'sales.stats': { days: 30, compare: ['previous'] },
    'sales.breakdown': { by: 'day', days: 14 },
    'sales.definitions': {},
    'customers.list': { limit: 3 },
    'customers.get': { email: buyer.email },
    'customers.segments': {},
    'customers.cohorts': {},
    'customers.lifetime-value': {},
    'baskets.together': { limit: 5 },
    'forecast.sales': { of: 'orders', every: 'day', horizon: 7 },
    'mirror.verification': {},
    'mirror.freshness': {},
    'mirror.changes': { limit: 5 },
    'mirror.connection': {},
    'mirror.needs-refresh': {},
    sync: { resources: ['tags'] },
    verify: { depth: 'stored' },
    doctor: {},
    'test-connection': {},
    'order-notes': { order: order.id },
    'keys.create': { scope: ['read'], name: 'sample' },
    'keys.list': {},
    'users.list': {},
    'users.create': { email: 'person{turn}@example.com', name: 'Ana', role: 'viewer' },
  }
  return Object.entries(inputs).map(([operation, input]) => ({ operation, input }))
}

/** Operations that need a thing of their own to act on at each call. */
export function changesIn({ database }: AskedShop): Record<string, () => Promise<Record<string, unknown>>> {
  const key = async () => {
    const { record } = await createKey(database.pool, {
      name: 'sample',
      access: 'read',
      personal: false,
      stores: null,
      expiresAt: null,
      createdBy: 'test',
    })
    return { id: record.id }
  }
  const user = async () => {
    const { id } = await createUser(database, {
      email: `${randomUUID()}@example.com`,
      name: 'Ana',
      role: 'viewer',
      personal: true,
      stores: null,
      password: newPassword(),
    })
    return { id }
  }
  return { 'keys.revoke': key, 'users.disable': user, 'users.reset': user }
}
