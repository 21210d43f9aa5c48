/** Invariant 8: a secret stands in each place that row 37 names, and is then nowhere of ours. */
import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { pino } from 'pino'
import { generateShop } from '../../demo/generate/shop.ts'
import type { Shop } from '../../demo/shop.ts'
import type { Raw, Table } from '../../demo/table.ts'
import { resourceNames } from '../../src/store/resources.ts'
import { listedResources } from '../../src/sync/keeper.ts'
import { withRun } from '../../src/sync/run.ts'
import { scrubPage } from '../../src/sync/scrub.ts'
import { syncAll } from '../../src/sync/sync.ts'
import type { TestDatabase } from '../database.ts'
import { mirroredShop, openContext } from '../shop.ts'

const SECRET = 'planted-secret'

/** Every place in which a secret was put, so that the test knows it was there. */
const planted = new Set<string>()

function plant(place: string): string {
  planted.add(place)
  return `${SECRET}-${place.replaceAll(/\W+/g, '-')}`
}

function change(table: Table, at: number, of: (body: Raw) => Raw): number {
  const row = table.sorted('id')[at]
  assert.ok(row)
  const body = table.body(row)
  table.put({ ...row, body: { ...body, ...of(body) } })
  return row.id
}

function plantEverywhere(shop: Shop) {
  const { small } = shop
  const ofOrder = (where: string) => () => ({
    order_key: plant(`${where}: order_key`),
    payment_url: `https://shop.example/pay?key=${plant(`${where}: payment_url`)}`,
    customer_ip_address: plant(`${where}: customer_ip_address`),
    customer_user_agent: plant(`${where}: customer_user_agent`),
  })
  for (const at of [0, 1, 2]) change(shop.orders, at, ofOrder('an order'))
  const ofProduct = (where: string) => () => ({
    post_password: plant(`${where}: post_password`),
    downloads: [{ id: 'a', name: 'a file', file: `https://shop.example/${plant(`${where}: downloads`)}` }],
  })
  change(shop.products, 3, ofProduct('a product'))
  change(shop.variations, 0, ofProduct('a variation'))
  // What cannot be stored goes into quarantine with its raw text: an amount, a line, an id.
  change(shop.orders, 4, (body) => ({
    ...ofOrder('an order with a bad amount')(),
    ...body,
    total: '1e200000',
  }))
  change(shop.orders, 5, () => ({ ...ofOrder('an order with a bad line')(), line_items: [{ name: 'x' }] }))
  change(shop.products, 5, () => ({ ...ofProduct('a product without an id')(), id: 'x1' }))
  change(shop.products, 6, () => ({ ...ofProduct('a product with a bad price')(), price: 'free' }))

  small.shippingClasses.push({ id: 900, name: 'Fragil', slug: 'fragil', description: '', count: 0 })
  const gateway = small.gateways[0]
  assert.ok(gateway)
  small.gateways[0] = {
    ...gateway,
    settings: { api_key: { id: 'api_key', type: 'text', value: plant('a gateway: settings') } },
    settings_url: `https://shop.example/?${plant('a gateway: settings_url')}`,
    connection_url: `https://shop.example/?${plant('a gateway: connection_url')}`,
  }
  small.gateways.push({ ...gateway, id: 7, settings: { k: { value: plant('a gateway with a bad id') } } })

  const method = [...small.zoneMethods.values()].flat()[0]
  assert.ok(method)
  method.settings = {
    ...(method.settings as Raw),
    license: { id: 'license', type: 'password', value: plant('a method: a password'), default: '' },
  }
  const setting = { type: 'password', label: 'x', default: '' }
  for (const group of ['general', 'products', 'tax']) {
    const list = small.settings.get(group)
    assert.ok(list, group)
    list.push({ ...setting, id: `${group}_license`, value: plant(`setting ${group}: a password`) })
  }
  for (const group of ['email', 'integration', 'advanced']) {
    small.settingGroups.push({ id: group, label: group, parent_id: '', description: '', sub_groups: [] })
    const list = small.settings.get(group) ?? []
    small.settings.set(group, [
      ...list,
      { ...setting, type: 'text', id: `${group}_key`, value: plant(`setting ${group}: any`) },
    ])
  }
}

/** All text of all tables of ours, a line for each row. */
async function everyText(database: TestDatabase): Promise<string[]> {
  const { rows: columns } = await database.pool.query<{ table: string; columns: string[] }>(
    `SELECT format('%I.%I', table_schema, table_name) AS table, array_agg(quote_ident(column_name)) AS columns
     FROM information_schema.columns
     WHERE table_schema IN ('mirror', 'sync')
       AND data_type IN ('text', 'jsonb', 'json', 'character varying', 'ARRAY', 'bytea', 'uuid')
     GROUP BY 1`,
  )
  const texts: string[] = []
  for (const { table, columns: names } of columns) {
    const { rows } = await database.pool.query<{ line: string }>(
      `SELECT concat_ws(' | ', '${table}', ${names.map((name) => `${name}::text`).join(', ')}) AS line FROM ${table}`,
    )
    texts.push(...rows.map((row) => row.line))
  }
  return texts
}

test('what the shop shows of secrets is in no table and in no line of a log', async () => {
  const shop = generateShop({ seed: 4, products: 30, orders: 130, days: 30 })
  plantEverywhere(shop)
  assert.ok(planted.size >= 30)
  const lines: string[] = []
  const into = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const logger = pino({ level: 'trace' }, into)
  const faults = [
    // A page with a stray word before it, one that is cut, a refusal: each is told in the log.
    { kind: 'phpWarnings', path: 'orders\\?', times: 1 },
    { kind: 'cut', path: 'products\\?', times: 1 },
    { kind: 'status', status: 503, path: 'coupons', times: 2 },
  ] as const
  const mirrored = await mirroredShop({ shop, server: { faults: [...faults] }, client: { logger } })
  const context = { ...mirrored.context, logger }
  const { database } = mirrored

  const secrets = [SECRET, shop.info.consumerSecret, shop.info.consumerKey]
  for (const full of [false, true]) {
    const results = await syncAll(context, { full })
    for (const { resource, fault } of results) {
      assert.equal(fault, null, `${resource}: ${fault?.message}`)
      // What a person would be shown of it.
      for (const secret of secrets) assert.ok(!JSON.stringify(results).includes(secret))
    }
  }
  await withRun(context, { resource: 'orders', kind: 'scrub' }, scrubPage)

  const texts = await everyText(database)
  for (const name of resourceNames.filter((each) => listedResources.includes(each))) {
    const { rows } = await database.pool.query(`SELECT 1 FROM mirror.${name} LIMIT 1`)
    assert.equal(rows.length, 1, `nothing of ${name} was copied: nothing was tested`)
  }
  const { rows: bad } = await database.pool.query(
    `SELECT DISTINCT resource FROM mirror.quarantine ORDER BY 1`,
  )
  assert.deepEqual(
    bad.map((row) => row.resource),
    ['orders', 'payment_gateways', 'products'],
  )
  assert.ok(lines.length > 20, 'nothing was logged: nothing was tested')
  for (const [what, list] of [
    ['table', texts],
    ['log', lines],
  ] as const) {
    for (const secret of secrets) {
      assert.deepEqual(
        list.filter((line) => line.includes(secret)).map((line) => line.slice(0, 300)),
        [],
        `${secret} in a ${what}`,
      )
    }
  }
})

test('a wrong key is told without the key', async () => {
  const shop = generateShop({ seed: 4, products: 5, orders: 5, days: 3 })
  const lines: string[] = []
  const into = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const logger = pino({ level: 'trace' }, into)
  const mirrored = await mirroredShop({ shop })
  const wrong = { consumerKey: `ck_${SECRET}`, consumerSecret: `cs_${SECRET}` }
  const refused = await openContext(mirrored.database, mirrored.server, {
    shop,
    client: { ...wrong, logger },
  }).then(
    () => assert.fail('the shop took a wrong key'),
    (thrown) => thrown,
  )
  const told = [...lines, String(refused), JSON.stringify(refused), ...(await everyText(mirrored.database))]
  for (const line of told) assert.ok(!line.includes(SECRET), line)
})
