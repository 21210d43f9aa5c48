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
  return minorText(minorUnits(text, decimals, 'up'), decimals)
}

/** A whole number of the currency's smallest units as a decimal. */
export function minorText(units: number, decimals: number): string {
  const whole = Math.abs(units)
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

const FIVE = 53
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
