/** From canonical records to what Postgres reads: one JSON parameter for a batch, or COPY's binary rows. */
import { WooSyncError } from '../errors.ts'
import type { CanonicalRecord, Fields } from '../store/canonical.ts'
import type { Resource } from '../store/resources.ts'
import { createCopyForm } from './copy-form.ts'
import type { Source } from './rule.ts'
import { type Column, type ColumnValue, type MirrorTable, UnreadableValue } from './tables/column.ts'

/** A canonical record with the circumstances of its arrival. */
export interface SeenRecord extends CanonicalRecord {
  /** Epoch milliseconds on the database's clock: when the read that brought it was sent. */
  seenAt: number
  source: Source
}

/** A row to be written. Without the record's own fields: a page's objects go as soon as its rows are made. */
export interface Row {
  record: Omit<SeenRecord, 'fields'>
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
export function toRow(resource: Resource, table: MirrorTable, { fields, ...record }: SeenRecord): Row {
  try {
    return {
      record,
      values: table.columns.map((column) => column.value(fields, record.volatile)),
      lines: (table.lines?.rows(fields) ?? []).map((line) =>
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

/** The record's fields, from its text. */
export function fieldsOf({ record }: Row): Fields {
  return JSON.parse(record.json) as Fields
}

/** The statements of one table, made once from its columns. */
export function tableSql(resource: Resource, table: MirrorTable): TableSql {
  const key = keyOf(resource)
  const columns = [...table.columns, ...FIXED]
  const names = columns.map((column) => column.name)
  const shape = [`id ${key}`, ...columns.map((column) => `${column.name} ${column.type}`)].join(', ')
  const set = (chosen: readonly string[]) => chosen.map((name) => `${name} = r.${name}`).join(', ')
  const from = `FROM json_to_recordset($2::json) AS r(${shape}) WHERE t.store_id = $1 AND t.id = r.id`
  return {
    copy: `COPY mirror.${table.table} (store_id, id, ${names.join(', ')}) FROM STDIN (FORMAT binary)`,
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
    copy: `COPY mirror.${table} (store_id, ${owner}, ${names}) FROM STDIN (FORMAT binary)`,
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
      text += `,"${column.name}":${valueJson(column, values[at] as ColumnValue)}`
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
        text += `,"${column.name}":${valueJson(column, values[at] as ColumnValue)}`
      })
      parts.push(`${text}}`)
    }
  }
  return `[${parts.join(',')}]`
}

function valueJson({ type }: Column, value: ColumnValue): string {
  return JSON.stringify(type === 'timestamptz' ? iso(value as number | null) : value)
}

/** Rows as COPY reads them. Throws NotInCopyForm where a value has no such form. */
export function rowsCopy({ storeId, resource, table }: Copied, rows: readonly Row[]): Buffer[] {
  const form = createCopyForm()
  const key = keyOf(resource)
  const { columns } = table
  const fields = 2 + columns.length + FIXED.length
  for (const { record, values } of rows) {
    form.row(fields)
    form.value('integer', storeId)
    form.value(key, record.id)
    for (let at = 0; at < columns.length; at++) {
      form.value((columns[at] as Column).type, values[at] as ColumnValue)
    }
    form.value('timestamptz', record.modifiedAt)
    form.value('timestamptz', record.seenAt)
    form.value('text', record.hash)
    form.json(record.json)
    form.json(record.volatileJson)
  }
  return form.end()
}

/** Their lines; null where there are none. Throws NotInCopyForm as above. */
export function linesCopy({ storeId, resource, table }: Copied, rows: readonly Row[]): Buffer[] | null {
  const columns = table.lines?.columns
  if (!columns || rows.every((row) => row.lines.length === 0)) return null
  const form = createCopyForm()
  const key = keyOf(resource)
  for (const { record, lines } of rows) {
    for (const values of lines) {
      form.row(2 + columns.length)
      form.value('integer', storeId)
      form.value(key, record.id)
      for (let at = 0; at < columns.length; at++) {
        form.value((columns[at] as Column).type, values[at] as ColumnValue)
      }
    }
  }
  return form.end()
}

/** Where rows go. */
interface Copied {
  storeId: number
  resource: Resource
  table: MirrorTable
}

function keyOf(resource: Resource): 'bigint' | 'text' {
  return resource.key === 'number' ? 'bigint' : 'text'
}

function idJson(resource: Resource, id: string): string {
  return resource.key === 'number' ? id : JSON.stringify(id)
}

function iso(moment: number | null): string | null {
  return moment === null ? null : new Date(moment).toISOString()
}
