import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createConnection } from 'mysql2/promise'
import type { WooSyncError } from '../../../src/errors.ts'
import { countRecords } from '../../../src/store/sql/counts.ts'
import type { Cell, ShopDatabase } from '../../../src/store/sql/database.ts'
import { detectShop } from '../../../src/store/sql/detect.ts'
import { neededTables } from '../../../src/store/sql/rights.ts'
import { databaseName, skipWithoutMariadb, startMariadb } from '../../mariadb.ts'
import { skipWithoutRecordings } from '../../recordings.ts'
import { assertNoFullScan } from './reading.ts'
import { plainDatabase } from './recorded.ts'

const skip = skipWithoutMariadb || skipWithoutRecordings

/** Only used by tests that are not skipped. */
const mariadb = skip ? (undefined as never) : await startMariadb()

describe('what is found out about a shop', { skip }, () => {
  test('of the recorded shop with HPOS', async (t) => {
    const database = await open(t, 'woocommerce_small')
    const from = Date.now()
    const { clock, server, option, database: _, ...shop } = await detectShop(database)
    assert.deepEqual(shop, {
      prefix: 'wp_',
      storage: 'hpos',
      woocommerce: '11.0.1',
      identity: 'd4e3a0c4-45bb-4e7b-9a90-3cebc615797e',
      name: 'Băutura Test Shop',
      timezone: 'Europe/Bucharest',
      currency: 'RON',
      currencySymbol: null,
      decimals: 2,
      siteUrl: 'https://127.0.0.1:8443',
      homeUrl: 'https://127.0.0.1:8443',
    })
    assert.ok(clock >= from - 2000 && clock <= Date.now() + 2000)
    assert.match(server, /MariaDB/)
    const before = database.statements.length
    assert.equal(await option('woocommerce_currency'), 'RON')
    assert.equal(database.statements.length, before, 'it is known already')
    assert.equal(await option('woocommerce_weight_unit'), 'kg')
    assert.equal(await option('woocommerce_weight_unit'), 'kg')
    assert.equal(await option('of nobody'), null)
    assert.equal(await option('of nobody'), null)
    assert.equal(database.statements.length, before + 2, 'asked for once')
    assert.ok(before <= 5, `${before} statements`)
  })

  test('of the one switched to classic storage: its HPOS tables are not looked at', async (t) => {
    const database = await open(t, 'woocommerce_small_legacy')
    assert.equal((await detectShop(database)).storage, 'classic')
    assert.ok(!database.statements.some((statement) => statement.includes('wc_orders')))
  })

  test('how much there is of each', async (t) => {
    for (const name of ['woocommerce_small', 'woocommerce_small_legacy'] as const) {
      const database = await open(t, name)
      const shop = await detectShop(database)
      database.statements.length = 0
      const counts = await countRecords(shop)
      const { orders, ...rest } = counts
      const all = Object.values(orders).reduce((sum, count) => sum + count, 0)
      assert.equal(all, 798, name)
      assert.equal(orders.trash, 28)
      assert.equal(orders['checkout-draft'], 1)
      assert.deepEqual(rest, {
        products: { publish: 150, draft: 6, pending: 3, private: 6, future: 2, trash: 5 },
        variations: 45,
        coupons: 6,
        refunds: 74,
        customers: 21,
        tickets: 407,
      })
      await assertNoFullScan(database)
    }
  })

  test('each table without the right to read it is named, and no other', async (t) => {
    for (const table of ['users', 'wc_order_addresses', 'options', 'woocommerce_tax_rate_locations']) {
      const database = await openAs(
        t,
        neededTables('hpos').filter((name) => name !== table),
      )
      await refused(detectShop(database), 'sql_rights_missing', new RegExp(`may not read wp_${table}\\.`))
    }
    const tables = neededTables('hpos').filter((name) => name !== 'posts' && name !== 'usermeta')
    const database = await openAs(t, tables)
    await refused(detectShop(database), 'sql_rights_missing', /may not read wp_posts, wp_usermeta\./)
  })

  test('with exactly the tables named in neededTables it is found', async (t) => {
    const database = await openAs(t, neededTables('hpos'))
    assert.equal((await detectShop(database)).prefix, 'wp_')
  })

  test('a table that is not there is told apart from a right that is missing', async (t) => {
    const name = await copyOf('wp_')
    await mariadb.run(name, 'DROP TABLE wp_wc_tax_rate_classes')
    await refused(detectShop(await open(t, name)), 'sql_table_missing', /wp_wc_tax_rate_classes/)
  })

  test('another prefix is found by itself', async (t) => {
    const database = await open(t, await copyOf('x7_wp_'))
    assert.equal((await detectShop(database)).prefix, 'x7_wp_')
    assert.equal((await detectShop(database, { prefix: 'x7_wp_' })).prefix, 'x7_wp_')
    await refused(detectShop(database, { prefix: 'wp_' }), 'sql_shop_not_found', /but with x7_wp_/)
  })

  test('of several shops the setting says which', async (t) => {
    const name = await copyOf('wp_')
    await copyOf('old_', name)
    const database = await open(t, name)
    await refused(detectShop(database), 'sql_several_shops', /old_, wp_/)
    await refused(detectShop(database), 'sql_several_shops', /begin with/, /MYSQL_PREFIX/)
    assert.equal((await detectShop(database, { prefix: 'old_' })).prefix, 'old_')
  })

  test('a network of sites is refused, also by the prefix of one of its sites', async (t) => {
    const name = await copyOf('wp_')
    await copyOf('wp_2_', name)
    await mariadb.run(name, 'CREATE TABLE wp_blogs (blog_id int); CREATE TABLE wp_sitemeta (meta_id int)')
    const database = await open(t, name)
    await refused(detectShop(database), 'sql_multisite', /network of sites/)
    await refused(detectShop(database, { prefix: 'wp_2_' }), 'sql_multisite', /wp_2_/)
  })

  test('WordPress without WooCommerce, and no WordPress at all', async (t) => {
    const name = databaseName()
    await mariadb.run(null, `CREATE DATABASE ${name}`)
    const database = await open(t, name)
    await refused(detectShop(database), 'sql_shop_not_found', /no WordPress/)
    await mariadb.run(name, 'CREATE TABLE blog_options LIKE woocommerce_small.wp_options')
    await refused(detectShop(database), 'sql_woocommerce_missing', /blog_/)
    await refused(detectShop(database, { prefix: 'blog_' }), 'sql_woocommerce_missing', /blog_/)
  })

  test('an offset where the zone has no name, a home of its own, slashes at the end', async (t) => {
    const name = await copyOf('wp_')
    await mariadb.run(
      name,
      `UPDATE wp_options SET option_value = '' WHERE option_name = 'timezone_string';
       UPDATE wp_options SET option_value = '-3.5' WHERE option_name = 'gmt_offset';
       UPDATE wp_options SET option_value = 'https://a.example/' WHERE option_name = 'home';
       UPDATE wp_options SET option_value = 'https://a.example/wp/' WHERE option_name = 'siteurl';
       DELETE FROM wp_options WHERE option_name IN ('woocommerce_store_id', 'woocommerce_price_num_decimals')`,
    )
    const shop = await detectShop(await open(t, name))
    assert.equal(shop.timezone, '-03:30')
    assert.equal(shop.homeUrl, 'https://a.example')
    assert.equal(shop.siteUrl, 'https://a.example/wp')
    assert.equal(shop.identity, null)
    assert.equal(shop.decimals, 2)
  })

  async function open(t: { after(end: () => Promise<void>): void }, name: string) {
    const database = await plainDatabase(mariadb, name)
    t.after(() => database.close())
    return database
  }

  /** As a user that may read these tables of the recorded shop and nothing else. */
  async function openAs(t: { after(end: () => Promise<void>): void }, tables: readonly string[]) {
    const user = databaseName()
    const grants = tables.map((table) => `GRANT SELECT ON woocommerce_small.wp_${table} TO '${user}'@'%';`)
    await mariadb.run(null, `CREATE USER '${user}'@'%'; ${grants.join('\n')}`)
    const connection = await createConnection({
      socketPath: mariadb.socket,
      user,
      database: 'woocommerce_small',
    })
    t.after(() => connection.end())
    const database: ShopDatabase = {
      way: 'direct',
      async query(statement, values = []) {
        const parts = values.map((value) => (Array.isArray(value) ? [value] : value))
        const [rows] = await connection.query({
          sql: connection.format(statement, parts),
          rowsAsArray: true,
          typeCast: (field) => field.string('utf8'),
        })
        return rows as unknown as Cell[][]
      },
      each: () => assert.fail('detection asks for few rows'),
      close: () => connection.end(),
    }
    return database
  }
})

/** The tables that detection looks at, under another prefix, in a database of their own or one given. */
async function copyOf(prefix: string, into = databaseName()): Promise<string> {
  const copies = neededTables('hpos').map(
    (table) => `CREATE TABLE ${prefix}${table} LIKE woocommerce_small.wp_${table};`,
  )
  await mariadb.run(null, `CREATE DATABASE IF NOT EXISTS ${into}`)
  await mariadb.run(
    into,
    `${copies.join('\n')} INSERT INTO ${prefix}options SELECT * FROM woocommerce_small.wp_options`,
  )
  return into
}

async function refused(doing: Promise<unknown>, code: string, sentence: RegExp, wayOut = /./) {
  await assert.rejects(doing, (thrown: WooSyncError) => {
    assert.equal(thrown.code, code)
    assert.match(thrown.message, sentence)
    assert.match(thrown.wayOut, wayOut)
    return true
  })
}
