/** The taxes of a line: PHP-serialised in one meta, by tax rate. */
import type { Cell } from '../database.ts'
import { cleanDecimal, decimalText, minorText, minorUnits, plainNumber } from '../decimal.ts'
import { unserialize } from '../php.ts'

/** Amounts by rate, in the order PHP holds them. */
type Amounts = (readonly [rate: string, amount: string])[]

interface TaxData {
  total: Amounts
  subtotal: Amounts
}

/** How the shop rounds. */
export interface TaxRounding {
  decimals: number
  /** Towards zero where prices include tax. */
  half: 'up' | 'down'
  /** Sums are rounded, not each rate's tax. */
  atSubtotal: boolean
}

export interface LineTaxes {
  taxes: { id: number | string; total: string; subtotal: string }[]
  totalTax: string
  subtotalTax: string
}

/**
 * The taxes of a product's line. A malformed text counts as no taxes, as it does in WooCommerce.
 * @param text `_line_tax_data`
 */
export function productTaxes(text: Cell | undefined, rounding: TaxRounding): LineTaxes {
  const data = taxData(text)
  // WooCommerce wants both, or takes neither.
  if (data.total.length === 0 || data.subtotal.length === 0) return noTaxes(rounding.decimals)
  const subtotal = sum(data.subtotal) < sum(data.total) ? data.total : data.subtotal
  return lineTaxes(data.total, subtotal, rounding)
}

/** The taxes of a fee or of shipping: they know no subtotal. */
export function plainTaxes(text: Cell | undefined, rounding: TaxRounding): LineTaxes {
  return lineTaxes(taxData(text).total, [], rounding)
}

function noTaxes(decimals: number): LineTaxes {
  const zero = minorText(0, decimals)
  return { taxes: [], totalTax: zero, subtotalTax: zero }
}

function lineTaxes(total: Amounts, subtotal: Amounts, rounding: TaxRounding): LineTaxes {
  const { decimals } = rounding
  const taxes = total.map(([rate, amount], index) => {
    // Both lists nearly always name the same rates in the same order.
    const before = subtotal[index]?.[0] === rate ? subtotal[index] : subtotal.find(([key]) => key === rate)
    const id = Number(rate)
    return {
      id: Number.isSafeInteger(id) ? id : rate,
      total: decimalText(amount, decimals),
      subtotal: before === undefined ? '' : decimalText(before[1], decimals),
    }
  })
  return { taxes, totalTax: roundedSum(total, rounding), subtotalTax: roundedSum(subtotal, rounding) }
}

function roundedSum(amounts: Amounts, { decimals, half, atSubtotal }: TaxRounding): string {
  if (atSubtotal) return decimalText(plainNumber(sum(amounts), decimals), decimals)
  let units = 0
  for (const [, amount] of amounts) units += minorUnits(amount, decimals, half)
  return minorText(units, decimals)
}

function sum(amounts: Amounts): number {
  let total = 0
  for (const [, amount] of amounts) total += Number(amount) || 0
  return total
}

const NOTHING: TaxData = { total: [], subtotal: [] }

// What WooCommerce itself writes, read in one go; PHP's order of rates is kept, which objects would lose.
const SECTION = /s:\d+:"(total|subtotal)";a:\d+:\{/y
const ENTRY = /(?:i:(-?\d+)|s:\d+:"([^"]*)");(?:s:\d+:"([^"]*)"|d:([^;]+)|i:(-?\d+)|N);/y

function taxData(text: Cell | undefined): TaxData {
  if (text == null || text === '') return NOTHING
  return quickly(text) ?? thoroughly(text)
}

function quickly(text: string): TaxData | null {
  if (!text.startsWith('a:')) return null
  let at = text.indexOf('{') + 1
  const data: TaxData = { total: [], subtotal: [] }
  while (text[at] !== '}') {
    SECTION.lastIndex = at
    const section = SECTION.exec(text)
    if (section === null) return null
    at = SECTION.lastIndex
    const amounts = data[section[1] as keyof TaxData]
    while (text[at] !== '}') {
      ENTRY.lastIndex = at
      const entry = ENTRY.exec(text)
      if (entry === null) return null
      at = ENTRY.lastIndex
      amounts.push([
        entry[1] ?? entry[2] ?? '',
        amountText(entry[3] ?? entry[5] ?? (entry[4] === undefined ? '' : Number(entry[4]))),
      ])
    }
    at++
  }
  return at === text.length - 1 ? data : null
}

/** Older shapes, and whatever plugins wrote. */
function thoroughly(text: string): TaxData {
  let value: unknown
  try {
    value = unserialize(text)
  } catch {
    return NOTHING
  }
  if (value === null || typeof value !== 'object') return NOTHING
  const { total, subtotal } = value as Record<string, unknown>
  // Shipping's taxes were once a plain list by rate.
  if (total === undefined && subtotal === undefined) return { total: amountsOf(value), subtotal: [] }
  return { total: amountsOf(total), subtotal: amountsOf(subtotal) }
}

function amountsOf(value: unknown): Amounts {
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).map(([rate, amount]) => [rate, amountText(amount)])
}

function amountText(amount: unknown): string {
  if (typeof amount === 'number') return plainNumber(amount)
  return typeof amount === 'string' ? cleanDecimal(amount) : ''
}
