/**
 * Holding the mirror beside the shop: position and bisect for pennies (`counted`), every id for a little more
 * (`listed`). What differs still after another follow is taken up or, with evidence, marked as deleted (7).
 */

import { WooSyncError } from '../errors.ts'
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
  let listed = depth === 'every id'
  let found: Differences = { missing: [], surplus: [], settled: true }
  for (let round = 0; round < ROUNDS; round++) {
    const askedAt = onDatabaseClock(run.context, Date.now())
    if (!listed) {
      const check = await checkPositions(run)
      if (check.agrees) {
        await prove(run, 'counted', check.total, { missing: 0, surplus: 0 })
        return { agrees: true, missing: 0, surplus: 0 }
      }
      // A difference counts only if it is still there after another follow.
      if (round === 0 && knowsDates(run)) {
        await followByDate(run)
        await fetchStale(run)
        continue
      }
      found = await bisect(run, check.total)
      listed = !found.settled
    }
    if (listed) found = await compareEveryId(run)
    await repair(run, found, askedAt)
    if (listed) {
      // Every id was compared and each difference settled: what remains to see is whether the shop moved on.
      const check = await checkPositions(run)
      if (check.agrees) {
        await prove(run, 'listed', check.total, { missing: 0, surplus: 0 })
        return { agrees: true, missing: 0, surplus: 0 }
      }
    }
  }
  const check = await checkPositions(run)
  const open = { missing: found.missing.length, surplus: found.surplus.length }
  await prove(run, 'counted', check.total, check.agrees ? { missing: 0, surplus: 0 } : open)
  return { agrees: check.agrees, ...open }
}

interface Check {
  agrees: boolean
  /** Rows in the shop's list. */
  total: number
}

/** Is the shop's row at the mirror's last position the mirror's last id, and its total the mirror's count? */
export async function checkPositions(run: Run): Promise<Check> {
  const { pool } = run.context.database
  const source = run.source()
  const list = mirrorList(run)
  const here = await extent(pool, list)
  const there = await idAtPosition(source, here.count)
  const total = await totalOf(source, here.count, there)
  if (total !== here.count) return { agrees: false, total }
  if (here.count > 0 && there.id !== here.lastId) return { agrees: false, total }
  for (let asked = 0; asked < RANDOM_POSITIONS && here.count > RANDOM_POSITIONS; asked++) {
    const position = 1 + Math.floor(Math.random() * here.count)
    const theirs = await idAtPosition(source, position)
    if (theirs.id !== (await idAt(pool, list, position))) return { agrees: false, total }
  }
  return { agrees: true, total }
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

async function repair(run: Run, found: Differences, askedAt: number): Promise<void> {
  const way = run.way
  run.way = 'reconcile'
  try {
    await includedOf(run, found.missing.map(String))
    await confirmGone(run, found.surplus.map(String), askedAt)
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
