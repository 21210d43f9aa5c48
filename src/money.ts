/** Amounts of money: decimal texts, with the currency's own number of decimals (52). Never a float. */
import { Decimal } from 'decimal.js'

const digits = new Map<string, number>()

/** ISO 4217: RON 2, CLP 0, KWD 3; 2 where the currency is not known. */
export function minorDigits(currency: string | null): number {
  if (currency === null || !/^[A-Z]{3}$/.test(currency)) return 2
  let known = digits.get(currency)
  if (known === undefined) {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency })
    known = format.resolvedOptions().maximumFractionDigits ?? 2
    digits.set(currency, known)
  }
  return known
}

const PLAIN = /^-?\d+(\.\d+)?$/

/**
 * `24` in RON → `24.00`, `14990.00` in CLP → `14990`; decimals that say something are kept. Null where it is no
 * number.
 */
export function amount(value: string | null, currency: string | null): string | null {
  if (value === null || !PLAIN.test(value)) return null
  const decimal = new Decimal(value)
  return decimal.toFixed(Math.max(minorDigits(currency), decimal.decimalPlaces()))
}

/** Rounded to the currency's own decimals, half away from zero: for averages and shares. */
export function roundedAmount(value: string, currency: string | null): string {
  return new Decimal(value).toFixed(minorDigits(currency), Decimal.ROUND_HALF_UP)
}
