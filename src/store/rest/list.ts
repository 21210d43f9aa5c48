/**
 * Lists of a shop, walked so that nothing is lost while rows come and go: by date with a keyset, by id with
 * pages that overlap by one row, and asked for counts and positions (facts 2, 5, 6, 7, 11).
 */
import { WooSyncError } from '../../errors.ts'
import { type Fields, gmtMoment } from '../canonical.ts'
import type { ListCapability } from '../capabilities.ts'
import type { Resource } from '../resources.ts'
import type { Answer, Query, StoreClient } from './client.ts'
import { getFresh } from './fresh.ts'
import type { Pace } from './pace.ts'
import { wantsSmallerPage } from './retry.ts'

export interface ListSource {
  client: StoreClient
  pace: Pace
  resource: Resource
  capability: ListCapability
  /** The path of the list; another than the resource's own where it is read per parent. */
  path: string
  signal: AbortSignal
}

export interface Page {
  /** Whoever gets the page may empty them. */
  rows: unknown[]
  answer: Answer
  /** No further page will come. */
  last: boolean
}

/** Parameters every question to the list carries: all statuses named, the canonical form asked for (6, 12d). */
export function listQuery(source: ListSource): Query {
  const { resource, capability } = source
  const statuses = capability.statuses ?? resource.statuses?.names
  return {
    ...resource.query,
    ...(resource.statuses && statuses && { [resource.statuses.parameter]: [...statuses] }),
  }
}

/**
 * One page; a time-out makes pages smaller and asks again. A short page is the end (11), unless the headers
 * promise more: then the walk goes on, and an empty page is a disagreement.
 */
export async function readPage(
  source: ListSource,
  query: Query | ((asked: number) => Query),
  most = 100,
): Promise<Page> {
  for (;;) {
    const asked = Math.min(most, source.pace.pageSize)
    const question = typeof query === 'function' ? query(asked) : query
    try {
      const answer = await getFresh(
        source.client,
        source.path,
        { ...listQuery(source), context: 'edit', ...question, per_page: asked },
        { rows: asked, signal: source.signal },
      )
      if (!Array.isArray(answer.data)) throw disagreement(source, 'a list is no list')
      const { length } = answer.data
      const promised = promisedRows(answer, question, asked)
      if (length === 0 && promised > 0) {
        throw disagreement(source, `an empty page where ${promised} rows are promised`)
      }
      return { rows: answer.data, answer, last: length < asked && length >= promised }
    } catch (thrown) {
      if (!wantsSmallerPage(thrown, asked, source.pace)) throw thrown
    }
  }
}

/** How many rows of this page the headers speak of; 0 where they are stripped. */
function promisedRows(answer: Answer, question: Query, asked: number): number {
  if (answer.total === null) return 0
  const before = Number(question.offset ?? (Number(question.page ?? 1) - 1) * asked)
  return Math.min(asked, answer.total - before)
}

export interface DateWalk {
  by: 'modified' | 'created'
  /** Epoch milliseconds; rows of this second and later. null: from the first on. */
  from: number | null
  /** Epoch milliseconds, exclusive. */
  before?: number | null
  /** Tells whether a moment lies where local time repeats itself: there posts are not in order of GMT (2). */
  inRepeatedHour?: (moment: number) => boolean
}

export interface DatePage extends Page {
  /** Epoch milliseconds: everything up to here has been read; null: the page says nothing of it. */
  reached: number | null
}

/**
 * Rows in order of a date, by keyset: each question begins one second before the last row seen, so that rows
 * sharing its second are read again instead of lost. A page within one second is drained by overlapping pages.
 */
export async function* walkByDate(source: ListSource, walk: DateWalk): AsyncGenerator<DatePage> {
  const { resource } = source
  const field = walk.by === 'modified' ? resource.modifiedField : resource.createdField
  if (field === null) throw new WooSyncError('internal', { cause: `${resource.name} has no date to walk by` })
  const filter = walk.by === 'modified' ? 'modified_after' : 'after'
  const order: Query = {
    orderby: walk.by === 'modified' ? 'modified' : 'date',
    order: 'asc',
    dates_are_gmt: true,
  }
  const end: Query = walk.before ? { before: gmt(walk.before) } : {}

  let bound = walk.from === null ? null : walk.from - SECOND
  let offset = 0
  let lastId: string | null = null
  let steps = 0
  for (;;) {
    const question: Query = { ...order, ...end, ...(bound !== null && { [filter]: gmt(bound) }) }
    const page = await readPage(source, offset > 0 ? { ...question, offset } : question)
    if (offset > 0 && lastId !== null && idOf(page.rows[0]) !== lastId) {
      // Rows left the front of this second meanwhile: begin it again, nothing is lost by reading twice.
      if (++steps > MOST_STEPS) throw disagreement(source, 'pages within one second do not join')
      offset = 0
      lastId = null
      continue
    }
    // Taken before the page is given out: who gets it may empty it.
    const { length } = page.rows
    const pageEnd = idOf(page.rows.at(-1))
    const lastSeen = latestMoment(page.rows, field)
    const repeated =
      !page.last &&
      lastSeen !== null &&
      resource.sortsByLocalTime &&
      (walk.inRepeatedHour?.(lastSeen) ?? false)
    const reached = lastSeen === null ? null : lastSeen - (repeated ? HOUR : 0)
    yield { ...page, reached }
    if (page.last) return
    if (reached === null) throw disagreement(source, `rows without ${field} in a list sorted by it`)
    const next = reached - SECOND
    if (bound === null || next > bound) {
      bound = next
      offset = 0
      lastId = null
    } else {
      if (length < 2) throw disagreement(source, 'its headers promise rows that do not come')
      offset += length - 1
      lastId = pageEnd
    }
  }
}

const SECOND = 1000
const HOUR = 3_600_000

export interface IdWalk {
  /** Where an earlier walk stood; 0 and null: from the beginning. */
  offset: number
  lastId: string | null
  /** Only these fields: for ids alone. */
  fields?: readonly string[]
}

export interface IdPage extends Page {
  /** Where to go on after this page. */
  next: { offset: number; lastId: string | null }
}

/**
 * Rows in order of their ids. Pages overlap by one row: when the first one is not the last one seen, rows
 * before it went away and the walk steps back. Where a shop ignores `offset` (#66818), by page numbers.
 */
export async function* walkById(source: ListSource, walk: IdWalk): AsyncGenerator<IdPage> {
  let { offset, lastId } = walk
  let firstId: string | null = null
  let byPages = false
  let steps = 0
  for (;;) {
    const from = offset
    const fixed: Query = { orderby: 'id', order: 'asc', ...(walk.fields && { _fields: [...walk.fields] }) }
    const page = await readPage(source, (asked) => ({
      ...fixed,
      ...(from > 0 && (byPages ? { page: Math.floor(from / asked) + 1 } : { offset: from })),
    }))
    const ids = page.rows.map(idOf)
    const { length } = page.rows
    assertAscending(source, ids)
    if (from === 0) firstId = ids[0] ?? null
    else if (!byPages && lastId !== null && ids[0] !== undefined) {
      if (ids[0] === firstId && ids.length > 1) {
        byPages = true
        continue
      }
      if (Number(ids[0]) > Number(lastId)) {
        if (++steps > MOST_STEPS) throw disagreement(source, 'pages sorted by id do not join')
        offset = Math.max(0, offset - STEP_BACK)
        continue
      }
    }
    const rows = lastId === null ? page.rows : page.rows.filter((_, at) => Number(ids[at]) > Number(lastId))
    if (rows.length === 0 && !page.last && firstId === null && !byPages) {
      // Taken up where an earlier walk stood, and nothing new: this shop knows no `offset`.
      byPages = true
      continue
    }
    if (rows.length === 0 && !page.last && ++steps > MOST_STEPS) {
      throw disagreement(source, 'a list sorted by id does not go on')
    }
    if (rows.length > 0) lastId = ids.at(-1) ?? lastId
    offset += Math.max(1, length - 1)
    yield { ...page, rows, next: { offset, lastId } }
    if (page.last) return
  }
}

const STEP_BACK = 50
const MOST_STEPS = 50

/** How many rows a list has: the cheapest question there is. null where the shop hides the header. */
export async function countRows(
  source: ListSource,
  query: Query = {},
): Promise<{ total: number | null; answer: Answer }> {
  const answer = await getFresh(
    source.client,
    source.path,
    { ...listQuery(source), ...query, per_page: 1, _fields: 'id' },
    { rows: 1, signal: source.signal },
  )
  return { total: answer.total, answer }
}

/** The id at a position of the list sorted by id, counted from 1, and how many rows there are (7). */
export async function idAtPosition(
  source: ListSource,
  position: number,
): Promise<{ id: string | null; total: number | null; answer: Answer }> {
  const { total, answer } = await countRows(source, {
    orderby: 'id',
    order: 'asc',
    page: Math.max(1, position),
  })
  const rows = Array.isArray(answer.data) ? answer.data : []
  return { id: rows.length > 0 ? idOf(rows[0]) : null, total, answer }
}

export function idOf(row: unknown): string {
  const id = row !== null && typeof row === 'object' ? (row as Fields).id : undefined
  return String(id)
}

/** `YYYY-MM-DDTHH:MM:SS` in GMT, without a suffix: with one, the shop shifts it (2). */
export function gmt(moment: number): string {
  return new Date(moment).toISOString().slice(0, 19)
}

/** The date of the last row that has one, not later than `atMost` (epoch milliseconds). */
export function latestMoment(
  rows: readonly unknown[],
  field: string,
  atMost = Number.POSITIVE_INFINITY,
): number | null {
  for (let at = rows.length - 1; at >= 0; at--) {
    const moment = gmtMoment((rows[at] as Fields | null)?.[field])
    if (moment !== null && moment <= atMost) return moment
  }
  return null
}

function assertAscending(source: ListSource, ids: readonly string[]): void {
  for (let at = 1; at < ids.length; at++) {
    if (Number(ids[at]) <= Number(ids[at - 1]))
      throw disagreement(source, 'a list sorted by id is not in order')
  }
}

function disagreement(source: ListSource, cause: string): WooSyncError {
  return new WooSyncError('store_lists_disagree', {
    host: source.client.host,
    cause: `${source.path}: ${cause}`,
  })
}
