/** The sums of a cart, and the records that orders and refunds share. */
import type { Raw } from '../table.ts'
import type { Cart, Line } from './cart.ts'
import { amount, RATES, unitPrice } from './money.ts'

/** Ids of lines and of metas: a range for each order, its refunds take the upper half. */
export const LINE_IDS = 64
export const META_IDS = 128

export interface Totals {
  /** Bani. Items and fees without tax, their tax, by tax rate id. */
  cartTax: number
  taxByRate: Map<1 | 2, number>
  shipping: number
  shippingTax: number
  discount: number
  discountTax: number
  total: number
}

export function rateId(line: Line): 1 | 2 {
  return line.item.taxClass === '' ? 1 : 2
}

export function totalsOf(cart: Cart): Totals {
  const totals: Totals = {
    cartTax: 0,
    taxByRate: new Map(),
    shipping: cart.shipping?.net ?? 0,
    shippingTax: cart.shipping?.tax ?? 0,
    discount: 0,
    discountTax: 0,
    total: 0,
  }
  const tax = (rate: 1 | 2, bani: number) => {
    totals.cartTax += bani
    totals.taxByRate.set(rate, (totals.taxByRate.get(rate) ?? 0) + bani)
  }
  for (const line of cart.lines) {
    tax(rateId(line), line.paidTax)
    totals.discount += line.full - line.fullTax - (line.paid - line.paidTax)
    totals.discountTax += line.fullTax - line.paidTax
    totals.total += line.paid
  }
  for (const fee of cart.fees) {
    tax(1, fee.tax)
    totals.total += fee.net + fee.tax
  }
  if (totals.shippingTax > 0) totals.taxByRate.set(1, totals.taxByRate.get(1) ?? 0)
  totals.total += totals.shipping + totals.shippingTax
  return totals
}

/** An item's record; the refund's own lines have the same form with negative sums. */
export function itemRecord(line: Line, id: number, meta: Raw[]): Raw {
  const { item } = line
  const rate = rateId(line)
  const taxes = [{ id: rate, total: amount(line.paidTax), subtotal: amount(line.fullTax) }]
  return {
    id,
    name: item.name,
    product_id: item.product.id,
    variation_id: item.variation?.id ?? 0,
    quantity: line.quantity,
    tax_class: item.taxClass,
    subtotal: amount(line.full - line.fullTax),
    subtotal_tax: amount(line.fullTax),
    total: amount(line.paid - line.paidTax),
    total_tax: amount(line.paidTax),
    taxes,
    meta_data: meta,
    sku: item.sku,
    global_unique_id: item.variation ? '' : item.product.gtin,
    price: unitPrice(line.paid, RATES[item.taxClass], line.quantity),
    image: { id: item.variation ? 0 : '', src: '' },
    parent_name: item.variation ? item.product.name : null,
  }
}

export function taxLineRecords(
  byRate: ReadonlyMap<1 | 2, number>,
  shippingTax: number,
  lineId: () => number,
): Raw[] {
  return [...byRate]
    .sort((a, b) => a[0] - b[0])
    .map(([rate, tax]) => ({
      id: lineId(),
      rate_code: rate === 1 ? 'RO-TVA-1' : 'RO-TVA REDUS-1',
      rate_id: rate,
      label: rate === 1 ? 'TVA' : 'TVA redus',
      compound: false,
      tax_total: amount(tax),
      shipping_tax_total: amount(rate === 1 ? shippingTax : 0),
      rate_percent: rate === 1 ? RATES[''] : RATES['reduced-rate'],
      meta_data: [],
    }))
}
