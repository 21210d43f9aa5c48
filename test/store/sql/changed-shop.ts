/** The recorded shop's tables in a database of their own, to be changed by a test. */
import type { SqlShop } from '../../../src/store/sql/reader.ts'
import { databaseName, type Mariadb } from '../../mariadb.ts'
import { plainDatabase, recordedSqlShop } from './recorded.ts'

export type Test = { after(end: () => Promise<void>): void }

/**
 * @param tables without their prefix; copied with what is in them
 * @param statements run on them as root
 */
export async function changedShop(
  mariadb: Mariadb,
  t: Test,
  tables: readonly string[],
  statements: string,
): Promise<SqlShop> {
  const name = databaseName()
  const copies = tables.map(
    (table) =>
      `CREATE TABLE wp_${table} LIKE woocommerce_small.wp_${table};
       INSERT INTO wp_${table} SELECT * FROM woocommerce_small.wp_${table};`,
  )
  await mariadb.run(null, `CREATE DATABASE ${name} CHARACTER SET utf8mb4`)
  await mariadb.run(name, `${copies.join('\n')}\n${statements}`)
  const recorded = await recordedSqlShop(mariadb, 'woocommerce_small')
  await recorded.database.close()
  const database = await plainDatabase(mariadb, name)
  t.after(() => database.close())
  const option = async (key: string) =>
    (await database.query('SELECT option_value FROM wp_options WHERE option_name = ?', [key]))[0]?.[0] ?? null
  return { ...recorded, database, option }
}
