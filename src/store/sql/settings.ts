/** The shop's settings: options, with WooCommerce's defaults for those that were never saved. */
import type { Fields } from '../canonical.ts'
import { metaValue } from './php.ts'
import type { SqlReader, SqlShop } from './reader.ts'
import { settingOptions } from './setting-options.ts'
import { readOptions } from './wp-options.ts'

export const settingReader: SqlReader = {
  partial: true,
  async list(shop) {
    return (await settings(shop)).map(({ group_id, id }) => ({ id: `${group_id}/${id}`, modifiedAt: null }))
  },

  async read(shop, ids) {
    const wanted = new Set(ids)
    return (await settings(shop)).filter(({ group_id, id }) => wanted.has(`${group_id}/${id}`))
  },
}

async function settings(shop: SqlShop): Promise<Fields[]> {
  const fallbacks = settingOptions.flatMap(({ fallback }) =>
    typeof fallback === 'object' ? [fallback.option] : [],
  )
  const names = settingOptions.map(({ name }) => `woocommerce_${name}`)
  const stored = await readOptions(shop, [...names, ...fallbacks])
  return settingOptions.flatMap(({ group, name, fallback, recent }) => {
    const id = `woocommerce_${name}`
    const text = stored.get(id)
    if (text === undefined && recent) return []
    const otherwise = typeof fallback === 'object' ? (stored.get(fallback.option) ?? '') : fallback
    return [{ group_id: group, id, value: text === undefined ? otherwise : unslashed(metaValue(text)) }]
  })
}

/** As `WC_Admin_Settings::get_option` shows what is stored: without PHP's slashes. */
function unslashed(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\\(.?)/gs, '$1')
  if (Array.isArray(value)) return value.map(unslashed)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, unslashed(member)]))
}
