/** The methods that compete, with what each needs. */
import type { Orders } from './sarima.ts'
import { smoothed } from './smoothing.ts'
import { theta } from './theta.ts'

export type Every = 'day' | 'week'

export const modelNames = [
  'seasonal_naive',
  'naive',
  'drift',
  'simple_smoothing',
  'holt_winters_additive',
  'holt_winters_multiplicative',
  'theta',
  'sarima_011_011_7',
  'sarima_101_011_7',
  'arima_011',
  'arima_111',
] as const

export type ModelName = (typeof modelNames)[number]

/** In words, for a person. */
export const modelWords: Record<ModelName, string> = {
  seasonal_naive: 'seasonal naive: as on the same day one season before',
  naive: 'naive: as the last one',
  drift: 'drift: on along the line from the first to the last',
  simple_smoothing: 'exponential smoothing without a season, with a trend where it helps',
  holt_winters_additive:
    'exponential smoothing with an additive season (Holt-Winters), with a trend where it helps',
  holt_winters_multiplicative:
    'exponential smoothing with a multiplicative season (Holt-Winters), with a trend where it helps',
  theta: 'Theta: the season taken out where there is one, then smoothing with half the long-term slope',
  sarima_011_011_7: 'SARIMA(0,1,1)(0,1,1) with a season of 7 days',
  sarima_101_011_7: 'SARIMA(1,0,1)(0,1,1) with a season of 7 days',
  arima_011: 'ARIMA(0,1,1)',
  arima_111: 'ARIMA(1,1,1)',
}

export interface Model {
  name: ModelName
  /** Values it must be given at least. */
  least: number
  /** Only for series without zeros and negative values. */
  positive: boolean
  /** Slow: it works within the time that is left. */
  slow: boolean
  /** @throws an error whose message says why there is no result */
  forecast(values: readonly number[], horizon: number): number[] | Promise<number[]>
}

export interface Field {
  /** Observations of one season; 1: none is looked for. */
  season: number
  /** The plain method that the others must beat; errors are scaled by its own. */
  baseline: Model
  others: readonly Model[]
}

const WEEK = 7
const YEAR = 52
/** What the library needs at least. */
const LEAST_FOR_ARIMA: Record<Every, number> = { day: 4 * WEEK, week: 13 }

/** Weeks have a season where two years of them exist; days always have that of the week. */
export function fieldOf(every: Every, observations: number): Field {
  const season = every === 'day' ? WEEK : observations >= 2 * YEAR ? YEAR : 1
  const seasonal: Model = quick('seasonal_naive', season, (values, horizon) =>
    Array.from({ length: horizon }, (_, i) => values[values.length - season + (i % season)] as number),
  )
  const naive = quick('naive', 1, (values, horizon) => Array(horizon).fill(values.at(-1)))
  const drift = quick('drift', 2, (values, horizon) => {
    const last = values.at(-1) as number
    const step = (last - (values[0] as number)) / (values.length - 1)
    return Array.from({ length: horizon }, (_, i) => last + step * (i + 1))
  })
  const simple = quick('simple_smoothing', 8, (values, horizon) => smoothed(values, 'none', 1, horizon))
  const thetaModel = quick('theta', 8, (values, horizon) => theta(values, season, horizon))
  const winters = (['additive', 'multiplicative'] as const).map(
    (kind): Model => ({
      ...quick(`holt_winters_${kind}`, 2 * season + 5, (values, horizon) =>
        smoothed(values, kind, season, horizon),
      ),
      positive: kind === 'multiplicative',
    }),
  )
  const none = { P: 0, D: 0, Q: 0, season: 0 }
  const weekly = { P: 0, D: 1, Q: 1, season: WEEK }
  const arima =
    every === 'day'
      ? [
          slow('sarima_011_011_7', { p: 0, d: 1, q: 1, ...weekly }),
          slow('sarima_101_011_7', { p: 1, d: 0, q: 1, ...weekly }),
        ]
      : [slow('arima_011', { p: 0, d: 1, q: 1, ...none }), slow('arima_111', { p: 1, d: 1, q: 1, ...none })]
  return season === 1
    ? { season, baseline: naive, others: [drift, simple, thetaModel, ...arima] }
    : { season, baseline: seasonal, others: [naive, drift, simple, ...winters, thetaModel, ...arima] }
}

function quick(name: ModelName, least: number, forecast: Model['forecast']): Model {
  return { name, least, positive: false, slow: false, forecast }
}

function slow(name: ModelName, orders: Orders): Model {
  return {
    name,
    least: orders.season === 0 ? LEAST_FOR_ARIMA.week : LEAST_FOR_ARIMA.day,
    positive: false,
    slow: true,
    async forecast(values, horizon) {
      // It brings a program of its own along, which nobody but the worker needs to load.
      const { sarima } = await import('./sarima.ts')
      return sarima(values, orders, horizon)
    },
  }
}
