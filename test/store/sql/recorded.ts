/**
 * The recorded shop's database in a real MariaDB, as readers see it. The same shop's REST records are those of
 * `loadRecordings` in `demo/recordings.ts`.
 */
import { createConnection } from 'mysql2/promise'
import type { Cell, ShopDatabase } from '../../../src/store/sql/database.ts'
import type { SqlShop } from '../../../src/store/sql/reader.ts'
import type { Mariadb, RecordedDatabase } from '../../mariadb.ts'

/** The plainest way to a database; statements are noted for EXPLAIN. */
export async function plainDatabase(
  mariadb: Mariadb,
  database: string,
): Promise<ShopDatabase & { statements: string[] }> {
  const connection = await createConnection({
    socketPath: mariadb.socket,
    user: 'root',
    database,
    charset: 'utf8mb4',
  })
  const statements: string[] = []
  const query: ShopDatabase['query'] = async (statement, values = []) => {
    const sql = connection.format(
      statement,
      values.map((value) => (Array.isArray(value) ? [value] : value)),
    )
    statements.push(sql)
    const [rows] = await connection.query({
      sql,
      rowsAsArray: true,
      typeCast: (field) => field.string('utf8'),
    })
    return rows as unknown as Cell[][]
  }
  return {
    way: 'direct',
    statements,
    query,
    async each(statement, values, take) {
      for (const row of await query(statement, values)) take(row)
    },
    close: () => connection.end(),
  }
}

/** The recorded shop as its readers see it; what `detect` would find is written here by hand. */
export async function recordedSqlShop(
  mariadb: Mariadb,
  name: RecordedDatabase,
): Promise<SqlShop & { database: { statements: string[] } }> {
  const database = await plainDatabase(mariadb, name)
  const options = new Map<string, string | null>()
  return {
    database,
    prefix: 'wp_',
    storage: name === 'woocommerce_small' ? 'hpos' : 'classic',
    woocommerce: '11.0.1',
    timezone: 'Europe/Bucharest',
    currency: 'RON',
    decimals: 2,
    siteUrl: await one(database, `SELECT option_value FROM wp_options WHERE option_name = 'siteurl'`),
    homeUrl: await one(database, `SELECT option_value FROM wp_options WHERE option_name = 'home'`),
    async option(key) {
      if (!options.has(key)) {
        const rows = await database.query(`SELECT option_value FROM wp_options WHERE option_name = ?`, [key])
        options.set(key, rows[0]?.[0] ?? null)
      }
      return options.get(key) ?? null
    },
  }
}

async function one(database: ShopDatabase, question: string): Promise<string> {
  return (await database.query(question))[0]?.[0]?.replace(/\/$/, '') ?? ''
}
