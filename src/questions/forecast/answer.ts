/** A competition's outcome as the answer shows it: with days, decimal texts and notes. */
import { Decimal } from 'decimal.js'
import type { z } from 'zod'
import { roundedAmount } from '../../money.ts'
import { addDays } from '../zone.ts'
import type { Outcome } from './compete.ts'
import type { Level } from './interval.ts'
import type { Measure } from './measure.ts'
import { type Every, modelWords } from './models.ts'
import type { noteNames, outputSchema } from './schema.ts'
import { type Series, sumOf } from './series.ts'

export type Forecast = NonNullable<z.output<typeof outputSchema>['forecast']>

export interface About {
  series: Series
  measure: Measure
  currency: string | null
  every: Every
  level: Level
}

/** Decimals of pieces and orders: an expectation is no whole number. */
const DECIMALS = 2
/** Decimals of MASE and sMAPE. */
const ERROR_DECIMALS = 3

export function presented(outcome: Outcome, about: About): Forecast {
  const { series, measure, currency, every, level } = about
  const written = (value: number) =>
    measure.type === 'money'
      ? roundedAmount(new Decimal(value).toFixed(), currency)
      : new Decimal(value).toFixed(DECIMALS, Decimal.ROUND_HALF_UP)
  const length = every === 'day' ? 1 : 7
  const steps = outcome.steps.map(({ value, low, high }, i) => ({
    from: addDays(series.next, i * length),
    value: written(value),
    low: written(low),
    high: written(high),
  }))
  // The sum of what is shown, so that it can be added up.
  const sum = sumOf(steps)
  const error = (value: number | null) => (value === null ? null : Number(value.toFixed(ERROR_DECIMALS)))
  return {
    model: outcome.chosen,
    words: modelWords[outcome.chosen],
    level,
    steps,
    total: {
      from: series.next,
      to: addDays(series.next, steps.length * length - 1),
      value: written(Number(sum)),
      low: written(Math.max(0, Number(sum) + outcome.sum.low)),
      high: written(Number(sum) + outcome.sum.high),
    },
    season: outcome.season,
    origins: outcome.origins,
    testedHorizon: outcome.testedHorizon,
    candidates: outcome.candidates.map(({ model, mase, rmsse, smape, leftOut }) => ({
      model,
      words: modelWords[model],
      mase: error(mase),
      rmsse: error(rmsse),
      smape: error(smape),
      origins: leftOut === null ? outcome.origins : 0,
      left_out: leftOut,
    })),
    notes: notesOf(outcome, about),
  }
}

type Note = { name: (typeof noteNames)[number]; words: string }

function notesOf(outcome: Outcome, { every, series }: About): Note[] {
  const unit = every === 'day' ? 'day' : 'week'
  const notes: Note[] = [
    {
      name: 'open_period_left_out',
      words: `The ${unit} of ${series.next} is not over, or not copied whole: it is left out of the history and is the first that is forecast, as a whole.`,
    },
  ]
  if (outcome.chosen === outcome.baseline) {
    notes.push({ name: 'nothing_beat_the_naive', words: 'No method was better than the naive one.' })
  }
  if (outcome.clipped) {
    notes.push({
      name: 'clipped_at_zero',
      words: 'Nothing is sold below zero: what fell below is shown as zero.',
    })
  }
  if (outcome.chosenBy === 'rmsse') {
    notes.push({
      name: 'squared_error_chose',
      words: `More than half of the ${unit}s are zero: the squared error chose (RMSSE), as the absolute one favours a forecast of nothing.`,
    })
  }
  if (outcome.testedHorizon < outcome.steps.length) {
    notes.push({
      name: 'horizon_tested_shorter',
      words: `The history allows to test ${outcome.testedHorizon} ${unit}s ahead; beyond them the interval is carried on.`,
    })
  }
  if (every === 'day' || outcome.season === 1) {
    notes.push({
      name: 'no_yearly_season',
      words: 'Seasons of the year, holidays and campaigns are not in it.',
    })
  }
  return notes
}
