/** What a product's prices come to: the one that counts now, and the HTML a visitor sees. */
import type { Shop } from '../shop.ts'
import type { Raw } from '../table.ts'
import { fixed, type Micro, parseMoney, sum } from './money.ts'
import { option, pricesIncludeTax } from './options.ts'
import { inside, on, taxation } from './taxes.ts'

/** `price` and `on_sale` by regular price, sale price and its dates. */
export function activePrice(body: Raw, second: number): Raw {
  const from = seconds(body.date_on_sale_from_gmt)
  const to = seconds(body.date_on_sale_to_gmt)
  const cheaper = body.sale_price !== '' && parseMoney(body.sale_price) < parseMoney(body.regular_price)
  const onSale = cheaper && (from === null || from <= second) && (to === null || second <= to)
  return { price: onSale ? body.sale_price : body.regular_price, on_sale: onSale }
}

/** The price of a variable product is that of its cheapest published variation. */
export function cheapest(variations: readonly Raw[]): string {
  const priced = variations.filter((each) => each.status === 'publish' && each.price !== '')
  const [first] = priced.sort((a, b) => compare(parseMoney(a.price), parseMoney(b.price)))
  return String(first?.price ?? '')
}

/** `price_html`: one price, a sale, or the range of what a variable or grouped product holds. */
export function priceHtml(shop: Shop, product: Raw, children: readonly Raw[]): string {
  if (product.type === 'variable' || product.type === 'grouped') {
    const prices = children.filter((each) => each.status === 'publish' && each.price !== '')
    const shown = prices.map((each) => displayed(shop, taxedAs(each, product), each.price)).sort(compare)
    const [low, high] = [shown[0], shown.at(-1)]
    if (low === undefined || high === undefined) return ''
    return low === high ? amount(shop, low, '') : range(shop, low, high)
  }
  if (product.price === '') return ''
  const now = displayed(shop, product, product.price)
  return product.on_sale
    ? sale(shop, displayed(shop, product, product.regular_price), now)
    : amount(shop, now, '')
}

/** A variation has its parent's tax class unless it says otherwise. */
function taxedAs(child: Raw, parent: Raw): Raw {
  return child.tax_class === 'parent' ? { ...child, tax_class: parent.tax_class } : child
}

function seconds(gmt: unknown): number | null {
  return typeof gmt === 'string' ? Date.parse(`${gmt}Z`) / 1000 : null
}

function compare(a: Micro, b: Micro): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** With or without tax, as `woocommerce_tax_display_shop` says. */
function displayed(shop: Shop, product: Raw, price: unknown): Micro {
  const entered = parseMoney(price)
  if (product.tax_status !== 'taxable') return entered
  const rates = taxation(shop, {}, {}).rates(String(product.tax_class ?? ''))
  const withTax = option(shop, 'tax', 'woocommerce_tax_display_shop', 'excl') === 'incl'
  if (pricesIncludeTax(shop)) return withTax ? entered : entered - sum(inside(entered, rates).values())
  return withTax ? entered + sum(on(entered, rates).values()) : entered
}

function amount(shop: Shop, value: Micro, attributes: string): string {
  const sign = `<span class="woocommerce-Price-currencySymbol" translate="no">${shop.info.currencySymbol}</span>`
  const number = formatted(shop, value)
  const inner = positions(number, sign)[option(shop, 'general', 'woocommerce_currency_pos', 'left')] ?? number
  return `<span class="woocommerce-Price-amount amount"${attributes}><bdi>${inner}</bdi></span>`
}

function positions(number: string, sign: string): Record<string, string> {
  return {
    left: `${sign}${number}`,
    right: `${number}${sign}`,
    left_space: `${sign}&nbsp;${number}`,
    right_space: `${number}&nbsp;${sign}`,
  }
}

function formatted(shop: Shop, value: Micro): string {
  const [whole = '', rest = ''] = fixed(value).split('.')
  const thousand = option(shop, 'general', 'woocommerce_price_thousand_sep', ',')
  const decimal = option(shop, 'general', 'woocommerce_price_decimal_sep', '.')
  return `${whole.replace(/\B(?=(\d{3})+$)/g, thousand)}${decimal}${rest}`
}

function plain(shop: Shop, value: Micro): string {
  return positions(formatted(shop, value), shop.info.currencySymbol)[
    option(shop, 'general', 'woocommerce_currency_pos', 'left')
  ] as string
}

function sale(shop: Shop, regular: Micro, now: Micro): string {
  const was = `<del aria-hidden="true">${amount(shop, regular, '')}</del>`
  const is = `<ins aria-hidden="true">${amount(shop, now, '')}</ins>`
  return (
    `${was} <span class="screen-reader-text">Original price was: ${plain(shop, regular)}.</span>` +
    `${is}<span class="screen-reader-text">Current price is: ${plain(shop, now)}.</span>`
  )
}

function range(shop: Shop, low: Micro, high: Micro): string {
  const hidden = ' aria-hidden="true"'
  return (
    `${amount(shop, low, hidden)} <span aria-hidden="true">&ndash;</span> ${amount(shop, high, hidden)}` +
    `<span class="screen-reader-text">Price range: ${plain(shop, low)} through ${plain(shop, high)}</span>`
  )
}
