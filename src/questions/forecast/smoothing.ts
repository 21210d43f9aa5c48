/**
 * Exponential smoothing in its component form (Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 8):
 * level, damped trend, additive or multiplicative season. Its numbers are those with the least squared one-step error.
 */
import { type Bounded, mean, minimise } from './minimise.ts'
import { type SeasonKind, seasonOf } from './season.ts'

export interface Form {
  /** linear: it goes on for ever; damped: it wears off. */
  trend: 'none' | 'linear' | 'damped'
  season: 'none' | SeasonKind
  /** Observations of one season; 1 where there is none. */
  length: number
}

export interface Weights {
  /** How fast the level, the trend and the season follow: 0 never, 1 at once. */
  alpha: number
  beta: number
  gamma: number
  /** What is left of the trend after each step. */
  phi: number
}

export interface State {
  level: number
  trend: number
  /** The last season's figures, the oldest first. */
  season: number[]
}

/** Goes through the values once; the state is that after the last. Called thousands of times: hence the plain loop. */
export function smooth(values: readonly number[], form: Form, weights: Weights, begin: State) {
  const { alpha, beta, gamma, phi } = weights
  const { length } = form
  const multiplicative = form.season === 'multiplicative'
  const seasonal = form.season !== 'none'
  const season = begin.season.length === length ? [...begin.season] : Array<number>(length).fill(0)
  let { level, trend } = begin
  let squaredError = 0
  let place = 0
  for (let t = 0; t < values.length; t++) {
    const value = values[t] as number
    const before = level + phi * trend
    const figure = season[place] as number
    let last: number
    if (multiplicative) {
      squaredError += (value - before * figure) ** 2
      last = alpha * (value / figure) + (1 - alpha) * before
      season[place] = gamma * (value / before) + (1 - gamma) * figure
    } else {
      squaredError += (value - before - figure) ** 2
      last = alpha * (value - figure) + (1 - alpha) * before
      if (seasonal) season[place] = gamma * (value - before) + (1 - gamma) * figure
    }
    trend = beta * (last - level) + (1 - beta) * phi * trend
    level = last
    place = place + 1 === length ? 0 : place + 1
  }
  const state: State = { level, trend, season: [...season.slice(place), ...season.slice(0, place)] }
  return { squaredError, state }
}

export function continued(form: Form, { phi }: Weights, state: State, horizon: number): number[] {
  let damping = 0
  return Array.from({ length: horizon }, (_, i) => {
    damping += phi ** (i + 1)
    const base = state.level + damping * state.trend
    if (form.season === 'none') return base
    const figure = state.season[i % form.length] as number
    return form.season === 'multiplicative' ? base * figure : base + figure
  })
}

export interface Fitted {
  form: Form
  weights: Weights
  begin: State
  squaredError: number
  /** How many numbers were fitted: they are what Akaike's criterion counts. */
  fitted: number
}

/** Seasons that the first figures are taken from: later ones may already be others. */
const FIRST_SEASONS = 8

/** @param values at least two, and at least two seasons where there is one; all positive where it is multiplicative */
export function fit(values: readonly number[], form: Form): Fitted {
  const { length } = form
  const first = values.slice(0, FIRST_SEASONS * length)
  const season = form.season === 'none' ? [] : seasonOf(first, length, form.season)
  const head = mean(values.slice(0, Math.min(values.length, Math.max(length, 4))))
  const highest = Math.max(...values)
  const lowest = Math.min(...values)
  const spread = highest - lowest
  const level: Bounded = { start: head, low: lowest - spread / 2, high: highest + spread / 2 }
  if (form.season === 'multiplicative') level.low = Math.max(level.low, lowest / 2)
  const numbers: Bounded[] = [{ start: 0.3, low: 0.0001, high: 0.9999 }, level]
  if (form.season !== 'none') numbers.push({ start: 0.05, low: 0.0001, high: 0.9999 })
  if (form.trend !== 'none') {
    const steepest = spread / Math.max(2, length)
    numbers.push({ start: 0.05, low: 0.0001, high: 0.9999 })
    numbers.push({ start: 0, low: -steepest, high: steepest })
  }
  if (form.trend === 'damped') numbers.push({ start: 0.95, low: 0.8, high: 0.98 })
  const toModel = (at: readonly number[]): { weights: Weights; begin: State } => {
    const rest = at.slice(2)
    const gamma = form.season === 'none' ? 0 : (rest.shift() as number)
    const [beta = 0, trend = 0, phi = 1] = rest
    const alpha = at[0] as number
    // A season that follows faster than the level leaves it is not to be told from it.
    const bounded = Math.min(gamma, 1 - alpha)
    return { weights: { alpha, beta, gamma: bounded, phi }, begin: { level: at[1] as number, trend, season } }
  }
  const cost = (at: readonly number[]) => {
    const { weights, begin } = toModel(at)
    return smooth(values, form, weights, begin).squaredError
  }
  const valley = minimise(cost, numbers)
  // Begun again where it ended: a simplex that has become flat may stop before the lowest point.
  const best = minimise(
    cost,
    numbers.map((bounds, i) => ({ ...bounds, start: valley[i] as number })),
  )
  return { form, ...toModel(best), squaredError: cost(best), fitted: numbers.length + season.length }
}

/** The best of those without, with a linear, and with a damped trend, by Akaike's corrected criterion, so many steps on. */
export function smoothed(
  values: readonly number[],
  season: Form['season'],
  length: number,
  horizon: number,
): number[] {
  const fits = (['none', 'linear', 'damped'] as const).map((trend) => fit(values, { trend, season, length }))
  const [best] = fits.toSorted((a, b) => criterion(a, values.length) - criterion(b, values.length))
  return forecastOf(best as Fitted, values, horizon)
}

export function forecastOf(model: Fitted, values: readonly number[], horizon: number): number[] {
  const { state } = smooth(values, model.form, model.weights, model.begin)
  return continued(model.form, model.weights, state, horizon)
}

function criterion({ squaredError, fitted }: Fitted, n: number): number {
  const parameters = fitted + 1
  // A perfect fit would be minus infinity, with and without the trend.
  const perObservation = Math.max(squaredError / n, Number.MIN_VALUE)
  const correction = n - parameters - 1 > 0 ? (2 * parameters * (parameters + 1)) / (n - parameters - 1) : 0
  return n * Math.log(perObservation) + 2 * parameters + correction
}
