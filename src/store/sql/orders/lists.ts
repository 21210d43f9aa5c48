/** How orders and refunds are listed, from whichever table holds them: by id, and by (date, id) (43). */
import type { Cell } from '../database.ts'
import type { Listed } from '../reader.ts'
import { gmtCell, gmtCellMoment } from '../rows.ts'
import { tableName } from '../tables.ts'
import { hiddenStatuses, type OrderStorage, type OrderType } from './storage.ts'

export interface ListedTable {
  table: string
  id: string
  type: string
  status: string
  /** The date that REST shows as the last change; a refund has only that of its creation (9). */
  date: Readonly<Record<OrderType, string>>
}

export function orderLists(from: ListedTable): Pick<OrderStorage, 'list' | 'changed'> {
  const { id } = from
  const shown = `${from.type} = ? AND ${from.status} NOT IN ?`
  return {
    async list(shop, type, after, limit) {
      const rows = await shop.database.query(
        `SELECT ${id}, ${from.date[type]} FROM ${tableName(shop, from.table)}
         WHERE ${id} > ? AND ${shown} ORDER BY ${id} LIMIT ?`,
        [Number(after ?? 0), type, hiddenStatuses[type], limit],
      )
      return rows.map(listed)
    },

    async changed(shop, type, since, after, limit) {
      const moment = gmtCell(since)
      const date = from.date[type]
      const rows = await shop.database.query(
        `SELECT ${id}, ${date} FROM ${tableName(shop, from.table)}
         WHERE ${date} >= ? AND (${date} > ? OR ${id} > ?) AND ${shown}
         ORDER BY ${date}, ${id} LIMIT ?`,
        [moment, moment, Number(after), type, hiddenStatuses[type], limit],
      )
      return rows.map(listed)
    },
  }
}

function listed([id, date]: Cell[]): Listed {
  return { id: id as string, modifiedAt: gmtCellMoment(date) }
}
