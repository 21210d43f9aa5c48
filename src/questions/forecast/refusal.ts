/** Histories too short to forecast from: what is missing, and when there will be enough. */
import type { Every } from './models.ts'
import type { Series } from './series.ts'

export const refusalReasons = [
  'product_not_found',
  'currency_not_known',
  'nothing_sold',
  'history_too_short',
  'too_few_with_sales',
] as const

export interface Refusal {
  reason: (typeof refusalReasons)[number]
  /** In words, for a person. */
  words: string
  /** Whole days or weeks there are, and how many it needs. */
  observations: number
  needed: number
  /** Those of them with a paid order, and how many it needs. */
  withSales: number
  withSalesNeeded: number
}

interface Least {
  observations: number
  withSales: Record<'shop' | 'product', number>
}

/** Eight whole weeks of days, half a year of weeks; of a product alone a few sales are enough. */
export const LEAST: Record<Every, Least> = {
  day: { observations: 56, withSales: { shop: 28, product: 14 } },
  week: { observations: 26, withSales: { shop: 13, product: 8 } },
}

export function refusalOf(series: Series, every: Every, about: 'shop' | 'product'): Refusal | null {
  const least = LEAST[every]
  const observations = series.points.length
  const figures = {
    observations,
    needed: least.observations,
    withSales: observations - series.empty,
    withSalesNeeded: least.withSales[about],
  }
  const units = every === 'day' ? 'days' : 'weeks'
  if (figures.withSales === 0) {
    return {
      reason: 'nothing_sold',
      words: `No paid order of it lies in whole ${units} of the history.`,
      ...figures,
    }
  }
  if (observations < figures.needed) {
    const words = `A forecast needs ${figures.needed} whole ${units} since the first paid order; there are ${observations}.`
    return { reason: 'history_too_short', words, ...figures }
  }
  if (figures.withSales < figures.withSalesNeeded) {
    const words = `A forecast needs ${figures.withSalesNeeded} ${units} with a paid order; there are ${figures.withSales}.`
    return { reason: 'too_few_with_sales', words, ...figures }
  }
  return null
}

/** There is nothing to read a series of. */
export function refusedBefore(
  reason: 'product_not_found' | 'currency_not_known',
  every: Every,
  about: 'shop' | 'product',
): Refusal {
  const words =
    reason === 'product_not_found'
      ? 'The shop has no such product.'
      : 'The shop’s own currency is not known yet: name one in currency.'
  const { observations: needed, withSales } = LEAST[every]
  return { reason, words, observations: 0, needed, withSales: 0, withSalesNeeded: withSales[about] }
}
