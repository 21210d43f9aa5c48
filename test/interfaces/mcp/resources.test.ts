/** Products and orders as resources: the list page by page, one by its URI, completion of what is typed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Resource } from '@modelcontextprotocol/sdk/types.js'
import { operations } from '../../../src/operations.ts'
import { demoMirror, READER } from '../../questions/shop.ts'
import { connect, newKey, protocolErrorOf, startMcp } from './parts.ts'

const shop = await demoMirror({ seed: 8, products: 70, orders: 20, days: 30 })
const { url } = await startMcp(shop)
const reader = await connect(url, await newKey(shop))

async function one(sql: string): Promise<Record<string, string>> {
  const { rows } = await shop.database.pool.query(sql)
  return rows[0]
}

const order = await one(`SELECT number, billing_email AS email FROM mirror.orders ORDER BY id LIMIT 1`)

async function read(uri: string): Promise<{ text: string; mimeType: string | undefined }> {
  const { contents } = await reader.readResource({ uri })
  assert.equal(contents.length, 1)
  const [{ text, mimeType } = {}] = contents as { text?: string; mimeType?: string }[]
  return { text: text ?? '', mimeType }
}

test('the published products, page by page', async () => {
  const found: Resource[] = []
  let cursor: string | undefined
  let pages = 0
  do {
    const page = await reader.listResources(cursor === undefined ? {} : { cursor })
    found.push(...page.resources)
    cursor = page.nextCursor
    pages++
  } while (cursor !== undefined)
  const { rows } = await shop.database.pool.query<{ id: number }>(
    `SELECT id FROM mirror.products WHERE status = 'publish' AND deleted_at IS NULL`,
  )
  assert.ok(pages >= 2, `${pages} pages`)
  assert.deepEqual(
    found.map(({ uri }) => uri).sort(),
    rows.map(({ id }) => `woosync://products/${id}`).sort(),
  )
  for (const { name, title, description, mimeType } of found) {
    assert.ok(name && title, JSON.stringify(found))
    assert.match(description ?? '', /instock|outofstock|onbackorder/)
    assert.equal(mimeType, 'application/json')
  }
  const { code, data } = await protocolErrorOf(reader.listResources({ cursor: 'no such page' }))
  assert.deepEqual([code, (data as { code: string }).code], [-32602, 'cursor_invalid'])
})

test('the templates', async () => {
  const { resourceTemplates } = await reader.listResourceTemplates()
  assert.deepEqual(
    resourceTemplates.map(({ uriTemplate }) => uriTemplate),
    ['woosync://products/{id}{?store}', 'woosync://orders/{number}{?store}'],
  )
})

test('one product and one order, as the registry has them', async () => {
  const [{ uri } = { uri: '' }] = (await reader.listResources()).resources
  const id = Number(uri.split('/').at(-1))
  const product = await read(uri)
  assert.deepEqual(
    JSON.parse(product.text).product,
    inJson((await shop.ask(operations.products.get, { id }, READER)).product),
  )
  assert.equal(product.mimeType, 'application/json')
  assert.deepEqual((await read(`${uri}?store=${shop.context.store.id}`)).text, product.text)

  const { number, email } = order
  const { text } = await read(`woosync://orders/${number}`)
  assert.equal(JSON.parse(text).order.number, number)
  assert.ok(email && !text.includes(email))
})

const inJson = (value: unknown) => JSON.parse(JSON.stringify(value))

test('what is not there', async (t) => {
  for (const uri of [
    'woosync://products/999999999',
    'woosync://orders/999999999',
    'woosync://customers/1',
    'woosync://products/1/2',
    'woosync://products/',
    'woosync://products/%E0%A4%A',
    'file:///etc/passwd',
    'no uri',
  ]) {
    await t.test(uri, async () =>
      assert.equal((await protocolErrorOf(reader.readResource({ uri }))).code, -32002),
    )
  }
  for (const [uri, wanted] of [
    ['woosync://products/gin', 'input_invalid'],
    ['woosync://products/1?limit=2', 'input_invalid'],
    ['woosync://products/1?store=99', 'store_not_found'],
    ['woosync://products/1?store=x', 'input_invalid'],
    [`woosync://orders/${'1'.repeat(5000)}`, 'input_invalid'],
  ] as const) {
    await t.test(uri.slice(0, 60), async () => {
      const { code, data } = await protocolErrorOf(reader.readResource({ uri }))
      assert.deepEqual([code, (data as { code: string }).code], [-32602, wanted])
    })
  }
})

test('what is typed is completed', async () => {
  const complete = async (uri: string, name: string, value: string) =>
    (await reader.complete({ ref: { type: 'ref/resource', uri }, argument: { name, value } })).completion
      .values
  const { id, sku } = await one(
    `SELECT id, sku FROM mirror.products WHERE sku <> '' AND status = 'publish' ORDER BY id LIMIT 1`,
  )
  assert.equal((await complete('woosync://products/{id}{?store}', 'id', sku ?? ''))[0], String(id))
  const begun = (order.number ?? '').slice(0, -1)
  const numbers = await complete('woosync://orders/{number}{?store}', 'number', begun)
  assert.ok(numbers.includes(order.number ?? ''))
  assert.ok(numbers.every((number) => number.startsWith(begun)))
  assert.deepEqual(await complete('woosync://orders/{number}{?store}', 'store', '1'), [])
  assert.deepEqual(await complete('woosync://nothing/{id}', 'id', '1'), [])
})
