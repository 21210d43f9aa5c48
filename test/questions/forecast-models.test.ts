/** The methods, against what others published of known series and against the formulas written out plainly. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { backTest } from '../../src/questions/forecast/back-test.ts'
import { minimise } from '../../src/questions/forecast/minimise.ts'
import { fieldOf, type Model } from '../../src/questions/forecast/models.ts'
import { sarima } from '../../src/questions/forecast/sarima.ts'
import { hasSeason, seasonOf } from '../../src/questions/forecast/season.ts'
import {
  continued,
  type Form,
  fit,
  forecastOf,
  smooth,
  smoothed,
} from '../../src/questions/forecast/smoothing.ts'
import { slope, theta } from '../../src/questions/forecast/theta.ts'

/** Monthly airline passengers in thousands, 1949 to 1960 (Box and Jenkins). */
const AIRLINE =
  `112 118 132 129 121 135 148 148 136 119 104 118 115 126 141 135 125 149 170 170 158 133 114 140
145 150 178 163 172 178 199 199 184 162 146 166 171 180 193 181 183 218 230 242 209 191 172 194
196 196 236 235 229 243 264 272 237 211 180 201 204 188 235 227 234 264 302 293 259 229 203 229
242 233 267 269 270 315 364 347 312 274 237 278 284 277 317 313 318 374 413 405 355 306 271 306
315 301 356 348 355 422 465 467 404 347 305 336 340 318 362 348 363 435 491 505 404 359 310 337
360 342 406 396 420 472 548 559 463 407 362 405 417 391 419 461 472 535 622 606 508 461 390 432`
    .split(/\s+/)
    .map(Number)

/** Oil production of Saudi Arabia in million tonnes, 1996 to 2013 (Forecasting: Principles and Practice, 7.1). */
const OIL = `445.36 453.20 454.41 422.38 456.04 440.39 425.19 486.21 500.43 521.28 508.95 488.89 509.87 456.72
473.82 525.95 549.83 542.34`
  .split(/\s+/)
  .map(Number)

const near = (found: readonly number[], expected: readonly number[], tolerance: number) => {
  assert.equal(found.length, expected.length)
  for (const [i, value] of expected.entries()) {
    const distance = Math.abs((found[i] as number) - value)
    assert.ok(distance <= tolerance, `${found[i]} is no ${value} (place ${i})`)
  }
}

test('the lowest point is found, and stays inside the bounds', () => {
  const valley = ([x = 0, y = 0]: readonly number[]) => (x - 3) ** 2 + 10 * (y + 1) ** 2
  near(
    minimise(valley, [
      { start: 0, low: -10, high: 10 },
      { start: 0, low: -10, high: 10 },
    ]),
    [3, -1],
    1e-3,
  )
  near(
    minimise(valley, [
      { start: 0, low: -10, high: 2 },
      { start: 0, low: -0.5, high: 10 },
    ]),
    [2, -0.5],
    1e-3,
  )
})

test('simple smoothing: the published weight, level and forecast of the oil series', () => {
  const model = fit(OIL, { trend: 'none', season: 'none', length: 1 })
  near([model.weights.alpha], [0.8339], 0.002)
  near([model.begin.level], [446.5868], 0.5)
  near(forecastOf(model, OIL, 3), [542.68, 542.68, 542.68], 0.05)
})

test('SARIMA: the published forecast of the airline model on logarithms', () => {
  const orders = { p: 0, d: 1, q: 1, P: 0, D: 1, Q: 1, season: 12 }
  const found = sarima(AIRLINE.map(Math.log), orders, 12)
  const published = [
    6.110186, 6.053775, 6.171715, 6.1993, 6.232556, 6.368779, 6.507294, 6.502906, 6.324698, 6.209008,
    6.063487, 6.168025,
  ]
  near(found, published, 0.003)
})

test('ARIMA(0,1,1) is simple smoothing', () => {
  const found = sarima(OIL, { p: 0, d: 1, q: 1, P: 0, D: 0, Q: 0, season: 0 }, 2)
  near(found, [542.68, 542.68], 1)
})

test('SARIMA says why it has no result', () => {
  const orders = { p: 0, d: 1, q: 1, P: 0, D: 1, Q: 1, season: 7 }
  assert.throws(() => sarima(Array(60).fill(5), orders, 3), /does not move/)
  assert.throws(() => sarima(Array(60).fill(0), orders, 3), /does not move/)
  assert.throws(() => sarima([...AIRLINE, Number.NaN], orders, 3), /no number/)
  assert.throws(() => sarima([1, 2, 3, 4, 5], orders, 3), /too short/i)
  const huge = AIRLINE.map((value) => value * 1e9)
  const small = sarima(AIRLINE, orders, 3)
  near(
    sarima(huge, orders, 3).map((value) => value / 1e9),
    small,
    0.01,
  )
})

test('the airline years to come: every method with a season is far better than repeating the last year', async () => {
  const errorOf = async (forecast: Model['forecast']) => {
    const model = { ...fieldOf('day', 100).baseline, forecast }
    return (await backTest(AIRLINE, model, { season: 12 }, { origins: [120, 132], horizon: 12 })).smape
  }
  const naive = await errorOf((values) => values.slice(-12))
  assert.ok(naive > 11 && naive < 11.5)
  for (const forecast of [
    (values: readonly number[]) => smoothed(values, 'multiplicative', 12, 12),
    (values: readonly number[]) => smoothed(values, 'additive', 12, 12),
    (values: readonly number[]) => theta(values, 12, 12),
    (values: readonly number[]) => sarima(values, { p: 0, d: 1, q: 1, P: 0, D: 1, Q: 1, season: 12 }, 12),
  ]) {
    const error = await errorOf(forecast)
    assert.ok(error < 0.8 * naive, `${error}`)
  }
  // Its season grows with its level. R's HoltWinters leaves 16,571 with its own first figures.
  const left = (season: Form['season']) => fit(AIRLINE, { trend: 'linear', season, length: 12 }).squaredError
  assert.ok(left('multiplicative') < 17_000 && left('additive') > 20_000)
})

/** The recursions as the book writes them, with every state kept. */
function plainly(
  values: readonly number[],
  form: Form,
  at: Parameters<typeof smooth>[2],
  begin: Parameters<typeof smooth>[3],
) {
  const { alpha, beta, gamma, phi } = at
  const m = form.length
  const l = [begin.level]
  const b = [begin.trend]
  const s = [...begin.season]
  let squaredError = 0
  for (let t = 1; t <= values.length; t++) {
    const y = values[t - 1] as number
    const [l1, b1] = [l[t - 1] as number, b[t - 1] as number]
    const season = form.season === 'none' ? null : (s[t - 1] as number)
    const base = l1 + phi * b1
    if (form.season === 'multiplicative') {
      squaredError += (y - base * season!) ** 2
      l.push((alpha * y) / season! + (1 - alpha) * base)
      s.push((gamma * y) / base + (1 - gamma) * season!)
    } else {
      squaredError += (y - base - (season ?? 0)) ** 2
      l.push(alpha * (y - (season ?? 0)) + (1 - alpha) * base)
      if (season !== null) s.push(gamma * (y - base) + (1 - gamma) * season)
    }
    b.push(beta * ((l[t] as number) - l1) + (1 - beta) * phi * b1)
  }
  const forecast = (h: number) => {
    let damping = 0
    for (let i = 1; i <= h; i++) damping += phi ** i
    const base = (l.at(-1) as number) + damping * (b.at(-1) as number)
    if (form.season === 'none') return base
    const figure = s[values.length + ((h - 1) % m)] as number
    return form.season === 'additive' ? base + figure : base * figure
  }
  return { squaredError, forecast }
}

test('smoothing goes by the book, whatever the weights', () => {
  const weight = fc.double({ min: 0.01, max: 0.99, noNaN: true })
  const property = fc.property(
    fc.array(fc.double({ min: 1, max: 100, noNaN: true }), { minLength: 5, maxLength: 40 }),
    fc.constantFrom<Form['season']>('none', 'additive', 'multiplicative'),
    fc.record({ alpha: weight, beta: weight, gamma: weight, phi: weight }),
    (values, season, weights) => {
      const form: Form = { trend: 'damped', season, length: season === 'none' ? 1 : 4 }
      const figures = season === 'none' ? [] : season === 'additive' ? [-3, 1, 0, 2] : [0.8, 1.1, 1, 1.1]
      const begin = { level: 50, trend: 0.3, season: figures }
      const { squaredError, state } = smooth(values, form, weights, begin)
      const expected = plainly(values, form, weights, begin)
      const close = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b))
      assert.ok(close(squaredError, expected.squaredError))
      for (const [i, value] of continued(form, weights, state, 10).entries()) {
        assert.ok(close(value, expected.forecast(i + 1)), `step ${i + 1}`)
      }
    },
  )
  fc.assert(property, { numRuns: 200 })
})

test('Theta is the mean of its two lines', () => {
  const horizon = 6
  const n = OIL.length
  const { weights, begin } = fit(OIL, { trend: 'none', season: 'none', length: 1 })
  const rise = slope(OIL)
  const start = OIL.reduce((sum, value) => sum + value, 0) / n - (rise * (n - 1)) / 2
  const line = (t: number) => start + rise * t
  // The second line has twice the curvature; it is smoothed, the straight one goes on as it is.
  let level = 2 * begin.level - start
  for (const [t, value] of OIL.entries()) {
    level = weights.alpha * (2 * value - line(t)) + (1 - weights.alpha) * level
  }
  const expected = Array.from({ length: horizon }, (_, i) => (line(n + i) + level) / 2)
  near(theta(OIL, 1, horizon), expected, 1e-6)
})

test('a season is found where there is one, and taken apart exactly', () => {
  const figures = [-20, -10, 0, 5, 10, 30, -15]
  const values = Array.from({ length: 70 }, (_, t) => 100 + 0.5 * t + (figures[t % 7] as number))
  assert.ok(hasSeason(values, 7))
  near(seasonOf(values, 7, 'additive'), figures, 1e-9)
  const shares = [0.6, 0.9, 1, 1, 1.1, 1.4, 1]
  const grown = Array.from({ length: 70 }, (_, t) => 100 * (shares[t % 7] as number))
  near(seasonOf(grown, 7, 'multiplicative'), shares, 1e-9)
  near(seasonOf([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4], 4, 'additive'), [-1.5, -0.5, 0.5, 1.5], 1e-9)
  assert.equal(hasSeason(values.slice(0, 13), 7), false)
  assert.equal(hasSeason(Array(70).fill(3), 7), false)
  assert.equal(hasSeason(OIL, 7), false)
})

test('the plain methods', async () => {
  const values = Array.from({ length: 20 }, (_, t) => t)
  const { baseline, others } = fieldOf('day', values.length)
  const by = (name: string) => others.find((model) => model.name === name) as Model
  assert.deepEqual(await baseline.forecast(values, 9), [13, 14, 15, 16, 17, 18, 19, 13, 14])
  assert.deepEqual(await by('naive').forecast(values, 2), [19, 19])
  assert.deepEqual(await by('drift').forecast(values, 2), [20, 21])
  assert.equal(fieldOf('week', 103).season, 1)
  assert.equal(fieldOf('week', 103).baseline.name, 'naive')
  assert.equal(fieldOf('week', 104).season, 52)
})
