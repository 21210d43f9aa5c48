/** What can be forecast, and what it means. */
import type { Fact } from '../facts.ts'

export const measures = ['net_sales', 'orders', 'items'] as const
export type Of = (typeof measures)[number]

export interface Measure {
  of: Of
  definition: string
  type: Fact['type']
  /** Of a quantity; money has the currency of the series. */
  unit: string | null
}

const PAID =
  'paid orders (processing, completed, refunded), by the shop’s local day of creation, with whatever was refunded of them since'

const shop: Record<Of, Omit<Measure, 'of'>> = {
  net_sales: {
    definition: `Totals minus all refunds of ${PAID}.`,
    type: 'money',
    unit: null,
  },
  orders: {
    definition:
      'Number of paid orders (processing, completed, refunded), by the shop’s local day of creation.',
    type: 'quantity',
    unit: 'orders',
  },
  items: {
    definition: `Pieces in the product lines, minus refunded pieces, of ${PAID}.`,
    type: 'quantity',
    unit: 'pieces',
  },
}

const ofProduct: Record<Of, Omit<Measure, 'of'>> = {
  net_sales: {
    definition: `Totals of its lines, after discounts, without tax, minus refunds of these lines, in ${PAID}.`,
    type: 'money',
    unit: null,
  },
  orders: {
    definition:
      'Number of paid orders (processing, completed, refunded) with a line of it, by the shop’s local day of creation.',
    type: 'quantity',
    unit: 'orders',
  },
  items: {
    definition: `Pieces in its lines, minus refunded pieces, of ${PAID}.`,
    type: 'quantity',
    unit: 'pieces',
  },
}

export function measureOf(of: Of, about: 'shop' | 'product'): Measure {
  return { of, ...(about === 'shop' ? shop : ofProduct)[of] }
}
