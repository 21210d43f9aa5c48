/** Orders and refunds from both recorded databases are the records that REST answered. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadRecordings } from '../../../../demo/recordings.ts'
import { canonicalize } from '../../../../src/store/canonical.ts'
import { resources } from '../../../../src/store/resources.ts'
import { orderReader, refundReader } from '../../../../src/store/sql/orders/reader.ts'
import type { SqlReader } from '../../../../src/store/sql/reader.ts'
import { type RecordedDatabase, skipWithoutMariadb, startMariadb } from '../../../mariadb.ts'
import { recordings, skipWithoutRecordings } from '../../../recordings.ts'
import { recordedSqlShop } from '../recorded.ts'

const skip = skipWithoutRecordings || skipWithoutMariadb
const databases: RecordedDatabase[] = ['woocommerce_small', 'woocommerce_small_legacy']

const cases = [
  { name: 'orders', reader: orderReader, count: 798 },
  { name: 'refunds', reader: refundReader, count: 74 },
] as const satisfies { name: 'orders' | 'refunds'; reader: SqlReader; count: number }[]

const mariadb = skip ? undefined : await startMariadb()
const rest = recordings === null ? undefined : loadRecordings(recordings)

for (const database of databases) {
  for (const { name, reader, count } of cases) {
    test(`all ${name} of ${database} are those of REST`, { skip }, async () => {
      assert.ok(mariadb && rest)
      const shop = await recordedSqlShop(mariadb, database)
      const expected = rest[name].sorted('id').map(({ body }) => canonicalize(resources[name], body))
      assert.equal(expected.length, count)
      const ids = expected.map(({ id }) => id)
      const found = (await reader.read(shop, ids)).map((raw) => canonicalize(resources[name], raw))
      assert.deepEqual(found.map(({ id }) => id).sort(), [...ids].sort())
      const byId = new Map(found.map((record) => [record.id, record]))
      for (const record of expected) {
        const own = byId.get(record.id)
        if (own?.json !== record.json) assert.deepEqual(own?.fields, record.fields)
        assert.equal(own?.hash, record.hash)
        assert.equal(own?.modifiedAt, record.modifiedAt)
      }
      await shop.database.close()
    })
  }
}
