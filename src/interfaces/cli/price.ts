/** Prices as people write them: as many decimals as the currency has, never fewer than the price itself needs. */
import { amount } from '../../money.ts'

/** `24` and RON → `24.00 RON`, `14990.00` and CLP → `14990 CLP`; what is no number is shown as it is. */
export function priceText(price: string, currency: string | null): string {
  const unit = currency === null ? '' : ` ${currency}`
  return `${amount(price, currency) ?? price}${unit}`
}
