/** Whether a series has a season, and what it is: classical decomposition. */
import { mean } from './minimise.ts'

export type SeasonKind = 'additive' | 'multiplicative'

/** One-sided 5 %. */
const SIGNIFICANT = 1.645

/** Whether the autocorrelation at the season's lag stands out of what the shorter lags let expect. */
export function hasSeason(values: readonly number[], season: number): boolean {
  const n = values.length
  if (season < 2 || n < 2 * season) return false
  const middle = mean(values)
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0)
  if (squares === 0) return false
  const correlation = (lag: number) => {
    let sum = 0
    for (let t = lag; t < n; t++)
      sum += ((values[t] as number) - middle) * ((values[t - lag] as number) - middle)
    return sum / squares
  }
  let before = 0
  for (let lag = 1; lag < season; lag++) before += correlation(lag) ** 2
  return Math.abs(correlation(season)) > SIGNIFICANT * Math.sqrt((1 + 2 * before) / n)
}

/**
 * The season's figures by its place, that of the first value first: what is to be taken away (they sum to 0), or to be
 * divided by (their mean is 1).
 * @param values at least two seasons; all positive where the kind is multiplicative
 */
export function seasonOf(values: readonly number[], season: number, kind: SeasonKind): number[] {
  const trend = movingAverage(values, season)
  const places: number[][] = Array.from({ length: season }, () => [])
  for (const [t, middle] of trend.entries()) {
    if (middle === null) continue
    const value = values[t] as number
    places[t % season]?.push(kind === 'additive' ? value - middle : value / middle)
  }
  const raw = places.map(mean)
  const middle = mean(raw)
  return raw.map((value) => (kind === 'additive' ? value - middle : value / middle))
}

/** Centred; null where it does not reach. Of an even season the two ends count half. */
function movingAverage(values: readonly number[], season: number): (number | null)[] {
  const half = Math.floor(season / 2)
  const even = season % 2 === 0
  return values.map((_, t) => {
    if (t < half || t + half >= values.length) return null
    let sum = 0
    for (let i = t - half; i <= t + half; i++) {
      const weight = even && (i === t - half || i === t + half) ? 0.5 : 1
      sum += weight * (values[i] as number)
    }
    return sum / season
  })
}
