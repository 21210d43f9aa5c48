import { z } from 'zod'
import type { App } from '../app.ts'
import { toWooSyncError } from '../errors.ts'
import { mayWrite } from '../store/rest/rights.ts'
import { countRecords } from '../store/sql/counts.ts'
import { neededTables } from '../store/sql/rights.ts'
import type { SqlSource } from '../store/sql/source.ts'
import type { SyncContext } from '../sync/context.ts'
import { syncAll } from '../sync/sync.ts'
import { type Call, defineOperation } from './define.ts'
import { inputOf } from './input.ts'

const count = (meaning: string) => z.int().min(0).describe(meaning)

const database = z.object({
  way: z
    .enum(['direct', 'tunnel', 'exec'])
    .describe('directly, through SSH, or by the host’s own mysql over SSH.'),
  server: z.string().describe('The server’s version.'),
  prefix: z.string().describe('What the tables’ names begin with.'),
  storage: z.enum(['hpos', 'classic']).describe('Which tables hold the orders.'),
  timezone: z.string().describe('The shop’s time zone.'),
  tables: count('Tables that are needed; all of them may be read.'),
  orders: count('Orders of every status.'),
  products: count('Products of every status, without variations.'),
  variations: count('Variations.'),
  refunds: count('Refunds.'),
  coupons: count('Coupons.'),
  customers: count('Users of every role.'),
  tickets: count('Tickets of FooEvents.'),
})

const connected = z.object({
  host: z.string().describe('The shop’s host.'),
  name: z.string().nullable().describe('What the shop calls itself.'),
  woocommerce: z
    .string()
    .nullable()
    .describe('Its version of WooCommerce; null when the key may not read it.'),
  signIn: z.string().describe('How the shop accepts the keys; none: only its database is read.'),
  mayWrite: z.boolean().nullable().describe('Whether the key may write; null: could not be told.'),
  database: database.nullable().describe('The shop’s own database, where it is read.'),
})

const output = connected.extend({
  products: z.int().min(0).describe('Products in the copy after this synchronisation.'),
  first: z
    .array(
      z.object({
        name: z.string().describe('The product’s name.'),
        inStock: z.boolean().describe('Whether it can be bought: in stock or on backorder.'),
        stockStatus: z.enum(['instock', 'outofstock', 'onbackorder']).describe('As the shop says it.'),
        price: z.string().nullable().describe('Its price, as the shop holds it.'),
        currency: z.string().nullable().describe('ISO 4217 code of the price.'),
        stock: z.string().nullable().describe('Pieces in stock; null when they are not counted.'),
      }),
    )
    .describe('The first five products.'),
})

/** What is known of the shop once it has answered. */
export type Connected = z.output<typeof connected>

export const connectionTest = defineOperation({
  name: 'test-connection',
  summary:
    'Tries the shop: is it reachable with these keys, how many products come, what do the first look like.',
  access: 'operate',
  http: 'POST /test-connection',
  effect: 'repeatable',
  asksShop: true,
  input: inputOf({}),
  output,
  run: (call) => testConnection(call),
})

/**
 * The same in steps that can be watched.
 * @param onConnected called as soon as the shop has answered with these keys
 * @throws the code that says why not: store_key_unknown, store_rights_missing, store_blocked_by_host, …
 */
export async function testConnection(
  { app, signal, shop }: Pick<Call, 'app' | 'signal' | 'shop'>,
  onConnected?: (connected: Connected) => void,
): Promise<z.output<typeof output>> {
  const context = await shop()
  const answered = await tryShop(app, context, signal)
  onConnected?.(answered)
  const [result] = await syncAll(context, { full: false, resources: ['products'], signal })
  if (result?.fault) throw result.fault
  return { ...answered, ...(await firstProducts(app, context)) }
}

/** Asks for something only these keys open, whatever is remembered of an earlier time; and looks at the database. */
async function tryShop(app: App, context: SyncContext, signal: AbortSignal): Promise<Connected> {
  const { client, store, sql } = context
  const overRest = client.signIn !== 'none'
  if (overRest) await client.get('products', { per_page: 1, _fields: 'id' }, { signal, background: false })
  const { rows } = await app.database.pool.query<{ woocommerce: string | null }>(
    `SELECT woocommerce FROM mirror.stores WHERE store_id = $1`,
    [store.id],
  )
  return {
    host: client.host,
    name: store.name,
    woocommerce: rows[0]?.woocommerce ?? null,
    signIn: client.signIn,
    mayWrite: overRest ? await rightToWrite(app, context, signal) : false,
    database: sql && (await lookAtDatabase(sql, signal)),
  }
}

function rightToWrite(app: App, { client }: SyncContext, signal: AbortSignal): Promise<boolean | null> {
  return mayWrite(client, signal).catch((thrown) => {
    app.logger.debug({ code: toWooSyncError(thrown).code }, 'the right to write could not be told')
    return null
  })
}

function lookAtDatabase(sql: SqlSource, signal: AbortSignal): Promise<z.output<typeof database>> {
  return sql.inSnapshot(async ({ shop }) => {
    const { orders, products, ...counts } = await countRecords(shop)
    return {
      way: shop.database.way,
      server: sql.detected.server,
      prefix: shop.prefix,
      storage: shop.storage,
      timezone: shop.timezone,
      tables: neededTables(shop.storage).length,
      orders: total(orders),
      products: total(products),
      ...counts,
    }
  }, signal)
}

function total(byStatus: Readonly<Record<string, number>>): number {
  return Object.values(byStatus).reduce((sum, one) => sum + one, 0)
}

interface ProductRow {
  total: number
  name: string | null
  status: string | null
  price: string | null
  stock: string | null
}

type Product = z.output<typeof output>['first'][number]

async function firstProducts(
  app: App,
  { store }: SyncContext,
): Promise<{ products: number; first: Product[] }> {
  const { rows } = await app.database.pool.query<ProductRow>(
    `SELECT count(*) OVER () AS total, name, stock_status AS status, price,
            CASE WHEN manage_stock THEN stock_quantity END AS stock
     FROM mirror.products
     WHERE store_id = $1 AND deleted_at IS NULL AND status <> 'trash'
     ORDER BY status <> 'publish', id
     LIMIT 5`,
    [store.id],
  )
  return {
    products: rows[0]?.total ?? 0,
    first: rows.map(({ name, status, price, stock }) => {
      const stockStatus: Product['stockStatus'] =
        status === 'outofstock' || status === 'onbackorder' ? status : 'instock'
      return {
        name: name ?? '',
        inStock: status !== 'outofstock',
        stockStatus,
        price,
        currency: store.currency,
        stock,
      }
    }),
  }
}
