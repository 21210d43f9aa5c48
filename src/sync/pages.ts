/** From a page of the shop to the mirror: read, made canonical, written with the cursor in one transaction. */
import type pg from 'pg'
import { WooSyncError } from '../errors.ts'
import { type Quarantined, quarantine } from '../mirror/marks.ts'
import type { SeenRecord } from '../mirror/rows.ts'
import type { Source } from '../mirror/rule.ts'
import { type PreparedBatch, prepare, type Written, writePrepared } from '../mirror/write.ts'
import { canonicalize, contentHash, rawText } from '../store/canonical.ts'
import type { Resource, ResourceName } from '../store/resources.ts'
import { idOf } from '../store/rest/list.ts'
import { onDatabaseClock, type SyncContext } from './context.ts'
import { addWritten, assertOwner, type Run } from './run.ts'

export interface Arrival {
  rows: readonly unknown[]
  /** Epoch milliseconds on this machine: when the question was sent. */
  sentAt: number
  source: Source
  /** Whose list it was, where records do not say. */
  parent?: string
}

export interface Read {
  records: SeenRecord[]
  bad: Quarantined[]
}

/** Makes rows canonical; what cannot be read is set apart with its raw text. */
function readRows(context: SyncContext, resource: Resource, arrival: Arrival): Read {
  const seenAt = onDatabaseClock(context, arrival.sentAt)
  const records: SeenRecord[] = []
  const bad: Quarantined[] = []
  for (const row of arrival.rows) {
    try {
      const record = canonicalize(resource, row, arrival.parent)
      if (record.repaired) {
        context.logger.warn(
          { resource: resource.name, id: record.id },
          'characters that cannot be stored were replaced',
        )
      }
      records.push({ ...record, seenAt, source: arrival.source })
    } catch (thrown) {
      if (!(thrown instanceof WooSyncError)) throw thrown
      const raw = rawText(row)
      const named = idOf(row)
      // Without a usable id the text itself tells one bad record from another.
      const id = /^\d{1,16}$/.test(named) ? named : contentHash(raw)
      bad.push({ id, raw, problem: String(thrown.data.cause), seenAt })
    }
  }
  return { records, bad }
}

export interface PageWrite extends Arrival {
  /** Moves a cursor or position in the transaction of the rows. */
  move?: (client: pg.ClientBase) => Promise<void>
}

/** A page made ready: what the shop sent is not needed any more. */
export interface PreparedPage {
  batch: PreparedBatch
  bad: readonly Quarantined[]
  /** How many rows the shop sent. */
  seen: number
}

/** Reads a page's rows and makes of them what is written; nothing of the shop's own objects is kept. */
export function preparePage({ context, resource, way }: Run, page: Arrival): PreparedPage {
  const { records, bad } = readRows(context, resource, page)
  const batch = prepare({ storeId: context.store.id, resource: resource.name, way, records })
  return { batch, bad, seen: records.length + bad.length }
}

/** Writes a page; rows, marks, feed and cursor are committed together or not at all. */
export async function writePage(run: Run, page: PageWrite): Promise<Written> {
  return writePreparedPage(run, preparePage(run, page), page.move)
}

/** As `writePage`. May be called again with the same page. */
export async function writePreparedPage(
  run: Run,
  { batch, bad, seen }: PreparedPage,
  move: PageWrite['move'],
): Promise<Written> {
  const { context, resource } = run
  const written = await context.database.transaction(
    async (client) => {
      // A backfill reads again what a crash takes with it, cursor included: no need to wait for the disk.
      if (run.kind === 'backfill') await client.query('SET LOCAL synchronous_commit = off')
      await assertOwner(client, run)
      const outcome = await writePrepared(client, batch)
      await quarantine(client, context.store.id, resource.name, bad)
      await move?.(client)
      const changed = outcome.created + outcome.updated + outcome.restored > 0
      // Segments of a backfill write side by side, and a count follows anyway.
      if (changed && run.kind !== 'backfill') await noteChanged(client, context.store.id, resource.name)
      return { ...outcome, quarantined: outcome.quarantined + bad.length }
    },
    { signal: run.signal },
  )
  addWritten(run.counts, seen, written)
  return written
}

/** A count made before no longer speaks. */
export async function noteChanged(
  client: pg.ClientBase,
  storeId: number,
  resource: ResourceName,
): Promise<void> {
  await client.query(`UPDATE sync.resources SET changed_at = now() WHERE store_id = $1 AND resource = $2`, [
    storeId,
    resource,
  ])
}

/** Reads one page ahead, so that the shop works while the database writes. */
export async function* ahead<T>(pages: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = pages.next()
  try {
    for (;;) {
      const { value, done } = await next
      if (done) return
      next = pages.next()
      // Its failure is met at the next turn; until then it is nobody's unhandled rejection.
      next.catch(() => undefined)
      yield value
    }
  } finally {
    await next.catch(() => undefined)
    await pages.return(undefined)
  }
}
