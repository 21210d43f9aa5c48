/** Single products, their variations, categories, and Markdown, on a demo shop. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { operations } from '../../src/operations.ts'
import { escapeMarkdown } from '../../src/questions/products/markdown.ts'
import { demoMirror, READER } from './shop.ts'

const shop = await demoMirror({ seed: 3, products: 120, orders: 60, days: 60 })
const { get, bySku, variations, inCategory, categories, summary, details } = operations.products
const sql = async (question: string, values: unknown[] = []) =>
  (await shop.database.pool.query(question, values)).rows

const [simple] = await sql(
  `SELECT * FROM mirror.products WHERE type = 'simple' AND status = 'publish' AND manage_stock AND sku LIKE 'VIN-%'
   ORDER BY id LIMIT 1`,
)
const [variable] = await sql(
  `SELECT * FROM mirror.products WHERE type = 'variable' AND status = 'publish' ORDER BY id LIMIT 1`,
)

test('one product by id and by SKU, case ignored, with its facts', async () => {
  const byId = await shop.ask(get, { id: simple.id }, READER)
  const { product } = await shop.ask(bySku, { sku: ` ${simple.sku.toLowerCase()} ` }, READER)
  assert.deepEqual(product, byId.product)
  assert.ok(product)
  assert.deepEqual(
    [product.id, product.name, product.sku, product.stock_quantity, product.price, product.currency],
    [
      simple.id,
      simple.name,
      simple.sku,
      Number(simple.stock_quantity),
      Number(simple.price).toFixed(2),
      'RON',
    ],
  )
  assert.equal(product.description, simple.record.description)
  assert.deepEqual(product.attributes.find(({ name }) => name === 'Volum')?.slug, 'pa_volum')
  const category = product.categories.find(({ slug }) => slug === 'coniac-brandy')
  assert.deepEqual(category?.path, ['Băuturi spirtoase', 'Coniac / Brandy'])
  assert.deepEqual(
    [product.price_from, product.price_to, product.variations],
    [product.price, product.price, 0],
  )
  const price = byId.facts.find(({ attribute }) => attribute === 'price')
  assert.deepEqual(
    [price?.value, price?.unit, price?.source.ids],
    [product.price, 'RON', [String(simple.id)]],
  )
  assert.deepEqual([byId.nearest, byId.variation], [[], null])
})

test('a variable product has the range of its published variations', async () => {
  const { product } = await shop.ask(get, { id: variable.id }, READER)
  const [range] = await sql(
    `SELECT count(*)::int AS n, min(price) AS low, max(price) AS high
     FROM mirror.variations WHERE product_id = $1 AND status = 'publish'`,
    [variable.id],
  )
  assert.deepEqual(
    [product?.variations, Number(product?.price_from), Number(product?.price_to)],
    [range.n, Number(range.low), Number(range.high)],
  )
})

test('a variation’s SKU or id leads to its product, with the variation named', async () => {
  const [variation] = await sql(
    `SELECT v.*, p.name AS product_name FROM mirror.variations v JOIN mirror.products p ON p.id = v.product_id
     WHERE v.sku = 'VAR-001-1'`,
  )
  const found = await shop.ask(bySku, { sku: variation.sku.toLowerCase() }, READER)
  assert.equal(found.product?.id, variation.product_id)
  assert.equal(found.variation?.name, `${variation.product_name} – ${variation.name}`)
  assert.equal(found.variation?.price, Number(variation.price).toFixed(2))
  assert.deepEqual(found.variation?.attributes[0], { name: 'Volum', option: '200 ml' })
  assert.deepEqual((await shop.ask(get, { id: variation.id }, READER)).variation, found.variation)
  const markdown = (await shop.ask(details, { sku: variation.sku }, READER)).markdown
  assert.match(markdown ?? '', new RegExp(`SKU: ${variation.sku} `))
})

test('what is missing is null, with what it may have meant', async () => {
  const missing = await shop.ask(bySku, { sku: 'VIN-0001' }, READER)
  assert.deepEqual([missing.product, missing.variation], [null, null])
  const absent = missing.facts.map(({ attribute, filter, value, source }) => [
    attribute,
    filter,
    value,
    source.rows,
  ])
  assert.deepEqual(absent, [['products', { sku: 'VIN-0001' }, 0, 0]])
  assert.ok(missing.nearest.some(({ sku }) => sku?.startsWith('VIN-')))
  assert.ok(missing.nearest.length <= 5)
  const byId = await shop.ask(get, { id: 9_007_199_254_740_991 }, READER)
  assert.deepEqual([byId.product, byId.nearest], [null, []])
  assert.equal((await shop.ask(details, { id: 99_999 }, READER)).markdown, null)
  assert.deepEqual(byId.facts[0]?.filter, { id: 9_007_199_254_740_991 })
  const none = await shop.ask(variations, { id: 99_999 }, READER)
  assert.deepEqual([none.facts[0]?.filter, none.facts[0]?.value], [{ id: 99_999 }, 0])
  assert.deepEqual([none.product, none.variations, none.total], [null, [], 0])
  const nowhere = await shop.ask(inCategory, { slug: 'no-such' }, READER)
  assert.deepEqual([nowhere.category, nowhere.products, nowhere.total], [null, [], 0])
})

test('a SKU that stands twice is that of the published product', async () => {
  await sql(`UPDATE mirror.products SET sku = 'TWICE' WHERE id = ANY($1)`, [
    (
      await sql(`(SELECT id FROM mirror.products WHERE status = 'draft' ORDER BY id LIMIT 1)
      UNION ALL (SELECT id FROM mirror.products WHERE status = 'publish' AND type = 'simple' ORDER BY id DESC LIMIT 1)`)
    ).map(({ id }) => id),
  ])
  assert.equal((await shop.ask(bySku, { sku: 'twice' }, READER)).product?.status, 'publish')
  assert.equal((await shop.ask(operations.stock.status, { sku: 'twice' }, READER)).stock?.status, 'publish')
})

test('variations page by page', async () => {
  const whole = await shop.ask(variations, { id: variable.id }, READER)
  assert.equal(whole.product?.name, variable.name)
  const seen: number[] = []
  let cursor: string | null = null
  do {
    const page: typeof whole = await shop.ask(
      variations,
      { id: variable.id, limit: 2, ...(cursor && { cursor }) },
      READER,
    )
    seen.push(...page.variations.map(({ id }) => id))
    cursor = page.nextCursor
  } while (cursor !== null)
  assert.deepEqual(
    seen,
    whole.variations.map(({ id }) => id),
  )
  assert.equal(seen.length, whole.total)
})

test('categories are a tree, counted as the mirror has the products', async () => {
  const { categories: tree } = await shop.ask(categories, {}, READER)
  const rows = await sql(`SELECT id, parent_id FROM mirror.categories`)
  assert.deepEqual(
    tree.map(({ id }) => id).sort((a, b) => a - b),
    rows.map(({ id }) => id).sort((a, b) => a - b),
  )
  const above: string[] = []
  for (const category of tree) {
    above.splice(category.depth)
    above.push(category.name ?? '')
    assert.deepEqual(category.path, above)
    const { total, products } = await shop.ask(inCategory, { slug: category.slug, limit: 1000 }, READER)
    assert.equal(category.productsBelow, total, category.name ?? '')
    const own = products.filter((product) => product.categories.some(({ id }) => id === category.id))
    assert.equal(category.products, own.length)
  }
  assert.ok(tree.some(({ products, productsBelow }) => products === 0 && productsBelow > 0))
})

test('categories whose parents go round in a circle are all there, once', async () => {
  const ids = (
    await sql(`SELECT id FROM mirror.categories WHERE slug IN ('bere', 'bere-blonda') ORDER BY id`)
  ).map(({ id }) => id)
  await sql('UPDATE mirror.categories SET parent_id = $2 WHERE id = $1', ids)
  const { categories: tree } = await shop.ask(categories, {}, READER)
  assert.equal(new Set(tree.map(({ id }) => id)).size, tree.length)
  assert.ok(ids.every((id) => tree.some((category) => category.id === id)))
  assert.ok((await shop.ask(inCategory, { slug: 'bere' }, READER)).total > 0)
  await sql('UPDATE mirror.categories SET parent_id = NULL WHERE id = $1', [ids[0]])
})

test('the summary has the shape that the document shows', async () => {
  const { markdown, total, available, listed } = await shop.ask(summary, { limit: 3 }, READER)
  const [counted] = await sql(
    `SELECT count(*)::int AS total, (count(*) FILTER (WHERE stock_status <> 'outofstock'))::int AS available
     FROM mirror.products WHERE status = 'publish'`,
  )
  assert.deepEqual([total, available, listed], [counted.total, counted.available, 3])
  const lines = markdown.split('\n')
  assert.deepEqual(lines.slice(0, 4), [`📊 **Total Produse:** ${total}`, '', '### Produse Disponibile:', ''])
  for (const line of lines.slice(4, 7)) {
    assert.match(line, /^(✅|⚠️) \*\*.+\*\* - SKU: \S+ \| Preț: (de la )?\d+(\.\d\d)? RON \| Stoc: .+$/u)
  }
  assert.equal(lines[7], `… și încă ${available - 3}`)
  assert.match((await shop.ask(summary, { language: 'en' }, READER)).markdown, /^📊 \*\*Total products:\*\* /)
  assert.match((await shop.ask(summary, { language: 'es' }, READER)).markdown, /### Productos disponibles:/)
})

test('prices are written as people there do, names are no markup', async () => {
  await sql(
    `UPDATE mirror.products SET name = $2, price = 24, stock_quantity = 45, stock_status = 'instock', sku = 'VOD-901'
     WHERE id = $1`,
    [simple.id, 'Vodka *Kumaniok* [x](javascript:1) <b>38%</b> https://a.test'],
  )
  const { markdown } = await shop.ask(details, { sku: 'vod-901' }, READER)
  assert.equal(
    markdown?.split('\n')[0],
    '✅ **Vodka \\*Kumaniok\\* \\[x\\](javascript:1) \\<b\\>38%\\</b\\> https\\://a.test** - SKU: VOD-901 | Preț: 24 RON | Stoc: 45',
  )
  await sql(`UPDATE mirror.products SET price = 79.9 WHERE id = $1`, [simple.id])
  assert.match((await shop.ask(details, { id: simple.id }, READER)).markdown ?? '', /Preț: 79\.90 RON/)
  assert.equal(escapeMarkdown('a\n\n# b | www.c.test'), 'a \\# b \\| www\\.c.test')
})

test('bad input has a code', async () => {
  const refused: [Parameters<typeof shop.ask>[0], object][] = [
    [get, {}],
    [get, { id: 0 }],
    [get, { id: 1.5 }],
    [get, { id: '1; DROP TABLE x' }],
    [bySku, { sku: '' }],
    [bySku, { sku: ' ' }],
    [bySku, { sku: 'a'.repeat(1_000_000) }],
    [bySku, { sku: 'a\0' }],
    [details, {}],
    [details, { sku: 'a', id: 1 }],
    [details, { sku: 'a', language: 'fr' }],
    [summary, { limit: 1_000_000 }],
    [variations, { id: 1, sort: 'name' }],
    [inCategory, { slug: 'vin', other: true }],
    [categories, { slug: 'vin' }],
  ]
  for (const [operation, input] of refused) {
    await assert.rejects(
      shop.ask(operation, input),
      { code: 'input_invalid' },
      JSON.stringify(input).slice(0, 60),
    )
  }
  for (const sku of ["'; DROP TABLE mirror.products; --", '%', '_', '\\', '$(id)', '☃']) {
    assert.equal((await shop.ask(bySku, { sku })).product, null)
  }
})
