/**
 * A resource kept from the shop's own database: copied in order of its ids, followed by keyset on the date (43),
 * and with every look each id compared, so that a missed insert or delete lives until the next look at most.
 */
import type pg from 'pg'
import { WooSyncError } from '../../errors.ts'
import { settleAlert } from '../../mirror/alerts.ts'
import type { Way } from '../../mirror/changes.ts'
import { listStale } from '../../mirror/marks.ts'
import { saveProof } from '../../mirror/proofs.ts'
import type { ShopSnapshot } from '../../store/sql/source.ts'
import { onDatabaseClock } from '../context.ts'
import { isSmall } from '../follow.ts'
import { entomb, guardAgainstMassVanish } from '../gone.ts'
import { ahead, writePage } from '../pages.ts'
import { assertOwner, type Run } from '../run.ts'
import { moveScrub } from '../scrub-state.ts'
import { compareIds } from './compare.ts'
import { BATCH, changedSince, everyRecord, type RecordBatch, readerOf } from './passes.ts'

/** A connection that broke is made anew so often, without a step forward in between. */
const RECONNECTS = 3
/** After this long a snapshot is given back: it keeps the shop's database from tidying up (43). */
export const SNAPSHOT_MS = 600_000
const EVIDENCE = 'absent from the shop’s database'

/** Works in a snapshot, and in another one when the connection breaks: the work goes on where it stands. */
export async function inSnapshots(
  run: Run,
  work: (snapshot: ShopSnapshot) => Promise<'done' | 'more'>,
): Promise<void> {
  const { sql, logger } = run.context
  if (!sql) throw new WooSyncError('internal', { cause: 'there is no way to the shop’s database' })
  for (let broken = 0; ; ) {
    const before = run.counts.seen
    try {
      const state = await sql.inSnapshot(async (snapshot) => {
        try {
          return await work(snapshot)
        } finally {
          run.asked(snapshot.statements)
        }
      }, run.signal)
      if (state === 'done') return
      broken = 0
    } catch (thrown) {
      const lost = thrown instanceof WooSyncError && thrown.code === 'sql_connection_lost'
      if (run.counts.seen > before) broken = 0
      if (!lost || ++broken > RECONNECTS) throw thrown
      logger.warn({ resource: run.resource.name, code: thrown.code }, 'the connection broke; it is made anew')
    }
  }
}

/** Takes up what changed since the last look, compares every id, and says what that proves. */
export async function followBySql(run: Run): Promise<void> {
  // Where the run has just copied everything, there is nothing to be read again.
  const copied = run.counts.seen > 0
  await inSnapshots(run, async (snapshot) => {
    const { changed } = readerOf(run)
    const settled = snapshot.shopTime - run.context.settings.settlingSeconds * 1000
    if (changed) {
      const since = Math.min(run.state.followCursor ?? 0, settled)
      for await (const batch of ahead(changedSince(run, snapshot, changed, since))) {
        const latest = latestBefore(batch, settled)
        await write(run, snapshot, batch, 'answer', (client) => moveCursor(client, run, latest))
        run.state.followCursor = Math.max(run.state.followCursor ?? 0, latest ?? 0)
        if (Date.now() - snapshot.takenAt > SNAPSHOT_MS) return 'more'
      }
    } else if (!copied && (await isSmall(run))) {
      // Nothing tells which of them changed.
      for await (const batch of ahead(everyRecord(run, snapshot, null))) {
        await write(run, snapshot, batch, 'answer')
      }
      await prove(run, snapshot, 'every record')
      return 'done'
    }
    await prove(run, snapshot, 'every id')
    return 'done'
  })
  await fetchStaleBySql(run)
}

/** The highest date of a batch that is settled: rows may still appear beside later ones (2). */
function latestBefore({ listed }: RecordBatch, settled: number): number | null {
  let latest: number | null = null
  for (const { modifiedAt } of listed) {
    if (modifiedAt !== null && modifiedAt <= settled && (latest === null || modifiedAt > latest)) {
      latest = modifiedAt
    }
  }
  return latest
}

/** Compares every id, takes up what is missing or has another date, marks what is gone, and keeps the proof. */
async function prove(run: Run, snapshot: ShopSnapshot, read: 'every id' | 'every record'): Promise<void> {
  const { context, resource } = run
  const found = await compareIds(run, snapshot)
  await guardAgainstMassVanish(run, found.surplus.length)
  await readInto(run, snapshot, [...found.missing, ...found.dated], 'answer', 'reconcile')
  const askedAt = onDatabaseClock(context, snapshot.takenAt)
  const gone = found.surplus.map((id) => ({ id, evidence: EVIDENCE, askedAt }))
  await entomb(run, gone)
  const repaired = found.missing.length + found.dated.length + found.surplus.length > 0
  const left = repaired ? await compareIds(run, snapshot) : found
  await context.database.transaction(async (client) => {
    await assertOwner(client, run)
    await settleAlert(client, context.store.id, 'sync_mass_vanish', resource.name)
    const proof = {
      storeId: context.store.id,
      resource: resource.name,
      requests: snapshot.statements,
      inStore: left.inStore,
      inMirror: left.inStore - left.missing.length + left.surplus.length,
      missing: left.missing.length,
      surplus: left.surplus.length,
    }
    await saveProof(client, { ...proof, strength: 'counted' })
    await saveProof(client, { ...proof, strength: 'listed' })
    if (read === 'every record') await saveProof(client, { ...proof, strength: 'read', share: 1 })
    await client.query(
      `UPDATE sync.resources
       SET followed_at = now(), counted_at = now(), listed_at = now(), deletions_accepted = false
       WHERE store_id = $1 AND resource = $2 AND owner = $3`,
      [context.store.id, resource.name, run.id],
    )
  })
}

/** Works off the stale marks: what the database has is written, what it has not is gone. */
export async function fetchStaleBySql(run: Run, way: Way = 'fetch'): Promise<void> {
  const { database, store } = run.context
  const tried = new Set<string>()
  for (;;) {
    // Listed before the snapshot is taken: what is marked later, it cannot settle.
    const marks = await listStale(database.pool, store.id, run.resource.name, BATCH + tried.size)
    const ids = marks.map((one) => one.id).filter((id) => !tried.has(id))
    if (ids.length === 0) return
    for (const id of ids) tried.add(id)
    await inSnapshots(run, async (snapshot) => {
      const came = await readInto(run, snapshot, ids, 'fetched', way)
      const askedAt = onDatabaseClock(run.context, snapshot.takenAt)
      const absent = ids.filter((id) => !came.has(id))
      await entomb(
        run,
        absent.map((id) => ({ id, evidence: EVIDENCE, askedAt })),
      )
      return 'done'
    })
  }
}

/** Reads the next stretch of the round anew: finds what moved no date (4). */
export async function scrubBySql(run: Run): Promise<{ finished: boolean }> {
  const { context, resource, state } = run
  const move = async (client: pg.ClientBase, position: number, lastId: string | null) => {
    const total = await countedTotal(client, run)
    await moveScrub(client, run, { position, lastId, total, round: lastId === null ? 'is over' : 'goes on' })
  }
  let finished = false
  await inSnapshots(run, async (snapshot) => {
    for await (const batch of everyRecord(run, snapshot, state.scrubLastId)) {
      const last = batch.listed.length < BATCH || resource.key === 'text'
      const position = last ? 0 : state.scrubPosition + batch.listed.length
      const lastId = last ? null : (batch.listed.at(-1)?.id ?? null)
      await write(run, snapshot, batch, 'answer', (client) => move(client, position, lastId))
      state.scrubPosition = position
      state.scrubLastId = lastId
      finished = last
      return 'done'
    }
    await context.database.transaction((client) => move(client, 0, null))
    finished = true
    return 'done'
  })
  await fetchStaleBySql(run)
  return { finished }
}

/** As the last look counted them. */
async function countedTotal(client: pg.ClientBase, { context, resource }: Run): Promise<number> {
  const { rows } = await client.query<{ in_store: number }>(
    `SELECT in_store FROM sync.proofs WHERE store_id = $1 AND resource = $2 AND strength = 'counted'`,
    [context.store.id, resource.name],
  )
  return rows[0]?.in_store ?? 0
}

/** Reads records by id and writes them; returns the ids that came. */
async function readInto(
  run: Run,
  snapshot: ShopSnapshot,
  ids: readonly string[],
  source: 'answer' | 'fetched',
  way: Way,
): Promise<Set<string>> {
  const before = run.way
  run.way = way
  const came = new Set<string>()
  try {
    for (let at = 0; at < ids.length; at += BATCH) {
      const rows = await readerOf(run).read(snapshot.shop, ids.slice(at, at + BATCH))
      for (const row of rows) came.add(String(row.id))
      await write(run, snapshot, { rows, listed: [] }, source)
    }
  } finally {
    run.way = before
  }
  return came
}

export async function write(
  run: Run,
  snapshot: ShopSnapshot,
  { rows }: RecordBatch,
  source: 'answer' | 'fetched',
  move?: (client: pg.ClientBase) => Promise<void>,
): Promise<void> {
  await writePage(run, { rows, sentAt: snapshot.takenAt, source, ...(move && { move }) })
}

async function moveCursor(client: pg.ClientBase, run: Run, cursor: number | null): Promise<void> {
  await client.query(
    `UPDATE sync.resources SET follow_cursor = greatest(follow_cursor, $4::timestamptz)
     WHERE store_id = $1 AND resource = $2 AND owner = $3`,
    [
      run.context.store.id,
      run.resource.name,
      run.id,
      cursor === null ? null : new Date(cursor).toISOString(),
    ],
  )
}
