/** SARIMA with orders that are named, never chosen automatically: that was slower and worse than repeating last week. */
import ARIMA from 'arima'
import { mean } from './minimise.ts'

export interface Orders {
  p: number
  d: number
  q: number
  P: number
  D: number
  Q: number
  season: number
}

/** A year of days: more of the past takes four times as long and tells nothing new (tried on two years). */
const LONGEST_HISTORY = 364

/** A result so many times further away than anything seen is a failed fit. */
const ABSURD = 10

/** Exact maximum likelihood; where it runs away, as it does now and then, the conditional sum of squares. */
const EXACT = 0
const CONDITIONAL = 1

/** @throws an error whose message says why there is no usable result */
export function sarima(values: readonly number[], orders: Orders, horizon: number): number[] {
  const recent = values.slice(-LONGEST_HISTORY)
  // It answers NaN, infinity and very large numbers with silent nonsense: it gets numbers around 1.
  const scale = mean(recent.map(Math.abs))
  const first = recent[0]
  if (!recent.every(Number.isFinite)) throw new Error('a value is no number')
  if (scale === 0 || recent.every((value) => value === first)) throw new Error('the series does not move')
  const scaled = recent.map((value) => value / scale)
  const highest = Math.max(...scaled.map(Math.abs))
  for (const method of [EXACT, CONDITIONAL]) {
    const result = fitted(scaled, orders, method, horizon)
    if (result.every((value) => Number.isFinite(value) && Math.abs(value) <= ABSURD * highest)) {
      return result.map((value) => value * scale)
    }
  }
  throw new Error('its result is not usable')
}

function fitted(values: number[], { season, ...rest }: Orders, method: number, horizon: number): number[] {
  const model = new ARIMA({ ...rest, s: season, method, verbose: false })
  try {
    return model.train(values).predict(horizon)[0]
  } finally {
    model.destroy()
  }
}
