/** Payment gateways: what the shop stored of them. Their keys are never read (37). */
import type { Fields } from '../canonical.ts'
import { isEnglish } from './language.ts'
import type { SqlReader, SqlShop } from './reader.ts'
import { optionFields, readOptions } from './wp-options.ts'

/** WooCommerce's own, with the English texts they have before they are saved. */
const OWN: Readonly<Record<string, { title: string; description: string }>> = {
  bacs: {
    title: 'Direct bank transfer',
    description:
      'Make your payment directly into our bank account. Please use your Order ID as the payment reference. Your order will not be shipped until the funds have cleared in our account.',
  },
  cheque: {
    title: 'Check payments',
    description:
      'Please send a check to Store Name, Store Street, Store Town, Store State / County, Store Postcode.',
  },
  cod: { title: 'Cash on delivery', description: 'Pay with cash upon delivery.' },
}

/** Still there for shops that had it. */
const PAYPAL = 'paypal'

export const paymentGatewayReader: SqlReader = {
  partial: true,
  async list(shop) {
    return [...(await gateways(shop)).keys()].map((id) => ({ id, modifiedAt: null }))
  },

  async read(shop, ids) {
    const found = await gateways(shop)
    const order = optionFields(await shop.option('woocommerce_gateway_order')) ?? {}
    const english = await isEnglish(shop)
    return ids.flatMap((id) => {
      const stored = found.get(id)
      return stored === undefined ? [] : [gateway(id, stored, order[id], english)]
    })
  },
}

/**
 * The stored settings of each gateway. Which gateways plugins bring is not in the database: those count that the
 * shop has put in an order and has settings of.
 */
async function gateways(shop: SqlShop): Promise<Map<string, Record<string, unknown>>> {
  const ordered = Object.keys(optionFields(await shop.option('woocommerce_gateway_order')) ?? {})
  const names = [...new Set([...Object.keys(OWN), PAYPAL, ...ordered])]
  const options = await readOptions(
    shop,
    names.map((id) => `woocommerce_${id}_settings`),
  )
  const found = new Map<string, Record<string, unknown>>()
  for (const id of names) {
    const stored = optionFields(options.get(`woocommerce_${id}_settings`))
    if (id === PAYPAL && stored?._should_load !== 'yes') continue
    if (stored !== null || Object.hasOwn(OWN, id)) found.set(id, stored ?? {})
  }
  return found
}

function gateway(id: string, stored: Record<string, unknown>, order: unknown, english: boolean): Fields {
  const text = (field: 'title' | 'description') => {
    const value = stored[field] ?? (english ? OWN[id]?.[field] : undefined)
    return value === undefined ? {} : { [field]: value }
  }
  return {
    id,
    ...text('title'),
    ...text('description'),
    order: order ?? '',
    enabled: stored.enabled === 'yes',
  }
}
