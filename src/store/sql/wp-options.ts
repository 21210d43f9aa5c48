/** Options of WordPress: many in one statement, kept as long as the shop object lives. */
import { metaValue } from './php.ts'
import type { SqlShop } from './reader.ts'
import { tableName } from './tables.ts'

type Shop = Pick<SqlShop, 'database' | 'prefix'>

/** Options by name, read in one statement; those that are not set are not in the map. */
export async function readOptions(shop: Shop, names: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  if (names.length === 0) return found
  const rows = await shop.database.query(
    `SELECT option_name, option_value FROM ${tableName(shop, 'options')} WHERE option_name IN ?`,
    [names],
  )
  for (const [name, value] of rows) if (name != null && value != null) found.set(name, value)
  return found
}

/** `option` of a shop: what is known already, or one small question. */
export function keptOptions(
  shop: Shop,
  known: ReadonlyMap<string, string | null>,
): (name: string) => Promise<string | null> {
  const kept = new Map(known)
  return async (name) => {
    if (!kept.has(name)) kept.set(name, (await readOptions(shop, [name])).get(name) ?? null)
    return kept.get(name) ?? null
  }
}

/** An option that holds an array of PHP, by key; null where it is not set or is something else. */
export function optionFields(text: string | null | undefined): Record<string, unknown> | null {
  const value = text == null ? null : metaValue(text)
  if (value === null || typeof value !== 'object') return null
  return Array.isArray(value) ? { ...value } : (value as Record<string, unknown>)
}
