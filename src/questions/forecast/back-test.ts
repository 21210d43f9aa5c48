/**
 * Rolling-origin back-test: at several days of the past each method forecasts what followed, from what was known then
 * and nothing else; the errors say how far it can be trusted.
 */
import { mean } from './minimise.ts'
import type { Every, Field, Model } from './models.ts'

export interface Plan {
  /** How many values are known at each origin; rising. */
  origins: number[]
  /** Steps that are forecast from each. */
  horizon: number
  /** How many times the horizon fits into the time that is tested: the origins' steps overlap. */
  windows: number
}

export interface Tested {
  /** Actual minus forecast: a row for each origin, a column for each step. */
  errors: number[][]
  /** Mean absolute error in units of the baseline's one-step error on what was known; null where that is 0. */
  mase: number | null
  /** The same of the squared error, the root of it. */
  rmsse: number | null
  /** Symmetric mean absolute percentage error, 0 to 200; a forecast of 0 where there was 0 is no error. */
  smape: number
}

const MOST_ORIGINS = 10
const SHORTEST: Record<Every, number> = { day: 7, week: 4 }
/** A year: what was longer ago says little about today's errors. */
const LONGEST_SPAN: Record<Every, number> = { day: 365, week: 52 }
const LEAST_KNOWN: Record<Every, number> = { day: 28, week: 13 }

/** The same horizon as was asked for, as far as the history allows; origins over its younger half, a year at most. */
export function planOf(every: Every, observations: number, season: number, wanted: number): Plan {
  const horizon = Math.max(SHORTEST[every], Math.min(wanted, Math.floor(observations / 4)))
  const known = Math.max(LEAST_KNOWN[every], Math.ceil(1.2 * season), Math.floor(observations / 2))
  const last = observations - horizon
  const first = Math.max(Math.min(known, last), last - LONGEST_SPAN[every])
  const count = Math.min(MOST_ORIGINS, last - first + 1)
  const step = count > 1 ? (last - first) / (count - 1) : 0
  const origins = Array.from({ length: count }, (_, i) => Math.round(first + i * step))
  return { origins, horizon, windows: (last - first + horizon) / horizon }
}

/**
 * @param goOn asked before each origin; it throws when there is no time left
 * @throws what the method throws
 */
export async function backTest(
  values: readonly number[],
  model: Model,
  { season }: Pick<Field, 'season'>,
  { origins, horizon }: Pick<Plan, 'origins' | 'horizon'>,
  goOn: () => void = () => undefined,
): Promise<Tested> {
  const errors: number[][] = []
  const scaled: number[] = []
  const squared: number[] = []
  const percentages: number[] = []
  for (const origin of origins) {
    goOn()
    const known = values.slice(0, origin)
    const forecast = clipped(await model.forecast(known, horizon))
    const row = forecast.map((value, i) => (values[origin + i] as number) - value)
    errors.push(row)
    const scale = naiveError(known, season)
    if (scale > 0) {
      scaled.push(mean(row.map(Math.abs)) / scale)
      squared.push(Math.sqrt(mean(row.map((error) => error ** 2)) / naiveError(known, season, 2)))
    }
    for (const [i, value] of forecast.entries()) {
      const actual = values[origin + i] as number
      const size = Math.abs(actual) + Math.abs(value)
      percentages.push(size === 0 ? 0 : (200 * Math.abs(actual - value)) / size)
    }
  }
  return { errors, mase: meanOrNull(scaled), rmsse: meanOrNull(squared), smape: mean(percentages) }
}

/** What is sold is never less than nothing. */
export function clipped(forecast: readonly number[]): number[] {
  return forecast.map((value) => Math.max(0, value))
}

/** Mean absolute difference between each value and that one season before, or the mean of its square. */
export function naiveError(values: readonly number[], season: number, power: 1 | 2 = 1): number {
  return mean(values.slice(season).map((value, i) => Math.abs(value - (values[i] as number)) ** power))
}

function meanOrNull(values: readonly number[]): number | null {
  return values.length === 0 ? null : mean(values)
}
