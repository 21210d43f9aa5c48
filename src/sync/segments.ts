/**
 * A backfill's ranges: the span of creation dates cut by counts into parts of about equal size (5), kept in the
 * database so that a run that was killed goes on where each part stood.
 */
import type pg from 'pg'
import { gmtMoment } from '../store/canonical.ts'
import { countRows, gmt, type ListSource, readPage } from '../store/rest/list.ts'
import type { Run } from './run.ts'

export interface Segment {
  segment: number
  /** Epoch milliseconds; rows of this second and later. null: from the beginning. */
  from: number | null
  /** Exclusive; null: to the end. */
  before: number | null
  /** Everything before this moment is written. */
  cursor: number | null
  /** For a walk by id. */
  position: number
  lastId: string | null
  /** Of a range of ids, the last one; null: no end. */
  untilId: string | null
  total: number | null
  done: number
  finished: boolean
}

/** Lists shorter than this are one segment: cutting costs requests. */
const WORTH_CUTTING = 1000
/** Questions spent on one cut; each halves the error. */
const QUESTIONS_PER_CUT = 5
const CLOSE_ENOUGH = 0.1
const SECOND = 1000

export async function loadSegments(client: pg.Pool, run: Run): Promise<Segment[]> {
  const { rows } = await client.query(
    `SELECT * FROM sync.segments WHERE store_id = $1 AND resource = $2 ORDER BY segment`,
    [run.context.store.id, run.resource.name],
  )
  const moment = (value: Date | null) => value?.getTime() ?? null
  return rows.map((row) => ({
    segment: row.segment,
    from: moment(row.after),
    before: moment(row.before),
    cursor: moment(row.cursor),
    position: row.position,
    lastId: row.last_id === null ? null : String(row.last_id),
    untilId: row.until_id === null ? null : String(row.until_id),
    total: row.total,
    done: row.done,
    finished: row.finished,
  }))
}

export async function storeSegments(
  client: pg.ClientBase,
  run: Run,
  segments: readonly Segment[],
): Promise<void> {
  await client.query(`DELETE FROM sync.segments WHERE store_id = $1 AND resource = $2`, [
    run.context.store.id,
    run.resource.name,
  ])
  for (const segment of segments) {
    await client.query(
      `INSERT INTO sync.segments (store_id, resource, segment, after, before, last_id, until_id, total)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        run.context.store.id,
        run.resource.name,
        segment.segment,
        iso(segment.from),
        iso(segment.before),
        segment.lastId,
        segment.untilId,
        segment.total,
      ],
    )
  }
}

export async function moveSegment(client: pg.ClientBase, run: Run, segment: Segment): Promise<void> {
  await client.query(
    `UPDATE sync.segments SET cursor = $4, position = $5, last_id = $6, done = $7, finished = $8
     WHERE store_id = $1 AND resource = $2 AND segment = $3`,
    [
      run.context.store.id,
      run.resource.name,
      segment.segment,
      iso(segment.cursor),
      segment.position,
      segment.lastId,
      segment.done,
      segment.finished,
    ],
  )
}

export function wholeSegment(total: number | null): Segment {
  return {
    segment: 1,
    from: null,
    before: null,
    cursor: null,
    position: 0,
    lastId: null,
    untilId: null,
    total,
    done: 0,
    finished: false,
  }
}

/** Cuts the list into at most `wanted` ranges of creation dates. */
export async function cutByDate(source: ListSource, total: number, wanted: number): Promise<Segment[]> {
  const parts = Math.min(wanted, Math.floor(total / (WORTH_CUTTING / 2)))
  if (parts < 2) return [wholeSegment(total)]
  const first = await edge(source, 'asc')
  const last = await edge(source, 'desc')
  if (first === null || last === null || last - first < parts * SECOND) return [wholeSegment(total)]

  const segments: Segment[] = []
  let from: number | null = null
  let low = first
  let before = 0
  for (let part = 1; part < parts; part++) {
    const target = (total * part) / parts
    const cut = await findCut(source, {
      low,
      high: last,
      target,
      total,
      tolerance: (total / parts) * CLOSE_ENOUGH,
    })
    if (cut.moment <= low) continue
    segments.push({
      ...wholeSegment(cut.rowsBefore - before),
      segment: segments.length + 1,
      from,
      before: cut.moment,
    })
    from = cut.moment
    low = cut.moment
    before = cut.rowsBefore
  }
  segments.push({ ...wholeSegment(total - before), segment: segments.length + 1, from })
  return segments
}

interface Cut {
  moment: number
  rowsBefore: number
}

/** The moment before which about `target` rows were created, found by counting. */
async function findCut(
  source: ListSource,
  search: { low: number; high: number; target: number; total: number; tolerance: number },
): Promise<Cut> {
  let { low, high } = search
  let best: Cut = { moment: low, rowsBefore: 0 }
  let bestError = Number.POSITIVE_INFINITY
  for (let question = 0; question < QUESTIONS_PER_CUT && high - low > SECOND; question++) {
    const middle = Math.floor((low + high) / 2 / SECOND) * SECOND
    const { total: rowsBefore } = await countRows(source, { before: gmt(middle), dates_are_gmt: true })
    if (rowsBefore === null) break
    const error = Math.abs(rowsBefore - search.target)
    if (error < bestError) {
      best = { moment: middle, rowsBefore }
      bestError = error
    }
    if (error <= search.tolerance) break
    if (rowsBefore < search.target) low = middle
    else high = middle
  }
  return best
}

/** The creation date of the first or last row. */
async function edge(source: ListSource, order: 'asc' | 'desc'): Promise<number | null> {
  const field = source.resource.createdField
  const { rows } = await readPage(source, { orderby: 'date', order, _fields: ['id', field ?? 'id'] }, 1)
  return field === null ? null : gmtMoment((rows[0] as Record<string, unknown> | undefined)?.[field])
}

function iso(moment: number | null): string | null {
  return moment === null ? null : new Date(moment).toISOString()
}
