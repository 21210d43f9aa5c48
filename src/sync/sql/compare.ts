/**
 * Every id of the shop's database held beside the mirror's, in order, a stretch at a time: the shop shows them all
 * within milliseconds, so that each look proves the copy complete.
 */
import { mirrorTables } from '../../mirror/tables/index.ts'
import type { Listed, SqlReader } from '../../store/sql/reader.ts'
import type { ShopSnapshot } from '../../store/sql/source.ts'
import { onDatabaseClock } from '../context.ts'
import type { Run } from '../run.ts'
import { IDS, idsAfter, readerOf } from './passes.ts'

export interface Comparison {
  inStore: number
  /** Ids the mirror lacks. */
  missing: string[]
  /** Ids the mirror has and the snapshot has not; what arrived after the snapshot does not count. */
  surplus: string[]
  /** Ids whose dates differ. */
  dated: string[]
}

export async function compareIds(run: Run, snapshot: ShopSnapshot): Promise<Comparison> {
  const found: Comparison = { inStore: 0, missing: [], surplus: [], dated: [] }
  const reader = readerOf(run)
  const takenAt = new Date(onDatabaseClock(run.context, snapshot.takenAt)).toISOString()
  let below: string | null = null
  const stretches = idsAfter(run, reader, snapshot.shop, null, IDS)
  for await (const listed of stretches) {
    found.inStore += listed.length
    if (run.resource.key === 'text') {
      compareStretch(found, listed, await held(run, null, null, takenAt))
      return withoutPartial(found, reader)
    }
    const last = listed.at(-1)?.id ?? null
    compareStretch(found, listed, await held(run, below, last, takenAt))
    below = last
  }
  compareStretch(found, [], await held(run, below, null, takenAt))
  return withoutPartial(found, reader)
}

/** Where plugins add in their code, what is not in the database is not gone. */
function withoutPartial(found: Comparison, { partial }: SqlReader): Comparison {
  return partial ? { ...found, surplus: [] } : found
}

interface HeldId {
  id: string
  /** Epoch milliseconds. */
  modified: number | null
  /** It was seen after the snapshot was taken, which cannot speak of it. */
  later: boolean
  gone: boolean
}

function compareStretch(found: Comparison, listed: readonly Listed[], here: readonly HeldId[]): void {
  const known = new Map(here.map((one) => [one.id, one]))
  for (const { id, modifiedAt } of listed) {
    const one = known.get(id)
    known.delete(id)
    if (!one || (one.gone && !one.later)) found.missing.push(id)
    else if (!one.gone && !one.later && modifiedAt !== null && modifiedAt !== one.modified) {
      found.dated.push(id)
    }
  }
  for (const one of known.values()) if (!one.gone && !one.later) found.surplus.push(one.id)
}

/** The mirror's ids above one and up to another; null: no bound. */
async function held(run: Run, above: string | null, upTo: string | null, takenAt: string): Promise<HeldId[]> {
  const key = run.resource.key === 'number' ? 'bigint' : 'text'
  const { rows } = await run.context.database.pool.query<HeldId>(
    `SELECT t.id::text, (extract(epoch FROM modified_at) * 1000)::float8 AS modified,
            seen_at >= $4 AS later, deleted_at IS NOT NULL AS gone
     FROM mirror.${mirrorTables[run.resource.name].table} t
     WHERE store_id = $1
       AND ($2::${key} IS NULL OR t.id > $2::${key}) AND ($3::${key} IS NULL OR t.id <= $3::${key})`,
    [run.context.store.id, above, upTo, takenAt],
  )
  return rows
}
