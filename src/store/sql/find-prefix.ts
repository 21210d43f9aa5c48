/** Which of a database's tables are the shop's: the prefix of their names (40). */
import { WooSyncError } from '../../errors.ts'
import type { ShopDatabase } from './database.ts'

/** Tables that every WooCommerce has, so that one that may not be read does not hide the shop. */
const OF_WOOCOMMERCE = [
  'woocommerce_order_items',
  'woocommerce_order_itemmeta',
  'woocommerce_tax_rates',
  'woocommerce_shipping_zones',
  'wc_product_meta_lookup',
]

/** Tables that only a network of sites has. */
const OF_NETWORKS = ['blogs', 'sitemeta']

/**
 * @param given the setting; taken as it is, but looked at
 * @throws sql_shop_not_found, sql_several_shops, sql_multisite, sql_woocommerce_missing
 */
export async function findPrefix(database: ShopDatabase, given?: string): Promise<string> {
  const suffixes = ['options', ...OF_WOOCOMMERCE, ...OF_NETWORKS]
  const rows = await database.query(
    `SELECT TABLE_NAME FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = DATABASE() AND (${suffixes.map(() => 'TABLE_NAME LIKE ?').join(' OR ')})`,
    suffixes.map((suffix) => `%${suffix.replaceAll('_', '\\_')}`),
  )
  const tables = new Set(rows.map(([name]) => name ?? ''))
  const prefixesOf = (suffix: string) =>
    [...tables].filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length))

  const shops = given === undefined ? [...new Set(OF_WOOCOMMERCE.flatMap(prefixesOf))].sort() : [given]
  // The sites of a network have the network's prefix and a number: wp_, wp_2_, wp_3_.
  const network = shops.find((prefix) =>
    OF_NETWORKS.every((name) => tables.has(`${prefix.replace(/\d+_$/, '')}${name}`)),
  )
  if (network !== undefined) throw new WooSyncError('sql_multisite', { prefix: network })
  const [only] = shops
  if (only === undefined)
    throw nothingFound(prefixesOf('options').filter((prefix) => tables.has(`${prefix}options`)))
  if (shops.length > 1) throw new WooSyncError('sql_several_shops', { prefixes: shops.join(', ') })
  if (given !== undefined && !OF_WOOCOMMERCE.some((name) => tables.has(`${given}${name}`))) {
    const others = [...new Set(OF_WOOCOMMERCE.flatMap(prefixesOf))].sort().join(', ')
    if (tables.has(`${given}options`)) throw new WooSyncError('sql_woocommerce_missing', { prefix: given })
    throw new WooSyncError('sql_shop_not_found', { prefix: given, others: others || null })
  }
  return only
}

function nothingFound(wordpress: readonly string[]): WooSyncError {
  const [prefix] = wordpress
  return prefix === undefined
    ? new WooSyncError('sql_shop_not_found', {})
    : new WooSyncError('sql_woocommerce_missing', { prefix: wordpress.join(', ') })
}
