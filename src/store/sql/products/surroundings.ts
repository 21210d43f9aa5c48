/** What every product's record needs of the shop, read once for a batch. */
import type { SqlShop } from '../reader.ts'
import { tableName } from '../tables.ts'
import { type AttributeTaxonomies, readAttributeTaxonomies } from './attributes.ts'
import { decimalFormat } from './values.ts'

export interface Surroundings {
  taxonomies: AttributeTaxonomies
  /** Slugs of tax classes; a product of another is taxed as usual. */
  taxClasses: ReadonlySet<string>
  /** Seconds since 1970 by the shop's clock. */
  now: number
  /** The shop keeps stock at all. */
  managesStock: boolean
  hidesOutOfStock: boolean
  /** WooCommerce's own feature for what products cost; off by default. */
  knowsCosts: boolean
  decimal: (text: string | undefined) => string
}

export async function readSurroundings(shop: SqlShop): Promise<Surroundings> {
  const taxClasses = await shop.database.query(`SELECT slug FROM ${tableName(shop, 'wc_tax_rate_classes')}`)
  const [clock] = await shop.database.query('SELECT UNIX_TIMESTAMP()')
  return {
    taxonomies: await readAttributeTaxonomies(shop),
    taxClasses: new Set(taxClasses.map(([slug]) => slug ?? '')),
    now: Number(clock?.[0]),
    managesStock: (await shop.option('woocommerce_manage_stock')) === 'yes',
    hidesOutOfStock: (await shop.option('woocommerce_hide_out_of_stock_items')) === 'yes',
    knowsCosts: (await shop.option('woocommerce_feature_cost_of_goods_sold_enabled')) === 'yes',
    decimal: await decimalFormat(shop),
  }
}
