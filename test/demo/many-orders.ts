/** A shop with as many orders as a test wants, made on demand, and how often that happened. */
import type { DemoServer } from '../../demo/server.ts'
import { createShop } from '../../demo/shop.ts'
import { createTable } from '../../demo/table.ts'
import { isoSeconds } from '../../demo/zone.ts'
import { signed } from './shop-over-http.ts'

/** The moment of order 0, Unix seconds. */
export const FIRST = Date.UTC(2026, 0, 1) / 1000

/** A shop of so many orders, a minute apart, whose bodies are made on demand. */
export function manyOrders(count: number) {
  let made = 0
  const orders = createTable((row) => {
    made++
    const date = isoSeconds(row.created ?? 0)
    const dates = { date_created: date, date_created_gmt: date, date_modified: date, date_modified_gmt: date }
    return {
      id: row.id,
      status: row.status,
      ...dates,
      customer_note: 'Mulțumesc',
      line_items: [],
      refunds: [],
      total: '10.00',
    }
  })
  for (let i = 1; i <= count; i++) {
    const moment = FIRST + i * 60
    const status = i % 10 === 0 ? 'trash' : 'completed'
    orders.put({ id: i, status, created: moment, modified: moment, parent: 0, body: null })
  }
  const slugs = ['completed', 'processing', 'pending']
  const shop = createShop({
    info: {
      name: 'Magazin',
      url: '',
      timezone: 'Europe/Bucharest',
      currency: 'RON',
      currencySymbol: 'lei',
      storeId: 'a-store',
      version: '11.0.1',
      consumerKey: 'ck_1',
      consumerSecret: 'cs_1',
      readOnlyKey: 'ck_2',
      readOnlySecret: 'cs_2',
    },
    orders,
    small: { orderStatuses: slugs.map((slug) => ({ slug, name: slug })) },
    highestId: count,
  })
  return { shop, made: () => made }
}

/** A signed question to such a shop. */
export function question(server: DemoServer, path: string) {
  return signed(`${server.url}/wp-json/wc/v3/${path}`, { key: 'ck_1', secret: 'cs_1' })
}
