/** The shop's settings as writes need them; what a shop does not have falls back to WooCommerce's default. */
import type { Shop } from '../shop.ts'

/** The value of an option in a group of `/settings`, as text. */
export function option(
  shop: Shop,
  group: 'general' | 'products' | 'tax',
  id: string,
  otherwise: string,
): string {
  const found = shop.small.settings.get(group)?.find((setting) => setting.id === id)
  return typeof found?.value === 'string' && found.value !== '' ? found.value : otherwise
}

export function pricesIncludeTax(shop: Shop): boolean {
  return option(shop, 'tax', 'woocommerce_prices_include_tax', 'no') === 'yes'
}

/** The country the shop sells from, two letters; taxes inside its prices are this country's. */
export function baseCountry(shop: Shop): string {
  const stated = option(shop, 'general', 'woocommerce_default_country', '')
  return stated.split(':')[0] || String(shop.small.taxes[0]?.country ?? '')
}

/** Below or at this a product is out of stock. */
export function noStockAmount(shop: Shop): number {
  return Number(option(shop, 'products', 'woocommerce_notify_no_stock_amount', '0'))
}

/** The sign of a currency: the shop's own, or what its list of currencies says. */
export function currencySymbol(shop: Shop, code: string): string {
  if (code === shop.info.currency) return shop.info.currencySymbol
  const known = shop.small.currencies.find((currency) => currency.code === code)
  return String(known?.symbol ?? SIGNS[code] ?? code)
}

const SIGNS: Record<string, string> = { EUR: '€', USD: '$', GBP: '£', RON: 'lei' }
