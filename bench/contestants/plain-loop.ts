/**
 * The plain loop: what one writes in an afternoon. WooCommerce's official client, page after page, and every
 * order and every line written with an INSERT of its own, each committed.
 */
import woocommerce from '@woocommerce/woocommerce-rest-api'
import pg from 'pg'
import type { ShopAddress } from '../processes.ts'
import { contestant } from './contestant.ts'

export interface PlainLoopJob {
  shop: ShopAddress
  /** null: reads only, to warm the shop. */
  database: string | null
  /** It ends after so many orders. */
  orders: number
}

interface Line {
  id: number
  name: string
  product_id: number
  variation_id: number
  sku: string
  quantity: number
  subtotal: string
  subtotal_tax: string
  total: string
  total_tax: string
  tax_class: string
}

interface Order extends Record<string, unknown> {
  id: number
  customer_id: number
  billing: { email: string; first_name: string; last_name: string; country: string }
  shipping: { country: string }
  date_created_gmt: string
  date_modified_gmt: string
  date_paid_gmt: string | null
  date_completed_gmt: string | null
  line_items: Line[]
}

contestant<PlainLoopJob>(async ({ shop, database, orders }, measure) => {
  const api = new woocommerce.default({ ...shop, version: 'wc/v3' })
  const client = database === null ? null : new pg.Client(database)
  await client?.connect()
  await measure(async () => {
    let done = 0
    for (let page = 1; done < orders; page++) {
      const { data } = await api.get('orders', { per_page: 100, page, orderby: 'id', order: 'asc' })
      for (const order of data as Order[]) {
        if (client) await write(client, order)
        done++
      }
      if (data.length < 100) break
    }
    return { orders: done }
  })
  await client?.end()
})

async function write(client: pg.Client, order: Order): Promise<void> {
  const { billing, shipping } = order
  await client.query(
    `INSERT INTO mirror.orders (store_id, id, number, status, currency, total, total_tax, shipping_total,
       shipping_tax, discount_total, discount_tax, customer_id, billing_email, billing_name, billing_country,
       shipping_country, payment_method, payment_method_title, created_via, created_at, paid_at, completed_at,
       modified_at, seen_at, content_hash, record)
     VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
       $21, $22, now(), '', $23)`,
    [
      order.id,
      order.number,
      order.status,
      order.currency,
      order.total,
      order.total_tax,
      order.shipping_total,
      order.shipping_tax,
      order.discount_total,
      order.discount_tax,
      order.customer_id || null,
      billing.email,
      `${billing.first_name} ${billing.last_name}`.trim(),
      billing.country,
      shipping.country,
      order.payment_method,
      order.payment_method_title,
      order.created_via,
      utc(order.date_created_gmt),
      utc(order.date_paid_gmt),
      utc(order.date_completed_gmt),
      utc(order.date_modified_gmt),
      JSON.stringify(order),
    ],
  )
  for (const line of order.line_items) {
    await client.query(
      `INSERT INTO mirror.order_lines (store_id, order_id, line_id, name, product_id, variation_id, sku,
         quantity, subtotal, subtotal_tax, total, total_tax, tax_class)
       VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        order.id,
        line.id,
        line.name,
        line.product_id || null,
        line.variation_id || null,
        line.sku,
        line.quantity,
        line.subtotal,
        line.subtotal_tax,
        line.total,
        line.total_tax,
        line.tax_class,
      ],
    )
  }
}

function utc(date: string | null): string | null {
  return date ? `${date}Z` : null
}
