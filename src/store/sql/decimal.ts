/** Money as WooCommerce writes it, reckoned on the digits of the database's text: no float comes near it. */
import type { Cell } from './database.ts'

const PLAIN = /^-?\d+(?:\.\d+)?$/

/**
 * `wc_format_decimal` without decimals: the number in a text a person or a plugin wrote, `''` where there is none.
 * A comma counts as the decimal point, whatever is no digit is dropped.
 */
export function cleanDecimal(text: Cell | undefined): string {
  if (text == null) return ''
  if (PLAIN.test(text)) return text
  const pointed = text.replaceAll(',', '.').replace(/[^0-9.-]/g, '')
  const last = pointed.lastIndexOf('.')
  return last < 0 ? pointed : `${pointed.slice(0, last).replaceAll('.', '')}${pointed.slice(last)}`
}

/**
 * `wc_format_decimal` with decimals: halves go away from zero; what is no number is 0, and 0 has no sign.
 * @param decimals of the shop's prices
 */
export function decimalText(text: Cell | undefined, decimals: number): string {
  return cutText(text, decimals) ?? minorText(minorUnits(text, decimals, 'up'), decimals)
}

/** Most amounts only have zeros too many or too few; null for any other. */
function cutText(text: Cell | undefined, decimals: number): string | null {
  if (text == null || text.length > MOST_PLAIN) return null
  const first = text.charCodeAt(0)
  if (!isDigit(first) || (first === ZERO && isDigit(text.charCodeAt(1)))) return null
  let point = 1
  while (isDigit(text.charCodeAt(point))) point++
  if (point === text.length) return decimals === 0 ? text : `${text}.${'0'.repeat(decimals)}`
  if (text.charCodeAt(point) !== POINT || point === text.length - 1) return null
  const end = point + 1 + decimals
  for (let at = point + 1; at < text.length; at++) {
    const digit = text.charCodeAt(at)
    if (at < end ? !isDigit(digit) : digit !== ZERO) return null
  }
  if (decimals === 0) return text.slice(0, point)
  return text.length < end ? text.padEnd(end, '0') : text.slice(0, end)
}

const ZERO = 48
const FIVE = 53
const POINT = 46
const MINUS = 45
const isDigit = (code: number): boolean => code >= ZERO && code <= ZERO + 9
// Columns of money have 18 digits before the point and 8 behind it.
const MOST_PLAIN = 28

/** A whole number of the currency's smallest units as a decimal. */
export function minorText(units: number, decimals: number): string {
  const whole = Math.abs(units)
  if (decimals > 0 && Number.isSafeInteger(units)) {
    const unit = 10 ** decimals
    const rest = whole % unit
    const digits = rest * 10 >= unit ? rest : String(rest).padStart(decimals, '0')
    return `${units < 0 ? '-' : ''}${(whole - rest) / unit}.${digits}`
  }
  const digits = (Number.isSafeInteger(units) ? String(whole) : String(BigInt(whole))).padStart(
    decimals + 1,
    '0',
  )
  const sign = units < 0 ? '-' : ''
  if (decimals === 0) return sign + digits
  const point = digits.length - decimals
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}

/**
 * A decimal in whole smallest units. No order reaches 2^53 of them: beyond, digits are lost, and nothing breaks.
 * @param half where a half goes: `up` is away from zero, `down` towards it
 */
export function minorUnits(text: Cell | undefined, decimals: number, half: 'up' | 'down'): number {
  if (text == null || text === '') return 0
  const quick = quickUnits(text, decimals, half)
  if (quick !== null) return quick
  const plain = PLAIN.test(text) && text.length < MOST_DIGITS ? text : floatval(text)
  const dot = plain.indexOf('.')
  if (dot < 0) return Number(plain) * 10 ** decimals + 0
  const end = dot + 1 + decimals
  const kept = plain.slice(0, dot) + plain.slice(dot + 1, end).padEnd(decimals, '0')
  const units = Number(kept)
  const next = plain.charCodeAt(end)
  // Behind the end of the text there is NaN, smaller than no digit.
  if (!(next >= FIVE)) return units + 0
  if (half === 'down' && next === FIVE && /^0*$/.test(plain.slice(end + 1))) return units + 0
  return plain.startsWith('-') ? units - 1 : units + 1
}

/** The same for what is plainly a number and not too long; null for any other. */
function quickUnits(text: string, decimals: number, half: 'up' | 'down'): number | null {
  const { length } = text
  if (length > MOST_PLAIN) return null
  const start = text.charCodeAt(0) === MINUS ? 1 : 0
  let units = 0
  /** Behind the point; -1 before it. */
  let places = -1
  let next = 0
  let isHalf = true
  for (let at = start; at < length; at++) {
    const code = text.charCodeAt(at)
    if (isDigit(code)) {
      if (places < decimals) units = units * 10 + code - ZERO
      else if (places === decimals) next = code
      else if (code !== ZERO) isHalf = false
      if (places >= 0) places++
    } else if (code === POINT && places < 0 && at > start && at < length - 1) places = 0
    else return null
  }
  if (start === length) return null
  for (let place = Math.max(places, 0); place < decimals; place++) units *= 10
  if (next > FIVE || (next === FIVE && !(half === 'down' && isHalf))) units++
  if (!Number.isSafeInteger(units)) return null
  return start === 1 && units !== 0 ? -units : units
}

// What is longer is no amount, and may be no finite number.
const MOST_DIGITS = 200

/** PHP's `floatval` of a text that is no plain number: what it begins with, after WooCommerce's cleaning. */
function floatval(text: string): string {
  const number = Number(text)
  if (text.trim() !== '' && Number.isFinite(number)) return plainNumber(number)
  return /^-?\d{1,100}(?:\.\d{1,90})?/.exec(cleanDecimal(text))?.[0] ?? '0'
}

/** A float as WooCommerce writes floats: at most six decimals (more where prices have many), no zeros at the end. */
export function plainNumber(value: number, decimals = 2): string {
  if (!Number.isFinite(value)) return '0'
  const text = value.toFixed(Math.max(6, decimals + 2))
  return text.includes('e') ? '0' : text.replace(/\.?0+$/, '')
}
