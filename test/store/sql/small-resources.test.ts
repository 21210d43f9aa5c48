import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { loadRecordings } from '../../../demo/recordings.ts'
import { type CanonicalRecord, canonicalize } from '../../../src/store/canonical.ts'
import { type ResourceName, resources } from '../../../src/store/resources.ts'
import { couponReader } from '../../../src/store/sql/coupons.ts'
import { customerReader } from '../../../src/store/sql/customers.ts'
import { paymentGatewayReader } from '../../../src/store/sql/gateways.ts'
import type { SqlReader } from '../../../src/store/sql/reader.ts'
import { settingReader } from '../../../src/store/sql/settings.ts'
import { shippingMethodReader, shippingZoneReader } from '../../../src/store/sql/shipping.ts'
import { taxClassReader, taxRateReader } from '../../../src/store/sql/taxes.ts'
import { skipWithoutMariadb, startMariadb } from '../../mariadb.ts'
import { recordsOf } from '../../mirror/records.ts'
import { recordings, skipWithoutRecordings } from '../../recordings.ts'
import { assertNoFullScan, listAll } from './reading.ts'
import { recordedSqlShop } from './recorded.ts'

const skip = skipWithoutMariadb || skipWithoutRecordings

/** Only used by tests that are not skipped. */
const mariadb = skip ? (undefined as never) : await startMariadb()

const readers: readonly [ResourceName, SqlReader, number][] = [
  ['customers', customerReader, 21],
  ['coupons', couponReader, 6],
  ['tax_rates', taxRateReader, 2],
  ['tax_classes', taxClassReader, 3],
  ['shipping_zones', shippingZoneReader, 2],
  ['shipping_methods', shippingMethodReader, 3],
  ['payment_gateways', paymentGatewayReader, 3],
  ['settings', settingReader, 61],
]

for (const name of ['woocommerce_small', 'woocommerce_small_legacy'] as const) {
  describe(`${name}: the small resources are what REST says`, { skip }, () => {
    for (const [resource, reader, count] of readers) {
      test(resource, async (t) => {
        const shop = await recordedSqlShop(mariadb, name)
        t.after(() => shop.database.close())
        const rest = new Map(
          recordsOf(loadRecordings(recordings ?? ''))
            .filter((one) => one.resource === resource)
            .map((one) => canonicalize(resources[resource], one.raw, one.parent))
            .map((record) => [record.id, record]),
        )
        assert.equal(rest.size, count)
        const listed = await listAll(reader, shop)
        assert.deepEqual(
          listed.map((one) => one.id).sort(),
          [...rest.keys()].sort(),
          'the same records are listed',
        )
        const asked = shop.database.statements.length
        const raw = await reader.read(shop, [...listed.map((one) => one.id), '999999'])
        assert.ok(
          shop.database.statements.length - asked <= 4,
          'a few statements, whatever the number of ids',
        )
        const sql = new Map(
          raw.map((one) => canonicalize(resources[resource], one)).map((one) => [one.id, one]),
        )
        assert.equal(sql.size, count)
        for (const { id, modifiedAt } of listed) {
          const [ours, theirs] = [sql.get(id), rest.get(id)] as [CanonicalRecord, CanonicalRecord]
          assert.deepEqual(ours.fields, theirs.fields, `${resource} ${id}`)
          assert.equal(ours.json, theirs.json)
          assert.equal(ours.hash, theirs.hash)
          assert.equal(ours.modifiedAt, theirs.modifiedAt)
          assert.equal(modifiedAt, theirs.modifiedAt)
          // What else it brings, it brings as REST does; what it does not bring stays as it was.
          for (const [field, value] of Object.entries(ours.volatile))
            assert.deepEqual(value, theirs.volatile[field], `${resource} ${id} ${field}`)
        }
      })
    }
  })
}

test('no statement reads a table whole that grows with the shop', { skip }, async (t) => {
  const shop = await recordedSqlShop(mariadb, 'woocommerce_small')
  t.after(() => shop.database.close())
  for (const [, reader] of readers) {
    const listed = await listAll(reader, shop)
    // Of all its rows any server reads a small table whole: two are asked for.
    await reader.read(shop, [listed[0]?.id ?? '', listed.at(-1)?.id ?? ''])
    await reader.changed?.(shop, 0, '0', 10)
  }
  assert.ok(shop.database.statements.length > readers.length)
  await assertNoFullScan(shop.database, SMALL)
})

/** They do not grow with the shop: a handful of rows that somebody typed in. */
const SMALL = [
  'wp_woocommerce_tax_rates',
  'wp_woocommerce_tax_rate_locations',
  'wp_wc_tax_rate_classes',
  'wp_woocommerce_shipping_zones',
  'wp_woocommerce_shipping_zone_methods',
]
