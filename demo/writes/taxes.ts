/** The tax rates that count for an order, by where it goes (`woocommerce_tax_based_on` = shipping). */
import type { Shop } from '../shop.ts'
import type { Raw } from '../table.ts'
import { cents, fixed, type Micro, parseMoney, proportion, sum, taxInside, taxOn } from './money.ts'
import { baseCountry, pricesIncludeTax } from './options.ts'

export interface Rate {
  id: number
  /** Millionths of a percent. */
  rate: bigint
  raw: Raw
}

/** Tax by rate id, to a millionth; a line keeps these and shows them in cents. */
export type Taxes = Map<number, Micro>

export interface Taxation {
  /** Prices in the shop include tax: then a half cent of tax rounds down. */
  inclusive: boolean
  /** Rates by tax class ('' is the standard one) where the order goes. */
  rates(taxClass: string): Rate[]
  /** The net of a price in the shop, whose tax is always that of the shop's own country. */
  net(price: Micro, taxClass: string): Micro
  /** The classes that have rates, for a negative fee. */
  byId(id: number): Rate | undefined
}

/** `billing` and `shipping` are the order's addresses; without a country the shop's own counts. */
export function taxation(shop: Shop, billing: Raw, shipping: Raw): Taxation {
  const inclusive = pricesIncludeTax(shop)
  const base = baseCountry(shop)
  const there = String(shipping.country || billing.country || base)
  return {
    inclusive,
    rates: (taxClass) => ratesIn(shop, there, taxClass),
    net: (price, taxClass) =>
      inclusive ? price - sum(inside(price, ratesIn(shop, base, taxClass)).values()) : price,
    byId: (id) => shop.small.taxes.filter((raw) => raw.id === id).map(asRate)[0],
  }
}

function ratesIn(shop: Shop, country: string, taxClass: string): Rate[] {
  const wanted = taxClass || 'standard'
  return shop.small.taxes
    .filter((raw) => raw.class === wanted && (raw.country === '' || raw.country === country))
    .map(asRate)
}

function asRate(raw: Raw): Rate {
  return { id: raw.id as number, rate: parseMoney(raw.rate), raw }
}

/** The taxes inside a gross amount. */
export function inside(gross: Micro, rates: readonly Rate[]): Taxes {
  const all = rates.reduce((total, each) => total + each.rate, 0n)
  const tax = taxInside(gross, all)
  return new Map(rates.map((each) => [each.id, proportion(tax, each.rate, all)]))
}

/** The taxes on a net amount. */
export function on(net: Micro, rates: readonly Rate[]): Taxes {
  return new Map(rates.map((each) => [each.id, taxOn(net, each.rate)]))
}

/** A line's tax in whole cents: each rate rounded by itself, a half down when prices include tax. */
export function rounded(taxes: Taxes, inclusive: boolean): Micro {
  return sum([...taxes.values()].map((tax) => cents(tax, inclusive ? 'down' : 'up')))
}

/** `taxes` as a line shows them; `subtotal` is '' on shipping and fees. */
export function shown(total: Taxes, subtotal: Taxes | null): Raw[] {
  return [...total].map(([id, tax]) => ({
    id,
    total: fixed(tax),
    subtotal: subtotal ? fixed(subtotal.get(id) ?? 0n) : '',
  }))
}

/** `RO-TVA REDUS-1`: country, state, name and priority. */
export function rateCode(raw: Raw): string {
  return [raw.country, raw.state, raw.name || 'TAX', raw.priority]
    .filter((part) => part !== '' && part !== undefined)
    .join('-')
    .toUpperCase()
}
