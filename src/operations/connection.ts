import { z } from 'zod'
import { toWooSyncError } from '../errors.ts'
import { mayWrite } from '../store/rest/rights.ts'
import { syncAll } from '../sync/sync.ts'
import { defineOperation } from './define.ts'

export const connectionTest = defineOperation({
  name: 'test-connection',
  summary:
    'Tries the shop: is it reachable with these keys, how many products come, what do the first look like.',
  access: 'operate',
  input: z.object({}),
  output: z.object({
    host: z.string().describe('The shop’s host.'),
    name: z.string().nullable().describe('What the shop calls itself.'),
    woocommerce: z
      .string()
      .nullable()
      .describe('Its version of WooCommerce; null when the key may not read it.'),
    signIn: z.string().describe('How the shop accepts the keys.'),
    mayWrite: z.boolean().nullable().describe('Whether the key may write; null: could not be told.'),
    products: z.int().describe('Products in the copy after this synchronisation.'),
    first: z.array(
      z.object({
        name: z.string().describe('The product’s name.'),
        inStock: z.boolean().describe('Whether it can be bought from stock.'),
        price: z.string().nullable().describe('Its price, as the shop holds it.'),
        currency: z.string().nullable().describe('ISO 4217 code of the price.'),
        stock: z.string().nullable().describe('Pieces in stock; null when they are not counted.'),
      }),
    ),
  }),
  async run(app, _input, signal) {
    const context = await app.openStore()
    const [result] = await syncAll(context, { full: false, resources: ['products'], signal })
    if (result?.fault) throw result.fault
    const { store, client } = context
    const { rows } = await app.database.pool.query(
      `SELECT count(*) OVER () AS total, name, coalesce(stock_status <> 'outofstock', true) AS "inStock",
              price, CASE WHEN manage_stock THEN stock_quantity END AS stock
       FROM mirror.products
       WHERE store_id = $1 AND deleted_at IS NULL AND status <> 'trash'
       ORDER BY status <> 'publish', id LIMIT 5`,
      [store.id],
    )
    const version = await app.database.pool.query(
      `SELECT woocommerce FROM mirror.stores WHERE store_id = $1`,
      [store.id],
    )
    return {
      host: client.host,
      name: store.name,
      woocommerce: version.rows[0]?.woocommerce ?? null,
      signIn: client.signIn,
      mayWrite: await mayWrite(client, signal).catch((thrown) => {
        app.logger.debug({ code: toWooSyncError(thrown).code }, 'the right to write could not be told')
        return null
      }),
      products: rows[0]?.total ?? 0,
      first: rows.map(({ name, inStock, price, stock }) => ({
        name: name ?? '',
        inStock,
        price,
        currency: store.currency,
        stock,
      })),
    }
  },
})
