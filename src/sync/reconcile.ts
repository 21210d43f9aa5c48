/**
 * Holding the mirror beside the shop: position and bisect for pennies (`counted`), every id for a little more
 * (`listed`). What differs still after another follow is taken up or, with evidence, marked as deleted (7).
 */

import { WooSyncError } from '../errors.ts'
import { settleAlert } from '../mirror/alerts.ts'
import { quarantinedIds } from '../mirror/marks.ts'
import { extent, idAt, idsBetween } from '../mirror/positions.ts'
import { saveProof } from '../mirror/proofs.ts'
import { countRows, idAtPosition, idOf, type ListSource, readPage, walkById } from '../store/rest/list.ts'
import { type Differences, findDifferences } from './bisect.ts'
import { onDatabaseClock } from './context.ts'
import { fetchStale } from './fetch.ts'
import { followByDate, knowsDates } from './follow-by-date.ts'
import { confirmGone, includedOf } from './gone.ts'
import type { Run } from './run.ts'
import { compareWhole, mirrorList, readsWhole } from './whole.ts'

/** Random positions asked besides the last: a missing and a surplus id can hide behind an equal total. */
const RANDOM_POSITIONS = 2
/** Differences are looked for again after they were repaired; then the proof says what remains. */
const ROUNDS = 3
/** Of a list's pages; with differences on more of them, listing every id is cheaper. */
const MOST_PAGES_SHARE = 0.05

export interface Reconciled {
  agrees: boolean
  missing: number
  surplus: number
}

/** @param depth `positions`: the cheap check. `every id`: the daily one. */
export async function reconcile(run: Run, depth: 'positions' | 'every id'): Promise<Reconciled> {
  if (readsWhole(run)) {
    await compareWhole(run)
    return { agrees: true, missing: 0, surplus: 0 }
  }
  await askForQuarantined(run)
  let listed = depth === 'every id'
  let found: Differences = { missing: [], surplus: [], settled: true }
  for (let round = 0; round < ROUNDS; round++) {
    const askedAt = onDatabaseClock(run.context, Date.now())
    if (!listed) {
      const check = await checkPositions(run)
      if (check.agrees) return agreed(run, 'counted', check.total)
      // A difference counts only if it is still there after another follow.
      if (round === 0 && knowsDates(run)) {
        await catchUp(run)
        continue
      }
      found = await bisect(run, check.total)
      listed = !found.settled
    }
    if (listed) found = await compareEveryId(run)
    const settled = await repair(run, found, askedAt)
    if (listed) {
      // Every id was compared: what came to the shop meanwhile is followed, not listed again.
      let check = await checkPositions(run)
      if (!check.agrees && knowsDates(run)) {
        await catchUp(run)
        check = await checkPositions(run)
      }
      if (check.agrees) return agreed(run, 'listed', check.total)
    }
    // What cannot be taken up now, a record in quarantine say, cannot be in the next round either.
    if (!settled) break
  }
  const check = await checkPositions(run)
  if (check.agrees) return agreed(run, 'counted', check.total)
  const open = atLeast(check.total - check.held, found)
  await prove(run, 'counted', check.total, open)
  return { agrees: false, ...open }
}

async function agreed(run: Run, strength: 'counted' | 'listed', total: number): Promise<Reconciled> {
  const open = { missing: 0, surplus: 0 }
  await prove(run, strength, total, open)
  await settleAlert(run.context.database.pool, run.context.store.id, 'sync_mass_vanish', run.resource.name)
  return { agrees: true, ...open }
}

async function catchUp(run: Run): Promise<void> {
  await followByDate(run)
  await fetchStale(run)
}

/** What differs at least, where the shop moved on after the last comparison. */
function atLeast(more: number, found: Differences): { missing: number; surplus: number } {
  const missing = Math.max(found.missing.length, more)
  const surplus = Math.max(found.surplus.length, -more)
  return missing + surplus > 0 ? { missing, surplus } : { missing: 1, surplus: 1 }
}

/** Records in quarantine may have been corrected, or deleted, without a date that moved. */
async function askForQuarantined(run: Run): Promise<void> {
  const { database, store } = run.context
  const ids = await quarantinedIds(database.pool, store.id, run.resource.name)
  await confirmGone(run, ids, onDatabaseClock(run.context, Date.now()))
}

interface Check {
  agrees: boolean
  /** Rows in the shop's list. */
  total: number
  /** Rows in ours. */
  held: number
}

/** Is the shop's row at the mirror's last position the mirror's last id, and its total the mirror's count? */
async function checkPositions(run: Run): Promise<Check> {
  const { pool } = run.context.database
  const source = run.source()
  const list = mirrorList(run)
  const here = await extent(pool, list)
  const there = await idAtPosition(source, here.count)
  const total = await totalOf(source, here.count, there)
  const found = { total, held: here.count }
  if (total !== here.count) return { agrees: false, ...found }
  if (here.count > 0 && there.id !== here.lastId) return { agrees: false, ...found }
  for (let asked = 0; asked < RANDOM_POSITIONS && here.count > RANDOM_POSITIONS; asked++) {
    const position = 1 + Math.floor(Math.random() * here.count)
    const theirs = await idAtPosition(source, position)
    if (theirs.id !== (await idAt(pool, list, position))) return { agrees: false, ...found }
  }
  return { agrees: true, ...found }
}

/** The list's length. Past the end some lists say 0, and hosts may strip the header (11). */
async function totalOf(source: ListSource, count: number, at: { id: string | null; total: number | null }) {
  if (at.total !== null && (at.id !== null || count === 0)) return at.total
  if (at.id === null && count > 0) {
    const { total } = await countRows(source)
    return total ?? count - 1
  }
  if (count === 0) return at.id === null ? 0 : 1
  return (await idAtPosition(source, count + 1)).id === null ? count : count + 1
}

async function bisect(run: Run, total: number): Promise<Differences> {
  const source = run.source()
  const held = (await idsBetween(run.context.database.pool, mirrorList(run), null, null)).map(Number)
  const pages = Math.ceil(Math.max(total, held.length) / 100)
  return findDifferences(
    held,
    {
      total,
      idAt: async (position) => {
        const { id } = await idAtPosition(source, position)
        return id === null ? null : Number(id)
      },
      pageFrom: async (position) => {
        const page = await readPage(source, {
          orderby: 'id',
          order: 'asc',
          offset: position - 1,
          _fields: 'id',
        })
        return { ids: page.rows.map((row) => Number(idOf(row))), last: page.last }
      },
    },
    Math.max(1, Math.floor(pages * MOST_PAGES_SHARE)),
  )
}

async function compareEveryId(run: Run): Promise<Differences> {
  const held = new Set(await idsBetween(run.context.database.pool, mirrorList(run), null, null))
  const missing: number[] = []
  for await (const page of walkById(run.source(), { offset: 0, lastId: null, fields: ['id'] })) {
    for (const row of page.rows) {
      const id = idOf(row)
      if (!held.delete(id)) missing.push(Number(id))
    }
  }
  return { missing, surplus: [...held].map(Number), settled: true }
}

/** Takes up what is missing and marks what is gone; false when there was something and nothing came of it. */
async function repair(run: Run, found: Differences, askedAt: number): Promise<boolean> {
  const way = run.way
  run.way = 'reconcile'
  const settled = () => run.counts.created + run.counts.restored + run.counts.deleted
  const before = settled()
  try {
    await includedOf(run, found.missing.map(String))
    await confirmGone(run, found.surplus.map(String), askedAt)
    return found.missing.length + found.surplus.length === 0 || settled() > before
  } finally {
    run.way = way
  }
}

async function prove(
  run: Run,
  strength: 'counted' | 'listed',
  inStore: number,
  open: { missing: number; surplus: number },
): Promise<void> {
  const { database, store } = run.context
  const here = await extent(database.pool, mirrorList(run))
  if (here.hidden > 0) {
    run.context.logger.warn(
      { resource: run.resource.name, hidden: here.hidden },
      'rows with a status that no list of the shop can show are left out of the count',
    )
  }
  const proof = {
    storeId: store.id,
    resource: run.resource.name,
    requests: run.requests,
    inStore,
    inMirror: here.count,
    ...open,
  }
  await database.transaction(async (client) => {
    await saveProof(client, { ...proof, strength: 'counted' })
    if (strength === 'listed') await saveProof(client, { ...proof, strength: 'listed' })
    const { rowCount } = await client.query(
      `UPDATE sync.resources
       SET counted_at = now(), listed_at = CASE WHEN $4 THEN now() ELSE listed_at END, deletions_accepted = false
       WHERE store_id = $1 AND resource = $2 AND owner = $3`,
      [store.id, run.resource.name, run.id, strength === 'listed'],
    )
    if (rowCount !== 1) throw new WooSyncError('sync_lock_lost', { resource: run.resource.name })
  })
}
