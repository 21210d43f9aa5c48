/**
 * How far off a forecast may be: from the errors of the back-test, step by step. The spread of the errors is taken to
 * grow as a power of the step, which also reaches beyond the steps that could be tested.
 */
import { mean } from './minimise.ts'

/** Per cent of the cases in which the truth is inside. */
export const levels = [80, 85, 90, 95] as const
export type Level = (typeof levels)[number]

/** Two-sided, of the normal distribution. */
const NORMAL: Record<Level, number> = { 80: 1.2816, 85: 1.4395, 90: 1.6449, 95: 1.96 }

export interface Offsets {
  /** To be added to the forecast; low is negative or 0. */
  low: number
  high: number
}

/** The errors' spread may stay as it is, or grow as far as that of a random walk. */
const STEP_GROWTH = { least: 0, most: 1.5 }
/** Of sums: independent errors grow with the number of steps, those of a random walk with its cube. */
const SUM_GROWTH = { least: 1, most: 3 }

export interface Errors {
  /** Actual minus forecast: a row for each origin, a column for each step. */
  errors: readonly number[][]
  /** How many times the tested horizon fits into the time that was tested: rows that overlap tell the same twice. */
  windows: number
}

/** For each step. */
export function stepOffsets({ errors, windows }: Errors, horizon: number, level: Level): Offsets[] {
  // Errors that grow from step to step last: then there are no more independent ones than windows.
  return offsets(errors, horizon, level, STEP_GROWTH, (power) => {
    const lasting = Math.min(1, power)
    return errors.length ** (1 - lasting) * windows ** lasting
  })
}

/** For the sum of all steps. */
export function sumOffsets({ errors, windows }: Errors, horizon: number, level: Level): Offsets {
  const sums = errors.map((row) => {
    let sum = 0
    return row.map((error) => (sum += error))
  })
  return offsets(sums, horizon, level, SUM_GROWTH, () => windows).at(-1) as Offsets
}

function offsets(
  errors: readonly number[][],
  horizon: number,
  level: Level,
  growth: { least: number; most: number },
  independent: (power: number) => number,
): Offsets[] {
  const steps = errors[0]?.length ?? 0
  const squares = Array.from({ length: steps }, (_, i) => mean(errors.map((row) => (row[i] as number) ** 2)))
  const power = Math.min(growth.most, Math.max(growth.least, powerOf(squares)))
  const unit = Math.sqrt(mean(squares.map((square, i) => square / (i + 1) ** power)))
  const spread = (step: number) => unit * step ** (power / 2)
  const relative = errors.flatMap((row) => row.map((error, i) => (unit === 0 ? 0 : error / spread(i + 1))))
  relative.sort((a, b) => a - b)
  const inTail = (1 - level / 100) / 2
  const wider = student(level, independent(power)) / NORMAL[level]
  const low = Math.min(0, quantile(relative, inTail)) * wider
  const high = Math.max(0, quantile(relative, 1 - inTail)) * wider
  return Array.from({ length: horizon }, (_, i) => ({ low: low * spread(i + 1), high: high * spread(i + 1) }))
}

/** By which power of the step the squares grow: the slope of a straight line in logarithms, early steps weighing more. */
function powerOf(squares: readonly number[]): number {
  const points = squares.flatMap((square, i) =>
    square > 0 ? [{ x: Math.log(i + 1), y: Math.log(square), weight: 1 / (i + 1) }] : [],
  )
  const weight = points.reduce((sum, point) => sum + point.weight, 0)
  if (weight === 0) return 0
  const middle = (of: 'x' | 'y') => points.reduce((sum, point) => sum + point.weight * point[of], 0) / weight
  const [x, y] = [middle('x'), middle('y')]
  const across = points.reduce((sum, point) => sum + point.weight * (point.x - x) ** 2, 0)
  const together = points.reduce((sum, point) => sum + point.weight * (point.x - x) * (point.y - y), 0)
  return across === 0 ? 0 : together / across
}

/** @param sorted rising, at least one */
function quantile(sorted: readonly number[], share: number): number {
  // Of n values a new one lies between the ends with the chance (n - 1) / (n + 1): places are counted so.
  const place = Math.min(sorted.length, Math.max(1, share * (sorted.length + 1))) - 1
  const below = sorted[Math.floor(place)] as number
  const above = sorted[Math.ceil(place)] as number
  return below + (above - below) * (place - Math.floor(place))
}

/** Quantile of Student's distribution, two-sided: Cornish and Fisher's expansion, good to a few per cent from 3 degrees on. */
function student(level: Level, degrees: number): number {
  const z = NORMAL[level]
  const n = Math.max(2.5, degrees)
  return z + (z ** 3 + z) / (4 * n) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * n ** 2)
}
