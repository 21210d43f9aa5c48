/** Periods of questions: the last N days of the shop, today included, or from one day to another. */
import { z } from 'zod'
import { WooSyncError } from '../errors.ts'
import type { Store } from '../mirror/stores.ts'
import type { Period } from './facts.ts'
import { addDays, daysBetween, localDay } from './zone.ts'

const LONGEST_DAYS = 3660

/** Days beyond are no shop's, and near the ends of the calendar neither Postgres nor a Date can reckon with them. */
const [EARLIEST, LATEST] = ['1970-01-01', '2999-12-31'] as const

/** Fields of an input; spread them into its shape. */
export function periodInput(defaultDays: number) {
  return {
    days: z
      .int()
      .min(1)
      .max(LONGEST_DAYS)
      .optional()
      .describe(
        `The last so many days of the shop, today included; ${defaultDays} when neither days nor from is given.`,
      ),
    from: z.iso.date().optional().describe('First day, the shop’s own, such as 2026-11-01; instead of days.'),
    to: z.iso.date().optional().describe('Last day, included; today when only from is given.'),
  }
}

interface PeriodGiven {
  days?: number | undefined
  from?: string | undefined
  to?: string | undefined
}

/**
 * @throws input_invalid when days and from are both given, to stands alone, the period ends before it begins, is longer
 * than ten years, or lies beyond the years 1970 to 2999
 */
export function resolvePeriod(given: PeriodGiven, defaultDays: number, store: Store, now: Date): Period {
  const { timezone } = store
  const today = localDay(now, timezone)
  const invalid = (field: string, problem: string) => new WooSyncError('input_invalid', { field, problem })
  if (given.from === undefined) {
    if (given.to !== undefined) throw invalid('to', 'it needs from')
    const days = given.days ?? defaultDays
    return { from: addDays(today, 1 - days), to: today, timezone }
  }
  if (given.days !== undefined) throw invalid('days', 'give days or from, not both')
  const to = given.to ?? today
  for (const [field, day] of [
    ['from', given.from],
    ['to', to],
  ] as const) {
    if (day < EARLIEST || day > LATEST) throw invalid(field, `it is not between ${EARLIEST} and ${LATEST}`)
  }
  if (to < given.from) throw invalid('to', 'it is before from')
  if (daysBetween(given.from, to) > LONGEST_DAYS) throw invalid('from', 'the period is longer than ten years')
  return { from: given.from, to, timezone }
}
