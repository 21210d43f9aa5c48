/** Lists of stock on a demo shop: what is in which, shared stock, pages; and how a SKU is found among many. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Asking, createAsking } from '../../src/database/asking.ts'
import { operations } from '../../src/operations.ts'
import { createFactBook } from '../../src/questions/facts.ts'
import { products as productQuestions } from '../../src/questions/products.ts'
import type { Asked } from '../../src/questions/question.ts'
import { stock as stockQuestions } from '../../src/questions/stock.ts'
import { demoMirror, READER } from './shop.ts'

const shop = await demoMirror({ seed: 5, products: 120, orders: 200, days: 100 })
const { stock } = operations
const sql = async (question: string, values: unknown[] = []) =>
  (await shop.database.pool.query(question, values)).rows

const lists = ['low', 'out', 'backordered', 'unmanaged'] as const
interface Row {
  product_id: number
  variation_id: number | null
}
const unitOf = ({ product_id, variation_id }: Row) => variation_id ?? product_id

test('low, out and backordered have nothing in common, and all rows one shape', async () => {
  const seen = new Map<number, string>()
  const shapes = new Set<string>()
  for (const list of ['low', 'out', 'backordered'] as const) {
    const { products } = await shop.ask(stock[list], { limit: 1000 }, READER)
    assert.ok(products.length > 0, list)
    for (const row of products) {
      assert.equal(seen.get(unitOf(row)), undefined)
      seen.set(unitOf(row), list)
      shapes.add(Object.keys(row).join())
    }
  }
  const { products } = await shop.ask(stock.unmanaged, {}, READER)
  for (const row of products) shapes.add(Object.keys(row).join())
  assert.equal(shapes.size, 1)
})

test('stock that variations share is one row, and moves with the product', async () => {
  const [shared] = await sql(
    `SELECT p.id, count(*)::int AS n FROM mirror.products p
     JOIN mirror.variations v ON v.product_id = p.id AND v.manage_stock = 'parent' AND v.status = 'publish'
     WHERE p.status = 'publish' GROUP BY p.id ORDER BY p.id LIMIT 1`,
  )
  assert.ok(shared)
  await sql('UPDATE mirror.products SET stock_quantity = 7, low_stock_amount = 9 WHERE id = $1', [shared.id])
  const rowsOf = async (list: 'low' | 'out', input: object = {}) =>
    (await shop.ask(stock[list], { limit: 1000, ...input }, READER)).products.filter(
      ({ product_id }) => product_id === shared.id,
    )
  const [row, ...more] = (await rowsOf('low')).filter(({ variation_id }) => variation_id === null)
  assert.deepEqual([row?.stock_quantity, row?.sharedBy, row?.threshold, more], [7, shared.n, 'product', []])
  assert.equal(
    (await rowsOf('low', { threshold: 6 })).some(({ variation_id }) => variation_id === null),
    false,
  )
  await sql('UPDATE mirror.products SET stock_quantity = -1 WHERE id = $1', [shared.id])
  assert.ok((await rowsOf('out')).some(({ sharedBy }) => sharedBy === shared.n))
  // Of a draft nothing is listed.
  await sql(`UPDATE mirror.products SET status = 'draft' WHERE id = $1`, [shared.id])
  assert.deepEqual(await rowsOf('out'), [])
  await sql(`UPDATE mirror.products SET status = 'publish' WHERE id = $1`, [shared.id])
})

test('a row that the shop deleted is in no list', async () => {
  const [row] = (await shop.ask(stock.out, {}, READER)).products
  assert.ok(row)
  const table = row.variation_id === null ? 'products' : 'variations'
  await sql(`UPDATE mirror.${table} SET deleted_at = now() WHERE id = $1`, [unitOf(row)])
  const after = await shop.ask(stock.out, { limit: 1000 }, READER)
  assert.ok(!after.products.some((each) => unitOf(each) === unitOf(row)))
})

test('the shop’s threshold is its setting; without one it is 2', async () => {
  const thresholds = async () =>
    new Set(
      (await shop.ask(stock.low, { limit: 1000 }, READER)).products.flatMap(
        ({ threshold, low_stock_amount }) => (threshold === 'store' ? [low_stock_amount] : []),
      ),
    )
  const set = (value: unknown) =>
    sql(`UPDATE mirror.settings SET value = $1 WHERE option = 'woocommerce_notify_low_stock_amount'`, [
      JSON.stringify(value),
    ])
  await set('25')
  assert.deepEqual(await thresholds(), new Set([25]))
  await set(30)
  assert.deepEqual(await thresholds(), new Set([30]))
  await sql(`UPDATE mirror.products SET stock_quantity = 1 WHERE id = (
    SELECT id FROM mirror.products WHERE status = 'publish' AND type = 'simple' AND manage_stock
      AND stock_quantity > 50 AND low_stock_amount IS NULL ORDER BY id LIMIT 1)`)
  for (const nothing of ['', null, 'many']) {
    await set(nothing)
    assert.deepEqual(await thresholds(), new Set([2]))
  }
})

test('pages repeat nothing and leave nothing out, in every order', async () => {
  const walks = [
    ...lists.flatMap((list) => ['name', '-stock_quantity'].map((sort) => [list, { sort }] as const)),
    ['low', { threshold: 300, sort: 'stock_quantity' }] as const,
    ...['name', 'created_at', '-created_at'].map((sort) => ['dead', { sort, days: 5 }] as const),
    ...['cover7', '-cover30', 'cover90', '-sold90', 'stock_quantity'].map(
      (sort) => ['cover', { sort }] as const,
    ),
  ]
  for (const [list, input] of walks) {
    const operation = stock[list] as typeof stock.low
    const whole = await shop.ask(operation, { ...input, limit: 1000 }, READER)
    const seen: number[] = []
    let cursor: string | null = null
    do {
      const page: typeof whole = await shop.ask(
        operation,
        { ...input, limit: 9, ...(cursor && { cursor }) },
        READER,
      )
      assert.equal(page.total, whole.total)
      seen.push(...page.products.map(unitOf))
      cursor = page.nextCursor
    } while (cursor !== null)
    assert.deepEqual(seen, whole.products.map(unitOf), `${list} ${JSON.stringify(input)}`)
    assert.equal(seen.length, whole.total)
  }
})

test('cover of one product, of a variation, and of what does not exist', async () => {
  const [variation] = await sql(
    `SELECT v.id, v.sku, v.product_id FROM mirror.variations v JOIN mirror.products p ON p.id = v.product_id
     WHERE v.status = 'publish' AND p.status = 'publish' AND v.manage_stock = 'true' AND v.deleted_at IS NULL
     ORDER BY v.id LIMIT 1`,
  )
  const bySku = await shop.ask(stock.cover, { sku: variation.sku.toLowerCase() }, READER)
  assert.deepEqual(bySku.products.map(unitOf), [variation.id])
  assert.deepEqual((await shop.ask(stock.cover, { id: variation.id }, READER)).products, bySku.products)
  const ofProduct = await shop.ask(stock.cover, { id: variation.product_id }, READER)
  assert.ok(ofProduct.products.length > 1)
  const none = await shop.ask(stock.cover, { id: 999_999 }, READER)
  assert.deepEqual([none.products, none.total, none.facts[0]?.value], [[], 0, 0])
})

test('bad input has a code', async () => {
  const refused: [Parameters<typeof shop.ask>[0], object, string?][] = [
    [stock.low, { threshold: -1 }],
    [stock.low, { threshold: '5; DROP TABLE x' }],
    [stock.low, { threshold: 1.5 }],
    [stock.low, { limit: 5000 }],
    [stock.out, { threshold: 5 }],
    [stock.out, { sort: 'price' }],
    [stock.dead, { days: 0 }],
    [stock.dead, { days: 100_000 }],
    [stock.cover, { sku: 'a'.repeat(1_000_000) }],
    [stock.cover, { other: 1 }],
    [stock.unmanaged, { cursor: 'nonsense' }, 'cursor_invalid'],
  ]
  for (const [operation, input, code = 'input_invalid'] of refused) {
    await assert.rejects(shop.ask(operation, input), { code }, JSON.stringify(input).slice(0, 60))
  }
  const { nextCursor } = await shop.ask(stock.low, { threshold: 300, limit: 1 }, READER)
  await assert.rejects(shop.ask(stock.low, { cursor: nextCursor, sort: 'name' }), { code: 'cursor_invalid' })
})

test('a SKU and an id are found by an index among five thousand', async () => {
  const [{ id: store }] = await sql('SELECT store_id AS id FROM mirror.stores')
  const columns = 'store_id, id, name, sku, type, status, seen_at, content_hash, record'
  await sql(
    `INSERT INTO mirror.products (${columns})
     SELECT $1, 100000 + n, 'Many ' || n, 'MANY-' || n, 'simple', 'publish', now(), '', jsonb_build_object('n', n)
     FROM generate_series(1, 5000) n`,
    [store],
  )
  await sql(
    `INSERT INTO mirror.variations (product_id, manage_stock, ${columns.replace('type, ', '')})
     SELECT 100000 + n, 'true', $1, 200000 + n, 'One', 'MANY-V-' || n, 'publish', now(), '', '{}'
     FROM generate_series(1, 5000) n`,
    [store],
  )
  await sql('ANALYZE mirror.products, mirror.variations')
  const plans: string[] = []
  const pool = shop.database.readPool
  const explained = async (statement: string, values: unknown[]) => {
    const { rows } = await pool.query(`EXPLAIN ${statement}`, values)
    plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'))
    return pool.query(statement, values)
  }
  const db = createAsking(pool, { limitMs: 30_000, signal: new AbortController().signal })
  const asked: Asked = {
    db: { ...db, query: explained as Asking['query'] },
    store: shop.context.store,
    personal: false,
    now: new Date(),
    facts: createFactBook(),
    inSnapshot: () => assert.fail('no snapshot is needed'),
    signal: db.signal,
  }
  for (const sku of ['many-4711', 'many-v-4711']) {
    assert.equal((await stockQuestions.status.run(asked, { sku })).stock?.sku, sku.toUpperCase())
    const { product } = await productQuestions.bySku.run(asked, { sku })
    assert.equal(product?.id, 104_711)
  }
  assert.equal((await stockQuestions.status.run(asked, { id: 204_711 })).stock?.sku, 'MANY-V-4711')
  await productQuestions.get.run(asked, { id: 104_711 })
  const found = plans.filter((plan) => /products|variations/.test(plan))
  assert.ok(found.length >= 8)
  for (const plan of found) {
    assert.doesNotMatch(plan, /Seq Scan on (products|variations)/)
    assert.match(plan, /(products|variations)_(sku_any_case|pkey)/)
  }
  // Words, too, are found by an index where few have them.
  plans.length = 0
  await productQuestions.search.run(asked, productQuestions.search.input.parse({ text: 'many-4711' }))
  assert.ok(plans.some((plan) => plan.includes('products_search')))
})
