/**
 * Money of the demo shop: whole bani (1/100 leu), never floats. Prices include tax; a line's tax is taken out
 * of its gross amount, as WooCommerce does with prices entered with tax.
 */

/** '12.30' from 1230; always two decimals, as orders show them. */
export function amount(bani: number): string {
  const sign = bani < 0 ? '-' : ''
  const all = Math.abs(bani)
  const rest = all % 100
  return `${sign}${(all - rest) / 100}.${rest < 10 ? '0' : ''}${rest}`
}

/** '12.3' from 1230, as a person types a price: products keep it so. */
export function typed(bani: number): string {
  return amount(bani).replace(/\.?0+$/, '')
}

/** The tax in a gross amount. Net is the rest, so the two always add up. */
export function taxWithin(gross: number, percent: number): number {
  return Math.round((gross * percent) / (100 + percent))
}

/** The tax on a net amount: fees and shipping are entered without tax. */
export function taxOn(net: number, percent: number): number {
  return Math.sign(net) * Math.round((Math.abs(net) * percent) / 100)
}

/** A line's `price`: WooCommerce divides the net total, kept to six decimals, and sends a float (row 12). */
export function unitPrice(gross: number, percent: number, quantity: number): number {
  return Math.round((gross * 1e6) / (100 + percent)) / 1e6 / quantity
}

/** `parts` shares of `total`, in proportion, whole and adding up. */
export function share(total: number, weights: readonly number[]): number[] {
  let left = total
  let weight = weights.reduce((sum, each) => sum + each, 0)
  return weights.map((each) => {
    const part = weight === 0 ? 0 : Math.round((left * each) / weight)
    left -= part
    weight -= each
    return part
  })
}

export const RATES = { '': 21, 'reduced-rate': 11 } as const
export type TaxClass = keyof typeof RATES
