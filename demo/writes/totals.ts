/** From lines to an order's money: taxes by rate, tax lines, totals; all in whole numbers, to the cent. */
import type { Raw } from '../table.ts'
import type { Call } from './call.ts'
import { type Draft, unitPrice } from './lines.ts'
import { cents, fixed, type Micro, proportion, sum } from './money.ts'
import { on, type Rate, rateCode, rounded, shown, type Taxation, type Taxes } from './taxes.ts'

export interface Basket {
  items: Draft[]
  shipping: Draft[]
  fees: Draft[]
}

/** The money fields and lines of an order; `before` gives tax lines their ids back. */
export function totalled(call: Call, basket: Basket, taxes: Taxation, before: readonly Raw[]): Raw {
  const items = basket.items.map((draft) => settledItem(draft, taxes))
  const shippingRates = ratesForShipping(basket, taxes)
  const shipping = basket.shipping.map((draft) => settledExtra(draft, on(draft.total, shippingRates), taxes))
  const fees = basket.fees.map((draft) => settledExtra(draft, feeTaxes(draft, basket, taxes), taxes))
  const cart = byRate([...items, ...fees], taxes)
  const shipped = byRate(shipping, taxes)
  const subtotal = sum(basket.items.map((draft) => cents(draft.subtotal)))
  const total = sum(basket.items.map((draft) => cents(draft.total)))
  const taxSaved = sum(items.flatMap((item) => [...item.before.values(), ...negated(item.taxes)]))
  const shippingTotal = cents(sum(basket.shipping.map((draft) => draft.total)))
  const feeTotal = sum(basket.fees.map((draft) => cents(draft.total)))
  const cartTax = sum(cart.values())
  const shippingTax = sum(shipped.values())
  return {
    discount_total: fixed(subtotal - total),
    discount_tax: fixed(cents(taxSaved, 'down')),
    shipping_total: fixed(shippingTotal),
    shipping_tax: fixed(shippingTax),
    cart_tax: fixed(cartTax),
    total: fixed(total + feeTotal + shippingTotal + cartTax + shippingTax),
    total_tax: fixed(cartTax + shippingTax),
    line_items: items.map((item) => item.raw),
    tax_lines: taxLines(call, cart, shipped, taxes, before),
    shipping_lines: shipping.map((line) => line.raw),
    fee_lines: fees.map((line) => line.raw),
  }
}

interface Settled {
  raw: Raw
  taxes: Taxes
}

interface SettledItem extends Settled {
  /** The taxes before any discount. */
  before: Taxes
}

function negated(taxes: Taxes): Micro[] {
  return [...taxes.values()].map((tax) => -tax)
}

function settledItem(draft: Draft, taxation: Taxation): SettledItem {
  const rates = draft.taxable ? taxation.rates(String(draft.raw.tax_class)) : []
  const taxes = on(draft.total, rates)
  const before = on(draft.subtotal, rates)
  const raw = {
    ...draft.raw,
    subtotal: fixed(draft.subtotal),
    subtotal_tax: fixed(rounded(before, taxation.inclusive)),
    total: fixed(draft.total),
    total_tax: fixed(rounded(taxes, taxation.inclusive)),
    taxes: shown(taxes, before),
    price: unitPrice(draft.total, Number(draft.raw.quantity)),
  }
  return { raw, taxes, before }
}

function settledExtra(draft: Draft, taxes: Taxes, taxation: Taxation): Settled {
  const kept: Taxes = draft.taxable ? taxes : new Map()
  const raw = {
    ...draft.raw,
    total: fixed(draft.total),
    total_tax: fixed(rounded(kept, taxation.inclusive)),
    // What costs nothing is recorded with a tax of 0.00 and without any: it stays as it is.
    taxes: draft.total === 0n ? draft.raw.taxes : shown(kept, null),
  }
  return { raw, taxes: kept }
}

/** `woocommerce_shipping_tax_class` = inherit: the standard rate if any line has it, else the first line's. */
function ratesForShipping(basket: Basket, taxation: Taxation): Rate[] {
  const classes = basket.items.filter((item) => item.taxable).map((item) => String(item.raw.tax_class))
  const taxClass = classes.includes('') ? '' : (classes[0] ?? '')
  return taxation.rates(taxClass).filter((rate) => rate.raw.shipping === true)
}

/** A fee's own class; a negative fee is spread over the classes of all that costs something, shipping too. */
function feeTaxes(fee: Draft, basket: Basket, taxation: Taxation): Taxes {
  if (fee.total >= 0n) return on(fee.total, taxation.rates(String(fee.raw.tax_class)))
  const costs = new Map<string | null, Micro>()
  const shippingClass = String(basket.items[0]?.raw.tax_class ?? '')
  for (const each of [...basket.items, ...basket.fees, ...basket.shipping]) {
    if (each.total < 0n) continue
    const own = basket.shipping.includes(each) ? shippingClass : String(each.raw.tax_class)
    const taxClass = each.taxable ? own : null
    costs.set(taxClass, (costs.get(taxClass) ?? 0n) + each.total)
  }
  const all = sum(costs.values())
  const taxes: Taxes = new Map()
  for (const [taxClass, cost] of costs) {
    if (taxClass === null) continue
    for (const [id, tax] of on(proportion(fee.total, cost, all), taxation.rates(taxClass))) {
      taxes.set(id, (taxes.get(id) ?? 0n) + tax)
    }
  }
  return taxes
}

function byRate(lines: readonly Settled[], taxation: Taxation): Taxes {
  const totals: Taxes = new Map()
  for (const line of lines) {
    for (const [id, tax] of line.taxes) {
      const one = cents(tax, taxation.inclusive ? 'down' : 'up')
      totals.set(id, (totals.get(id) ?? 0n) + one)
    }
  }
  return totals
}

/** `tax_lines`: one per rate, in the order in which the lines bring them. */
export function taxLines(
  call: Call,
  cart: Taxes,
  shipped: Taxes,
  taxation: Taxation,
  before: readonly Raw[],
): Raw[] {
  return [...new Set([...cart.keys(), ...shipped.keys()])].flatMap((id) => {
    const rate = taxation.byId(id)
    if (!rate) return []
    const known = before.find((line) => line.rate_id === id)
    return {
      id: known?.id ?? call.shop.nextRowId('line'),
      rate_code: rateCode(rate.raw),
      rate_id: id,
      label: rate.raw.name,
      compound: rate.raw.compound === true,
      tax_total: fixed(cart.get(id) ?? 0n),
      shipping_tax_total: fixed(shipped.get(id) ?? 0n),
      rate_percent: Number(rate.raw.rate),
      meta_data: known?.meta_data ?? [],
    }
  })
}
