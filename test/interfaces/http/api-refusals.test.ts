/** What a key may do and the shop at hand cannot: said with a code, and nothing is begun. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { code, demoMirror, startApi } from './api-parts.ts'

const shop = await demoMirror({ seed: 21, products: 6, orders: 8 })
const { database, context } = shop

const runs = async () => {
  const { rows } = await database.pool.query<{ count: number }>('SELECT count(*) FROM sync.runs')
  return rows[0]?.count
}

test('what REST has no list of is not synchronised, and neither is the rest of the request', async () => {
  const api = await startApi(shop)
  const key = await api.key(['operate'])
  const before = await runs()
  for (const resource of ['order_notes', 'tickets']) {
    const answer = await api.send('POST', '/api/v1/sync', key, { resources: ['orders', resource] })
    assert.equal(answer.status, 400)
    assert.equal(await code(answer), 'sync_on_demand_only', resource)
  }
  assert.equal(await runs(), before)
})

test('a store that another program keeps: questions are answered, actions are not begun', async () => {
  const api = await startApi(shop)
  const { rows } = await database.pool.query<{ id: number }>(
    `INSERT INTO mirror.stores (url) VALUES ('https://other.test') RETURNING store_id AS id`,
  )
  const store = rows[0]?.id
  const key = await api.key(['operate'])
  const before = await runs()
  const refused = await api.send('POST', '/api/v1/sync', key, { store })
  assert.equal(refused.status, 409)
  assert.equal(await code(refused), 'store_not_served')
  assert.equal(await runs(), before)
  assert.equal((await api.get(`/api/v1/products?store=${store}`, key)).status, 200)

  // A key that is not for it does not learn that there is one.
  const limited = await api.key(['operate'], { stores: [context.store.id] })
  assert.equal(await code(await api.send('POST', '/api/v1/sync', limited, { store })), 'store_not_found')
})
