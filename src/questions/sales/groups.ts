/** What sales can be broken down by, and which of the figures can be added up over such groups. */
import type { Period } from '../facts.ts'
import { addDays } from '../zone.ts'
import { customerType } from './customers.ts'
import type { Chosen } from './filters.ts'

export const groupings = [
  'day',
  'week',
  'month',
  'hour',
  'weekday',
  'status',
  'product',
  'category',
  'country',
  'payment_method',
  'coupon',
  'customer_type',
] as const

export type Grouping = (typeof groupings)[number]

/** In these an order may count in several groups. */
export const overlapping: ReadonlySet<Grouping> = new Set(['product', 'category', 'coupon'])

/** In these the groups are known beforehand: one without orders is a row of zeros. */
export const continuous: ReadonlySet<Grouping> = new Set(['day', 'week', 'month', 'hour', 'weekday'])

/** A group of `mirror.orders o` in SQL. */
export interface GroupSql {
  /** What is grouped by: no text is made of each row where that can wait. */
  by: string
  /** The key of a group, made of that; default: itself. */
  key?: string
  /** Further tables. */
  from?: string
}

export function groupOf(by: Exclude<Grouping, 'product' | 'category'>, chosen: Chosen): GroupSql {
  const local = `o.created_at AT TIME ZONE ${chosen.zone}`
  const month = `date_trunc('month', ${local})`
  const hour = `extract(hour FROM ${local})`
  const ways: Record<typeof by, GroupSql> = {
    day: { by: `(${local})::date` },
    week: { by: `date_trunc('week', ${local})::date` },
    month: { by: month, key: `to_char(${month}, 'YYYY-MM')` },
    hour: { by: hour, key: `lpad(${hour}::text, 2, '0')` },
    weekday: { by: `extract(isodow FROM ${local})` },
    status: { by: 'o.status' },
    country: { by: `nullif(o.billing_country, '')` },
    payment_method: { by: `nullif(o.payment_method, '')` },
    coupon: {
      by: 'used.code',
      // An order that holds a code twice counts once.
      from: `LEFT JOIN LATERAL (
        SELECT DISTINCT lower(line->>'code') AS code
        FROM jsonb_array_elements(mirror.json_list(o.record->'coupon_lines')) AS line) AS used ON true`,
    },
    customer_type: customerType(chosen),
  }
  return ways[by]
}

export interface Span {
  from: string
  to: string
}

/** Every group of a continuous grouping in order, those without orders too; days, weeks and months with their days. */
export function keysOf(by: Grouping, period: Period): Map<string, Span | null> {
  if (by === 'hour') return numbered(24, (at) => String(at).padStart(2, '0'))
  if (by === 'weekday') return numbered(7, (at) => String(at + 1))
  const spans = new Map<string, Span>()
  for (let day = period.from; day <= period.to; day = addDays(day, 1)) {
    const key = by === 'day' ? day : by === 'week' ? mondayOf(day) : day.slice(0, 7)
    const span = spans.get(key)
    if (span) span.to = day
    else spans.set(key, { from: day, to: day })
  }
  return spans
}

function numbered(count: number, name: (at: number) => string): Map<string, null> {
  return new Map(Array.from({ length: count }, (_, at) => [name(at), null]))
}

function mondayOf(day: string): string {
  const sinceMonday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7
  return addDays(day, -sinceMonday)
}
