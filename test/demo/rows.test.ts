/** Rows of docs/woocommerce.md that the shop from a seed plays and no other test of the demo is named after. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { FAKE_SECRET } from '../../demo/generate/settings.ts'
import { generateShop } from '../../demo/generate/shop.ts'
import { type DemoServer, startDemoServer } from '../../demo/server.ts'
import type { Raw } from '../../demo/table.ts'
import { ask, signed } from './shop-over-http.ts'

describe('what a made shop shows of a real one', () => {
  const shop = generateShop({ seed: 1, products: 60, orders: 400, days: 120 })
  const { consumerKey: key, consumerSecret: secret } = shop.info
  let server: DemoServer

  before(async () => {
    server = await startDemoServer({ shop })
  })
  after(() => server.close())

  const at = (path: string, method = 'GET') =>
    signed(`${server.url}/wp-json/wc/v3/${path}`, { key, secret, method })
  const list = async (path: string) => (await ask(at(path))).json as Raw[]

  it('row 4a: counters move by themselves, and no date with them', async () => {
    const counted = async () =>
      new Map(
        (await list('products?per_page=100&_fields=id,total_sales,date_modified_gmt')).map((p) => [p.id, p]),
      )
    const before = await counted()
    const product = shop.products.sorted('id').find((row) => {
      const { type, manage_stock, status } = shop.products.body(row)
      return type === 'simple' && manage_stock === false && status === 'publish'
    })
    assert.ok(product)
    const body = JSON.stringify({
      status: 'completed',
      line_items: [{ product_id: product.id, quantity: 3 }],
    })
    const told = await ask(at('orders', 'POST'), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    })
    assert.equal(told.status, 201, told.text)
    const [one, other] = [before.get(product.id), (await counted()).get(product.id)]
    assert.equal(Number(other?.total_sales), Number(one?.total_sales) + 3)
    assert.equal(other?.date_modified_gmt, one?.date_modified_gmt)
  })

  it('row 12b: names of terms are HTML-encoded, names of products are not', async () => {
    const terms = (await list('products/categories?per_page=100')).map(({ name }) => String(name))
    assert.ok(
      terms.some((name) => name.includes(' &amp; ')),
      terms.join(),
    )
    const products = (await list('products?per_page=100')).map(({ name }) => String(name))
    assert.ok(!products.some((name) => /&(amp|#\d+);/.test(name)), products.join())
  })

  it('row 37: secrets stand where a real shop shows them', async () => {
    const gateways = JSON.stringify(await list('payment_gateways'))
    assert.ok(gateways.includes(FAKE_SECRET))
    const [order] = await list('orders?per_page=1')
    for (const field of ['order_key', 'payment_url', 'customer_ip_address', 'customer_user_agent'])
      assert.equal(typeof order?.[field], 'string', field)
  })

  it('row 45: an order names its tickets as they were bought, with the status of that moment', async () => {
    const orders = [...(await list('orders?per_page=100')), ...(await list('orders?per_page=100&page=2'))]
    const metas = orders.flatMap(({ meta_data }) => meta_data as Raw[])
    const bought = metas.filter(({ key }) => key === 'WooCommerceEventsOrderTickets')
    assert.ok(bought.length > 0)
    for (const { value } of bought) {
      const tickets = Object.values(value as Record<string, Record<string, Raw>>).flatMap(
        Object.values,
      ) as Raw[]
      assert.ok(tickets.length > 0)
      for (const ticket of tickets) assert.equal(ticket.WooCommerceEventsStatus, 'Unpaid')
    }
  })
})
