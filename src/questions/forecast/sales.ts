/** What will be sold: the methods compete in a back-test, and the best one speaks, with its error. */

import { availableParallelism } from 'node:os'
import type { z } from 'zod'
import { WooSyncError } from '../../errors.ts'
import { type Asked, defineQuestion } from '../question.ts'
import { addDays } from '../zone.ts'
import { presented } from './answer.ts'
import { addForecastFacts, addSeriesFacts } from './facts.ts'
import type { Level } from './interval.ts'
import { type Measure, measureOf } from './measure.ts'
import { findTarget, type Target } from './product.ts'
import { type Refusal, refusalOf, refusedBefore } from './refusal.ts'
import { createRemembered } from './remembered.ts'
import { DEFAULT_STEPS, inputSchema, MOST_STEPS, outputSchema } from './schema.ts'
import { readSeries, type Series } from './series.ts'
import { createWorkers } from './workers.ts'

/** The slow methods are left out when they take longer; two years of days take them about half a second. */
const SLOW_BUDGET_MS = 4000

export const forecastWorkers = createWorkers({
  most: Math.max(1, Math.min(4, availableParallelism() - 1)),
  deadline: 10_000,
})

const competitions = createRemembered(forecastWorkers)

type Input = z.output<typeof inputSchema>

export const forecastSales = defineQuestion({
  name: 'forecast.sales',
  summary:
    'What will be sold in the next days or weeks, in all or of one product, with an interval, the error in a back-test, and the methods that were compared.',
  http: 'GET /forecast/sales',
  resources: ['orders', 'refunds', 'products', 'variations'],
  input: inputSchema,
  output: outputSchema,
  async run(asked, input) {
    const { signal } = asked
    const horizon = horizonOf(input)
    const found = await asked.inSnapshot((client) => read(asked, client, input))
    signal.throwIfAborted()
    const { target, series, refusal, measure, currency } = found
    const about = { ...found, every: input.every, timezone: asked.store.timezone }
    const answer = {
      measure: { ...measure, unit: measure.unit ?? currency, every: input.every, currency },
      product: target,
      series: series && seriesShown(series, asked.store.timezone),
      forecast: null,
      refusal,
    }
    addSeriesFacts(asked.facts, about)
    if (!series || refusal) return answer
    const level = input.level as Level
    const outcome = await competitions.run(
      {
        values: series.points.map(({ value }) => Number(value)),
        every: input.every,
        horizon,
        level,
        slowBudget: SLOW_BUDGET_MS,
      },
      signal,
    )
    const forecast = presented(outcome, { series, measure, currency, every: input.every, level })
    addForecastFacts(asked.facts, about, forecast)
    return { ...answer, forecast }
  },
})

export interface Found {
  measure: Measure
  currency: string | null
  target: Target | null
  /** Null: there was nothing to read. */
  series: Series | null
  refusal: Refusal | null
}

async function read(
  { store, now }: Asked,
  client: Parameters<typeof readSeries>[0],
  { of, product_id, sku, every, history, currency: named }: Input,
): Promise<Found> {
  if (product_id !== undefined && sku !== undefined) {
    throw new WooSyncError('input_invalid', { field: 'sku', problem: 'give sku or product_id, not both' })
  }
  const by = product_id !== undefined ? { id: product_id } : sku !== undefined ? { sku } : null
  const about = by ? 'product' : 'shop'
  const measure = measureOf(of, about)
  const currency = named?.toUpperCase() ?? (of === 'net_sales' ? store.currency : null)
  const target = by && (await findTarget(client, store.id, by))
  const refused = (reason: 'product_not_found' | 'currency_not_known'): Found => ({
    measure,
    currency,
    target,
    series: null,
    refusal: refusedBefore(reason, every, about),
  })
  if (by && !target) return refused('product_not_found')
  if (of === 'net_sales' && currency === null) return refused('currency_not_known')
  const series = await readSeries(client, store, now, { of, every, history, currency, target })
  return { measure, currency, target, series, refusal: refusalOf(series, every, about) }
}

function horizonOf({ every, horizon = DEFAULT_STEPS[every] }: Input): number {
  const most = MOST_STEPS[every]
  if (horizon <= most) return horizon
  const problem = `at most ${most} when it is by ${every}`
  throw new WooSyncError('input_invalid', { field: 'horizon', problem })
}

function seriesShown({ points, empty, orders, sum, next }: Series, timezone: string) {
  const [first] = points
  if (!first) return null
  return {
    from: first.from,
    to: addDays(next, -1),
    timezone,
    observations: points.length,
    empty,
    orders,
    sum,
  }
}
