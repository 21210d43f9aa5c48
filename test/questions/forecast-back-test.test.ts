/** The competition: nobody sees the future, the errors are what they are called, and the right method wins. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createRandom } from '../../demo/generate/random.ts'
import { backTest, clipped, naiveError, planOf } from '../../src/questions/forecast/back-test.ts'
import { compete, type Outcome, type Task } from '../../src/questions/forecast/compete.ts'
import { fieldOf, type Model } from '../../src/questions/forecast/models.ts'

/** Normally distributed numbers, the same for the same seed. */
function normal(seed: number): () => number {
  const random = createRandom(seed)
  return () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random())
}

const WEEKDAYS = [0.8, 0.85, 0.9, 1, 1.1, 1.5, 1.2]
const task = (values: readonly number[], more: Partial<Task> = {}): Task => ({
  values,
  every: 'day',
  horizon: 14,
  level: 90,
  slowBudget: 10_000,
  ...more,
})

const maseOf = ({ candidates }: Outcome, name: string) =>
  candidates.find(({ model }) => model === name)?.mase ?? Number.NaN

test('MASE and sMAPE by hand', async () => {
  const last = { forecast: (values: readonly number[], h: number) => Array(h).fill(values.at(-1)) } as never
  // Known: 2 4 3; errors of the naive one-step forecast 2 and 1, on average 1.5. Forecast 3, 3; came 5, 0.
  const one = await backTest([2, 4, 3, 5, 0], last, { season: 1 }, { origins: [3], horizon: 2 })
  assert.deepEqual(one.errors, [[2, -3]])
  assert.equal(one.mase, 2.5 / 1.5)
  assert.equal(one.smape, ((200 * 2) / 8 + (200 * 3) / 3) / 2)
  assert.equal(one.rmsse, Math.sqrt(6.5 / 2.5))
  // A second origin has its own scale: known 2 4 3 5, naive errors 2, 1, 2; forecast 5, came 0.
  const two = await backTest([2, 4, 3, 5, 0], last, { season: 1 }, { origins: [3, 4], horizon: 1 })
  assert.equal(two.mase, (2 / 1.5 + 5 / (5 / 3)) / 2)
  assert.equal(naiveError([1, 5, 2, 9], 2), 2.5)
  // Nothing expected and nothing sold is no error; a scale of zero gives no MASE.
  const none = await backTest([0, 0, 0, 0], last, { season: 1 }, { origins: [2], horizon: 2 })
  assert.deepEqual([none.mase, none.rmsse, none.smape], [null, null, 0])
  assert.deepEqual(clipped([-1, 0, 2]), [0, 0, 2])
})

test('the origins are several, rising, and leave the tested steps to come', () => {
  const property = fc.property(
    fc.constantFrom('day' as const, 'week' as const),
    fc.integer({ min: 26, max: 3660 }),
    fc.integer({ min: 1, max: 90 }),
    (every, length, wanted) => {
      const observations = every === 'day' ? Math.max(56, length) : Math.min(length, 523)
      const { season } = fieldOf(every, observations)
      const { origins, horizon } = planOf(every, observations, season, wanted)
      assert.ok(origins.length >= 5 && origins.length <= 10, `${origins}`)
      assert.deepEqual(
        origins,
        [...new Set(origins)].toSorted((a, b) => a - b),
      )
      assert.equal((origins.at(-1) as number) + horizon, observations)
      assert.ok((origins[0] as number) > season)
    },
  )
  fc.assert(property, { numRuns: 500 })
})

test('no method sees what came after an origin', async () => {
  const noise = normal(5)
  const values = Array.from({ length: 150 }, (_, t) => 50 * (WEEKDAYS[t % 7] as number) + 5 * noise() + 20)
  const { season, baseline, others } = fieldOf('day', values.length)
  const { origins, horizon } = planOf('day', values.length, season, 14)
  for (const model of [baseline, ...others]) {
    const given: number[][] = []
    const watched: Model = {
      ...model,
      forecast: (known, h) => {
        given.push([...known])
        return model.forecast(known, h)
      },
    }
    const { errors } = await backTest(values, watched, { season }, { origins, horizon })
    assert.deepEqual(
      given,
      origins.map((origin) => values.slice(0, origin)),
      model.name,
    )
    // And what is forecast does not move when the future becomes another one.
    const [origin] = origins as [number]
    const other = values.map((value, t) => (t < origin ? value : 1000 - value))
    const again = await backTest(other, model, { season }, { origins: [origin], horizon })
    for (const [i, error] of (again.errors[0] as number[]).entries()) {
      const forecast = (values[origin + i] as number) - (errors[0]?.[i] as number)
      assert.ok(Math.abs((other[origin + i] as number) - error - forecast) < 1e-9, model.name)
    }
  }
})

test('the right method wins', async () => {
  const noise = normal(11)
  // Grows, and its weekdays grow with it.
  const grown = Array.from(
    { length: 250 },
    (_, t) => (100 + 2 * t) * (WEEKDAYS[t % 7] as number) + 3 * noise(),
  )
  const growing = await compete(task(grown))
  assert.equal(growing.chosen, 'holt_winters_multiplicative')
  assert.ok(maseOf(growing, 'holt_winters_multiplicative') < maseOf(growing, 'holt_winters_additive'))
  assert.ok(maseOf(growing, 'holt_winters_additive') < maseOf(growing, 'seasonal_naive'))
  assert.ok(maseOf(growing, 'seasonal_naive') < maseOf(growing, 'naive'))

  // The same weekdays with noise: averages beat the last week.
  const steady = Array.from({ length: 250 }, (_, t) => 100 * (WEEKDAYS[t % 7] as number) + 15 * noise())
  const still = await compete(task(steady))
  assert.notEqual(still.chosen, still.baseline)
  for (const name of ['holt_winters_additive', 'theta', 'sarima_011_011_7']) {
    assert.ok(maseOf(still, name) < maseOf(still, 'seasonal_naive'), name)
  }

  // Every weekday goes its own way at random: nothing beats repeating it by much, and often nothing at all.
  const ways = [100, 120, 140, 160, 180, 200, 220]
  const wandering = Array.from({ length: 250 }, (_, t) => {
    const next = (ways[t % 7] as number) + 10 * noise()
    ways[t % 7] = next
    return next
  })
  const wandered = await compete(task(wandering))
  const best = Math.min(...wandered.candidates.map(({ mase }) => mase ?? 9))
  assert.ok(maseOf(wandered, 'seasonal_naive') < 1.1 * best)
})

test('where nothing is better, the naive method speaks', async () => {
  const values = Array.from({ length: 140 }, (_, t) => 10 * (t % 7))
  const outcome = await compete(task(values))
  assert.equal(outcome.chosen, 'seasonal_naive')
  assert.deepEqual(
    outcome.steps.map(({ value }) => value),
    [0, 10, 20, 30, 40, 50, 60, 0, 10, 20, 30, 40, 50, 60],
  )
})

test('weeks: with two years of them their season is in it', async () => {
  const noise = normal(21)
  const values = Array.from(
    { length: 110 },
    (_, t) => 100 + 60 * Math.sin((2 * Math.PI * t) / 52) + 2 * noise(),
  )
  const outcome = await compete(task(values, { every: 'week', horizon: 13 }))
  assert.equal(outcome.baseline, 'seasonal_naive')
  assert.ok(maseOf(outcome, 'seasonal_naive') < maseOf(outcome, 'naive'))
  const short = await compete(task(values.slice(0, 60), { every: 'week' }))
  assert.equal(short.baseline, 'naive')
  assert.ok(!short.candidates.some(({ model }) => model.startsWith('holt_winters')))
})

test('a series that does not move, of nothing, of one day: no method falls over', async () => {
  const zeros = Array<number>(80).fill(0)
  for (const values of [
    zeros,
    zeros.fill(0).map(() => 7),
    zeros.with(40, 900),
    zeros.with(79, 900),
    zeros.with(0, 5),
  ]) {
    for (const every of ['day', 'week'] as const) {
      const outcome = await compete(task(values, { every }))
      assert.equal(outcome.steps.length, 14)
      for (const { value, low, high } of outcome.steps) {
        assert.ok(Number.isFinite(value + low + high) && low >= 0 && low <= value && value <= high)
      }
      assert.ok(Number.isFinite(outcome.sum.low) && Number.isFinite(outcome.sum.high))
    }
  }
  const still = await compete(task(zeros.map(() => 7)))
  assert.deepEqual(still.steps[0], { value: 7, low: 7, high: 7 })
})

test('any series has an outcome, and the same one again', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e9, noNaN: true })), {
      minLength: 56,
      maxLength: 70,
    }),
    fc.constantFrom('day' as const, 'week' as const),
    async (values, every) => {
      const given = task(values, { every, horizon: 20, slowBudget: 60_000 })
      const outcome = await compete(given)
      for (const { value, low, high } of outcome.steps) {
        assert.ok(Number.isFinite(value + high) && low >= 0 && low <= value && value <= high)
      }
      assert.deepEqual(await compete(given), outcome)
    },
  )
  await fc.assert(property, { numRuns: 8 })
})

test('the slow methods are left out when their time is over, and it is said', async () => {
  const noise = normal(31)
  const values = Array.from({ length: 90 }, () => 50 + noise())
  const early: Outcome[] = []
  const outcome = await compete(task(values, { slowBudget: 0 }), (first) => early.push(first))
  const slow = outcome.candidates.filter(({ model }) => model.startsWith('sarima'))
  assert.equal(slow.length, 2)
  for (const { mase, leftOut } of slow) {
    assert.equal(mase, null)
    assert.match(leftOut ?? '', /within 0 s/)
  }
  assert.deepEqual(early, [outcome])
})

test('most days without a sale: the squared error chooses, as the absolute one would choose nothing at all', async () => {
  const random = createRandom(41)
  const values = Array.from({ length: 200 }, () => (random() < 0.25 ? 1 + Math.floor(random() * 3) : 0))
  const outcome = await compete(task(values))
  assert.equal(outcome.chosenBy, 'rmsse')
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const forecast = outcome.steps.reduce((sum, { value }) => sum + value, 0) / outcome.steps.length
  assert.ok(forecast > mean / 2 && forecast < mean * 2, `${forecast} of ${mean}`)
})
