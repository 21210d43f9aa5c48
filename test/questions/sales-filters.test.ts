/** What the filters of sales name: a variation by its own id, a category by its slug in any case, other statuses. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { operations } from '../../src/operations.ts'
import { definitions } from '../../src/questions/definitions.ts'
import { demoMirror } from './shop.ts'

const { stats, breakdown } = operations.sales
const PAID = ['processing', 'completed', 'refunded']

describe('filters of sales', async () => {
  const shop = await demoMirror({ seed: 5, products: 30, orders: 300, days: 120 })
  const db = shop.database.pool
  const days = 130

  test('the id of a variation: orders with a line of it, as orders.list has them', async () => {
    const { rows } = await db.query<{ id: number; product: number }>(
      `SELECT l.variation_id::int AS id, l.product_id::int AS product
       FROM mirror.order_lines l JOIN mirror.orders o USING (store_id)
       WHERE o.id = l.order_id AND l.variation_id > 0 AND o.status = ANY($1)
       GROUP BY 1, 2 ORDER BY count(DISTINCT o.id) DESC LIMIT 3`,
      [PAID],
    )
    assert.equal(rows.length, 3)
    for (const { id, product } of rows) {
      const { orders } = await shop.ask(operations.orders.list, { product_id: id, status: PAID, limit: 500 })
      const ofIt = await shop.ask(stats, { days, product_id: id })
      const ofProduct = await shop.ask(stats, { days, product_id: product })
      assert.ok(orders.length > 0)
      assert.equal(
        ofIt.sales.reduce((sum, one) => sum + one.orders, 0),
        orders.length,
      )
      assert.ok((ofProduct.sales[0]?.orders ?? 0) > (ofIt.sales[0]?.orders ?? 0))
      assert.equal(ofIt.facts[0]?.filter.product_id, id)

      const { rows: pieces } = await db.query(
        `SELECT sum(l.quantity)::int AS pieces FROM mirror.order_lines l JOIN mirror.orders o USING (store_id)
         WHERE o.id = l.order_id AND l.variation_id = $1 AND o.status = ANY($2) AND o.currency = 'RON'`,
        [id, PAID],
      )
      const byProduct = await shop.ask(breakdown, { days, by: 'product', product_id: id })
      assert.deepEqual(
        byProduct.sales[0]?.rows.map((row) => [row.key, row.product_items]),
        [[String(product), pieces[0].pieces]],
      )
    }
  })

  test('the slug of a category in any case', async () => {
    const { sales } = await shop.ask(breakdown, { days, by: 'category' })
    const slug = sales[0]?.rows[0]?.key ?? ''
    const small = await shop.ask(stats, { days, category: slug })
    const capital = await shop.ask(stats, { days, category: slug.toUpperCase() })
    assert.notEqual(slug, slug.toUpperCase())
    assert.ok((small.sales[0]?.orders ?? 0) > 0)
    assert.deepEqual(capital.sales, small.sales)
  })

  test('new customers of orders that are not paid: the words say so', async () => {
    const { customers } = await shop.ask(stats, {
      days,
      status: ['pending', 'on-hold', 'failed', 'cancelled'],
      customers: 'counted',
    })
    assert.ok((customers?.new_customers ?? 0) > 0)
    assert.match(definitions.new_customers.definition, /unless the filter status/)
  })
})
