/** The stock of one thing, asked through the same door as every interface. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { operations } from '../../src/operations.ts'
import { demoMirror, READER } from './shop.ts'

const shop = await demoMirror({ seed: 3, products: 12, orders: 20 })
const { status } = operations.stock

test('by id, with its facts and how old they are', async () => {
  const [row] = (
    await shop.database.pool.query(
      `SELECT id, name, stock_quantity::float8 AS pieces FROM mirror.products WHERE manage_stock AND type = 'simple' LIMIT 1`,
    )
  ).rows
  const answer = await shop.ask(status, { id: row.id }, READER)
  assert.equal(answer.stock?.stock_quantity, row.pieces)
  assert.equal(answer.asOf.products?.state, 'complete')
  const [fact] = answer.facts
  assert.deepEqual(fact?.subject, { kind: 'product', id: String(row.id), name: row.name })
  assert.deepEqual(fact?.source, { table: 'mirror.products', ids: [String(row.id)], rows: 1 })
})

test('what does not exist is null, and a fact', async () => {
  for (const wanted of [{ sku: 'no-such-sku' }, { id: 999_999_999 }]) {
    const answer = await shop.ask(status, wanted, READER)
    assert.equal(answer.stock, null)
    assert.deepEqual(
      answer.facts.map(({ attribute, filter, value, unit, source }) => ({
        attribute,
        filter,
        value,
        unit,
        source,
      })),
      [
        {
          attribute: 'products',
          filter: wanted,
          value: 0,
          unit: 'products',
          source: { table: 'mirror.products', ids: null, rows: 0 },
        },
      ],
    )
  }
})

test('bad input has a code', async () => {
  for (const input of [{}, { sku: 'a', id: 1 }, { id: 'x' }, { sku: 'a', other: 1 }, { sku: 'a\0b' }, null]) {
    await assert.rejects(shop.ask(status, input), { code: 'input_invalid' })
  }
  await assert.rejects(shop.ask(status, { sku: 'a', store: 99 }), { code: 'store_not_found' })
})

test('a SKU’s case is ignored; a variation’s is found too, and that of a variable product', async () => {
  const [variation] = (
    await shop.database.pool.query(
      `SELECT v.*, p.sku AS parent_sku FROM mirror.variations v JOIN mirror.products p ON p.id = v.product_id
       WHERE v.manage_stock = 'true' AND v.sku <> '' AND p.sku <> '' ORDER BY v.id LIMIT 1`,
    )
  ).rows
  const found = await shop.ask(status, { sku: ` ${variation.sku.toLowerCase()} ` }, READER)
  assert.deepEqual(
    [found.stock?.variation_id, found.stock?.stock_quantity, found.stock?.stock_of],
    [variation.id, Number(variation.stock_quantity), 'variation'],
  )
  assert.deepEqual((await shop.ask(status, { id: variation.id }, READER)).stock, found.stock)
  const parent = await shop.ask(status, { sku: variation.parent_sku }, READER)
  assert.deepEqual([parent.stock?.product_id, parent.stock?.type], [variation.product_id, 'variable'])
})
