/** Prices as people write them: as many decimals as the currency has, never fewer than the price itself needs. */
import { Decimal } from 'decimal.js'

/** `24` and RON → `24.00 RON`, `14990.00` and CLP → `14990 CLP`; what is no number is shown as it is. */
export function priceText(price: string, currency: string | null): string {
  const unit = currency === null ? '' : ` ${currency}`
  if (!/^-?\d+(\.\d+)?$/.test(price)) return `${price}${unit}`
  const amount = new Decimal(price)
  return `${amount.toFixed(Math.max(minorDigits(currency), amount.decimalPlaces()))}${unit}`
}

/** ISO 4217: RON 2, CLP 0, KWD 3. */
function minorDigits(currency: string | null): number {
  if (currency === null || !/^[A-Z]{3}$/.test(currency)) return 2
  return (
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  )
}
