/** Refunds page by page, the newest first. */
import { z } from 'zod'
import { aggregateOf, type Fact } from '../facts.ts'
import { type KeysetRow, keyset, nextCursor, pageInput, type Sorts, toPage } from '../page.ts'
import { defineQuestion } from '../question.ts'
import { sqlZone } from '../zone.ts'
import { periodIfAny, resolvePeriodIfAny } from './filters.ts'
import { numberOf } from './lookup.ts'
import { addRefundFacts, type RefundRow, refundColumns, refundSchema, showRefunds } from './refund-rows.ts'

const sorts = {
  created_at: { by: `coalesce(r.created_at, '-infinity')`, type: 'timestamptz' },
  amount: { by: 'coalesce(r.amount, 0)', type: 'numeric' },
  id: { by: 'r.id', type: 'bigint' },
} as const satisfies Sorts

export const listRefunds = defineQuestion({
  name: 'orders.refunds',
  summary: 'Refunds: what was given back, when, of which order, for which lines.',
  http: 'GET /refunds',
  list: 'refunds',
  resources: ['refunds', 'orders'],
  input: z.strictObject({
    ...periodIfAny,
    order_id: z.int().positive().optional().describe('Refunds of the order with this id.'),
    number: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe('Refunds of the order with this number; # in front may be left.'),
    ...pageInput(sorts, '-created_at'),
  }),
  output: z.object({
    refunds: z.array(refundSchema).describe('The refunds of this page.'),
    nextCursor,
  }),
  async run({ db, store, now, facts }, given) {
    const values: unknown[] = [store.id]
    const value = (one: unknown) => `$${values.push(one)}`
    const conditions = ['r.store_id = $1', 'r.deleted_at IS NULL']
    const filter: Fact['filter'] = {}
    const period = resolvePeriodIfAny(given, store, now)
    if (period) {
      const zone = value(sqlZone(store.timezone))
      conditions.push(
        `${sorts.created_at.by} >= (${value(period.from)}::date)::timestamp AT TIME ZONE ${zone}`,
        `${sorts.created_at.by} < (${value(period.to)}::date + 1)::timestamp AT TIME ZONE ${zone}`,
      )
    }
    if (given.order_id !== undefined) {
      filter.order_id = given.order_id
      conditions.push(`r.order_id = ${value(given.order_id)}`)
    }
    if (given.number !== undefined) {
      filter.number = given.number
      conditions.push(
        `r.order_id IN (SELECT n.id FROM mirror.orders n
                        WHERE n.store_id = $1 AND n.deleted_at IS NULL AND n.number = ${value(numberOf(given.number))})`,
      )
    }
    const page = keyset(sorts, 'r.id', given, values)
    const { rows } = await db.query<RefundRow & KeysetRow>(
      `SELECT ${refundColumns}, ${page.columns}
       FROM mirror.refunds r
       LEFT JOIN mirror.orders o ON o.store_id = r.store_id AND o.id = r.order_id AND o.deleted_at IS NULL
       WHERE ${conditions.join('\n  AND ')}
         AND ${page.where}
       ORDER BY ${page.orderBy}
       LIMIT ${page.limit}`,
      values,
    )
    const shown = toPage(rows, given)
    const refunds = await showRefunds(db, store.id, shown.rows)
    addRefundFacts(facts, refunds)
    if (refunds.length === 0) {
      facts.add({
        subject: { kind: 'refund', id: null, name: null },
        attribute: 'refunds',
        period,
        filter,
        value: 0,
        type: 'count',
        unit: 'refunds',
        source: aggregateOf('refunds', 0),
      })
    }
    return { refunds, nextCursor: shown.nextCursor }
  },
})
