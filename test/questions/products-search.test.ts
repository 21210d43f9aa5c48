/** The catalogue searched, on a demo shop: words as people type them, filters, pages, and input that is none. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { operations } from '../../src/operations.ts'
import { distance } from '../../src/questions/products/distance.ts'
import { demoMirror, READER } from './shop.ts'

const shop = await demoMirror({ seed: 3, products: 120, orders: 60, days: 60 })
const { search } = operations.products

const ask = (input: object) => shop.ask(search, { limit: 1000, ...input }, READER)
const idsOf = async (input: object) => (await ask(input)).products.map(({ id }) => id).sort((a, b) => a - b)
async function sql<T>(question: string, values: unknown[] = []): Promise<T[]> {
  return (await shop.database.pool.query(question, values)).rows
}
async function idsWhere(where: string): Promise<number[]> {
  const rows = await sql<{ id: number }>(
    `SELECT id FROM mirror.products p WHERE deleted_at IS NULL AND ${where} ORDER BY id`,
  )
  return rows.map(({ id }) => id)
}
const PUBLISHED = `status = 'publish'`

test('diacritics and case do not matter, either way', async () => {
  const expected = await idsWhere(`${PUBLISHED} AND name ILIKE '%țuică%'`)
  assert.ok(expected.length > 3)
  for (const text of ['tuica', 'țuica', 'ŢUICĂ', 'Țuică', 'TUICA ']) {
    assert.deepEqual(await idsOf({ text }), expected, text)
    assert.equal((await ask({ text })).match, 'exact')
  }
  // The other way round: the shop writes without, people write with.
  await sql(`UPDATE mirror.products SET name = 'Tuica fara diacritice' WHERE id = $1`, [expected[0]])
  assert.deepEqual(await idsOf({ text: 'țuică fără' }), [expected[0]])
})

test('typing errors find what is like the words, and say so', async () => {
  const whisky = await idsWhere(`${PUBLISHED} AND name ILIKE '%whisky%'`)
  assert.ok(whisky.length > 3)
  for (const text of ['wisky', 'whiksy', 'whizky']) {
    const answer = await ask({ text })
    assert.equal(answer.match, 'similar', text)
    assert.deepEqual(
      answer.products.map(({ id }) => id).sort((a, b) => a - b),
      whisky,
      text,
    )
    const counts = answer.facts.filter(({ attribute }) => attribute === 'products')
    assert.deepEqual(
      counts.map(({ filter, value }) => [filter.match, value]),
      [
        ['exact', 0],
        ['similar', whisky.length],
      ],
    )
  }
  const none = await ask({ text: 'qqqqzzzz' })
  assert.deepEqual([none.products, none.total, none.facts[0]?.value], [[], 0, 0])
})

test('every word must be there; where no product has them all, those with most come', async () => {
  assert.deepEqual(
    await idsOf({ text: 'fum whisky' }),
    await idsWhere(`${PUBLISHED} AND name ~ 'Whisky.*Fum'`),
  )
  const most = await ask({ text: 'whisky limonada' })
  assert.equal(most.match, 'similar')
  assert.ok(most.products.every(({ name }) => /whisky|limonad/i.test(name ?? '')))
})

test('a SKU and a GTIN are text too; those of a variation lead to its product', async () => {
  const [one] = await sql<{ id: number; sku: string; gtin: string }>(
    `SELECT id, sku, gtin FROM mirror.products WHERE ${PUBLISHED} AND gtin <> '' AND type = 'simple' LIMIT 1`,
  )
  assert.ok(one)
  for (const text of [
    one.sku,
    one.sku.toLowerCase(),
    one.sku.replace('-', ''),
    one.sku.replace('-', ' '),
    one.gtin,
  ]) {
    assert.equal((await ask({ text })).products[0]?.id, one.id, text)
  }
  const [variation] = await sql<{ product_id: number; sku: string }>(
    `SELECT product_id, sku FROM mirror.variations WHERE status = 'publish' AND sku <> '' LIMIT 1`,
  )
  assert.ok(variation)
  assert.deepEqual(await idsOf({ text: variation.sku.toLowerCase() }), [variation.product_id])
  assert.deepEqual(await idsOf({ sku: ` ${variation.sku.toLowerCase()} ` }), [variation.product_id])
  assert.deepEqual(await idsOf({ gtin: one.gtin }), [one.id])
  // One word of the product, one of its variation.
  const mixed = await ask({ text: 'vodca cutie' })
  assert.deepEqual([mixed.match, mixed.products.map(({ type }) => type)], ['exact', ['variable']])
})

test('the best match comes first', async () => {
  const [row] = await sql<{ name: string; id: number }>(
    `SELECT id, name FROM mirror.products WHERE ${PUBLISHED} AND name LIKE 'Vin alb%' ORDER BY total_sales LIMIT 1`,
  )
  assert.equal((await ask({ text: row?.name })).products[0]?.id, row?.id)
})

test('filters choose what plain SQL chooses', async () => {
  const inTree = (slug: string) => `category_ids && ARRAY(
    SELECT id FROM mirror.categories WHERE slug = '${slug}' OR parent_id IN (
      SELECT id FROM mirror.categories WHERE slug = '${slug}') OR parent_id IN (
      SELECT c.id FROM mirror.categories c JOIN mirror.categories u ON u.id = c.parent_id WHERE u.slug = '${slug}'))`
  const option = (name: string, value: string) =>
    `(EXISTS (SELECT FROM jsonb_array_elements(record->'attributes') a
              WHERE a->>'name' = '${name}' AND a->'options' ? '${value}'))`
  const cases: [object, string][] = [
    [{}, PUBLISHED],
    [{ status: 'any' }, `status <> 'trash'`],
    [{ status: 'trash' }, `status = 'trash'`],
    [{ category: 'bauturi-spirtoase' }, `${PUBLISHED} AND ${inTree('bauturi-spirtoase')}`],
    [{ category: 'Vin' }, `${PUBLISHED} AND ${inTree('vin')}`],
    [{ tag: 'bio' }, `${PUBLISHED} AND tag_ids && ARRAY(SELECT id FROM mirror.tags WHERE slug = 'bio')`],
    [{ attribute: 'pa_volum', attribute_value: '500-ml' }, `${PUBLISHED} AND ${option('Volum', '500 ml')}`],
    [{ attribute: 'volum', attribute_value: '500 ML' }, `${PUBLISHED} AND ${option('Volum', '500 ml')}`],
    [
      { attribute: 'tara de origine', attribute_value: 'romania' },
      `${PUBLISHED} AND ${option('Țara de origine', 'România')}`,
    ],
    [{ attribute: 'Alcool (%)', attribute_value: '40' }, `${PUBLISHED} AND ${option('Alcool (%)', '40')}`],
    [
      { attribute: 'ambalaj', attribute_value: 'cutie cadou' },
      `${PUBLISHED} AND ${option('Ambalaj', 'Cutie cadou')}`,
    ],
    [{ min_price: '50', max_price: '99.99' }, `${PUBLISHED} AND price BETWEEN 50 AND 99.99`],
    [{ stock: 'outofstock' }, `${PUBLISHED} AND stock_status = 'outofstock'`],
    [{ on_sale: true }, `${PUBLISHED} AND on_sale`],
    [{ featured: true }, `${PUBLISHED} AND featured`],
    [{ type: 'variable' }, `${PUBLISHED} AND type = 'variable'`],
    [{ text: 'vin', max_price: '60' }, `${PUBLISHED} AND price <= 60 AND search_name ~ '\\mvin'`],
  ]
  for (const [input, where] of cases) {
    const expected = await idsWhere(where)
    assert.ok(expected.length > 0, JSON.stringify(input))
    assert.deepEqual(await idsOf(input), expected, JSON.stringify(input))
    assert.equal((await ask({ ...input, limit: 1 })).total, expected.length)
  }
  for (const input of [
    { category: 'no-such' },
    { tag: 'no-such' },
    { attribute: 'x', attribute_value: 'y' },
  ]) {
    assert.deepEqual(await idsOf(input), [])
  }
  // Words that are there, and a filter that leaves nothing: nothing else is offered.
  const nothing = await ask({ text: 'whisky', max_price: '0.01' })
  assert.deepEqual([nothing.match, nothing.products], ['exact', []])
})

test('pages repeat nothing and leave nothing out, in every order', async () => {
  const orders = ['name', 'price', 'created_at', 'modified_at', 'stock_quantity', 'total_sales']
  const walks = [
    ...[...orders].flatMap((sort) => [{ sort }, { sort: `-${sort}`, status: 'any' }]),
    ...[undefined, '-relevance', 'price', '-name'].map((sort) => ({ text: 'vin', sort })),
    ...[undefined, '-relevance', '-price', 'name'].map((sort) => ({ text: 'wisky', sort })),
  ]
  for (const walk of walks) {
    const whole = await ask(walk)
    const seen: number[] = []
    let cursor: string | null | undefined
    do {
      const page = await shop.ask(search, { ...walk, limit: 7, ...(cursor && { cursor }) }, READER)
      assert.ok(page.products.length <= 7)
      assert.equal(page.total, whole.total)
      assert.equal(page.match, whole.match)
      seen.push(...page.products.map(({ id }) => id))
      cursor = page.nextCursor
    } while (cursor !== null)
    assert.deepEqual(
      seen,
      whole.products.map(({ id }) => id),
      JSON.stringify(walk),
    )
    assert.equal(seen.length, whole.total)
  }
  const prices = (await ask({ sort: '-price' })).products.map(({ price }) => Number(price ?? 0))
  assert.deepEqual(
    prices,
    prices.toSorted((a, b) => b - a),
  )
})

test('what is no word, and what is none of ours, does no harm', async () => {
  const texts = [
    "'; DROP TABLE mirror.products; --",
    '%',
    '_',
    '\\',
    '$(rm -rf /)',
    '`id`',
    ':*',
    '& | ! <->',
    '(((',
    '\u0001',
    '🍷',
    "'",
    "\\'",
    'a'.repeat(200),
    'x '.repeat(100),
  ]
  for (const text of [...texts, '']) {
    const answer = await ask({ text })
    assert.ok(['exact', 'similar'].includes(answer.match))
    if (/^[^a-z]*$/i.test(text)) assert.equal(answer.total, 0, text)
  }
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 200 }), async (text) => {
      if (text.includes('\0') || text.length > 200) return
      await ask({ text, limit: 3 })
    }),
    { numRuns: 60 },
  )
  const refused: object[] = [
    { text: 'a'.repeat(1_000_000) },
    { text: 'a\0b' },
    { text: 5 },
    { limit: 0 },
    { limit: 1001 },
    { limit: 1e9 },
    { sort: 'no-such' },
    { sort: 'relevance' },
    { min_price: '1 OR 1=1' },
    { min_price: '-1' },
    { max_price: '1e9' },
    { stock: 'instock OR true' },
    { status: 'publish,draft' },
    { attribute_value: 'x' },
    { other: 1 },
  ]
  for (const input of refused)
    await assert.rejects(ask(input), { code: 'input_invalid' }, JSON.stringify(input).slice(0, 80))
})

test('a cursor of another list, or a broken one, is refused', async () => {
  const { nextCursor: byName } = await ask({ limit: 2 })
  const { nextCursor: similar } = await ask({ text: 'wisky', limit: 2 })
  const { nextCursor: exact } = await ask({ text: 'vin', limit: 2 })
  const { nextCursor: ofStock } = await shop.ask(
    operations.stock.out,
    { limit: 1, sort: 'stock_quantity' },
    READER,
  )
  assert.ok(byName && similar && exact && ofStock)
  const made = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const refused: object[] = [
    { cursor: byName, sort: 'price' },
    { cursor: exact },
    { cursor: similar },
    { cursor: byName, text: 'vin' },
    { cursor: ofStock, sort: 'name' },
    { cursor: 'x' },
    { cursor: made(['name', "a'; --", 'x']) },
    { cursor: made(['price', 'NaN', 1]), sort: 'price' },
    { cursor: made(['name', 'a\0', 1]) },
    { cursor: made(['similar relevance', 'abc', 1]), text: 'wisky' },
  ]
  for (const input of refused)
    await assert.rejects(ask(input), { code: 'cursor_invalid' }, JSON.stringify(input))
  await assert.rejects(ask({ cursor: 'a'.repeat(5000) }), { code: 'input_invalid' })
})

test('typing errors between two words', () => {
  assert.equal(distance('wisky', 'whisky', 2), 1)
  assert.equal(distance('whiksy', 'whisky', 2), 1)
  assert.equal(distance('abc', 'xyz', 2), 3)
  assert.equal(distance('', 'ab', 2), 2)
  const word = fc.string({ maxLength: 12 })
  fc.assert(
    fc.property(word, word, (a, b) => {
      const errors = distance(a, b, 20)
      assert.equal(errors, distance(b, a, 20))
      assert.equal(errors === 0, a === b)
      assert.ok(errors <= Math.max(a.length, b.length))
      assert.equal(Math.min(distance(a, b, 3), 4), Math.min(errors, 4))
    }),
  )
})
