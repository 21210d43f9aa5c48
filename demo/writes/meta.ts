/** `meta_data` as WordPress keeps it: scalars become strings, arrays and objects stay. */
import type { Shop } from '../shop.ts'
import type { Raw } from '../table.ts'

export interface Meta extends Raw {
  id: number
  key: string
  value: unknown
}

/** What a value looks like when it is read back from the database. */
function storedMeta(value: unknown): unknown {
  if (value === null || value === undefined || value === false) return ''
  if (value === true) return '1'
  return typeof value === 'object' ? value : String(value)
}

/** The list after `meta_data` of a request: by id or else by key; a null value deletes. */
export function mergeMeta(shop: Shop, before: readonly Raw[], given: unknown): Raw[] {
  const list = [...before]
  if (!Array.isArray(given)) return list
  for (const each of given as Raw[]) {
    const at = list.findIndex((meta) => (each.id ? meta.id === each.id : meta.key === each.key))
    if (each.value === null) {
      if (at >= 0) list.splice(at, 1)
    } else if (at >= 0)
      list[at] = { ...list[at], key: each.key ?? list[at]?.key, value: storedMeta(each.value) }
    else list.push({ id: shop.nextRowId('meta'), key: each.key, value: storedMeta(each.value) })
  }
  return list
}

/** The same for an order line, whose meta also carries what a person sees. */
export function mergeLineMeta(shop: Shop, before: readonly Raw[], given: unknown): Raw[] {
  return mergeMeta(shop, before, given).map((meta) =>
    before.includes(meta) ? meta : { ...meta, display_key: meta.key, display_value: meta.value },
  )
}

/** Sets one key of a line's meta; a null value removes it. */
export function setLineMetaKey(shop: Shop, line: Raw, key: string, value: string | null): Raw {
  return { ...line, meta_data: mergeLineMeta(shop, line.meta_data as Raw[], [{ key, value }]) }
}

/** A line's meta value, '' when it has none. */
export function lineMeta(line: Raw, key: string): unknown {
  return (line.meta_data as Raw[]).find((meta) => meta.key === key)?.value ?? ''
}
