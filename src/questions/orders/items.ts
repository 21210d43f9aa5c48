/** The product lines of one order. */
import { z } from 'zod'
import { defineQuestion } from '../question.ts'
import { addLineFacts, lineSchema, readLines } from './lines.ts'
import { findOrder, orderInput } from './lookup.ts'

export const orderItems = defineQuestion({
  name: 'orders.items',
  summary: 'The product lines of one order, with what was refunded of each.',
  http: 'GET /orders/{number}/items',
  positional: ['number'],
  resources: ['orders', 'refunds'],
  input: z.strictObject(orderInput),
  output: z.object({
    order: z
      .object({
        id: z.int().describe('Id in the shop.'),
        number: z.string().nullable().describe('Number as people know it.'),
        status: z.string().nullable().describe('pending, processing, completed …'),
        currency: z.string().nullable().describe('Currency of the amounts.'),
        sameNumber: z.int().describe('How many orders have this number; the newest of them is shown.'),
      })
      .nullable()
      .describe('The order; null: the shop has no such order.'),
    items: z.array(lineSchema).describe('Its product lines; empty when there is no such order.'),
  }),
  run: async ({ store, facts, inSnapshot }, given) =>
    inSnapshot(async (client) => {
      const order = await findOrder({ db: client, storeId: store.id, facts }, given)
      if (!order) return { order, items: [] }
      const whose = { storeId: store.id, orderId: order.id, currency: order.currency }
      const items = await readLines(client, whose)
      addLineFacts(facts, whose, items)
      return { order, items }
    }),
})
