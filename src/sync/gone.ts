/**
 * Establishing that records are gone from the shop: absent from a list by id with every status named, then
 * 404 or 410 when asked for one by one (7). Only then a tombstone; never many at once without a person.
 */
import { WooSyncError } from '../errors.ts'
import { raiseAlert } from '../mirror/alerts.ts'
import { mirrorTables } from '../mirror/tables/index.ts'
import { type Gone, markDeleted } from '../mirror/tombstones.ts'
import type { ResourceName } from '../store/resources.ts'
import { getFresh } from '../store/rest/fresh.ts'
import { idOf, readPage } from '../store/rest/list.ts'
import { onDatabaseClock, type SyncContext } from './context.ts'
import { noteChanged, writePage } from './pages.ts'
import { markOrdersOf } from './refunds.ts'
import { assertOwner, type Run } from './run.ts'

/** More than this share and more than this many at once: a person decides. */
const MASS_SHARE = 0.05
const MASS_ROWS = 20

export interface Confirmed {
  gone: string[]
  /** Candidates that the shop still has; they were written. */
  present: string[]
}

/**
 * Asks the shop about records that seem gone, marks those that are, and takes up those that are not.
 * @param listedSince epoch milliseconds on the database's clock: when the list that lacks them was asked for;
 *   evidence for records that cannot be asked for one by one
 * @throws sync_mass_vanish
 */
export async function confirmGone(
  run: Run,
  candidates: readonly string[],
  listedSince: number,
): Promise<Confirmed> {
  if (candidates.length === 0) return { gone: [], present: [] }
  const present = new Set<string>()
  if (run.resource.list === 'pages' && run.source().capability.available) {
    for (const id of await includedOf(run, candidates)) present.add(id)
  }
  const absent = candidates.filter((id) => !present.has(id))
  await guardAgainstMassVanish(run, absent.length)

  const parents = await parentsOf(run, absent)
  const gone: Gone[] = []
  for (const id of absent) {
    const evidence = await askForOne(run, id, parents.get(id) ?? null, listedSince)
    if (evidence) gone.push(evidence)
    else present.add(id)
  }
  return { gone: await entomb(run, gone), present: [...present] }
}

/** Marks records as deleted while this run owns its resource; returns the ids that were marked now. */
export async function entomb(run: Run, gone: readonly Gone[]): Promise<string[]> {
  if (gone.length === 0) return []
  const { database, store } = run.context
  const marked = await database.transaction(
    async (client) => {
      await assertOwner(client, run)
      const ids = await markDeleted(client, store.id, run.resource.name, run.way, gone)
      if (ids.length > 0) await noteChanged(client, store.id, run.resource.name)
      if (run.resource.name === 'refunds') await markOrdersOf(client, store.id, ids)
      return ids
    },
    { signal: run.signal },
  )
  run.counts.deleted += marked.length
  return marked
}

/** Reads records by id, all statuses, writes what comes; returns the ids that came. */
export async function includedOf(run: Run, ids: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (let at = 0; at < ids.length; ) {
    let chunk: readonly string[] = []
    // No more at a time than the shop answers in time.
    const page = await readPage(run.source(), (asked) => {
      chunk = ids.slice(at, at + asked)
      return { include: chunk }
    })
    at += chunk.length
    const wanted = new Set(chunk)
    // A list that does not know `include` answers with its first page: those rows are no answer.
    const rows = page.rows.filter((row) => wanted.has(idOf(row)))
    if (rows.length > 0) await writePage(run, { rows, sentAt: page.answer.sentAt, source: 'fetched' })
    found.push(...rows.map(idOf))
  }
  return found
}

/** Asks for one record; writes it when it is there, else says with which evidence it is gone. */
export async function askForOne(
  run: Run,
  id: string,
  parent: string | null,
  listedSince: number,
): Promise<Gone | null> {
  const { resource } = run
  const needsParent = resource.parent !== undefined
  if (resource.one === null || (needsParent && parent === null)) {
    return { id, evidence: 'absent from the whole list', askedAt: listedSince }
  }
  const askedAt = onDatabaseClock(run.context, Date.now())
  try {
    const answer = await getFresh(
      run.client,
      resource.one(id, parent ?? ''),
      { context: 'edit' },
      { signal: run.signal },
    )
    await writePage(run, {
      rows: [answer.data],
      sentAt: answer.sentAt,
      source: 'fetched',
      ...(parent !== null && { parent }),
    })
    return null
  } catch (thrown) {
    if (!(thrown instanceof WooSyncError) || thrown.code !== 'store_record_not_found') throw thrown
    return { id, evidence: `${thrown.data.status} ${thrown.data.reason} when asked for`, askedAt }
  }
}

/** The parents of records of the mirror, for paths that name them. */
export async function parentsOf(run: Run, ids: readonly string[]): Promise<Map<string, string>> {
  const field = run.resource.parent?.field
  if (field === undefined || ids.length === 0) return new Map()
  const key = run.resource.key === 'number' ? 'bigint' : 'text'
  const { rows } = await run.context.database.pool.query<{ id: string; parent: string }>(
    `SELECT id::text, record->>$3 AS parent FROM mirror.${mirrorTables[run.resource.name].table}
     WHERE store_id = $1 AND id = ANY($2::${key}[]) AND record->>$3 IS NOT NULL`,
    [run.context.store.id, ids, field],
  )
  return new Map(rows.map((row) => [row.id, row.parent]))
}

/** @throws sync_mass_vanish unless a person has agreed to it */
export async function guardAgainstMassVanish(run: Run, gone: number): Promise<void> {
  const { database, store } = run.context
  const { rows } = await database.pool.query<{ total: number }>(
    `SELECT count(*) AS total FROM mirror.${mirrorTables[run.resource.name].table}
     WHERE store_id = $1 AND deleted_at IS NULL`,
    [store.id],
  )
  const total = rows[0]?.total ?? 0
  const many = gone > MASS_ROWS && gone > total * MASS_SHARE
  if (!many || run.state.deletionsAccepted) return
  const fault = new WooSyncError('sync_mass_vanish', { gone, total, resource: run.resource.name })
  await raiseAlert(database.pool, store.id, fault, run.resource.name)
  throw fault
}

/** A person has looked: the next comparison may mark as deleted however much is gone. */
export async function acceptDeletions(
  context: SyncContext,
  resources: readonly ResourceName[],
): Promise<void> {
  await context.database.pool.query(
    `UPDATE sync.resources SET deletions_accepted = true WHERE store_id = $1 AND resource = ANY($2::text[])`,
    [context.store.id, resources],
  )
}
