/** What rows of an answer add up to. */
import { Decimal } from 'decimal.js'

/** Of a field that is money or a number, with two decimals; rows without it count as nothing. */
export function sum(rows: readonly object[], name: string): string {
  const total = rows.reduce<Decimal>(
    (all, row) => all.plus(String(Reflect.get(row, name) ?? 0)),
    new Decimal(0),
  )
  return total.toFixed(2)
}
