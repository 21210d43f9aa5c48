/** From canonical records to what Postgres reads: one JSON parameter for a batch, or lines of COPY. */
import { WooSyncError } from '../errors.ts'
import type { CanonicalRecord } from '../store/canonical.ts'
import type { Resource } from '../store/resources.ts'
import { createPieces } from './pieces.ts'
import type { Source } from './rule.ts'
import { type Column, type ColumnValue, type MirrorTable, UnreadableValue } from './tables/column.ts'

/** A canonical record with the circumstances of its arrival. */
export interface SeenRecord extends CanonicalRecord {
  /** Epoch milliseconds on the database's clock: when the read that brought it was sent. */
  seenAt: number
  source: Source
}

export interface Row {
  record: SeenRecord
  values: readonly ColumnValue[]
  lines: readonly (readonly ColumnValue[])[]
}

/** The columns every table of the mirror has, in the order in which rows give them. */
const FIXED: readonly { name: string; type: string }[] = [
  { name: 'modified_at', type: 'timestamptz' },
  { name: 'seen_at', type: 'timestamptz' },
  { name: 'content_hash', type: 'text' },
  { name: 'record', type: 'jsonb' },
  { name: 'volatile', type: 'jsonb' },
]

export interface TableSql {
  copy: string
  insert: string
  update: string
  refresh: string
  /** The same record in a new form: whatever tells of its arrival stays. */
  reform: string
  lines?: { copy: string; insert: string; remove: string }
}

/** @throws store_record_unreadable when a typed column cannot be read from the record */
export function toRow(resource: Resource, table: MirrorTable, record: SeenRecord): Row {
  try {
    return {
      record,
      values: table.columns.map((column) => column.value(record.fields, record.volatile)),
      lines: (table.lines?.rows(record.fields) ?? []).map((line) =>
        (table.lines?.columns ?? []).map((column) => column.value(line, line)),
      ),
    }
  } catch (thrown) {
    if (!(thrown instanceof UnreadableValue)) throw thrown
    throw new WooSyncError(
      'store_record_unreadable',
      { resource: resource.singular, id: record.id, cause: thrown.message },
      { cause: thrown },
    )
  }
}

/** The statements of one table, made once from its columns. */
export function tableSql(resource: Resource, table: MirrorTable): TableSql {
  const key = resource.key === 'number' ? 'bigint' : 'text'
  const columns = [...table.columns, ...FIXED]
  const names = columns.map((column) => column.name)
  const shape = [`id ${key}`, ...columns.map((column) => `${column.name} ${column.type}`)].join(', ')
  const set = (chosen: readonly string[]) => chosen.map((name) => `${name} = r.${name}`).join(', ')
  const from = `FROM json_to_recordset($2::json) AS r(${shape}) WHERE t.store_id = $1 AND t.id = r.id`
  return {
    copy: `COPY mirror.${table.table} (store_id, id, ${names.join(', ')}) FROM STDIN`,
    insert: `
      INSERT INTO mirror.${table.table} (store_id, id, ${names.join(', ')})
      SELECT $1, r.id, ${names.map((name) => `r.${name}`).join(', ')}
      FROM json_to_recordset($2::json) AS r(${shape})
      ORDER BY r.id
      ON CONFLICT DO NOTHING
      RETURNING id::text`,
    update: `
      UPDATE mirror.${table.table} t
      SET ${set(names)}, deleted_at = NULL, deleted_evidence = NULL
      ${from}`,
    refresh: `
      UPDATE mirror.${table.table} t
      SET ${set(names.filter((name) => name !== 'record' && name !== 'content_hash'))}
      ${from}`,
    reform: `
      UPDATE mirror.${table.table} t
      SET ${set(names.filter((name) => name !== 'modified_at' && name !== 'seen_at'))}
      ${from}`,
    ...(table.lines && { lines: lineSql(table.lines.table, table.lines.owner, key, table.lines.columns) }),
  }
}

function lineSql(table: string, owner: string, key: string, columns: readonly Column[]) {
  const names = columns.map((column) => column.name).join(', ')
  const shape = [`${owner} ${key}`, ...columns.map((column) => `${column.name} ${column.type}`)].join(', ')
  return {
    copy: `COPY mirror.${table} (store_id, ${owner}, ${names}) FROM STDIN`,
    insert: `
      INSERT INTO mirror.${table} (store_id, ${owner}, ${names})
      SELECT $1, ${owner}, ${names}
      FROM json_to_recordset($2::json) AS r(${shape})
      ON CONFLICT DO NOTHING`,
    remove: `DELETE FROM mirror.${table} WHERE store_id = $1 AND ${owner} = ANY($2::${key}[])`,
  }
}

/** The batch as one JSON text; records stand in it as they are, so nothing is encoded twice. */
export function rowsJson(resource: Resource, table: MirrorTable, rows: readonly Row[]): string {
  const parts: string[] = []
  for (const { record, values } of rows) {
    let text = `{"id":${idJson(resource, record.id)}`
    table.columns.forEach((column, at) => {
      text += `,"${column.name}":${JSON.stringify(values[at])}`
    })
    text += `,"modified_at":${JSON.stringify(iso(record.modifiedAt))},"seen_at":"${iso(record.seenAt)}"`
    text += `,"content_hash":"${record.hash}","record":${record.json},"volatile":${record.volatileJson}}`
    parts.push(text)
  }
  return `[${parts.join(',')}]`
}

export function linesJson(resource: Resource, table: MirrorTable, rows: readonly Row[]): string {
  const lines = table.lines
  if (!lines) return '[]'
  const parts: string[] = []
  for (const { record, lines: rowLines } of rows) {
    for (const values of rowLines) {
      let text = `{"${lines.owner}":${idJson(resource, record.id)}`
      lines.columns.forEach((column, at) => {
        text += `,"${column.name}":${JSON.stringify(values[at])}`
      })
      parts.push(`${text}}`)
    }
  }
  return `[${parts.join(',')}]`
}

/** Rows as COPY reads them, in pieces. */
export function rowsCopy(storeId: number, table: MirrorTable, rows: readonly Row[]): Buffer[] {
  const pieces = createPieces()
  for (const { record, values } of rows) {
    let text = `${storeId}\t${escapeCopy(record.id)}`
    table.columns.forEach((column, at) => {
      text += `\t${copyValue(column, values[at] as ColumnValue)}`
    })
    pieces.add(`${text}\t${iso(record.modifiedAt) ?? '\\N'}\t${iso(record.seenAt)}\t${record.hash}\t`)
    // Written on its own: it is flat already, and long.
    pieces.add(escapeCopy(record.json))
    pieces.add(`\t${escapeCopy(record.volatileJson)}\n`)
  }
  return pieces.end()
}

export function linesCopy(storeId: number, table: MirrorTable, rows: readonly Row[]): Buffer[] {
  const pieces = createPieces()
  for (const { record, lines } of rows) {
    for (const values of lines) {
      let text = `${storeId}\t${escapeCopy(record.id)}`
      table.lines?.columns.forEach((column, at) => {
        text += `\t${copyValue(column, values[at] as ColumnValue)}`
      })
      pieces.add(`${text}\n`)
    }
  }
  return pieces.end()
}

function copyValue(column: Column, value: ColumnValue): string {
  if (value === null) return '\\N'
  if (typeof value === 'string' && column.type !== 'jsonb') return escapeCopy(value)
  if (column.type === 'jsonb') return escapeCopy(JSON.stringify(value))
  if (Array.isArray(value)) return `{${value.join(',')}}`
  return String(value)
}

const SPECIAL = /[\\\t\n\r]/
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

function escapeCopy(text: string): string {
  return SPECIAL.test(text) ? text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] as string) : text
}

function idJson(resource: Resource, id: string): string {
  return resource.key === 'number' ? id : JSON.stringify(id)
}

function iso(moment: number | null): string | null {
  return moment === null ? null : new Date(moment).toISOString()
}
