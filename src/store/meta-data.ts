/** Meta data of records and of their lines, in the one form that both ways in have. */
type Fields = Record<string, unknown>

/** Moves at each visit of the customer (4a). */
const DROPPED_META: ReadonlySet<string> = new Set([
  'wc_last_active',
  // Of what is in the trash, and only in one of the two storages.
  '_wp_desired_post_slug',
])

/** Meta data as a list ordered by key, then by its original order; PHP sends an object when keys have holes (12). */
export function orderedMeta(meta: unknown, withoutIds: boolean): unknown {
  const list = Array.isArray(meta)
    ? meta
    : meta !== null && typeof meta === 'object'
      ? Object.values(meta)
      : meta
  if (!Array.isArray(list)) return list
  const kept = list.filter((entry) => !DROPPED_META.has(metaKey(entry)))
  kept.sort(byKey)
  return withoutIds ? kept.map(withoutId) : kept
}

function byKey(a: unknown, b: unknown): number {
  const x = metaKey(a)
  const y = metaKey(b)
  return x < y ? -1 : x > y ? 1 : 0
}

function metaKey(entry: unknown): string {
  const key = entry !== null && typeof entry === 'object' ? (entry as Fields).key : undefined
  return typeof key === 'string' ? key : ''
}

function withoutId(entry: unknown): unknown {
  if (entry === null || typeof entry !== 'object' || Array.isArray(entry)) return entry
  const { id: _, ...rest } = entry as Fields
  return rest
}

/** A line's meta has the same two forms, and ids that stay. */
export function withOrderedMeta(line: unknown): unknown {
  const meta = line !== null && typeof line === 'object' ? (line as Fields).meta_data : undefined
  if (meta === null || typeof meta !== 'object' || (Array.isArray(meta) && meta.length < 2)) return line
  return { ...(line as Fields), meta_data: orderedMeta(meta, false) }
}
