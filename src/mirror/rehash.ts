/**
 * After an upgrade of the record's form: hashes, columns and lines are made anew from the stored records, with
 * no request to the shop and no entry in the feed.
 */
import type pg from 'pg'
import type { Database } from '../database/open.ts'
import { WooSyncError } from '../errors.ts'
import { canonicalize, type Fields, FORM_VERSION, HASH_PREFIX } from '../store/canonical.ts'
import { type ResourceName, resourceNames, resources } from '../store/resources.ts'
import { type Row, tableSql, toRow } from './rows.ts'
import { isDataFault, reformRows, type Target } from './table.ts'
import { mirrorTables } from './tables/index.ts'

/** Rows of a transaction: they are locked while it lasts. */
const BATCH = 500

export interface Rehashed {
  /** Rows that now have the current form. */
  rows: number
  /** Rows that the current form cannot be made of; they stay as they are until the shop sends them again. */
  left: number
}

interface StoredRow {
  store: number
  id: string
  record: Fields
  volatile: Fields
  modified: Date | null
  seen: Date
}

/**
 * Brings rows made by another version of the form up to this one, in batches by key. To be called at start,
 * after the migrations; may run beside synchronisations and in several processes, and be stopped anywhere.
 * @param only default: every resource
 */
export async function rehash(database: Database, only?: ResourceName): Promise<Rehashed> {
  const total: Rehashed = { rows: 0, left: 0 }
  for (const name of only === undefined ? resourceNames : [only]) {
    let after = { store: -1, id: resources[name].key === 'number' ? '-1' : '' }
    for (;;) {
      const batch = await database.transaction((client) => rehashBatch(client, name, after))
      total.rows += batch.rows
      total.left += batch.left
      if (batch.last === null) break
      after = batch.last
    }
  }
  return total
}

/** Does it where the form changed since the last start; otherwise one small question. */
export async function rehashIfNeeded(database: Database): Promise<Rehashed> {
  const { rows } = await database.pool.query<{ version: number }>(`SELECT version FROM sync.record_form`)
  if (rows[0]?.version === FORM_VERSION) return { rows: 0, left: 0 }
  const done = await rehash(database)
  await database.pool.query(
    `INSERT INTO sync.record_form (version) VALUES ($1)
     ON CONFLICT (form) DO UPDATE SET version = excluded.version`,
    [FORM_VERSION],
  )
  return done
}

interface Place {
  store: number
  id: string
}

async function rehashBatch(
  client: pg.ClientBase,
  name: ResourceName,
  after: Place,
): Promise<Rehashed & { last: Place | null }> {
  const resource = resources[name]
  const table = mirrorTables[name]
  const key = resource.key === 'number' ? 'bigint' : 'text'
  // Whoever writes a row meanwhile is waited for, and its hash looked at again.
  const { rows: stored } = await client.query<StoredRow>(
    `SELECT store_id AS store, t.id::text, record, volatile, modified_at AS modified, seen_at AS seen
     FROM mirror.${table.table} t
     WHERE (store_id, t.id) > ($1, $2::${key}) AND NOT starts_with(content_hash, $3)
     ORDER BY store_id, t.id
     LIMIT ${BATCH}
     FOR UPDATE`,
    [after.store, after.id, HASH_PREFIX],
  )
  const sql = tableSql(resource, table)
  let rows = 0
  for (const [storeId, ofStore] of Map.groupBy(stored, (row) => row.store)) {
    const target: Target = { storeId, resource, table, sql }
    rows += await reform(client, target, ofStore.map((row) => remake(target, row)).filter(isMade))
  }
  const last = stored.at(-1)
  return {
    rows,
    left: stored.length - rows,
    last: last && stored.length === BATCH ? { store: last.store, id: last.id } : null,
  }
}

/** The row in the current form; null where the form cannot be made of it. */
function remake(target: Target, row: StoredRow): Row | null {
  try {
    const record = canonicalize(target.resource, { ...row.volatile, ...row.record })
    if (record.id !== row.id) return null
    const circumstances = {
      modifiedAt: row.modified?.getTime() ?? null,
      seenAt: row.seen.getTime(),
      source: 'answer' as const,
    }
    return toRow(target.resource, target.table, { ...record, ...circumstances })
  } catch (thrown) {
    if (!(thrown instanceof WooSyncError)) throw thrown
    return null
  }
}

function isMade(row: Row | null): row is Row {
  return row !== null
}

/** Writes the rows; where Postgres refuses one for its data, each alone. Returns how many went in. */
async function reform(client: pg.ClientBase, target: Target, rows: readonly Row[]): Promise<number> {
  if (rows.length === 0) return 0
  await client.query('SAVEPOINT reforming')
  try {
    await reformRows(client, target, [...rows])
    await client.query('RELEASE SAVEPOINT reforming')
    return rows.length
  } catch (thrown) {
    if (!isDataFault(thrown)) throw thrown
    await client.query('ROLLBACK TO SAVEPOINT reforming')
  }
  if (rows.length === 1) return 0
  let went = 0
  for (const row of rows) went += await reform(client, target, [row])
  return went
}
