/** Lists of the posts of one type (43): ids in order, and what changed since. */
import type { Cell } from './database.ts'
import type { Listed, SqlReader, SqlShop } from './reader.ts'
import { gmtCell, gmtCellMoment } from './rows.ts'
import { tableName } from './tables.ts'

/** `list` and `changed` of a reader of posts with these statuses; others are drafts of no meaning. */
export function postList(
  type: string,
  statuses: readonly string[],
): Required<Pick<SqlReader, 'list' | 'changed'>> {
  const of = (shop: SqlShop) =>
    `SELECT ID, post_modified_gmt FROM ${tableName(shop, 'posts')} WHERE post_type = ? AND post_status IN ?`
  return {
    async list(shop, after, limit) {
      return listed(
        await shop.database.query(`${of(shop)} AND ID > ? ORDER BY ID LIMIT ?`, [
          type,
          statuses,
          Number(after ?? 0),
          limit,
        ]),
      )
    },
    async changed(shop, since, after, limit) {
      const date = gmtCell(since)
      return listed(
        await shop.database.query(
          `${of(shop)} AND post_modified_gmt >= ? AND (post_modified_gmt > ? OR ID > ?)
           ORDER BY post_modified_gmt, ID LIMIT ?`,
          [type, statuses, date, date, Number(after), limit],
        ),
      )
    },
  }
}

function listed(rows: readonly Cell[][]): Listed[] {
  return rows.map(([id, modified]) => ({ id: id ?? '', modifiedAt: gmtCellMoment(modified) }))
}
