/**
 * JSON with keys in code-unit order at every level: one text for one value. Records of a list share a few
 * shapes, so the sorted keys of each shape are remembered: half of the time of sorting them anew.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value)
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null'
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      break
    default:
      return 'null'
  }
  if (value === null) return 'null'
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    let text = `[${canonicalJson(value[0])}`
    for (let i = 1; i < value.length; i++) text += `,${canonicalJson(value[i])}`
    return `${text}]`
  }
  const object = value as Record<string, unknown>
  let text = '{'
  let separator = ''
  for (const key of sortedKeys(object)) {
    const member = object[key]
    if (member === undefined) continue
    text += separator + keyText(key) + canonicalJson(member)
    separator = ','
  }
  return `${text}}`
}

/** Printable ASCII without quote and backslash needs no escaping. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/

// Both memories are bounded: a shop that invents keys without end must not fill them.
const shapes = new Map<string, string[]>()
const keyTexts = new Map<string, string>()
const MOST_SHAPES = 2000
const MOST_KEYS = 5000

function sortedKeys(object: Record<string, unknown>): string[] {
  const keys = Object.keys(object)
  const shape = keys.join('\n')
  let sorted = shapes.get(shape)
  // A key with a line break in it could look like two keys: such shapes are not kept, and the count tells them apart.
  if (sorted === undefined || sorted.length !== keys.length) {
    sorted = keys.sort()
    if (shapes.size < MOST_SHAPES && !sorted.some((key) => key.includes('\n'))) shapes.set(shape, sorted)
  }
  return sorted
}

function keyText(key: string): string {
  let text = keyTexts.get(key)
  if (text === undefined) {
    text = `${JSON.stringify(key)}:`
    if (keyTexts.size < MOST_KEYS) keyTexts.set(key, text)
  }
  return text
}
