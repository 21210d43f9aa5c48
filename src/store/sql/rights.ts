/** Whether the user may read every table that the readers need; those that it may not are named. */
import { WooSyncError } from '../../errors.ts'
import type { SqlShop } from './reader.ts'
import { tableFault } from './server-fault.ts'
import { tableName } from './tables.ts'

/** Read for every shop, whatever stores its orders. */
const ALWAYS = [
  'options',
  'posts',
  'postmeta',
  'users',
  'usermeta',
  'comments',
  'commentmeta',
  'terms',
  'termmeta',
  'term_taxonomy',
  'term_relationships',
  'woocommerce_order_items',
  'woocommerce_order_itemmeta',
  'woocommerce_attribute_taxonomies',
  'woocommerce_tax_rates',
  'woocommerce_tax_rate_locations',
  'woocommerce_shipping_zones',
  'woocommerce_shipping_zone_methods',
  'wc_product_meta_lookup',
  'wc_tax_rate_classes',
] as const

const OF_HPOS = ['wc_orders', 'wc_order_addresses', 'wc_order_operational_data', 'wc_orders_meta'] as const

/** What the readers of a shop with this storage need, without the prefix: the tables of the GRANT. */
export function neededTables(storage: SqlShop['storage']): readonly string[] {
  return storage === 'hpos' ? [...ALWAYS, ...OF_HPOS] : ALWAYS
}

type Shop = Pick<SqlShop, 'database' | 'prefix'>

/**
 * Looks at all tables with one statement, and at each alone only where that fails.
 * @throws sql_rights_missing with the names of those that the user may not read; sql_table_missing with the
 *   names of those that are not there. A server that grants single tables does not say which of the two it is
 *   for a table without a grant: that counts as missing rights.
 */
export async function requireTables(shop: Shop, of: 'options' | SqlShop['storage']): Promise<void> {
  const names = of === 'options' ? ['options'] : neededTables(of)
  if (await readable(shop, names)) return
  const denied: string[] = []
  const absent: string[] = []
  for (const name of names) {
    const fault = await faultOf(shop, [name])
    if (fault === 'denied') denied.push(`${shop.prefix}${name}`)
    if (fault === 'absent') absent.push(`${shop.prefix}${name}`)
  }
  if (denied.length > 0) throw new WooSyncError('sql_rights_missing', { table: denied.join(', ') })
  if (absent.length > 0) throw new WooSyncError('sql_table_missing', { table: absent.join(', ') })
}

async function readable(shop: Shop, names: readonly string[]): Promise<boolean> {
  return (await faultOf(shop, names)) === null
}

async function faultOf(shop: Shop, names: readonly string[]) {
  try {
    await shop.database.query(
      names.map((name) => `(SELECT 1 FROM ${tableName(shop, name)} LIMIT 0)`).join(' UNION ALL '),
    )
    return null
  } catch (thrown) {
    const fault = tableFault(thrown)
    if (fault === null) throw thrown
    return fault
  }
}
