/** Refunds with their lines: fields, reading, facts. Amounts and pieces are positive, as what was given back. */

import { z } from 'zod'
import type { Reader } from '../../database/asking.ts'
import { amount } from '../../money.ts'
import { type FactBook, rowsOf } from '../facts.ts'
import { personal } from '../personal.ts'
import { moment, money } from './fields.ts'

const refundLineSchema = z.object({
  line_id: z.int().describe('Id of the refund’s line.'),
  order_line_id: z.int().nullable().describe('Id of the order’s line that was refunded.'),
  product_id: z.int().nullable().describe('Id of the product; null when it no longer exists.'),
  variation_id: z.int().nullable().describe('Id of the variation; null when it is of none.'),
  name: z.string().nullable().describe('Name as it was sold.'),
  sku: z.string().nullable().describe('SKU; empty or null where it has none.'),
  quantity: z.number().describe('Pieces taken back; 0 where only money was given back.'),
  total: money('Given back for it, without tax'),
  total_tax: money('Tax given back'),
})

export const refundSchema = z.object({
  id: z.int().describe('Id in the shop.'),
  order_id: z.int().nullable().describe('Id of its order.'),
  order_number: z.string().nullable().describe('Number of its order; null where the copy has no such order.'),
  currency: z.string().nullable().describe('Currency of the order, and of the amounts.'),
  amount: money('What was given back, tax included'),
  created_at: moment('When it was made'),
  reason: personal(z.string().nullable().describe('Why, as somebody wrote it.')),
  lines: z.array(refundLineSchema).describe('What it was given back for; empty for an amount alone.'),
})

export type Refund = z.input<typeof refundSchema>

export interface RefundRow {
  id: number
  order_id: number | null
  order_number: string | null
  currency: string | null
  amount: string | null
  created_at: Date | null
  reason: string | null
}

/** The columns of a `RefundRow`; `r` is mirror.refunds, `o` its order, which may be missing. */
export const refundColumns = `r.id, r.order_id, o.number AS order_number, o.currency, r.amount, r.created_at, r.reason`

/** Refunds as they are shown, in the order they came; their lines are read at once. */
export async function showRefunds(
  db: Reader,
  storeId: number,
  rows: readonly RefundRow[],
): Promise<Refund[]> {
  if (rows.length === 0) return []
  const { rows: lines } = await db.query<RefundLineRow>(
    `SELECT refund_id, line_id, order_line_id, product_id, variation_id, name, sku,
            -quantity AS quantity, -total AS total, -total_tax AS total_tax
     FROM mirror.refund_lines
     WHERE store_id = $1 AND refund_id = ANY($2::bigint[])
     ORDER BY refund_id, line_id`,
    [storeId, rows.map(({ id }) => id)],
  )
  const byRefund = Map.groupBy(lines, ({ refund_id }) => refund_id)
  return rows.map((row) => ({
    id: row.id,
    order_id: row.order_id,
    order_number: row.order_number,
    currency: row.currency,
    amount: amount(row.amount, row.currency),
    created_at: row.created_at?.toISOString() ?? null,
    reason: row.reason,
    lines: (byRefund.get(row.id) ?? []).map(({ refund_id: _refund, ...line }) => ({
      ...line,
      quantity: Number(line.quantity ?? 0),
      total: amount(line.total, row.currency),
      total_tax: amount(line.total_tax, row.currency),
    })),
  }))
}

interface RefundLineRow {
  refund_id: number
  line_id: number
  order_line_id: number | null
  product_id: number | null
  variation_id: number | null
  name: string | null
  sku: string | null
  quantity: string | null
  total: string | null
  total_tax: string | null
}

export function addRefundFacts(facts: FactBook, refunds: readonly Refund[]): void {
  for (const refund of refunds) {
    const common = {
      subject: { kind: 'refund', id: String(refund.id), name: null },
      filter: { ...(refund.order_id !== null && { order_id: refund.order_id }) },
      source: rowsOf('refunds', [refund.id]),
    } as const
    facts.add({ ...common, attribute: 'amount', value: refund.amount, type: 'money', unit: refund.currency })
    facts.add({ ...common, attribute: 'created_at', value: refund.created_at, type: 'moment' })
  }
}
