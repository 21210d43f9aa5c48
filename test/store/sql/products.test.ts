import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadRecordings } from '../../../demo/recordings.ts'
import { gmtMoment } from '../../../src/store/canonical.ts'
import { productReader } from '../../../src/store/sql/products/products.ts'
import { variationReader } from '../../../src/store/sql/products/variations.ts'
import type { SqlReader } from '../../../src/store/sql/reader.ts'
import { skipWithoutMariadb, startMariadb } from '../../mariadb.ts'
import { recordings, skipWithoutRecordings } from '../../recordings.ts'
import { assertEqualRecords, readAll } from './equality.ts'
import { recordedSqlShop } from './recorded.ts'

const skip = skipWithoutMariadb || skipWithoutRecordings
/** Only used by tests that are not skipped. */
const mariadb = skip ? (undefined as never) : await startMariadb()
const recorded = recordings === null ? (undefined as never) : loadRecordings(recordings)

const databases = ['woocommerce_small', 'woocommerce_small_legacy'] as const
const kinds: ['products' | 'variations', SqlReader][] = [
  ['products', productReader],
  ['variations', variationReader],
]

/** The recorded shop at the moment of its recording: its sales end one day. */
async function recordedShop(name: (typeof databases)[number]) {
  const shop = await recordedSqlShop(mariadb, name)
  await shop.database.query("SET timestamp = UNIX_TIMESTAMP('2026-11-22 12:00:00')")
  return shop
}

for (const name of databases) {
  for (const [kind, reader] of kinds) {
    test(`${kind} of ${name} are those of REST`, { skip }, async (t) => {
      const shop = await recordedShop(name)
      t.after(() => shop.database.close())
      const read = await readAll(shop, kind, reader)
      assertEqualRecords(
        kind,
        recorded[kind].sorted('id').map(({ body }) => [body]),
        read,
      )
    })
  }
}

test('a batch takes as many statements as one record', { skip }, async (t) => {
  const shop = await recordedShop('woocommerce_small')
  t.after(() => shop.database.close())
  // 158 is variable, 224 too; the grouped one has products within.
  for (const [reader, one, many] of [
    [productReader, ['158'], ['158', '165', '169', '224', '10', '11', '12', '1515']],
    [variationReader, ['159'], ['159', '160', '166', '225', '226']],
  ] as const) {
    await reader.read(shop, one)
    const before = shop.database.statements.length
    await reader.read(shop, one)
    const single = shop.database.statements.length - before
    await reader.read(shop, many)
    assert.equal(shop.database.statements.length - before - single, single)
  }
})

test('what changed comes by date and id, from a moment on', { skip }, async (t) => {
  const shop = await recordedShop('woocommerce_small')
  t.after(() => shop.database.close())
  for (const [kind, reader] of kinds) {
    const expected = recorded[kind]
      .sorted('id')
      .map(({ id, body }) => ({ id: String(id), modifiedAt: gmtMoment(body?.date_modified_gmt) }))
      .filter((row): row is { id: string; modifiedAt: number } => row.modifiedAt !== null)
      .sort((a, b) => a.modifiedAt - b.modifiedAt || Number(a.id) - Number(b.id))
    const found: unknown[] = []
    let at = 0
    let after = '0'
    for (;;) {
      const page = (await reader.changed?.(shop, at, after, 7)) ?? []
      found.push(...page)
      const last = page.at(-1)
      if (page.length < 7 || last?.modifiedAt == null) break
      at = last.modifiedAt
      after = last.id
    }
    assert.deepEqual(found, expected)
  }
})

test('sales begin and end by the clock of the shop', { skip }, async (t) => {
  const shop = await recordedShop('woocommerce_small')
  t.after(() => shop.database.close())
  const { database } = shop
  const onSale = recorded.products
    .sorted('id')
    .filter(({ body }) => body?.date_on_sale_from_gmt != null)
    .map(({ id }) => String(id))
  assert.ok(onSale.length > 0)
  for (const [moment, isOnSale] of [
    ['2026-11-01', false],
    ['2026-11-22', true],
    ['2027-01-01', false],
  ] as const) {
    await database.query(`SET timestamp = UNIX_TIMESTAMP('${moment}')`)
    const records = await productReader.read(shop, onSale)
    assert.ok(
      records.every((record) => record.on_sale === isOnSale),
      moment,
    )
  }
})

test('ids that are not there, or no products, are left out', { skip }, async (t) => {
  const shop = await recordedShop('woocommerce_small')
  t.after(() => shop.database.close())
  assert.deepEqual(await productReader.read(shop, ['999999', '159', 'x']), [])
  assert.deepEqual(await variationReader.read(shop, ['999999', '158']), [])
  assert.deepEqual(await productReader.read(shop, []), [])
})
