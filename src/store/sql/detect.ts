/** What a shop's database tells about the shop before anything of it is read (38, 40). */
import { WooSyncError } from '../../errors.ts'
import { shopTimezone } from '../timezone.ts'
import type { ShopDatabase } from './database.ts'
import { findPrefix } from './find-prefix.ts'
import type { SqlShop } from './reader.ts'
import { requireTables } from './rights.ts'
import { keptOptions, readOptions } from './wp-options.ts'

export interface DetectedShop extends SqlShop {
  /** The option `woocommerce_store_id` (38); null where the shop has none. */
  identity: string | null
  name: string | null
  /** Always null: WooCommerce's symbols are in its code, not in the database. */
  currencySymbol: string | null
  /** The server's clock in epoch milliseconds, when it was asked. */
  clock: number
  /** Of MySQL or MariaDB, as it names itself. */
  server: string
}

/** Read in one statement, kept in the shop. */
const NEEDED = [
  'siteurl',
  'home',
  'blogname',
  'timezone_string',
  'gmt_offset',
  'WPLANG',
  'admin_email',
  'woocommerce_version',
  'woocommerce_db_version',
  'woocommerce_store_id',
  'woocommerce_custom_orders_table_enabled',
  'woocommerce_currency',
  'woocommerce_price_num_decimals',
  'woocommerce_prices_include_tax',
  'woocommerce_gateway_order',
  'permalink_structure',
  'woocommerce_permalinks',
] as const

/**
 * Finds the shop in a database and what every reader needs to know of it.
 * @param options.prefix of its tables (`MYSQL_PREFIX`); found where it is not given
 * @throws sql_shop_not_found, sql_several_shops, sql_multisite, sql_woocommerce_missing; sql_rights_missing and
 *   sql_table_missing with every table concerned; what the database throws
 */
export async function detectShop(
  database: ShopDatabase,
  options: { prefix?: string } = {},
): Promise<DetectedShop> {
  const prefix = await findPrefix(database, options.prefix)
  const place = { database, prefix }
  await requireTables(place, 'options')
  const found = await readOptions(place, NEEDED)
  const text = (name: (typeof NEEDED)[number]) => found.get(name) || null
  const woocommerce = text('woocommerce_version') ?? text('woocommerce_db_version')
  if (woocommerce === null) throw new WooSyncError('sql_woocommerce_missing', { prefix })
  const storage = text('woocommerce_custom_orders_table_enabled') === 'yes' ? 'hpos' : 'classic'
  await requireTables(place, storage)

  const [row] = await database.query('SELECT UTC_TIMESTAMP(3), VERSION()')
  const siteUrl = withoutSlash(text('siteurl'))
  const known = new Map(NEEDED.map((name) => [name as string, found.get(name) ?? null]))
  return {
    ...place,
    storage,
    woocommerce,
    identity: text('woocommerce_store_id'),
    name: text('blogname'),
    timezone: shopTimezone(text('timezone_string'), text('gmt_offset')),
    currency: text('woocommerce_currency') ?? 'USD',
    currencySymbol: null,
    decimals: decimalsOf(text('woocommerce_price_num_decimals')),
    siteUrl,
    homeUrl: withoutSlash(text('home')) || siteUrl,
    clock: Date.parse(`${row?.[0]?.replace(' ', 'T')}Z`),
    server: row?.[1] ?? '',
    option: keptOptions(place, known),
  }
}

function withoutSlash(address: string | null): string {
  return address?.replace(/\/+$/, '') ?? ''
}

function decimalsOf(text: string | null): number {
  const decimals = Number(text ?? 2)
  return Number.isInteger(decimals) && decimals >= 0 ? decimals : 2
}
