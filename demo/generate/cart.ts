/** What is in an order and what it costs, in bani: put together again from the seed whenever somebody asks. */
import type { Buyer, Buyers } from './buyers.ts'
import type { CouponFacts } from './coupons.ts'
import type { Life } from './life.ts'
import { RATES, share, type TaxClass, taxOn, taxWithin } from './money.ts'
import type { Product, Variation } from './product.ts'
import { between, chance, createRandom, cumulative, mix, pick, type Random, weighted } from './random.ts'

export interface Sellable {
  product: Product
  variation: Variation | null
  name: string
  sku: string
  /** Bani, tax included. */
  price: number
  taxClass: TaxClass
  created: number
}

export interface Line {
  item: Sellable
  quantity: number
  /** Bani with tax, before and after coupons; the tax in each. Net is the difference. */
  full: number
  fullTax: number
  paid: number
  paidTax: number
}

export interface Extra {
  title: string
  /** Bani without tax, and the tax on it. */
  net: number
  tax: number
}

export interface Shipping extends Extra {
  method: 'flat_rate' | 'free_shipping' | 'local_pickup'
  instance: '1' | '2' | '3'
}

export interface Cart {
  buyer: Buyer
  currency: 'RON' | 'EUR'
  lines: Line[]
  shipping: Shipping | null
  fees: Extra[]
  coupon: CouponFacts | null
  /** Where the stream of random numbers goes on, for what depends on the cart. */
  random: Random
}

export interface Carts {
  of(index: number, life: Life): Cart
  sellables: readonly Sellable[]
}

const FREE_FROM = 30_000
const LEI_PER_EURO = 5

export function createCarts(options: {
  seed: number
  catalog: readonly Product[]
  buyers: Buyers
  coupons: readonly CouponFacts[]
}): Carts {
  const { seed, buyers } = options
  const coupons = options.coupons.filter((each) => each.usual)
  const sellables = options.catalog.filter((each) => each.status === 'publish').flatMap(sellablesOf)
  const appeal = cumulative(sellables.map((each) => each.product.appeal / (each.variation ? 3 : 1) + 0.01))
  const oldest = sellables.reduce((a, b) => (b.created < a.created ? b : a), sellables[0] as Sellable)

  function choose(random: Random, moment: number, taken: readonly Line[]): Sellable | null {
    for (let attempt = 0; attempt < 4; attempt++) {
      const found = sellables[weighted(random, appeal)] as Sellable
      if (found.created <= moment && taken.every((line) => line.item !== found)) return found
    }
    return taken.length === 0 ? oldest : null
  }

  return {
    sellables,
    of(index, life) {
      const random = createRandom(mix(seed, index, 71))
      const buyer = buyers.pick(random, life.created)
      const currency = chance(random, 0.004) ? 'EUR' : 'RON'
      const lines: Line[] = []
      const wanted = 1 + weighted(random, LINES)
      for (let at = 0; at < wanted; at++) {
        const item = choose(random, life.created, lines)
        if (item) lines.push(lineOf(random, item, currency))
      }
      const coupon =
        currency === 'RON' && chance(random, 0.09) && coupons.length > 0 ? pick(random, coupons) : null
      if (coupon) discount(lines, coupon)
      const freight = life.status === 'checkout-draft' ? null : shippingOf(random, lines, currency, coupon)
      return { buyer, currency, lines, shipping: freight, fees: feesOf(random, lines), coupon, random }
    },
  }
}

/** How often an order has one line, two, three … */
const LINES = cumulative([34, 27, 18, 11, 6, 4])

function sellablesOf(product: Product): Sellable[] {
  const created = product.created ?? Number.POSITIVE_INFINITY
  const item = { product, taxClass: product.taxClass, created }
  if (product.type === 'simple' && product.regular !== null) {
    return [
      {
        ...item,
        variation: null,
        name: product.name,
        sku: product.sku,
        price: product.sale ?? product.regular,
      },
    ]
  }
  return product.variations
    .filter((each) => each.status === 'publish')
    .map((variation) => ({
      ...item,
      variation,
      name: `${product.name} - ${variation.attributes.map((each) => each.value).join(', ')}`,
      sku: variation.sku,
      price: variation.sale ?? variation.regular,
    }))
}

function lineOf(random: Random, item: Sellable, currency: 'RON' | 'EUR'): Line {
  const quantity = item.product.pack
    ? pick(random, [4, 6, 6, 12, 24])
    : pick(random, [1, 1, 1, 1, 2, 2, 3, 6])
  const price = currency === 'EUR' ? Math.round(item.price / LEI_PER_EURO) : item.price
  const full = price * quantity
  const tax = taxWithin(full, RATES[item.taxClass])
  return { item, quantity, full, fullTax: tax, paid: full, paidTax: tax }
}

function discount(lines: readonly Line[], coupon: CouponFacts) {
  const sum = lines.reduce((all, line) => all + line.full, 0)
  const parts =
    coupon.type === 'percent'
      ? lines.map((line) => Math.round((line.full * coupon.amount) / 10_000))
      : coupon.type === 'fixed_product'
        ? lines.map((line) => Math.min(line.full, coupon.amount * line.quantity))
        : share(
            Math.min(coupon.amount, sum),
            lines.map((line) => line.full),
          )
  lines.forEach((line, at) => {
    line.paid = line.full - (parts[at] as number)
    line.paidTax = taxWithin(line.paid, RATES[line.item.taxClass])
  })
}

function shippingOf(
  random: Random,
  lines: readonly Line[],
  currency: 'RON' | 'EUR',
  coupon: CouponFacts | null,
): Shipping | null {
  if (lines.every((line) => line.item.product.virtual)) return null
  const sum = lines.reduce((all, line) => all + line.paid, 0)
  const luck = random()
  if (luck < 0.08)
    return { method: 'local_pickup', instance: '3', title: 'Ridicare din magazin', net: 0, tax: 0 }
  if (sum >= FREE_FROM || coupon?.freeShipping) {
    return { method: 'free_shipping', instance: '2', title: 'Livrare gratuită', net: 0, tax: 0 }
  }
  const net = currency === 'EUR' ? 280 : 1388
  return { method: 'flat_rate', instance: '1', title: 'Curier rapid', net, tax: taxOn(net, RATES['']) }
}

/** Wrapping, the courier's charge for cash, and a discount as a negative fee. */
function feesOf(random: Random, lines: readonly Line[]): Extra[] {
  const luck = random()
  if (luck > 0.1) return []
  const sum = lines.reduce((all, line) => all + line.paid, 0)
  if (luck < 0.03 && sum > 5000) return [fee('Discount fidelitate', -500)]
  if (luck < 0.07) return [fee('Taxă ramburs', 800)]
  return [fee('Ambalaj cadou', 100 * between(random, 5, 12))]
}

function fee(title: string, net: number): Extra {
  return { title, net, tax: taxOn(net, RATES['']) }
}
