/** Values of a product's fields, made from the texts of its metas as WooCommerce makes them. */
import type { SqlShop } from '../reader.ts'

/** `wc_string_to_bool`. */
export function isYes(value: unknown): boolean {
  return (
    value === true ||
    value === 1 ||
    (typeof value === 'string' && (value === '1' || /^(?:yes|true)$/i.test(value)))
  )
}

/** `intval`: the number at the beginning of a text, else 0. */
export function whole(text: string | undefined): number {
  const number = Number.parseInt(text ?? '', 10)
  return Number.isSafeInteger(number) ? number : 0
}

/** `absint`. */
export function positive(text: string | undefined): number {
  return Math.abs(whole(text))
}

/** Makes a text with a number in it a decimal, whatever the shop's decimal separator: `wc_format_decimal`. */
export async function decimalFormat(shop: SqlShop): Promise<(text: string | undefined) => string> {
  const separator = (await shop.option('woocommerce_price_decimal_sep')) || '.'
  return (text) =>
    text === undefined || text === ''
      ? ''
      : text.replaceAll(separator, '.').replace(/\.(?![^.]+$)|[^0-9.-]/g, '')
}

/** A limit of downloads: -1 is none. */
export function limit(text: string | undefined): number {
  return text === undefined || text === '' || whole(text) === -1 ? -1 : positive(text)
}

/** Seconds since 1970, as sale dates are kept; null where there is none. */
export function timestamp(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,11}$/.test(text) && Number(text) !== 0 ? Number(text) : null
}

/** A moment as REST writes it in GMT. */
export function gmtText(seconds: number | null): string | null {
  return seconds === null ? null : new Date(seconds * 1000).toISOString().slice(0, 19)
}
