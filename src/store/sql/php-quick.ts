/**
 * PHP's serialised values in one pass: what PHP itself writes. Whatever is unusual is left to the thorough way of
 * `php.ts`, which knows why it is refused.
 */

/** What the thorough way is to look at. */
export const UNUSUAL = Symbol('unusual')

export interface PhpLimits {
  elements: number
  depth: number
}

/**
 * The value a text begins with, as {@link unserialize} of `php.ts` gives it, or `UNUSUAL`: malformed, above a limit,
 * or merely seldom. Never throws.
 */
export function unserializeQuickly(text: string, limits: PhpLimits): unknown {
  const reader: Reader = { text, at: 0, ascii: !NOT_ASCII.test(text), elements: limits.elements }
  return readValue(reader, limits.depth)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const NOT_ASCII = /[^\x00-\x7f]/

interface Reader {
  readonly text: string
  /** Where the next value begins. */
  at: number
  /** Bytes are characters. */
  readonly ascii: boolean
  /** How many more elements the arrays may have. */
  elements: number
}

function readValue(reader: Reader, depth: number): unknown {
  const { text, at } = reader
  switch (text.charCodeAt(at)) {
    case 115: // s
      return readString(reader)
    case 105: // i
      return readInteger(reader)
    case 97: // a
      return readArray(reader, depth)
    case 98: // b
      if (!text.startsWith(':', at + 1) || !text.startsWith(';', at + 3)) return UNUSUAL
      reader.at = at + 4
      return text[at + 2] === '1' ? true : text[at + 2] === '0' ? false : UNUSUAL
    case 100: // d
      return readFloat(reader)
    case 78: // N
      reader.at = at + 2
      return text[at + 1] === ';' ? null : UNUSUAL
    default:
      return UNUSUAL
  }
}

function readArray(reader: Reader, depth: number): unknown {
  const count = readLength(reader)
  const { text } = reader
  reader.elements -= count
  if (count < 0 || depth === 0 || reader.elements < 0 || text.charCodeAt(reader.at) !== OPEN) return UNUSUAL
  reader.at++
  const list: unknown[] = []
  let fields: Record<string, unknown> | null = null
  for (let index = 0; index < count; index++) {
    const kind = text.charCodeAt(reader.at)
    const key = kind === 105 ? readInteger(reader) : kind === 115 ? readString(reader) : UNUSUAL
    if (key === UNUSUAL || key === '__proto__') return UNUSUAL
    const value = readValue(reader, depth - 1)
    if (value === UNUSUAL) return UNUSUAL
    if (fields === null) {
      if (key === index) {
        list.push(value)
        continue
      }
      fields = { ...list }
    }
    fields[key as string] = value
  }
  if (text.charCodeAt(reader.at) !== CLOSE) return UNUSUAL
  reader.at++
  return fields ?? list
}

/** Of the length in bytes that stands before it. */
function readString(reader: Reader): string | typeof UNUSUAL {
  const bytes = readLength(reader)
  const { text } = reader
  const start = reader.at + 1
  if (bytes < 0 || text.charCodeAt(start - 1) !== QUOTE) return UNUSUAL
  const end = reader.ascii ? start + bytes : endOf(text, start, bytes)
  if (text.charCodeAt(end) !== QUOTE || text.charCodeAt(end + 1) !== SEMICOLON) return UNUSUAL
  reader.at = end + 2
  return text.slice(start, end)
}

/** Where a number of bytes of UTF-8 ends; NaN inside a character, and where half a character is in it. */
function endOf(text: string, start: number, bytes: number): number {
  let left = bytes
  let at = start
  while (left > 0) {
    const unit = text.charCodeAt(at)
    if (unit < 0x80) left -= 1
    else if (unit < 0x800) left -= 2
    else if (unit < 0xd800 || unit > 0xdfff) left -= 3
    else if (unit < 0xdc00 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) {
      left -= 4
      at++
    } else return Number.NaN
    at++
  }
  return left === 0 ? at : Number.NaN
}

/** The number between the colons of `s:5:` or `a:5:`, behind which the reader then stands; -1 where there is none. */
function readLength(reader: Reader): number {
  const { text } = reader
  const first = reader.at + 2
  let at = first
  let length = 0
  for (; at - first < MOST_LENGTH_DIGITS; at++) {
    const digit = text.charCodeAt(at) - ZERO
    if (!(digit >= 0 && digit <= 9)) break
    length = length * 10 + digit
  }
  if (at === first || text.charCodeAt(first - 1) !== COLON || text.charCodeAt(at) !== COLON) return -1
  reader.at = at + 1
  return length
}

/** As PHP writes them, and small enough for a number: `i:-7;`. */
function readInteger(reader: Reader): number | typeof UNUSUAL {
  const { text } = reader
  const negative = text.charCodeAt(reader.at + 2) === MINUS
  const first = reader.at + (negative ? 3 : 2)
  let at = first
  let value = 0
  for (; at - first < MOST_DIGITS; at++) {
    const digit = text.charCodeAt(at) - ZERO
    if (!(digit >= 0 && digit <= 9)) break
    value = value * 10 + digit
  }
  const isPlain = at - first === 1 ? value > 0 || !negative : text.charCodeAt(first) !== ZERO
  if (!isPlain || at === first) return UNUSUAL
  if (text.charCodeAt(reader.at + 1) !== COLON || text.charCodeAt(at) !== SEMICOLON) return UNUSUAL
  reader.at = at + 1
  return negative ? -value : value
}

function readFloat(reader: Reader): number | typeof UNUSUAL {
  FLOAT.lastIndex = reader.at
  const found = FLOAT.exec(reader.text)
  if (found === null || found[1] === '-0') return UNUSUAL
  reader.at = FLOAT.lastIndex
  return Number(found[1])
}

/** With 17 digits at most, as PHP writes them. */
const FLOAT = /d:(-?(?:[1-9]\d{0,9}|0)(?:\.\d{1,16}(?:E[+-]?\d{1,2})?)?);/y

const ZERO = 48
const MINUS = 45
const COLON = 58
const SEMICOLON = 59
const QUOTE = 34
const OPEN = 123
const CLOSE = 125
// Any more would not be exact.
const MOST_DIGITS = 15
const MOST_LENGTH_DIGITS = 7
