/** The shape of a JSON value: field names in order and types, for comparing a made record with a recorded one. */

/** `{id: 'number', lines: [{…}]}`; lists show the shape of their first entry, none when empty. */
export function shape(value: unknown): unknown {
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])]
  if (typeof value !== 'object') return typeof value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]))
}

/** The names of all fields at the top, in order. */
export function fields(value: unknown): string[] {
  return Object.keys(value as object)
}
