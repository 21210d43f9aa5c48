/** The lowest point of a function of a few numbers: Nelder and Mead's simplex, inside bounds. Same input, same answer. */

export interface Bounded {
  start: number
  low: number
  high: number
}

interface Point {
  at: number[]
  value: number
}

const EVALUATIONS_PER_NUMBER = 80
const TOLERANCE = 1e-9

/**
 * @param cost what is not finite counts as worst
 * @returns the lowest point found; its numbers are inside their bounds
 */
export function minimise(cost: (at: readonly number[]) => number, numbers: readonly Bounded[]): number[] {
  let left = EVALUATIONS_PER_NUMBER * numbers.length
  const evaluate = (wanted: readonly number[]): Point => {
    left -= 1
    const at = wanted.map((value, i) => {
      const { low, high } = numbers[i] as Bounded
      return Math.min(high, Math.max(low, value))
    })
    const value = cost(at)
    return { at, value: Number.isFinite(value) ? value : Number.MAX_VALUE }
  }
  const begin = numbers.map(({ start }) => start)
  const simplex = [evaluate(begin)]
  for (const [i, { start, low, high }] of numbers.entries()) {
    const step = (high - low) / 5
    const moved = start + step <= high ? start + step : start - step
    simplex.push(evaluate(begin.with(i, moved)))
  }
  const sort = () => simplex.sort((a, b) => a.value - b.value)
  sort()
  while (left > 0) {
    const best = simplex[0] as Point
    const worst = simplex.at(-1) as Point
    if (worst.value - best.value <= TOLERANCE * (Math.abs(best.value) + TOLERANCE)) break
    const others = simplex.slice(0, -1)
    const centre = begin.map((_, i) => mean(others.map(({ at }) => at[i] as number)))
    const along = (by: number) =>
      evaluate(centre.map((value, i) => value + by * ((worst.at[i] as number) - value)))
    const reflected = along(-1)
    let next = reflected
    if (reflected.value < best.value) {
      const expanded = along(-2)
      if (expanded.value < reflected.value) next = expanded
    } else if (reflected.value >= (others.at(-1) as Point).value) {
      next = along(reflected.value < worst.value ? -0.5 : 0.5)
      if (next.value >= Math.min(worst.value, reflected.value)) {
        for (const [i, point] of simplex.entries()) {
          if (i > 0) simplex[i] = evaluate(point.at.map((value, j) => (value + (best.at[j] as number)) / 2))
        }
        sort()
        continue
      }
    }
    simplex[simplex.length - 1] = next
    sort()
  }
  return (simplex[0] as Point).at
}

export function mean(values: readonly number[]): number {
  let sum = 0
  for (const value of values) sum += value
  return values.length === 0 ? 0 : sum / values.length
}
