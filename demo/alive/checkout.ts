/** What a customer puts into an order, as the body of `POST /orders`. */
import { billing, personOf, shipping } from '../generate/people.ts'
import { chance, int, pick, type Random } from '../generate/random.ts'
import type { Shop } from '../shop.ts'
import type { Raw, Row } from '../table.ts'

const METHODS = [
  { payment_method: 'cod', payment_method_title: 'Ramburs', status: 'processing' },
  { payment_method: 'netopia', payment_method_title: 'Card online (Netopia)', status: 'pending' },
  { payment_method: 'stripe', payment_method_title: 'Card (Stripe)', status: 'pending' },
  { payment_method: 'bacs', payment_method_title: 'Transfer bancar', status: 'on-hold' },
]
const FREE_FROM = 300

/** A function that fills one cart after the other; null when it finds nothing to buy. */
export function createCheckout(shop: Shop, random: Random): () => Raw | null {
  /** Something that can be bought now: the id, and how many there are (null where nobody counts). */
  function find(): { product: Raw; variation: Raw | null } | null {
    const rows = shop.products.sorted('id')
    for (let attempt = 0; attempt < 30 && rows.length > 0; attempt++) {
      const row = pick(random, rows) as Row
      if (row.status !== 'publish') continue
      const product = shop.products.body(row)
      if (product.type === 'simple' && buyable(product)) return { product, variation: null }
      if (product.type !== 'variable') continue
      const child = shop.variations.get(pick(random, product.variations as number[]))
      const variation = child?.status === 'publish' ? shop.variations.body(child) : null
      if (variation && buyable(variation)) return { product, variation }
    }
    return null
  }

  function lines(): { posted: Raw[]; sum: number; virtual: boolean } {
    const posted: Raw[] = []
    const seen = new Set<unknown>()
    let sum = 0
    let virtual = true
    const wanted = 1 + int(random, 4)
    for (let at = 0; at < wanted; at++) {
      const found = find()
      const item = found?.variation ?? found?.product
      if (!found || !item || seen.has(item.id)) continue
      seen.add(item.id)
      const left =
        item.manage_stock === false || item.backorders !== 'no' ? 12 : Number(item.stock_quantity ?? 12)
      const quantity = Math.min(left, pick(random, [1, 1, 1, 2, 2, 3, 6]))
      sum += Number(item.price) * quantity
      virtual &&= item.virtual === true
      posted.push({
        product_id: found.product.id,
        ...(found.variation ? { variation_id: found.variation.id } : {}),
        quantity,
      })
    }
    return { posted, sum, virtual }
  }

  /** A tenth of the buyers have an account, the others are guests, some of whom were here before. */
  function who(): Raw {
    const customers = shop.small.customers.filter((each) => each.role === 'customer')
    if (customers.length > 0 && chance(random, 0.12)) {
      const customer = pick(random, customers)
      const own = customer.shipping as Raw
      return {
        customer_id: customer.id,
        billing: customer.billing,
        shipping: own.address_1 === '' ? customer.billing : own,
      }
    }
    const person = personOf(7, int(random, 5000))
    return { customer_id: 0, billing: billing(person), shipping: shipping(person) }
  }

  return () => {
    const { posted, sum, virtual } = lines()
    if (posted.length === 0) return null
    const buyer = who()
    const company = String((buyer.billing as Raw).company ?? '')
    const method = pick(random, METHODS)
    return {
      ...method,
      ...buyer,
      created_via: 'checkout',
      customer_note: chance(random, 0.08) ? 'Sunați înainte de livrare, vă rog!' : '',
      line_items: posted,
      shipping_lines: virtual
        ? []
        : [
            sum >= FREE_FROM
              ? {
                  method_id: 'free_shipping',
                  instance_id: '2',
                  method_title: 'Livrare gratuită',
                  total: '0.00',
                }
              : { method_id: 'flat_rate', instance_id: '1', method_title: 'Curier rapid', total: '13.88' },
          ],
      fee_lines: chance(random, 0.04) ? [{ name: 'Ambalaj cadou', total: '8.00' }] : [],
      meta_data: [
        { key: '_wc_order_attribution_source_type', value: pick(random, ['organic', 'utm', 'typein']) },
        { key: '_wc_order_attribution_utm_source', value: pick(random, ['google', 'facebook', '(direct)']) },
        ...(company === ''
          ? []
          : [{ key: '_billing_cui', value: `RO${1_000_000 + int(random, 9_000_000)}` }]),
      ],
    }
  }
}

function buyable(item: Raw): boolean {
  return item.price !== '' && item.stock_status !== 'outofstock' && item.purchasable === true
}
