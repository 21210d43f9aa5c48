/** Input and output of forecast.sales. */
import { z } from 'zod'
import { valueTypes } from '../facts.ts'
import { levels } from './interval.ts'
import { measures } from './measure.ts'
import { modelNames } from './models.ts'
import { refusalReasons } from './refusal.ts'

export const MOST_STEPS = { day: 90, week: 26 } as const
export const DEFAULT_STEPS = { day: 30, week: 8 } as const

export const inputSchema = z.strictObject({
  of: z
    .enum(measures)
    .default('net_sales')
    .describe('What is forecast: net_sales, orders, or items (pieces). With a product: of it alone.'),
  product_id: z
    .int()
    .positive()
    .optional()
    .describe('Of this product alone, its variations included; the id of a variation: of it alone.'),
  sku: z.string().min(1).max(200).optional().describe('The same by its SKU; of a variation: of it alone.'),
  every: z.enum(['day', 'week']).default('day').describe('By day, or by week from Monday to Sunday.'),
  horizon: z
    .int()
    .min(1)
    .max(MOST_STEPS.day)
    .optional()
    .describe(
      `So many days (at most ${MOST_STEPS.day}, by default ${DEFAULT_STEPS.day}) or weeks (at most ${MOST_STEPS.week}, by default ${DEFAULT_STEPS.week}).`,
    ),
  history: z
    .int()
    .min(56)
    .max(3660)
    .default(730)
    .describe('Days back from today that the forecast may learn from.'),
  currency: z
    .string()
    .min(1)
    .max(10)
    .optional()
    .describe(
      'Orders in this currency alone, such as EUR; by default amounts are those in the shop’s own currency, and orders and items are of every currency.',
    ),
  level: z
    .int()
    .min(levels[0])
    .max(95)
    .multipleOf(5)
    .default(90)
    .describe('Per cent of the cases in which the interval should hold the truth: 80, 85, 90 or 95.'),
})

const decimal = (words: string) => z.string().describe(`${words} Decimal text.`)

const product = z.object({
  product_id: z.int().describe('Id of the product.'),
  variation_id: z.int().nullable().describe('Id of the variation; null: the product with all of its.'),
  name: z.string().nullable().describe('Its name in the shop.'),
  sku: z.string().nullable().describe('Its SKU; null where it has none.'),
})

const series = z.object({
  from: z.iso.date().describe('First day, the shop’s own.'),
  to: z.iso.date().describe('Last day, included: today is not over, and left out.'),
  timezone: z.string().describe('The shop’s time zone, in which the days are meant.'),
  observations: z.int().describe('How many whole days or weeks it has.'),
  empty: z.int().describe('Those of them without a paid order; they count as zero.'),
  orders: z.int().describe('Paid orders it comes from.'),
  sum: decimal('Sum of its values.'),
})

const refusal = z.object({
  reason: z.enum(refusalReasons).describe('Why there is no forecast.'),
  words: z.string().describe('The same in words.'),
  observations: z.int().describe('Whole days or weeks there are.'),
  needed: z.int().describe('How many it needs.'),
  withSales: z.int().describe('Those of them with a paid order.'),
  withSalesNeeded: z.int().describe('How many of these it needs.'),
})

const step = z.object({
  from: z.iso.date().describe('The day, or the Monday of the week.'),
  value: decimal('What is expected of the whole day or week.'),
  low: decimal('Lower border of the interval, never below zero.'),
  high: decimal('Upper border of the interval.'),
})

const total = z.object({
  from: z.iso.date().describe('First day.'),
  to: z.iso.date().describe('Last day, included.'),
  value: decimal('Sum of the steps.'),
  low: decimal('Lower border of its interval, never below zero.'),
  high: decimal('Upper border of its interval.'),
})

const candidate = z.object({
  model: z.enum(modelNames).describe('Name of the method.'),
  words: z.string().describe('The method in words.'),
  mase: z
    .number()
    .nullable()
    .describe(
      'Mean absolute scaled error in the back-test: 1 is the one-step error of the seasonal naive forecast on what was known at each origin. Null: not tested, or nothing to scale by.',
    ),
  rmsse: z.number().nullable().describe('The same of squared errors, the root of it.'),
  smape: z
    .number()
    .nullable()
    .describe('Symmetric mean absolute percentage error in the back-test, 0 to 200. Null: not tested.'),
  origins: z.int().describe('From how many days of the past it was tested.'),
  left_out: z.string().nullable().describe('Why it did not compete; null: it did.'),
})

export const noteNames = [
  'open_period_left_out',
  'nothing_beat_the_naive',
  'clipped_at_zero',
  'squared_error_chose',
  'horizon_tested_shorter',
  'no_yearly_season',
] as const

const note = z.object({
  name: z.enum(noteNames).describe('Which note.'),
  words: z.string().describe('What is to be said with the forecast.'),
})

const forecast = z.object({
  model: z.enum(modelNames).describe('The method with the least error in the back-test; it speaks.'),
  words: z.string().describe('The method in words.'),
  level: z.int().describe('Per cent of the cases in which an interval should hold the truth.'),
  steps: z.array(step.describe('A day or a week.')).describe('The forecast, in order of time.'),
  total: total.describe('All steps together.'),
  season: z.int().describe('Observations of one season; 1: no season was looked for.'),
  origins: z.int().describe('From how many moments of the past every method was tested.'),
  testedHorizon: z.int().describe('How many steps were tested from each.'),
  candidates: z
    .array(candidate.describe('A method.'))
    .describe('Every method with its errors; the first is the one that the others had to beat.'),
  notes: z.array(note.describe('A note.')).describe('What is to be said with it.'),
})

export const outputSchema = z.object({
  measure: z
    .object({
      of: z.enum(measures).describe('What is forecast.'),
      definition: z.string().describe('What it means.'),
      type: z.enum(valueTypes).describe('Kind of the values.'),
      unit: z.string().nullable().describe('Currency of amounts; orders or pieces.'),
      every: z.enum(['day', 'week']).describe('By day or by week.'),
      currency: z.string().nullable().describe('Currency of the orders; null: orders of every currency.'),
    })
    .describe('What the values are.'),
  product: product.nullable().describe('What the forecast is about; null: everything sold.'),
  series: series.nullable().describe('The history it goes on from; null: there is none.'),
  forecast: forecast.nullable().describe('The forecast; null: it is refused.'),
  refusal: refusal.nullable().describe('Why there is no forecast; null: there is one.'),
})
