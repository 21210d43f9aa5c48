/** What tests of readers share: whole lists, and plans that touch every row of a table. */
import assert from 'node:assert/strict'
import type { ShopDatabase } from '../../../src/store/sql/database.ts'
import type { Listed, SqlReader, SqlShop } from '../../../src/store/sql/reader.ts'

/** A reader's whole list, in pages. */
export async function listAll(reader: SqlReader, shop: SqlShop, page = 5): Promise<Listed[]> {
  const all: Listed[] = []
  for (;;) {
    const rows = await reader.list(shop, all.at(-1)?.id ?? null, page)
    all.push(...rows)
    if (rows.length !== page) return all
  }
}

/**
 * Fails when one of the statements asked so far reads a whole table.
 * @param small tables that do not grow with the shop
 */
export async function assertNoFullScan(
  database: ShopDatabase & { statements: readonly string[] },
  small: readonly string[] = [],
): Promise<void> {
  for (const statement of new Set(database.statements)) {
    if (!statement.trimStart().startsWith('SELECT')) continue
    const plan = await database.query(`EXPLAIN ${statement}`)
    // id, select_type, table, type, possible_keys, key …
    for (const [, , table, type] of plan) {
      if (type !== 'ALL' || table == null || table.startsWith('<')) continue
      const named = new RegExp(`\`?(\\w+)\`? ${table}\\b`).exec(statement)?.[1] ?? table
      assert.ok(small.includes(table) || small.includes(named), `${table} is read whole by ${statement}`)
    }
  }
}
