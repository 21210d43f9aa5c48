/** Texts that WooCommerce itself brings are in its code, in the shop's language; only the English ones are known. */
import type { SqlShop } from './reader.ts'

/** Whether the shop speaks the language of WooCommerce's code: an empty `WPLANG` is American English. */
export async function isEnglish(shop: SqlShop): Promise<boolean> {
  const language = await shop.option('WPLANG')
  return !language || language === 'en_US'
}
