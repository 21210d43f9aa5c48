/** How each type of line becomes what REST shows of it, computed as WooCommerce does. */
import type { Fields } from '../../canonical.ts'
import type { Cell } from '../database.ts'
import { cleanDecimal, decimalText } from '../decimal.ts'
import { cleanText } from '../wordpress-text.ts'
import type { Labels, LineMeta } from './labels.ts'
import { COUPON_LINE, FEE_LINE, type LineKeys, PRODUCT_LINE, SHIPPING_LINE, TAX_LINE } from './meta-keys.ts'
import type { LineProduct } from './products.ts'
import { plainTaxes, productTaxes, type TaxRounding } from './taxes.ts'

/** A line as it was read: its fields' values in the slots of its type's keys, and the metas that REST shows. */
export interface Draft {
  id: number
  maker: LineMaker
  name: string
  values: (Cell | undefined)[]
  metas: LineMeta[]
}

/** What lines need of the shop beside their own rows. */
export interface LineShop {
  products: ReadonlyMap<string, LineProduct>
  labels: Labels
  /** Slugs; the standard class has none. */
  taxClasses: ReadonlySet<string>
  rounding: TaxRounding
}

export interface LineMaker {
  field: string
  keys: LineKeys
  make(draft: Draft, shop: LineShop): Fields
  /** Ids to look up before. */
  products(draft: Draft): readonly string[]
  hasTaxClass(draft: Draft): boolean
}

const none = (): readonly string[] => []
const never = (): boolean => false

/** By the type of `woocommerce_order_items`. */
export const lineMakers: Readonly<Record<string, LineMaker | undefined>> = Object.assign(
  Object.create(null) as Record<string, LineMaker | undefined>,
  {
    line_item: {
      field: 'line_items',
      keys: PRODUCT_LINE,
      make: productLine,
      products: ({ values }: Draft) => [values[0], values[1]].filter(isId),
      hasTaxClass: ({ values }: Draft) => Boolean(values[3]),
    },
    tax: { field: 'tax_lines', keys: TAX_LINE, make: taxLine, products: none, hasTaxClass: never },
    shipping: {
      field: 'shipping_lines',
      keys: SHIPPING_LINE,
      make: shippingLine,
      products: none,
      hasTaxClass: never,
    },
    fee: {
      field: 'fee_lines',
      keys: FEE_LINE,
      make: feeLine,
      products: none,
      hasTaxClass: ({ values }: Draft) => Boolean(values[0]),
    },
    coupon: {
      field: 'coupon_lines',
      keys: COUPON_LINE,
      make: couponLine,
      products: none,
      hasTaxClass: never,
    },
  } satisfies Record<string, LineMaker>,
)

function isId(cell: Cell | undefined): cell is string {
  return cell != null && /^[1-9]\d{0,15}$/.test(cell)
}

function productLine(
  { id, name, values, metas }: Draft,
  { products, labels, taxClasses, rounding }: LineShop,
) {
  const [productId, variationId, quantity, taxClass, subtotal, total, taxData] = values
  // What was deleted since is 0, whatever the line still names (42a).
  const product = isId(productId) ? products.get(productId) : undefined
  const variation = isId(variationId) ? products.get(variationId) : undefined
  const ownProduct = product?.kind === 'product' ? product : undefined
  const ownVariation = variation?.kind === 'product_variation' ? variation : undefined
  const shown = ownVariation ?? ownProduct
  const count = wholeNumber(quantity)
  const amount = numeric(total)
  const { taxes, totalTax, subtotalTax } = productTaxes(taxData, rounding)
  return {
    id,
    name,
    product_id: ownProduct ? Number(productId) : 0,
    variation_id: ownVariation ? Number(variationId) : 0,
    quantity: count,
    tax_class: knownClass(taxClass, taxClasses),
    subtotal: decimalText(
      subtotal == null || subtotal === '' ? amount : numeric(subtotal),
      rounding.decimals,
    ),
    subtotal_tax: subtotalTax,
    total: decimalText(amount, rounding.decimals),
    total_tax: totalTax,
    taxes,
    meta_data: shownMetas(metas, labels, shown),
    sku: shown ? shown.sku : null,
    global_unique_id: shown ? shown.globalUniqueId : null,
    price: count === 0 ? 0 : Number(amount) / count,
    image: shown ? shown.image : { id: 0, src: '' },
    parent_name: shown ? shown.parentName : null,
  }
}

function taxLine({ id, name, values, metas }: Draft, { labels, rounding }: LineShop) {
  const [rateId, label, compound, taxTotal, shippingTaxTotal, percent] = values
  return {
    id,
    rate_code: cleanText(name),
    rate_id: Math.trunc(Math.abs(Number(rateId) || 0)),
    label: cleanText((label ?? '').replaceAll('%', '&#37;')),
    compound: isTrue(compound),
    tax_total: decimalText(taxTotal, rounding.decimals),
    shipping_tax_total: decimalText(shippingTaxTotal, rounding.decimals),
    rate_percent: Number.parseFloat(percent ?? '') || 0,
    meta_data: shownMetas(metas, labels, undefined),
  }
}

function shippingLine({ id, name, values, metas }: Draft, { labels, rounding }: LineShop) {
  const [method, instance, cost, taxData, taxStatus] = values
  const { taxes, totalTax } = plainTaxes(taxData, rounding)
  const [methodId = '', oldInstance] = instance ? [method ?? ''] : (method ?? '').split(':')
  return {
    id,
    method_title: cleanText(name),
    method_id: cleanText(methodId),
    instance_id: cleanText(instance || (oldInstance ?? '')),
    total: decimalText(cost, rounding.decimals),
    total_tax: totalTax,
    taxes,
    tax_status: taxStatusOf(taxStatus),
    meta_data: shownMetas(metas, labels, undefined),
  }
}

function feeLine({ id, name, values, metas }: Draft, { labels, taxClasses, rounding }: LineShop) {
  const [taxClass, taxStatus, amount, total, taxData] = values
  const { taxes, totalTax } = plainTaxes(taxData, rounding)
  return {
    id,
    name,
    tax_class: knownClass(taxClass, taxClasses),
    tax_status: taxStatusOf(taxStatus),
    amount: cleanDecimal(amount),
    total: decimalText(total, rounding.decimals),
    total_tax: totalTax,
    taxes,
    meta_data: shownMetas(metas, labels, undefined),
  }
}

function couponLine({ id, name, values, metas }: Draft, { labels }: LineShop) {
  const [discount, discountTax] = values
  return {
    id,
    code: name.toLowerCase(),
    // As they were written, without the shop's decimals.
    discount: cleanDecimal(discount),
    discount_tax: cleanDecimal(discountTax),
    meta_data: shownMetas(metas, labels, undefined),
    ...couponTerms(metas),
  }
}

/** What the coupon was when it was used: `coupon_info` since WooCommerce 8.7, `coupon_data` before. */
function couponTerms(metas: readonly LineMeta[]) {
  const info = listOf(metas.find(({ key }) => key === 'coupon_info')?.value)
  if (info !== null) {
    const [, , type, amount, freeShipping] = info
    return couponFields(type, amount, freeShipping)
  }
  const data = metas.find(({ key }) => key === 'coupon_data')?.value
  if (data !== null && typeof data === 'object') {
    const { discount_type: type, amount, free_shipping: freeShipping } = data as Fields
    return couponFields(type, amount, freeShipping)
  }
  // It holds dates as objects of PHP, which are never built: the three values stand before and behind them.
  const text = typeof data === 'string' ? data : ''
  return couponFields(
    /s:13:"discount_type";s:\d+:"(\w+)"/.exec(text)?.[1],
    /s:6:"amount";(?:s:\d+:"|[id]:)([\d.]+)/.exec(text)?.[1],
    /s:13:"free_shipping";b:1/.test(text),
  )
}

function couponFields(type: unknown, amount: unknown, freeShipping: unknown) {
  return {
    discount_type: typeof type === 'string' && type !== '' ? type : 'fixed_cart',
    nominal_amount: Number(amount) || 0,
    free_shipping: freeShipping === true || freeShipping === 'yes',
  }
}

function listOf(json: unknown): unknown[] | null {
  if (typeof json !== 'string') return null
  try {
    const value: unknown = JSON.parse(json)
    return Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

function shownMetas(metas: readonly LineMeta[], labels: Labels, product: LineProduct | undefined): Fields[] {
  return metas.map((meta) => ({
    id: meta.id,
    key: meta.key,
    value: meta.value,
    display_key: meta.text === null ? meta.key : labels.key(meta, product),
    display_value: meta.text === null ? meta.value : labels.value(meta, meta.text),
  }))
}

/** A number in a text, or `0`. */
function numeric(cell: Cell | undefined): string {
  const text = cleanDecimal(cell)
  return text !== '' && Number.isFinite(Number(text)) ? text : '0'
}

/** Whole by WooCommerce's own rule; a shop that sells by weight has a plugin that lets fractions through. */
function wholeNumber(cell: Cell | undefined): number {
  const number = Number.parseFloat(cell ?? '')
  return Number.isFinite(number) ? number : 0
}

/** A class the shop no longer has is the standard class. */
function knownClass(cell: Cell | undefined, taxClasses: ReadonlySet<string>): string {
  return cell && taxClasses.has(cell) ? cell : ''
}

const taxStatusOf = (cell: Cell | undefined): string =>
  cell === 'none' || cell === 'shipping' ? cell : 'taxable'

const isTrue = (cell: Cell | undefined): boolean => cell != null && cell !== '' && cell !== '0'
