/**
 * The only writer of the mirror's copy. A batch goes in by the rule of `rule.ts`, in the caller's transaction,
 * so that a cursor can move with it. One bad record never stops the others: it is put into quarantine.
 */
import type pg from 'pg'
import { WooSyncError } from '../errors.ts'
import { contentHash } from '../store/canonical.ts'
import { canonicalJson } from '../store/canonical-json.ts'
import { type ResourceName, resources } from '../store/resources.ts'
import { appendChanges, type Change, type Way } from './changes.ts'
import { clearMarks, markStale, type Quarantined, quarantine, type Settled, type Stale } from './marks.ts'
import { fieldsOf, type Row, type SeenRecord, type TableSql, tableSql, toRow } from './rows.ts'
import { type Decision, decide } from './rule.ts'
import {
  type HeldRow,
  insertRows,
  isDataFault,
  readHeld,
  refreshRows,
  SAVEPOINT,
  type Target,
  updateRows,
} from './table.ts'
import { mirrorTables } from './tables/index.ts'

export interface Batch {
  storeId: number
  resource: ResourceName
  way: Way
  records: readonly SeenRecord[]
}

export interface Written {
  created: number
  updated: number
  restored: number
  unchanged: number
  ignored: number
  quarantined: number
  /** Records whose order cannot be known: marked as stale; the caller asks the shop for them. */
  fetch: readonly string[]
}

const statements = new Map<ResourceName, TableSql>()

export function writeRecords(client: pg.ClientBase, batch: Batch): Promise<Written> {
  return writePrepared(client, prepare(batch))
}

/** A batch whose rows are made: what the shop sent is not needed any more. May be written again, after a deadlock. */
export interface PreparedBatch extends Omit<Batch, 'records'> {
  target: Target
  rows: readonly Row[]
  bad: readonly Quarantined[]
}

export function prepare({ records, ...batch }: Batch): PreparedBatch {
  const resource = resources[batch.resource]
  const table = mirrorTables[batch.resource]
  const sql = statements.get(batch.resource) ?? tableSql(resource, table)
  statements.set(batch.resource, sql)
  const target: Target = { storeId: batch.storeId, resource, table, sql }

  const rows: Row[] = []
  const bad: Quarantined[] = []
  for (const record of newestOfEach(records)) {
    try {
      rows.push(toRow(resource, table, record))
    } catch (thrown) {
      if (!(thrown instanceof WooSyncError)) throw thrown
      bad.push(setAside(record, String(thrown.data.cause)))
    }
  }
  return { ...batch, target, rows, bad }
}

export async function writePrepared(client: pg.ClientBase, batch: PreparedBatch): Promise<Written> {
  const { target, rows } = batch
  const bad = [...batch.bad]
  const outcome: Outcome = { changes: [], settled: [], stale: [], bad, unchanged: 0, ignored: 0 }
  await writeHalving(client, target, rows, outcome)

  await appendChanges(client, batch.storeId, batch.resource, batch.way, outcome.changes)
  await clearMarks(client, batch.storeId, batch.resource, outcome.settled)
  await markStale(client, batch.storeId, batch.resource, outcome.stale)
  await quarantine(client, batch.storeId, batch.resource, outcome.bad)
  const of = (kind: Change['kind']) => outcome.changes.filter((change) => change.kind === kind).length
  return {
    created: of('created'),
    updated: of('updated'),
    restored: of('restored'),
    unchanged: outcome.unchanged,
    ignored: outcome.ignored,
    quarantined: outcome.bad.length,
    fetch: outcome.stale.map((mark) => mark.id),
  }
}

interface Outcome {
  changes: Change[]
  /** Ids about which the batch said something that stands: marks on them are over. */
  settled: Settled[]
  stale: Stale[]
  bad: Quarantined[]
  unchanged: number
  ignored: number
}

/** Writes all rows; on an error that speaks of the data, halves until the bad record is alone. */
async function writeHalving(
  client: pg.ClientBase,
  target: Target,
  rows: readonly Row[],
  outcome: Outcome,
): Promise<void> {
  if (rows.length === 0) return
  await client.query(`SAVEPOINT ${SAVEPOINT}`)
  const attempt: Outcome = { changes: [], settled: [], stale: [], bad: [], unchanged: 0, ignored: 0 }
  try {
    await writeRows(client, target, rows, attempt)
    await client.query(`RELEASE SAVEPOINT ${SAVEPOINT}`)
  } catch (thrown) {
    if (!isDataFault(thrown)) throw thrown
    await client.query(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}`)
    const [only] = rows
    if (rows.length === 1 && only) {
      outcome.bad.push(setAside(only.record, thrown.message))
      return
    }
    const middle = rows.length >>> 1
    await writeHalving(client, target, rows.slice(0, middle), outcome)
    await writeHalving(client, target, rows.slice(middle), outcome)
    return
  }
  outcome.changes.push(...attempt.changes)
  outcome.settled.push(...attempt.settled)
  outcome.stale.push(...attempt.stale)
  outcome.unchanged += attempt.unchanged
  outcome.ignored += attempt.ignored
}

async function writeRows(
  client: pg.ClientBase,
  target: Target,
  given: readonly Row[],
  outcome: Outcome,
): Promise<void> {
  const held = await readHeld(client, target, given, 'as it is')
  const rows = given.map((row) => withHidden(target, row, held.get(row.record.id)))
  const fresh = rows.filter((row) => !held.has(row.record.id))
  const inserted = await insertRows(client, target, fresh)
  for (const row of fresh) {
    if (inserted.has(row.record.id)) note(outcome, row, 'created')
  }

  // Decided first without locks: most batches change little, and a lock is a write.
  const writes = given.filter((row, at) => {
    const known = held.get(row.record.id)
    if (!known) return !inserted.has(row.record.id)
    return settle(outcome, rows[at] as Row, known) === 'write'
  })
  if (writes.length === 0) return
  const locked = await readHeld(client, target, writes, 'locked')
  const updates: Row[] = []
  const refreshes: Row[] = []
  for (const write of writes) {
    const known = locked.get(write.record.id)
    const row = withHidden(target, write, known)
    if (!known || settle(outcome, row, known) !== 'write') continue
    const decision = decide(known, row.record)
    const whole = withVolatile(target, row, known)
    if (decision === 'refresh') {
      refreshes.push(whole)
      outcome.unchanged++
      settleMarks(outcome, row)
    } else {
      updates.push(whole)
      note(outcome, row, decision === 'restore' ? 'restored' : 'updated', decision)
    }
  }
  await updateRows(client, target, updates)
  await refreshRows(client, target, refreshes)
}

/** What the key is not shown stays, and counts as shown: it is no change. */
function withHidden(target: Target, row: Row, known: HeldRow | undefined): Row {
  const hidden = Object.entries(known?.hidden ?? {})
  if (hidden.length === 0) return row
  const { record } = row
  const shown = fieldsOf(row)
  const kept = hidden.filter(([name]) => !(name in shown))
  if (kept.length === 0) return row
  const fields = { ...shown, ...Object.fromEntries(kept) }
  const json = canonicalJson(fields)
  return toRow(target.resource, target.table, { ...record, fields, json, hash: contentHash(json) })
}

/** Another way in may not know every volatile field: what it does not bring stays, in its column too. */
function withVolatile(target: Target, row: Row, known: HeldRow): Row {
  const { record } = row
  if (Object.keys(known.volatile).every((key) => key in record.volatile)) return row
  const volatile = { ...known.volatile, ...record.volatile }
  const merged = { ...record, fields: fieldsOf(row), volatile, volatileJson: canonicalJson(volatile) }
  return toRow(target.resource, target.table, merged)
}

/** Counts what needs no write; 'write' means the row must be decided again under its lock. */
function settle(outcome: Outcome, row: Row, known: HeldRow): 'write' | 'done' {
  const decision = decide(known, row.record)
  switch (decision) {
    case 'ignore':
      outcome.ignored++
      return 'done'
    case 'unchanged':
      outcome.unchanged++
      return 'done'
    case 'fetch':
      outcome.stale.push({
        id: row.record.id,
        reason: known.deleted ? 'seen after its deletion' : 'order unknown',
      })
      return 'done'
    case 'refresh': {
      const merged = canonicalJson({ ...known.volatile, ...row.record.volatile })
      if (merged !== canonicalJson(known.volatile)) return 'write'
      outcome.unchanged++
      settleMarks(outcome, row)
      return 'done'
    }
    default:
      return 'write'
  }
}

/** A delivery may be older than the mark: only an answer settles it. */
function settleMarks(outcome: Outcome, { record }: Row): void {
  if (record.source !== 'delivery') outcome.settled.push(record)
}

function note(outcome: Outcome, row: Row, kind: Change['kind'], decision?: Decision): void {
  const { record } = row
  settleMarks(outcome, row)
  outcome.changes.push({
    id: record.id,
    kind,
    modifiedAt: record.modifiedAt,
    ...(decision === 'update_went_back' && { note: 'went_back' as const }),
  })
}

/**
 * A batch may hold a record twice where pages overlap: the one asked for last counts. In one order for all, so
 * that two processes that write the same records wait for each other instead of locking each other out.
 */
function newestOfEach(records: readonly SeenRecord[]): SeenRecord[] {
  const newest = new Map<string, SeenRecord>()
  for (const record of records) {
    const known = newest.get(record.id)
    if (!known || record.seenAt >= known.seenAt) newest.set(record.id, record)
  }
  return [...newest.values()].sort((a, b) => a.id.length - b.id.length || (a.id < b.id ? -1 : 1))
}

function setAside(record: Row['record'], problem: string): Quarantined {
  return { id: record.id, raw: record.json, problem, seenAt: record.seenAt }
}
