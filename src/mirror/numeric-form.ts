/** A number's text in the parts of Postgres' binary numeric: groups of four digits, and where the point stands. */

export interface NumericParts {
  /** Each 0 to 9999, the most significant first. */
  digits: readonly number[]
  /** The power of 10,000 that the first group counts. */
  weight: number
  negative: boolean
  /** Digits after the point, those at its end that are 0 included. */
  scale: number
}

/** Longer ones are no shop's, and not worth their own rules. */
const LONGEST = 200

const ZERO = 48
const POINT = 46
const MINUS = 45
const PLUS = 43

/**
 * @param text what `numeric` of `tables/column.ts` lets through: `[+-]12`, `12.`, `.5`, `1.2e-3`
 * @returns null when it is too long, or its exponent too large
 */
export function numericParts(text: string): NumericParts | null {
  if (text.length > LONGEST) return null
  const first = text.charCodeAt(0)
  const negative = first === MINUS
  const from = negative || first === PLUS ? 1 : 0
  let point = text.length
  for (let at = from; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === POINT) point = at
    else if (unit < ZERO || unit > ZERO + 9) {
      const plain = withoutExponent(text.slice(from, at), Number(text.slice(at + 1)))
      return plain === null ? null : numericParts(negative ? `-${plain}` : plain)
    }
  }
  let start = from
  while (start < point && text.charCodeAt(start) === ZERO) start++

  const digits: number[] = []
  for (let at = point - Math.ceil((point - start) / 4) * 4; at < point; at += 4)
    digits.push(group(text, at, start, point))
  const weight = digits.length - 1
  for (let at = point + 1; at < text.length; at += 4) digits.push(group(text, at, at, text.length))
  return { digits, weight, negative, scale: Math.max(0, text.length - point - 1) }
}

/** The four digits from here on; those outside of the borders are 0. */
function group(text: string, at: number, from: number, to: number): number {
  let value = 0
  for (let next = at; next < at + 4; next++) {
    value *= 10
    if (next >= from && next < to) value += text.charCodeAt(next) - ZERO
  }
  return value
}

/** The same number with its point moved, as Postgres reads it: 1.50e1 is 15.0. */
function withoutExponent(mantissa: string, exponent: number): string | null {
  if (Math.abs(exponent) > LONGEST) return null
  const [whole = '', rest = ''] = mantissa.split('.')
  const all = whole + rest
  const point = whole.length + exponent
  if (point <= 0) return `0.${'0'.repeat(-point)}${all}`
  if (point >= all.length) return all + '0'.repeat(point - all.length)
  return `${all.slice(0, point)}.${all.slice(point)}`
}
