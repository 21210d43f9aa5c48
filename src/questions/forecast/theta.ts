/**
 * The Theta method (Assimakopoulos and Nikolopoulos 2000) as Hyndman and Billah (2003) wrote it: simple exponential
 * smoothing with half the slope of the straight line through all values. What is seasonal is taken out first.
 */
import { mean } from './minimise.ts'
import { hasSeason, seasonOf } from './season.ts'
import { fit, forecastOf } from './smoothing.ts'

export function theta(values: readonly number[], season: number, horizon: number): number[] {
  if (!hasSeason(values, season)) return thetaOf(values, horizon)
  const n = values.length
  if (values.every((value) => value > 0)) {
    const figures = seasonOf(values, season, 'multiplicative')
    if (figures.every((figure) => figure > 0)) {
      const figure = (t: number) => figures[t % season] as number
      const adjusted = values.map((value, t) => value / figure(t))
      return thetaOf(adjusted, horizon).map((value, i) => value * figure(n + i))
    }
  }
  const figures = seasonOf(values, season, 'additive')
  const figure = (t: number) => figures[t % season] as number
  const adjusted = values.map((value, t) => value - figure(t))
  return thetaOf(adjusted, horizon).map((value, i) => value + figure(n + i))
}

function thetaOf(values: readonly number[], horizon: number): number[] {
  const n = values.length
  const model = fit(values, { trend: 'none', season: 'none', length: 1 })
  const { alpha } = model.weights
  const half = slope(values) / 2
  const reached = (1 - (1 - alpha) ** n) / alpha
  return forecastOf(model, values, horizon).map((value, i) => value + half * (i + reached))
}

/** Of the straight line with the least squared distance, per step. */
export function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  const average = mean(values)
  let products = 0
  let squares = 0
  for (const [t, value] of values.entries()) {
    products += (t - middle) * (value - average)
    squares += (t - middle) ** 2
  }
  return squares === 0 ? 0 : products / squares
}
