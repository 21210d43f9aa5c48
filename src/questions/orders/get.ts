/** Everything about one order. */
import type pg from 'pg'
import { z } from 'zod'
import { personal } from '../personal.ts'
import { defineQuestion } from '../question.ts'
import { addOrderFacts, moment, type OrderRow, orderColumns, orderShape, showOrder } from './fields.ts'
import { addLineFacts, lineSchema, otherLinesShape, readLines, readOtherLines } from './lines.ts'
import { findOrder, orderInput } from './lookup.ts'
import { addRefundFacts, type RefundRow, refundColumns, refundSchema, showRefunds } from './refund-rows.ts'

const text = (meaning: string) => z.string().nullable().describe(meaning)

const addressShape = {
  first_name: text('First name.'),
  last_name: text('Last name.'),
  company: text('Company.'),
  address_1: text('Street and number.'),
  address_2: text('Second line of the address.'),
  city: text('Town.'),
  state: text('County or state, as the shop codes it.'),
  postcode: text('Postcode.'),
  country: text('Country, such as RO.'),
  phone: text('Telephone.'),
}

const noteSchema = z.object({
  id: z.int().describe('Id in the shop.'),
  customer_note: z.boolean().describe('Whether the customer was sent it.'),
  created_at: moment('When it was written'),
  seen_at: z.iso.datetime().describe('When it was read from the shop (UTC).'),
  author: personal(text('Who wrote it; WooCommerce for the system’s own.')),
  note: personal(text('Its text.')),
})

const orderSchema = z.object({
  ...orderShape,
  sameNumber: z.int().describe('How many orders have this number; the newest of them is shown.'),
  lines: z.array(lineSchema).describe('Products.'),
  ...otherLinesShape,
  refunds: z.array(refundSchema).describe('Its refunds, oldest first.'),
  notes: z
    .array(noteSchema)
    .describe('The notes the copy has, oldest first; over REST only those of orders somebody asked for.'),
  notesReadAt: moment('When the newest of these notes was read from the shop; null: the copy has none of it'),
  customer_note: personal(text('What the customer wrote with the order.')),
  billing: personal(z.object(addressShape).describe('Address on the bill.')),
  shipping_address: personal(z.object(addressShape).describe('Address of delivery; empty where none.')),
})

type Address = { [Name in keyof typeof addressShape]: string | null }

export const getOrder = defineQuestion({
  name: 'orders.get',
  summary:
    'Everything about one order: status, dates, lines, totals, refunds, notes; addresses for who may see them.',
  http: 'GET /orders/{number}',
  positional: ['number'],
  resources: ['orders', 'refunds', 'order_notes'],
  input: z.strictObject(orderInput),
  output: z.object({
    order: orderSchema.nullable().describe('The order; null: the shop has no such order.'),
  }),
  run: async ({ store, facts, inSnapshot }, given) =>
    inSnapshot(async (client) => {
      const found = await findOrder({ db: client, storeId: store.id, facts }, given)
      if (!found) return { order: null }
      const whose = { storeId: store.id, orderId: found.id, currency: found.currency }
      const ids = [store.id, found.id]
      const { rows } = await client.query<OrderRow & { billing: unknown; shipping: unknown; note: unknown }>(
        `SELECT ${orderColumns}, o.record->'billing' AS billing, o.record->'shipping' AS shipping,
                o.record->'customer_note' AS note
         FROM mirror.orders o WHERE o.store_id = $1 AND o.id = $2`,
        ids,
      )
      const row = rows[0] as (typeof rows)[number]
      const shown = showOrder(row)
      addOrderFacts(facts, shown)
      const lines = await readLines(client, whose)
      addLineFacts(facts, whose, lines)
      const { rows: refundRows } = await client.query<RefundRow>(
        `SELECT ${refundColumns}
         FROM mirror.refunds r
         JOIN mirror.orders o ON o.store_id = r.store_id AND o.id = r.order_id
         WHERE r.store_id = $1 AND r.order_id = $2 AND r.deleted_at IS NULL
         ORDER BY r.created_at, r.id`,
        ids,
      )
      const refunds = await showRefunds(client, store.id, refundRows)
      addRefundFacts(facts, refunds)
      const notes = await readNotes(client, ids)
      return {
        order: {
          ...shown,
          sameNumber: found.sameNumber,
          lines,
          ...(await readOtherLines(client, whose)),
          refunds,
          notes,
          notesReadAt: notes.reduce<string | null>(
            (newest, { seen_at }) => (newest === null || seen_at > newest ? seen_at : newest),
            null,
          ),
          customer_note: textOf(row.note),
          billing: addressOf(row.billing),
          shipping_address: addressOf(row.shipping),
        },
      }
    }),
})

async function readNotes(client: pg.PoolClient, ids: readonly number[]) {
  const { rows } = await client.query<{
    id: number
    customer_note: boolean
    created_at: Date | null
    seen_at: Date
    author: string | null
    note: string | null
  }>(
    `SELECT id, coalesce(customer_note, false) AS customer_note, created_at, seen_at, author, note
     FROM mirror.order_notes
     WHERE store_id = $1 AND order_id = $2 AND deleted_at IS NULL
     ORDER BY created_at, id`,
    [...ids],
  )
  return rows.map((row) => ({
    ...row,
    created_at: row.created_at?.toISOString() ?? null,
    seen_at: row.seen_at.toISOString(),
  }))
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : null)

/** What a plugin wrote into an address and is no text is left out. */
function addressOf(value: unknown): Address {
  const members = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  const names = Object.keys(addressShape) as (keyof Address)[]
  return Object.fromEntries(names.map((name) => [name, textOf(members[name])])) as Address
}
