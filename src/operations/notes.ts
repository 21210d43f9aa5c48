import { z } from 'zod'
import { WooSyncError } from '../errors.ts'
import { personal } from '../questions/personal.ts'
import { readOrderNotes } from '../sync/notes.ts'
import { defineOperation } from './define.ts'
import { inputOf } from './input.ts'

export const orderNotes = defineOperation({
  name: 'order-notes',
  summary: 'Reads the notes of one order from the shop and keeps them with the moment they were read.',
  access: 'operate',
  http: 'POST /orders/{order}/notes/read',
  effect: 'repeatable',
  asksShop: true,
  positional: ['order'],
  input: inputOf({ order: z.int().positive().describe('The order’s id.') }),
  output: z.object({
    order: z.int().describe('The order’s id.'),
    readAt: z.iso.datetime().describe('When the shop was asked (UTC).'),
    notes: z
      .array(
        z.object({
          id: z.int().describe('The note’s id.'),
          author: personal(z.string().nullable().describe('Who wrote it; WooCommerce for the system’s own.')),
          note: personal(z.string().nullable().describe('Its text.')),
          forCustomer: z.boolean().describe('Whether the customer was sent it.'),
          createdAt: z.iso.datetime().nullable().describe('When it was written (UTC).'),
        }),
      )
      .describe('Its notes, oldest first.'),
  }),
  async run({ app, signal, shop }, input) {
    const context = await shop()
    const readAt = new Date().toISOString()
    await readOrderNotes(context, input.order, signal)
    const { rows } = await app.database.pool.query(
      `SELECT id, author, note, coalesce(customer_note, false) AS "forCustomer", created_at AS "createdAt"
       FROM mirror.order_notes WHERE store_id = $1 AND order_id = $2 AND deleted_at IS NULL ORDER BY id`,
      [context.store.id, input.order],
    )
    if (rows.length === 0) {
      const known = await app.database.pool.query(
        `SELECT 1 FROM mirror.orders WHERE store_id = $1 AND id = $2 AND deleted_at IS NULL`,
        [context.store.id, input.order],
      )
      if (known.rowCount === 0) throw new WooSyncError('not_found', { what: `order ${input.order}` })
    }
    return {
      order: input.order,
      readAt,
      notes: rows.map((row) => ({ ...row, createdAt: row.createdAt?.toISOString() ?? null })),
    }
  },
})
