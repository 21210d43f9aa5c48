/** Tax rates with their places, and tax classes. */
import type { Fields } from '../canonical.ts'
import type { Cell } from './database.ts'
import { isEnglish } from './language.ts'
import type { SqlReader } from './reader.ts'
import { groupRows, idCondition, wantedRows } from './rows.ts'
import { tableName } from './tables.ts'

export const taxRateReader: SqlReader = {
  async list(shop, after, limit) {
    const rows = await shop.database.query(
      `SELECT tax_rate_id FROM ${tableName(shop, 'woocommerce_tax_rates')}
       WHERE tax_rate_id > ? ORDER BY tax_rate_id LIMIT ?`,
      [Number(after ?? 0), limit],
    )
    return rows.map(([id]) => ({ id: id ?? '', modifiedAt: null }))
  },

  async read(shop, ids) {
    const rates = idCondition('tax_rate_id', ids)
    const found = wantedRows(
      await shop.database.query(
        `SELECT tax_rate_id, tax_rate_country, tax_rate_state, tax_rate, tax_rate_name, tax_rate_priority,
                tax_rate_compound, tax_rate_shipping, tax_rate_order, tax_rate_class
         FROM ${tableName(shop, 'woocommerce_tax_rates')} WHERE ${rates.sql}`,
        rates.values,
      ),
      ids,
    )
    const places = groupRows(
      await shop.database.query(
        `SELECT tax_rate_id, location_type, location_code
         FROM ${tableName(shop, 'woocommerce_tax_rate_locations')} WHERE ${rates.sql}
         ORDER BY tax_rate_id, location_id`,
        rates.values,
      ),
      ids,
    )
    return [...found].map(([id, row]) => taxRate(row, places.get(id) ?? []))
  },
}

function taxRate(
  [id, country, state, rate, name, priority, compound, shipping, order, taxClass]: Cell[],
  places: readonly Cell[][],
): Fields {
  const codes = (type: string) => places.filter((place) => place[1] === type).map((place) => place[2])
  const postcodes = codes('postcode')
  const cities = codes('city')
  return {
    id: Number(id),
    country,
    state,
    // The fields of older versions name one place: the last.
    postcode: postcodes.at(-1) ?? '',
    city: cities.at(-1) ?? '',
    rate,
    name,
    priority: Number(priority),
    compound: isSet(compound),
    shipping: isSet(shipping),
    order: Number(order),
    class: taxClass || 'standard',
    postcodes,
    cities,
  }
}

function isSet(cell: Cell | undefined): boolean {
  return cell != null && cell !== '0' && cell !== ''
}

const STANDARD = 'standard'

export const taxClassReader: SqlReader = {
  async list(shop) {
    const rows = await shop.database.query(
      `SELECT slug FROM ${tableName(shop, 'wc_tax_rate_classes')} ORDER BY tax_rate_class_id`,
    )
    return [STANDARD, ...rows.map(([slug]) => slug ?? '')].map((id) => ({ id, modifiedAt: null }))
  },

  async read(shop, ids) {
    const rows = await shop.database.query(
      `SELECT slug, name FROM ${tableName(shop, 'wc_tax_rate_classes')} ORDER BY tax_rate_class_id`,
    )
    // The standard class is in no table: its name is WooCommerce's own, in the shop's language.
    const standard = { slug: STANDARD, ...((await isEnglish(shop)) && { name: 'Standard rate' }) }
    return [standard, ...rows.map(([slug, name]) => ({ slug, name }))].filter(({ slug }) =>
      ids.includes(slug ?? ''),
    )
  },
}
