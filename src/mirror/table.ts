/** One resource's table in the mirror, read and written by rows; the rule is the caller's. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Resource } from '../store/resources.ts'
import { NotInCopyForm } from './copy-form.ts'
import { linesCopy, linesJson, type Row, rowsCopy, rowsJson, type TableSql } from './rows.ts'
import type { Held } from './rule.ts'
import type { MirrorTable } from './tables/column.ts'

/** From this many new records on, COPY is worth its round trips. */
const COPY_FROM = 20
/** Set before a batch is written, so that its fault can be undone. */
export const SAVEPOINT = 'batch'

export interface Target {
  storeId: number
  resource: Resource
  table: MirrorTable
  sql: TableSql
}

export interface HeldRow extends Held {
  volatile: Record<string, unknown>
  /** Of the fields that some keys are not shown, those that are held. */
  hidden: Record<string, unknown>
}

export async function readHeld(
  client: pg.ClientBase,
  target: Target,
  rows: readonly Row[],
  how: 'as it is' | 'locked',
): Promise<Map<string, HeldRow>> {
  const held = new Map<string, HeldRow>()
  if (rows.length === 0) return held
  const key = target.resource.key === 'number' ? 'bigint' : 'text'
  const result = await client.query(
    `SELECT t.id::text, content_hash, modified_at, seen_at, deleted_at, volatile, ${hiddenOf(target.resource)} AS hidden
     FROM mirror.${target.table.table} t
     WHERE store_id = $1 AND id = ANY($2::${key}[])
     ${how === 'locked' ? 'ORDER BY t.id FOR UPDATE' : ''}`,
    [target.storeId, rows.map((row) => row.record.id)],
  )
  for (const row of result.rows) {
    held.set(row.id, {
      hash: row.content_hash,
      modifiedAt: row.modified_at?.getTime() ?? null,
      seenAt: row.seen_at.getTime(),
      deleted: row.deleted_at !== null,
      volatile: row.volatile,
      hidden: row.hidden ?? {},
    })
  }
  return held
}

function hiddenOf({ hidden = [] }: Resource): string {
  if (hidden.length === 0) return 'NULL'
  const names = hidden.map((name) => `'${name}'`).join(', ')
  return `(SELECT jsonb_object_agg(key, value) FROM jsonb_each(t.record) WHERE key IN (${names}))`
}

/**
 * Inserts rows nobody holds yet; returns the ids that went in (another process may have been first). The caller
 * has just set the savepoint {@link SAVEPOINT}: when COPY fails it goes back there.
 */
export async function insertRows(client: pg.ClientBase, target: Target, rows: Row[]): Promise<Set<string>> {
  if (rows.length === 0) return new Set()
  const copied = rows.length >= COPY_FROM ? copyForms(target, rows) : null
  if (copied) {
    try {
      await copy(client, target.sql.copy, copied.rows)
      if (target.sql.lines && copied.lines) await copy(client, target.sql.lines.copy, copied.lines)
      return new Set(rows.map((row) => row.record.id))
    } catch (thrown) {
      if (!isDataFault(thrown)) throw thrown
      await client.query(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}`)
    }
  }
  const { rows: went } = await client.query(target.sql.insert, [
    target.storeId,
    rowsJson(target.resource, target.table, rows),
  ])
  const inserted = new Set<string>(went.map((row) => row.id))
  await insertLines(
    client,
    target,
    rows.filter((row) => inserted.has(row.record.id)),
  )
  return inserted
}

/** Replaces rows that are locked. */
export async function updateRows(client: pg.ClientBase, target: Target, rows: Row[]): Promise<void> {
  if (rows.length === 0) return
  await client.query(target.sql.update, [target.storeId, rowsJson(target.resource, target.table, rows)])
  await replaceLines(client, target, rows)
}

/** Writes rows that are locked anew, as this version makes them; when and how they arrived stays. */
export async function reformRows(client: pg.ClientBase, target: Target, rows: Row[]): Promise<void> {
  await client.query(target.sql.reform, [target.storeId, rowsJson(target.resource, target.table, rows)])
  await replaceLines(client, target, rows)
}

/** Writes what moves by itself, and when it was seen, of rows that are locked. */
export async function refreshRows(client: pg.ClientBase, target: Target, rows: Row[]): Promise<void> {
  if (rows.length === 0) return
  await client.query(target.sql.refresh, [target.storeId, rowsJson(target.resource, target.table, rows)])
}

async function replaceLines(client: pg.ClientBase, target: Target, rows: Row[]): Promise<void> {
  if (!target.sql.lines) return
  await client.query(target.sql.lines.remove, [target.storeId, rows.map((row) => row.record.id)])
  await insertLines(client, target, rows)
}

async function insertLines(client: pg.ClientBase, target: Target, rows: Row[]): Promise<void> {
  if (!target.sql.lines || !rows.some((row) => row.lines.length > 0)) return
  await client.query(target.sql.lines.insert, [
    target.storeId,
    linesJson(target.resource, target.table, rows),
  ])
}

/** Null where a value has no such form: INSERT then says what Postgres thinks of it. */
function copyForms(target: Target, rows: Row[]): { rows: Buffer[]; lines: Buffer[] | null } | null {
  try {
    return { rows: rowsCopy(target, rows), lines: linesCopy(target, rows) }
  } catch (thrown) {
    if (!(thrown instanceof NotInCopyForm)) throw thrown
    return null
  }
}

async function copy(client: pg.ClientBase, statement: string, pieces: Buffer[]): Promise<void> {
  await pipeline(Readable.from(pieces), client.query(copyFrom(statement)))
}

/** Classes 22 (data), 23 (constraints) and 54 (too large): the record is at fault, not the database. */
export function isDataFault(thrown: unknown): thrown is Error {
  const state = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  return /^(22|23|54)[0-9A-Z]{3}$/.test(state)
}
