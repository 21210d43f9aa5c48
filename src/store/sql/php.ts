/**
 * Values that PHP serialised (42): attributes, metas, options. They come from a shop's plugins and its visitors, so
 * what is not plainly what PHP writes is walked through before the library builds anything of it: grammar, depth
 * and size are known then.
 */
import { unserialize as build } from 'php-serialize'
import { UNUSUAL, unserializeQuickly } from './php-quick.ts'

/** Why a text is no value: malformed, too large, too deep, or of a kind that is never built. */
export class PhpValueError extends Error {
  override name = 'PhpValueError'
}

// What WordPress' own metas need is far below; whoever needs more wants us to be busy.
const MOST_BYTES = 1_000_000
const MOST_ELEMENTS = 100_000
const MOST_DEPTH = 50
// 64 bits have 19 digits and a sign; a float of PHP has 17 and an exponent.
const MOST_NUMBER_BYTES = 32

/**
 * The value of a serialised text, as `json_encode` would show it: lists as lists, other arrays as objects. What
 * follows the value is ignored, as PHP does.
 * @throws PhpValueError when malformed, above a limit, or with objects or references of PHP in it
 */
export function unserialize(text: string): unknown {
  // No character has less than one byte: a large text is refused before it is copied.
  if (text.length > MOST_BYTES) throw new PhpValueError('it is too large')
  // At three bytes a character it is still none too large; the thorough way takes ten times as long.
  if (text.length * 3 <= MOST_BYTES) {
    const value = unserializeQuickly(text, { elements: MOST_ELEMENTS, depth: MOST_DEPTH })
    if (value !== UNUSUAL) return value
  }
  return unserializeThoroughly(text)
}

/** The same, with the reason where it is refused. */
export function unserializeThoroughly(text: string): unknown {
  const bytes = Buffer.from(text)
  if (bytes.length > MOST_BYTES) throw new PhpValueError('it is too large')
  walk(bytes)
  try {
    return plain(build(text))
  } catch (thrown) {
    throw new PhpValueError(thrown instanceof Error ? thrown.message : String(thrown))
  }
}

/**
 * What REST shows for the text of a meta row: WordPress' `maybe_unserialize`. What cannot be unserialised stays
 * the text it is.
 */
export function metaValue(text: string | null): unknown {
  if (text === null || !LOOKS_SERIALIZED.test(text)) return text
  try {
    return unserialize(text.trim())
  } catch (thrown) {
    if (thrown instanceof PhpValueError) return text
    throw thrown
  }
}

// `is_serialized` of WordPress; numbers and flags are whole there, lists and strings only begin so.
const LOOKS_SERIALIZED = /^\s*(?:N;|[bid]:[0-9.E+-]+;|s:\d+:.*";|a:\d+:.*[;}])\s*$/s

/** PHP's large integers come as BigInt, which no JSON has; JSON from REST is rounded the same way. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(plain)
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]))
}

/** Goes through one value without recursion and without building anything. */
function walk(bytes: Buffer): void {
  /** How many keys and values each open array still has. */
  const open: number[] = []
  let elements = 0
  let at = 0
  do {
    const isKey = open.length > 0 && (open.at(-1) as number) % 2 === 0
    const kind = String.fromCharCode(bytes[at] ?? 0)
    if (isKey && kind !== 'i' && kind !== 's') throw malformed(at)
    if (kind === 'a') {
      const [count, start] = lengthAt(bytes, at)
      elements += count
      if (elements > MOST_ELEMENTS) throw new PhpValueError('it has too many elements')
      if (open.length === MOST_DEPTH) throw new PhpValueError('it is nested too deeply')
      at = expect(bytes, start, '{')
      countDown(open)
      open.push(2 * count)
    } else {
      at = scalar(bytes, at, kind, isKey)
      countDown(open)
    }
    while (open.at(-1) === 0) {
      at = expect(bytes, at, '}')
      open.pop()
    }
  } while (open.length > 0)
}

function countDown(open: number[]): void {
  if (open.length > 0) open[open.length - 1] = (open.at(-1) as number) - 1
}

/** @returns where the next value begins */
function scalar(bytes: Buffer, at: number, kind: string, isKey: boolean): number {
  if (kind === 'N') return expect(bytes, at, 'N;')
  if (kind === 's') {
    const [length, start] = lengthAt(bytes, at)
    const text = expect(bytes, start, '"')
    const end = text + length
    // Set on an object, this key would change what the object is.
    if (isKey && bytes.toString('latin1', text, end) === '__proto__')
      throw new PhpValueError('it has the key __proto__')
    return expect(bytes, end, '";')
  }
  const pattern = NUMBERS[kind]
  // `O`, `C` and `E` would be objects, `R` and `r` point at values and can grow without end.
  if (pattern === undefined) throw new PhpValueError(`it has a value of kind ${JSON.stringify(kind)}`)
  const start = expect(bytes, at, `${kind}:`)
  const end = bytes.subarray(start, start + MOST_NUMBER_BYTES).indexOf(';')
  if (end < 0 || !pattern.test(bytes.toString('latin1', start, start + end))) throw malformed(at)
  return start + end + 1
}

const NUMBERS: Readonly<Record<string, RegExp>> = Object.assign(Object.create(null), {
  i: /^-?\d{1,19}$/,
  // The library reads an exponent only behind a decimal point; PHP always writes one there.
  d: /^-?(?:\d+|\d+\.\d+(?:E[+-]?\d{1,3})?)$/,
  b: /^[01]$/,
})

/** The number between the colons of `s:5:` or `a:5:`, and where what follows begins. */
function lengthAt(bytes: Buffer, at: number): [length: number, next: number] {
  const end = bytes.subarray(at + 2, at + 10).indexOf(':')
  const digits = bytes.toString('latin1', at + 2, at + 2 + end)
  if (bytes[at + 1] !== COLON || end < 1 || !/^\d+$/.test(digits)) throw malformed(at)
  return [Number(digits), at + 2 + end + 1]
}

const COLON = 58

function expect(bytes: Buffer, at: number, text: string): number {
  for (let index = 0; index < text.length; index++) {
    if (bytes[at + index] !== text.charCodeAt(index)) throw malformed(at)
  }
  return at + text.length
}

function malformed(at: number): PhpValueError {
  return new PhpValueError(`it is malformed at byte ${at}`)
}
