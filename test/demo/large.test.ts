import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startDemoServer } from '../../demo/server.ts'
import type { Raw } from '../../demo/table.ts'
import { isoSeconds } from '../../demo/zone.ts'
import { FIRST, manyOrders, question } from './many-orders.ts'
import { ask, askZipped } from './shop-over-http.ts'

describe('a large shop', () => {
  it('answers counts and ids without making a record, and makes a page of records only', async () => {
    const { shop, made } = manyOrders(100_000)
    const server = await startDemoServer({ shop })
    try {
      const all = 'status=completed,trash'
      const deep = `orders?${all}&orderby=id&order=asc&per_page=1&page=70000&_fields=id`
      const { headers, json } = await ask(question(server, deep))
      assert.deepEqual([headers['x-wp-total'], json], ['100000', [{ id: 70000 }]])
      const late = isoSeconds(FIRST + 99_990 * 60)
      const poll = `orders?${all}&orderby=modified&order=asc&per_page=100&modified_after=${late}&dates_are_gmt=true`
      assert.equal(
        (await ask(question(server, `${poll}&_fields=id,date_modified_gmt`))).headers['x-wp-total'],
        '10',
      )
      assert.equal(
        (await ask(question(server, 'orders?per_page=1&_fields=id'))).headers['x-wp-total'],
        '90000',
      )
      assert.equal(made(), 0)
      assert.equal(((await ask(question(server, poll))).json as Raw[]).length, 10)
      assert.equal(made(), 10)
    } finally {
      await server.close()
    }
  })

  it('serves a page from memory until something changes, zipped or not', async () => {
    const { shop, made } = manyOrders(300)
    const server = await startDemoServer({ shop, servePagesFromMemory: true })
    try {
      const page = () => question(server, 'orders?per_page=100&orderby=id&order=asc')
      const first = await ask(page())
      assert.equal(made(), 100)
      assert.equal((await ask(page())).text, first.text)
      const zipped = await askZipped(page(), {})
      assert.equal(zipped.text, first.text)
      assert.ok(zipped.size < first.text.length / 3)
      assert.equal(made(), 100)
      shop.orders.remove(1)
      assert.equal(((await ask(page())).json as Raw[])[0]?.id, 2)
    } finally {
      await server.close()
    }
  })

  it('a slow shop answers as many at once as it has workers', async () => {
    const server = await startDemoServer({ shop: manyOrders(300).shop, waitPerRow: 3, workers: 2 })
    try {
      const start = performance.now()
      const times = await Promise.all(
        [1, 2, 3, 4].map(async (page) => {
          await ask(question(server, `orders?per_page=20&page=${page}`))
          return performance.now() - start
        }),
      )
      const sorted = times.sort((a, b) => a - b)
      assert.ok((sorted[0] as number) >= 59, 'a page of 20 rows keeps a worker for 60 ms')
      assert.ok((sorted[3] as number) >= 118, 'the third and fourth wait for a free one')
    } finally {
      await server.close()
    }
  })
})
