import { createShapes } from './shapes.ts'

/**
 * JSON with keys in code-unit order at every level: one text for one value. Records of a list share a few
 * shapes, so the sorted keys of each shape are remembered: a third of the time of sorting them anew.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return stringJson(value)
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
  const { sorted, first, next } = shapeOf(object)
  let text = ''
  for (let i = 0; i < sorted.length; i++) {
    const member = object[sorted[i] as string]
    if (member === undefined) continue
    text += (text === '' ? first : next)[i] + canonicalJson(member)
  }
  return text === '' ? '{}' : `${text}}`
}

/** Printable ASCII without quote and backslash needs no escaping. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/
/** Up to here a look at each character is quicker than the expression. */
const SHORT = 24

function stringJson(text: string): string {
  const { length } = text
  if (length > SHORT) return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text)
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x20 || unit > 0x7e || unit === 0x22 || unit === 0x5c) return JSON.stringify(text)
  }
  return `"${text}"`
}

const shapeOf = createShapes((keys) => {
  const sorted = keys.toSorted()
  return {
    sorted,
    first: sorted.map((key) => `{${keyText(key)}`),
    next: sorted.map((key) => `,${keyText(key)}`),
  }
})

function keyText(key: string): string {
  return `${stringJson(key)}:`
}
