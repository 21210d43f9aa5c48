/** How a table's typed columns are read from a canonical record. Wrong types become a clear refusal, never a guess. */
import type { Fields } from '../../store/canonical.ts'
import { gmtMoment } from '../../store/canonical.ts'

export type ColumnType =
  | 'text'
  | 'numeric'
  | 'integer'
  | 'bigint'
  | 'bigint[]'
  | 'boolean'
  | 'timestamptz'
  | 'jsonb'

/** JSON values only; moments in epoch milliseconds, numbers that must stay exact as text. */
export type ColumnValue = string | number | boolean | null | number[] | object

export interface Column {
  name: string
  type: ColumnType
  value: (fields: Fields, volatile: Fields) => ColumnValue
}

/** A table of lines that belong to a record and are written with it. */
export interface LineTable {
  table: string
  /** The column that holds the owner's id; with store_id and line_id it is the key. */
  owner: string
  columns: readonly Column[]
  rows: (fields: Fields) => Fields[]
}

export interface MirrorTable {
  table: string
  columns: readonly Column[]
  lines?: LineTable
}

/** Thrown by a column; the writer turns it into `store_record_unreadable` with the record's id. */
export class UnreadableValue extends Error {}

type Pick = string | ((fields: Fields, volatile: Fields) => unknown)

const pick = (from: Pick): ((fields: Fields, volatile: Fields) => unknown) =>
  typeof from === 'function' ? from : (fields, volatile) => (from in fields ? fields[from] : volatile[from])

const column =
  (type: ColumnType, read: (value: unknown, name: string) => ColumnValue) =>
  (name: string, from: Pick = name): Column => {
    const picked = pick(from)
    return { name, type, value: (fields, volatile) => read(picked(fields, volatile), name) }
  }

/** Text as it is: '' stays '', only a missing value is null. */
export const text = column('text', (value, name) => {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new UnreadableValue(`${name} is no text`)
})

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** Money and quantities: exact, as text. '' is how WooCommerce says "none" (12). */
export const numeric = column('numeric', (value, name) => {
  if (value === null || value === undefined || value === '') return null
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (typeof value === 'string' && NUMBER.test(value.trim())) return value.trim()
  throw new UnreadableValue(`${name} is no number`)
})

export const integer = column('integer', whole)
export const bigint = column('bigint', whole)

/** An id that WooCommerce gives as 0 when there is none. */
export const reference = column('bigint', (value, name) => {
  const id = whole(value, name)
  return id === 0 ? null : id
})

export const boolean = column('boolean', (value, name) => {
  if (value === null || value === undefined || value === '') return null
  if (typeof value === 'boolean') return value
  if (value === 'yes' || value === 'true' || value === 1 || value === '1') return true
  if (value === 'no' || value === 'false' || value === 0 || value === '0') return false
  throw new UnreadableValue(`${name} is neither true nor false`)
})

/** A `_gmt` date; one that cannot be read (0000-00-00 …) is null, as a draft's may be. */
export const moment = column('timestamptz', gmtMoment)

export const json = column('jsonb', (value) => (value === undefined ? null : (value as ColumnValue)))

/** The ids of a list of `{id}`: a product's categories, tags. */
export const ids = (name: string, from: string): Column => ({
  name,
  type: 'bigint[]',
  value: (fields) => entries(fields[from]).map((entry) => whole(entry.id, name) ?? 0),
})

/** The objects of a list, whatever else is in it. */
export function entries(value: unknown): Fields[] {
  if (!Array.isArray(value)) return []
  return value.filter((entry): entry is Fields => entry !== null && typeof entry === 'object')
}

export function member(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' ? (value as Fields)[name] : undefined
}

function whole(value: unknown, name: string): number | null {
  if (value === null || value === undefined || value === '') return null
  const number = typeof value === 'string' && /^[+-]?\d+$/.test(value.trim()) ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number
  throw new UnreadableValue(`${name} is no whole number`)
}
