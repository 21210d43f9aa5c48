/** The competition: each method is back-tested on the series, and the one with the smallest error speaks. */
import { backTest, clipped, planOf, type Tested } from './back-test.ts'
import { type Level, stepOffsets, sumOffsets } from './interval.ts'
import { type Every, fieldOf, type Model, type ModelName } from './models.ts'

export interface Task {
  values: readonly number[]
  every: Every
  /** Steps wanted. */
  horizon: number
  level: Level
  /** Milliseconds for the slow methods together; what is not done by then is left out. */
  slowBudget: number
}

export interface Candidate {
  model: ModelName
  mase: number | null
  rmsse: number | null
  smape: number | null
  /** Why it did not compete. */
  leftOut: string | null
}

export interface Step {
  value: number
  low: number
  high: number
}

export interface Outcome {
  chosen: ModelName
  /** Which error chose. */
  chosenBy: 'mase' | 'rmsse'
  /** What the others had to beat. */
  baseline: ModelName
  /** Observations of a season; 1: none. */
  season: number
  steps: Step[]
  /** Offsets of the sum of all steps. */
  sum: { low: number; high: number }
  candidates: Candidate[]
  origins: number
  testedHorizon: number
  /** Whether a value or a border was below zero and is shown as zero. */
  clipped: boolean
}

/** @param early told the outcome without the slow methods, as soon as it is known */
export async function compete(task: Task, early?: (outcome: Outcome) => void): Promise<Outcome> {
  const { values } = task
  const field = fieldOf(task.every, values.length)
  const plan = planOf(task.every, values.length, field.season, task.horizon)
  const least = plan.origins[0] as number
  // Where most values are zero the least absolute error is that of a forecast of nothing; squares do not fall for it.
  const zeros = values.filter((value) => value === 0).length
  const chosenBy = zeros > values.length / 2 ? 'rmsse' : 'mase'
  // Where the baseline never errs on what was known there is no scale; then nothing is better than the baseline.
  const errorOf = (tested: Tested) => tested[chosenBy] ?? 0
  const results = new Map<Model, Tested | string>()
  const run = async (model: Model, goOn?: () => void) => {
    if (least < model.least) {
      results.set(model, `it needs ${model.least} observations before the first origin; there are ${least}`)
    } else if (model.positive && values.some((value) => value <= 0)) {
      results.set(model, 'it needs values above zero throughout')
    } else {
      const tested = await backTest(values, model, field, plan, goOn).catch((thrown) => messageOf(thrown))
      results.set(model, typeof tested === 'string' || isUsable(tested) ? tested : 'its result is not usable')
    }
  }
  const models = [field.baseline, ...field.others]
  for (const model of models.filter(({ slow }) => !slow)) await run(model)
  const late = lateWords(task.slowBudget)
  if (early) {
    for (const model of models.filter(({ slow }) => slow)) results.set(model, late)
    early(await outcomeOf())
  }
  const end = performance.now() + task.slowBudget
  const goOn = () => {
    if (performance.now() >= end) throw new Error(late)
  }
  for (const model of models.filter(({ slow }) => slow)) await run(model, goOn)
  return outcomeOf()

  async function outcomeOf(): Promise<Outcome> {
    const tested = models.flatMap((model) => {
      const result = results.get(model)
      return result === undefined || typeof result === 'string' ? [] : [{ model, ...result }]
    })
    // The baseline is first, and of equals the first is kept: only who beats it takes its place.
    for (const best of tested.toSorted((a, b) => errorOf(a) - errorOf(b))) {
      const forecast = await Promise.resolve(best.model.forecast(values, task.horizon)).catch(() => null)
      if (!forecast?.every(Number.isFinite)) {
        results.set(best.model, 'its result is not usable')
        continue
      }
      return told(best, forecast)
    }
    throw new Error('no method has a result')
  }

  function told(best: Tested & { model: Model }, forecast: number[]): Outcome {
    const tested = { errors: best.errors, windows: plan.windows }
    const around = stepOffsets(tested, task.horizon, task.level)
    const points = clipped(forecast)
    const lows = points.map((value, i) => value + (around[i]?.low ?? 0))
    return {
      chosen: best.model.name,
      chosenBy,
      baseline: field.baseline.name,
      season: field.season,
      steps: points.map((value, i) => ({
        value,
        low: Math.max(0, lows[i] as number),
        high: value + (around[i]?.high ?? 0),
      })),
      sum: sumOffsets(tested, task.horizon, task.level),
      candidates: models.map((model) => {
        const result = results.get(model)
        return typeof result === 'object'
          ? { model: model.name, mase: result.mase, rmsse: result.rmsse, smape: result.smape, leftOut: null }
          : { model: model.name, mase: null, rmsse: null, smape: null, leftOut: result ?? null }
      }),
      origins: plan.origins.length,
      testedHorizon: plan.horizon,
      clipped: forecast.some((value) => value < 0) || lows.some((low) => low < 0),
    }
  }
}

/** Why a slow method did not compete. */
export const lateWords = (slowBudget: number) => `it was not done within ${slowBudget / 1000} s`

function isUsable({ errors }: Tested): boolean {
  return errors.every((row) => row.every(Number.isFinite))
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
