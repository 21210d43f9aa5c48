/** Putting deliveries into the queue of a delivered shop, and looking at what became of them. */
import assert from 'node:assert/strict'
import type { Raw } from '../../demo/table.ts'
import { webhookSignature } from '../../demo/webhooks/signature.ts'
import type { Topic } from '../../src/store/webhooks.ts'
import { workOffDeliveries } from '../../src/sync/deliveries.ts'
import { type DeliveredShop, held } from './delivered-shop.ts'

export function deliveryTools(stage: DeliveredShop) {
  const { pool } = stage.database
  /** The order as the shop has it. */
  const delivered = (id: number): Raw => structuredClone(stage.shop.orders.body(stage.shop.orders.get(id)!))

  return {
    delivered,

    /** An order that the mirror holds, and no question or delivery left over. */
    async newOrder(): Promise<{ id: number; body: Raw }> {
      const order = stage.writes.createOrder({ line_items: [{ product_id: stage.beer.id, quantity: 1 }] })
      await stage.workOff()
      stage.server.clearRequests()
      const id = order.id as number
      return { id, body: delivered(id) }
    },

    /** Puts a body into the queue, signed, as if the shop had sent it. */
    async deliver(topic: Topic, body: unknown): Promise<void> {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const signature = webhookSignature(text, stage.hook(topic).secret)
      assert.equal(await stage.send(topic, text, { 'x-wc-webhook-signature': signature }), 200)
    },

    /** Only what lies in the queue, without waiting for the shop. */
    workOff: () => workOffDeliveries(stage.context, { limit: 1000 }),

    note: async (id: number) => (await held(stage, 'orders', id))?.record.customer_note,

    /** What the shop was asked. */
    questions: () => stage.server.requests().map(({ method, path }) => `${method} ${path.split('?')[0]}`),

    async staleIds(): Promise<string[]> {
      const { rows } = await pool.query('SELECT id FROM mirror.stale ORDER BY id')
      return rows.map(({ id }) => id)
    },

    /** The feed's entries of a record. */
    async changesOf(id: unknown, resource = 'orders'): Promise<string[]> {
      const { rows } = await pool.query(
        'SELECT change, way FROM mirror.changes WHERE id = $1 AND resource = $2 ORDER BY xid, seq',
        [String(id), resource],
      )
      return rows.map(({ change, way }) => `${change} ${way}`)
    },

    /** As if the orders had been read and changed a minute earlier, so that a delivery can be newer than they. */
    async aged(...ids: number[]): Promise<void> {
      await pool.query(
        `UPDATE mirror.orders
         SET seen_at = seen_at - interval '1 minute', modified_at = modified_at - interval '1 minute'
         WHERE id = ANY($1)`,
        [ids],
      )
    },
  }
}

/** The body with another note, its date of change moved by seconds. */
export function changed(body: Raw, note: string, seconds: number): Raw {
  const at = new Date(Date.parse(`${body.date_modified_gmt}Z`) + seconds * 1000)
  return { ...body, customer_note: note, date_modified_gmt: at.toISOString().slice(0, 19) }
}
