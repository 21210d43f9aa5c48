/** Sales of a period beside those of an earlier one. */
import { Decimal } from 'decimal.js'
import { z } from 'zod'
import { amount } from '../../money.ts'
import { definitions } from '../definitions.ts'
import type { FactBook, Period } from '../facts.ts'
import { addDays, daysBetween } from '../zone.ts'
import { type About, addFigures, sourceOf } from './facts.ts'
import { type FigureName, type Figures, figureNames, figuresShape } from './figures.ts'

export const comparisonNames = ['previous', 'year_before'] as const
export type ComparisonName = (typeof comparisonNames)[number]

const changeSchema = z.object({
  metric: z.enum(figureNames as [FigureName, ...FigureName[]]).describe('Which figure.'),
  difference: z
    .union([z.string(), z.number()])
    .nullable()
    .describe('Now minus then; null where one of them has none.'),
  percentage: z
    .number()
    .nullable()
    .describe(
      'Difference of 100 parts of then, two decimals; null when then was 0 or has none, or the earlier period begins before first_order_day.',
    ),
  direction: z
    .enum(['up', 'down', 'same'])
    .nullable()
    .describe('Which way it went; null where one of them has none.'),
})

export const comparisonSchema = z.object({
  with: z
    .enum(comparisonNames)
    .describe('previous: as many days, directly before. year_before: the same days of the year before.'),
  from: z.iso.date().describe('First day of the earlier period.'),
  to: z.iso.date().describe('Last day of the earlier period, included.'),
  first_order_day: z.iso
    .date()
    .nullable()
    .describe(
      'The first day with an order, whatever its status: a period that begins before it is not whole. null: there is no order.',
    ),
  figures: z.object(figuresShape).describe('The figures of the earlier period.'),
  changes: z.array(changeSchema).describe('How each figure changed since.'),
})

export type Comparison = z.output<typeof comparisonSchema>
type Change = z.output<typeof changeSchema>

export function earlier(period: Period, name: ComparisonName): Period {
  if (name === 'year_before') {
    return { ...period, from: yearBefore(period.from), to: yearBefore(period.to) }
  }
  const days = daysBetween(period.from, period.to)
  return { ...period, from: addDays(period.from, -days), to: addDays(period.from, -1) }
}

/** 29 February becomes the 28th. */
function yearBefore(day: string): string {
  const year = String(Number(day.slice(0, 4)) - 1).padStart(4, '0')
  return day.endsWith('-02-29') ? `${year}-02-28` : `${year}${day.slice(4)}`
}

/** @param firstDay the first day with an order; null: there is none */
export function compare(
  name: ComparisonName,
  period: Period,
  now: Figures,
  before: Figures,
  currency: string | null,
  firstDay: string | null,
): Comparison {
  const whole = firstDay !== null && period.from >= firstDay
  const changes = figureNames.map((metric) => changeOf(metric, now[metric], before[metric], currency))
  return {
    with: name,
    from: period.from,
    to: period.to,
    first_order_day: firstDay,
    figures: before,
    // Of days on which the shop did not sell yet, any growth can be made.
    changes: whole ? changes : changes.map((change) => ({ ...change, percentage: null })),
  }
}

type Value = string | number | null

function changeOf(metric: FigureName, now: Value, before: Value, currency: string | null): Change {
  if (now === null || before === null) return { metric, difference: null, percentage: null, direction: null }
  const base = new Decimal(before)
  const difference = new Decimal(now).minus(base)
  const exact = difference.toFixed()
  return {
    metric,
    difference: definitions[metric].type === 'money' ? amount(exact, currency) : Number(exact),
    percentage: base.isZero() ? null : difference.div(base.abs()).times(100).toDecimalPlaces(2).toNumber(),
    direction: difference.isZero() ? 'same' : difference.isPositive() ? 'up' : 'down',
  }
}

/**
 * Facts of the earlier figures, and of each change; those say in their filter with what they compare.
 * @param refundRows refunds of the earlier orders
 */
export function addComparison(
  facts: FactBook,
  about: About,
  comparison: Comparison,
  refundRows: number | null,
): void {
  const { from, to, changes } = comparison
  const { timezone } = about.period
  addFigures(
    facts,
    { ...about, period: { from, to, timezone }, rows: comparison.figures.orders, refundRows },
    comparison.figures,
  )
  const { subject, period, currency } = about
  const filter = {
    ...about.filter,
    ...(currency !== null && { currency }),
    compared_with: comparison.with,
    compared_from: from,
    compared_to: to,
  }
  const rows = {
    rows: about.rows + comparison.figures.orders,
    refundRows: about.refundRows === null || refundRows === null ? null : about.refundRows + refundRows,
  }
  for (const { metric, difference, percentage, direction } of changes) {
    const { definition, type, unit } = definitions[metric]
    const common = { subject, period, filter, definition, source: sourceOf(metric, rows) }
    const inUnit = type === 'money' ? currency : unit
    facts.add({ ...common, attribute: `${metric}_difference`, value: difference, type, unit: inUnit })
    facts.add({
      ...common,
      attribute: `${metric}_change`,
      value: percentage,
      type: 'percentage',
      unit: 'percent',
    })
    facts.add({ ...common, attribute: `${metric}_direction`, value: direction, type: 'direction' })
  }
}
