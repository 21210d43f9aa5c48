/** What the readers of a shop's database share: conditions on ids, dates as text, rows by their record. */
import type { Cell, SqlValue } from './database.ts'

/** A part of a statement with its values; ready for `WHERE`. */
export interface Condition {
  sql: string
  values: SqlValue[]
}

/**
 * The rows of some records. Dense ids are asked for as one range, which the server walks faster than a list:
 * rows of other records may then come along, and `groupRows` or `wantedRows` drops them.
 * @param column with its table where needed; needs an index
 * @param ids whole numbers as text; others match nothing. An empty list matches nothing.
 */
export function idCondition(column: string, ids: readonly string[]): Condition {
  const numbers: number[] = []
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (const id of ids) {
    const number = Number(id)
    if (!Number.isSafeInteger(number) || number < 0) continue
    numbers.push(number)
    if (number < least) least = number
    if (number > most) most = number
  }
  if (numbers.length === 0) return { sql: 'FALSE', values: [] }
  if (numbers.length > 1 && most - least < 4 * numbers.length) {
    return { sql: `${column} BETWEEN ? AND ?`, values: [least, most] }
  }
  if (numbers.length <= LONGEST_LIST) return { sql: `${column} IN ?`, values: [numbers] }
  const lists: number[][] = []
  for (let from = 0; from < numbers.length; from += LONGEST_LIST) {
    lists.push(numbers.slice(from, from + LONGEST_LIST))
  }
  return { sql: `(${lists.map(() => `${column} IN ?`).join(' OR ')})`, values: lists }
}

// From 1,000 on MariaDB makes a temporary table of a list (`in_predicate_conversion_threshold`), and sorts the answer.
const LONGEST_LIST = 500

/**
 * Rows by the id in their first column, in the order they came; rows of ids not asked for are dropped.
 * Ids without rows are not in the map.
 */
export function groupRows(rows: readonly Cell[][], ids: readonly string[]): Map<string, Cell[][]> {
  const wanted = new Set(ids)
  const groups = new Map<string, Cell[][]>()
  let current: Cell[][] = []
  let currentId: Cell | undefined
  for (const row of rows) {
    const id = row[0] as Cell
    // Rows mostly come sorted by their record: the map is asked once for each, not for every row.
    if (id !== currentId) {
      if (id === null || !wanted.has(id)) continue
      currentId = id
      const known = groups.get(id)
      current = known ?? []
      if (known === undefined) groups.set(id, current)
    }
    current.push(row)
  }
  return groups
}

/** The one row of each id in the first column (the first, should there be more); strays are dropped. */
export function wantedRows(rows: readonly Cell[][], ids: readonly string[]): Map<string, Cell[]> {
  const wanted = new Set(ids)
  const found = new Map<string, Cell[]>()
  for (const row of rows) {
    const id = row[0] as Cell
    if (id !== null && wanted.has(id) && !found.has(id)) found.set(id, row)
  }
  return found
}

/**
 * A date of the database as REST writes it, in the zone it is in: `2026-11-22 10:43:10` becomes
 * `2026-11-22T10:43:10`. Null for NULL and for dates of zeros.
 */
export function dateText(cell: Cell | undefined): string | null {
  if (cell == null || cell.length < 19 || cell.startsWith('0000')) return null
  return `${cell.slice(0, 10)}T${cell.slice(11, 19)}`
}

/** A GMT date of the database in epoch milliseconds; null for NULL and for dates of zeros. */
export function gmtCellMoment(cell: Cell | undefined): number | null {
  const text = dateText(cell)
  if (text === null) return null
  const moment = Date.parse(`${text}Z`)
  return Number.isNaN(moment) ? null : moment
}

/** Epoch milliseconds as a GMT date of the database, in whole seconds, cut: `2026-11-22 10:43:10`. */
export function gmtCell(moment: number): string {
  return new Date(moment).toISOString().slice(0, 19).replace('T', ' ')
}
