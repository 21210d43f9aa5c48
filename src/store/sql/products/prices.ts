/** Prices of a product, and whether they are those of a sale. */
import type { Metas } from './metas.ts'
import { timestamp } from './values.ts'

export interface Prices {
  regular: string
  sale: string
  /** Seconds since 1970. */
  from: number | null
  to: number | null
}

export const PRICE_KEYS = [
  '_regular_price',
  '_sale_price',
  '_sale_price_dates_from',
  '_sale_price_dates_to',
] as const

export function pricesOf(metas: Metas, decimal: (text: string | undefined) => string): Prices {
  return {
    regular: decimal(metas.text('_regular_price')),
    sale: decimal(metas.text('_sale_price')),
    from: timestamp(metas.text('_sale_price_dates_from')),
    to: timestamp(metas.text('_sale_price_dates_to')),
  }
}

/** @param now seconds since 1970, by the shop's clock: a sale begins and ends by itself */
export function isOnSale({ regular, sale, from, to }: Prices, now: number): boolean {
  if (sale === '' || !(Number(regular) > Number(sale))) return false
  return (from === null || from <= now) && (to === null || to >= now)
}

/** A variation's price is not stored: it is that of the sale while there is one. */
export function activePrice(prices: Prices, now: number): string {
  return isOnSale(prices, now) ? prices.sale : prices.regular
}

/**
 * A variable product is on sale when some of its visible variations are cheaper than usual, and none has a
 * price that is neither.
 * @param decimals to which WooCommerce rounds before it compares
 */
export function isAnyOnSale(variations: readonly Prices[], now: number, decimals: number): boolean {
  const rounded = (price: string) => Number(price).toFixed(decimals)
  let someCheaper = false
  for (const prices of variations) {
    const price = activePrice(prices, now)
    if (price === '') continue
    const sale = prices.sale === prices.regular || prices.sale !== price ? prices.regular : prices.sale
    if (rounded(sale) !== rounded(price)) return false
    if (rounded(sale) !== rounded(prices.regular)) someCheaper = true
  }
  return someCheaper
}
