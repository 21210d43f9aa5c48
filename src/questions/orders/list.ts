/** Orders page by page, the newest first (A7). */
import { z } from 'zod'
import { aggregateOf } from '../facts.ts'
import { type KeysetRow, keyset, nextCursor, pageInput, type Sorts, toPage } from '../page.ts'
import { defineQuestion } from '../question.ts'
import { addOrderFacts, type OrderRow, orderColumns, orderRowSchema, showOrder } from './fields.ts'
import { chooseOrders, lookUp, orderFilterInput } from './filters.ts'

const sorts = {
  created_at: { by: `coalesce(o.created_at, '-infinity')`, type: 'timestamptz' },
  modified_at: { by: `coalesce(o.modified_at, '-infinity')`, type: 'timestamptz' },
  total: { by: 'coalesce(o.total, 0)', type: 'numeric' },
  id: { by: 'o.id', type: 'bigint' },
} as const satisfies Sorts

export const listOrders = defineQuestion({
  name: 'orders.list',
  summary:
    'Recent orders, or those of a status, a period, a customer, a product, a payment method or a total; also by words.',
  http: 'GET /orders',
  list: 'orders',
  positional: ['text'],
  resources: ['orders', 'refunds'],
  input: z.strictObject({ ...orderFilterInput, ...pageInput(sorts, '-created_at') }),
  output: z.object({
    orders: z.array(orderRowSchema).describe('The orders of this page.'),
    nextCursor,
  }),
  async run({ db, store, now, personal, facts }, given) {
    const values: unknown[] = [store.id]
    const named = await lookUp(db, store, given)
    const { where, period, filter } = chooseOrders(given, { store, now, personal, named }, values)
    const page = keyset(sorts, 'o.id', given, values)
    // What is read of each order is read of this page's alone, and records are not sorted.
    const { rows } = await db.query<OrderRow & KeysetRow>(
      `SELECT ${orderColumns}, page.sort_value, page.sort_id
       FROM (
         SELECT o.store_id, o.id, ${page.columns}
         FROM mirror.orders o
         WHERE ${where}
           AND ${page.where}
         ORDER BY ${page.orderBy}
         LIMIT ${page.limit}
       ) page
       JOIN mirror.orders o ON o.store_id = page.store_id AND o.id = page.id
       ORDER BY ${page.orderBy}`,
      values,
    )
    const shown = toPage(rows, given)
    const orders = shown.rows.map(showOrder)
    for (const order of orders) addOrderFacts(facts, order)
    if (orders.length === 0) {
      facts.add({
        subject: { kind: 'order', id: null, name: null },
        attribute: 'orders',
        period,
        filter,
        value: 0,
        type: 'count',
        unit: 'orders',
        source: aggregateOf('orders', 0),
      })
    }
    return { orders, nextCursor: shown.nextCursor }
  },
})
