/** The intervals hold the truth about as often as they say: tried on series whose future is known. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../../demo/generate/random.ts'
import { compete } from '../../src/questions/forecast/compete.ts'
import { stepOffsets, sumOffsets } from '../../src/questions/forecast/interval.ts'

const WEEKDAYS = [0.8, 0.85, 0.9, 1, 1.1, 1.5, 1.2]

interface Dice {
  normal(): number
  poisson(mean: number): number
}

function dice(seed: number): Dice {
  const random = createRandom(seed)
  return {
    normal: () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random()),
    poisson(mean) {
      let count = -1
      for (let left = 1; left > Math.exp(-mean); count++) left *= random()
      return count
    },
  }
}

const weekday = (t: number) => WEEKDAYS[t % 7] as number

const worlds: Record<string, (length: number, dice: Dice) => number[]> = {
  'orders by chance': (length, { poisson }) => Array.from({ length }, (_, t) => poisson(9 * weekday(t))),
  'amounts of very different size': (length, { normal }) =>
    Array.from({ length }, (_, t) => 1000 * weekday(t) * Math.exp(0.4 * normal())),
  'days that resemble the day before': (length, { normal }) => {
    let state = 0
    return Array.from({ length }, (_, t) => {
      state = 0.7 * state + 10 * normal()
      return Math.max(0, 100 * weekday(t) + state)
    })
  },
  'a level that wanders': (length, { normal }) => {
    let level = 400
    return Array.from({ length }, (_, t) => {
      level += 4 * normal()
      return Math.max(0, level + 50 * weekday(t) + 10 * normal())
    })
  },
}

const RUNS = 30
const [KNOWN, AHEAD] = [150, 14]

for (const [name, world] of Object.entries(worlds)) {
  test(`80 of 100: ${name}`, async (t) => {
    let inside = 0
    let sums = 0
    for (let run = 0; run < RUNS; run++) {
      const values = world(KNOWN + AHEAD, dice(1000 + run))
      const known = values.slice(0, KNOWN)
      const outcome = await compete({ values: known, every: 'day', horizon: AHEAD, level: 80, slowBudget: 0 })
      const came = values.slice(KNOWN)
      for (const [i, { low, high }] of outcome.steps.entries()) {
        const value = came[i] as number
        if (value >= low && value <= high) inside += 1
      }
      const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0)
      const off = sum(came) - sum(outcome.steps.map(({ value }) => value))
      if (off >= outcome.sum.low && off <= outcome.sum.high) sums += 1
    }
    const steps = (100 * inside) / (RUNS * AHEAD)
    // 420 steps, but those of one run resemble each other; 30 sums.
    assert.ok(steps >= 70 && steps <= 92, `steps: ${steps}`)
    assert.ok((100 * sums) / RUNS >= 63, `sums: ${(100 * sums) / RUNS}`)
    t.diagnostic(`steps ${steps.toFixed(0)} %, sums ${((100 * sums) / RUNS).toFixed(0)} %`)
  })
}

test('the interval widens with the level, and where errors grow, with the step', () => {
  const { normal } = dice(7)
  const walks = Array.from({ length: 10 }, () => {
    let at = 0
    return Array.from({ length: 20 }, () => (at += normal()))
  })
  const errors = { errors: walks, windows: 5 }
  const width = ({ low, high }: { low: number; high: number }) => high - low
  const widths = stepOffsets(errors, 40, 90).map(width)
  assert.deepEqual(
    widths,
    widths.toSorted((a, b) => a - b),
  )
  // A random walk: four times as far away, twice as wide.
  const ratio = (widths[39] as number) / (widths[9] as number)
  assert.ok(ratio > 1.5 && ratio < 3, `${ratio}`)
  assert.ok(width(sumOffsets(errors, 40, 95)) > width(sumOffsets(errors, 40, 80)))
  assert.ok(width(sumOffsets(errors, 40, 90)) > 20 * (widths[39] as number) * 0.5)
  const still = stepOffsets({ errors: [Array(5).fill(0)], windows: 1 }, 3, 95)
  assert.deepEqual(still[2], { low: 0, high: 0 })
})
