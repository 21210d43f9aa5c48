/** A recorded shop with what plugins, imports and time do to one: in a database of its own. */
import assert from 'node:assert/strict'
import { canonicalize, type Fields } from '../../../../src/store/canonical.ts'
import { resources } from '../../../../src/store/resources.ts'
import { orderReader } from '../../../../src/store/sql/orders/reader.ts'
import type { SqlShop } from '../../../../src/store/sql/reader.ts'
import { databaseName, type Mariadb, type RecordedDatabase } from '../../../mariadb.ts'
import { plainDatabase, recordedSqlShop } from '../recorded.ts'

const SHARED = ['woocommerce_order_items', 'woocommerce_order_itemmeta', 'posts', 'postmeta', 'options']
const SMALL = ['terms', 'term_taxonomy', 'woocommerce_attribute_taxonomies', 'wc_tax_rate_classes']
export const HPOS_TABLES = ['wc_orders', 'wc_order_addresses', 'wc_order_operational_data', 'wc_orders_meta']

/** A copy of a recorded shop with changes of its own. */
export async function copyWithChanges(mariadb: Mariadb, source: RecordedDatabase, changes: string) {
  const name = databaseName()
  const tables = [...SHARED, ...SMALL, ...(source === 'woocommerce_small' ? HPOS_TABLES : [])]
  const copies = tables.map(
    (table) => `CREATE TABLE wp_${table} LIKE ${source}.wp_${table};
      INSERT INTO wp_${table} SELECT * FROM ${source}.wp_${table};`,
  )
  await mariadb.run(null, `CREATE DATABASE ${name} CHARACTER SET utf8mb4`)
  await mariadb.run(name, `${copies.join('\n')}\n${changes}`)
  const recorded = await recordedSqlShop(mariadb, source)
  const database = await plainDatabase(mariadb, name)
  return {
    shop: { ...recorded, database } as SqlShop,
    async close() {
      await Promise.all([recorded.database.close(), database.close()])
      await mariadb.run(null, `DROP DATABASE ${name}`)
    },
  }
}

/** The canonical fields of one order. */
export async function readOne(shop: SqlShop, id: string): Promise<Fields> {
  const [record] = await orderReader.read(shop, [id])
  assert.ok(record, `order ${id}`)
  return canonicalize(resources.orders, record).fields
}
