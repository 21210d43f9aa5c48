/** Lists of orders and refunds: every id once, in order; what changed since, in order; each statement by an index. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { orderNoteReader } from '../../../../src/store/sql/order-notes.ts'
import { orderReader, refundReader } from '../../../../src/store/sql/orders/reader.ts'
import type { Listed, SqlReader, SqlShop } from '../../../../src/store/sql/reader.ts'
import { type RecordedDatabase, skipWithoutMariadb, startMariadb } from '../../../mariadb.ts'
import { skipWithoutRecordings } from '../../../recordings.ts'
import { recordedSqlShop } from '../recorded.ts'

const skip = skipWithoutRecordings || skipWithoutMariadb

/** Only used by tests that are not skipped. */
const mariadb = skip ? (undefined as never) : await startMariadb()

const databases: RecordedDatabase[] = ['woocommerce_small', 'woocommerce_small_legacy']
const readers = [
  { name: 'orders', reader: orderReader, count: 798 },
  { name: 'refunds', reader: refundReader, count: 74 },
] as const

for (const database of databases) {
  describe(database, { skip }, () => {
    for (const { name, reader, count } of readers) {
      test(`${name} are listed once each by id, whatever the page`, async (t) => {
        const shop = await recordedSqlShop(mariadb, database)
        t.after(() => shop.database.close())
        const whole = await reader.list(shop, null, 10_000)
        assert.equal(whole.length, count)
        for (const limit of [1000, count, 7]) assert.deepEqual(await inPages(shop, reader, limit), whole)
        const ids = whole.map(({ id }) => Number(id))
        assert.deepEqual(
          ids,
          ids.toSorted((a, b) => a - b),
        )
        assert.ok(whole.every(({ modifiedAt }) => modifiedAt !== null))
      })

      test(`${name} that changed come by date and id, none twice, none left out`, async (t) => {
        const shop = await recordedSqlShop(mariadb, database)
        t.after(() => shop.database.close())
        const expected = (await reader.list(shop, null, 10_000)).toSorted(byDate)
        const start = expected[0] as Listed
        assert.deepEqual(await changedInPages(shop, reader, start, 50), expected.slice(1))
        const last = expected.at(-1) as Listed
        const later = Number(last.modifiedAt) + 1000
        assert.deepEqual(await reader.changed?.(shop, later, '0', 10), [])
        // A row of the very moment, known by its id, does not come again.
        assert.deepEqual(await reader.changed?.(shop, Number(last.modifiedAt), last.id, 10), [])
        const others = await reader.changed?.(shop, Number(last.modifiedAt), String(Number(last.id) - 1), 10)
        assert.deepEqual(others, [last])
      })
    }

    test('no statement goes through a whole table that grows with the shop', async (t) => {
      const shop = await recordedSqlShop(mariadb, database)
      t.after(() => shop.database.close())
      await readSomething(shop)
      const statements = shop.database.statements.filter((sql) => !sql.includes('wp_options'))
      assert.ok(statements.length > 30)
      for (const sql of statements) {
        for (const [, , table, type, , key] of await shop.database.query(`EXPLAIN ${sql}`)) {
          if (SMALL.has(String(table))) continue
          assert.notEqual(type, 'ALL', sql)
          // An index read from one end to the other is a whole table too; Impossible WHERE has no type at all.
          assert.notEqual(type, 'index', sql)
          if (type !== null) assert.ok(key, sql)
        }
      }
    })
  })
}

/** A shop has a handful of each: they are read whole, which is one page of the server's memory. */
const SMALL = new Set(['wp_woocommerce_attribute_taxonomies', 'wp_wc_tax_rate_classes'])

test('under HPOS, changes are found by the index on their date, without sorting', { skip }, async (t) => {
  const shop = await recordedSqlShop(mariadb, 'woocommerce_small')
  t.after(() => shop.database.close())
  await orderReader.changed?.(shop, Date.parse('2026-11-20T00:00:00Z'), '500', 100)
  const [plan = []] = await shop.database.query(`EXPLAIN ${shop.database.statements.at(-1)}`)
  const [, , , type, , key, , , , extra] = plan
  assert.equal(type, 'range')
  assert.equal(key, 'date_updated')
  assert.doesNotMatch(String(extra), /filesort|temporary/)
})

test('the number of statements does not depend on the number of records', { skip }, async (t) => {
  const shop = await recordedSqlShop(mariadb, 'woocommerce_small')
  t.after(() => shop.database.close())
  const ids = (await orderReader.list(shop, null, 1000)).map(({ id }) => id)
  const statementsFor = async (some: readonly string[]) => {
    const before = shop.database.statements.length
    await orderReader.read(shop, some)
    return shop.database.statements.length - before
  }
  await statementsFor(ids)
  assert.ok((await statementsFor(ids)) <= 13)
  assert.ok((await statementsFor(ids.slice(0, 20))) <= 13)
  assert.equal(await statementsFor([]), 0)
})

function byDate(a: Listed, b: Listed): number {
  return Number(a.modifiedAt) - Number(b.modifiedAt) || Number(a.id) - Number(b.id)
}

async function inPages(shop: SqlShop, reader: SqlReader, limit: number): Promise<Listed[]> {
  const all: Listed[] = []
  for (;;) {
    const page = await reader.list(shop, all.at(-1)?.id ?? null, limit)
    all.push(...page)
    if (page.length < limit) return all
  }
}

async function changedInPages(shop: SqlShop, reader: SqlReader, from: Listed, limit: number) {
  const all: Listed[] = []
  for (;;) {
    const { id, modifiedAt } = all.at(-1) ?? from
    const page = (await reader.changed?.(shop, Number(modifiedAt), id, limit)) ?? []
    all.push(...page)
    if (page.length < limit) return all
  }
}

/** Every statement there is, with dense ids and with scattered ones. */
async function readSomething(shop: SqlShop): Promise<void> {
  for (const reader of [orderReader, refundReader, orderNoteReader]) {
    const listed = (await reader.list(shop, null, 60)).map(({ id }) => id)
    await reader.list(shop, listed[30] ?? null, 60)
    await reader.changed?.(shop, Date.parse('2026-11-20T00:00:00Z'), '500', 60)
    await reader.read(shop, listed)
    await reader.read(
      shop,
      listed.filter((_, index) => index % 12 === 0),
    )
  }
}
