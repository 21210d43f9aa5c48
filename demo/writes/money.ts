/**
 * Money as WooCommerce reckons it: whole millionths, because order lines keep six decimals of the net price
 * and are shown with two. Taxes of prices that include tax round a half down (WC_TAX_ROUNDING_MODE), all
 * else rounds a half away from zero.
 */
export type Micro = bigint

const MICRO = 1_000_000n
const CENT = 10_000n
const HUNDRED_PERCENT = 100n * MICRO

/** From '12.34', 12.34 or ''; what is no number counts as 0, as in PHP. */
export function parseMoney(value: unknown): Micro {
  const match = /^\s*([+-]?)(\d*)(?:\.(\d*))?/.exec(
    typeof value === 'number' ? value.toFixed(7) : String(value ?? ''),
  )
  if (!match || (!match[2] && !match[3])) return 0n
  const fraction = (match[3] ?? '').padEnd(7, '0').slice(0, 7)
  const micro = divide(BigInt(`${match[2] || '0'}${fraction}`), 10n)
  return match[1] === '-' ? -micro : micro
}

/** To whole cents, still in millionths; a half goes away from zero, or towards it with `down`. */
export function cents(amount: Micro, half: 'up' | 'down' = 'up'): Micro {
  return divide(amount, CENT, half) * CENT
}

/** '12.34': two decimals. */
export function fixed(amount: Micro): string {
  const all = divide(amount, CENT)
  const digits = (all < 0n ? -all : all).toString().padStart(3, '0')
  return `${all < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** The number WooCommerce divides to get a line's `price`. */
export function toNumber(amount: Micro): number {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(7, '0')
  return Number(`${amount < 0n ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`)
}

/** `amount · part / whole`, rounded to a millionth. */
export function proportion(amount: Micro, part: bigint, whole: bigint): Micro {
  return whole === 0n ? 0n : divide(amount * part, whole)
}

/** The tax inside a gross amount; `rate` is millionths of a percent. */
export function taxInside(gross: Micro, rate: bigint): Micro {
  return proportion(gross, rate, HUNDRED_PERCENT + rate)
}

/** The tax on a net amount; `rate` is millionths of a percent. */
export function taxOn(net: Micro, rate: bigint): Micro {
  return proportion(net, rate, HUNDRED_PERCENT)
}

export function sum(amounts: Iterable<Micro>): Micro {
  let total = 0n
  for (const amount of amounts) total += amount
  return total
}

function divide(value: bigint, by: bigint, half: 'up' | 'down' = 'up'): bigint {
  const size = value < 0n ? -value : value
  const rest = size % by
  const up = half === 'up' ? rest * 2n >= by : rest * 2n > by
  const result = size / by + (up ? 1n : 0n)
  return value < 0n ? -result : result
}
