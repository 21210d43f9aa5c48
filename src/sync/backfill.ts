/**
 * The first full copy of a resource, restartable where it stopped: by creation date in segments side by side,
 * or by id where the list has no such filter, or rows without dates (5).
 */
import type pg from 'pg'
import { countRows, type ListSource, type Page, walkByDate, walkById } from '../store/rest/list.ts'
import { onShopClock, shopNow } from './context.ts'
import { ahead, type PreparedPage, preparePage, writePreparedPage } from './pages.ts'
import { assertOwner, type Run } from './run.ts'
import {
  cutByDate,
  loadSegments,
  moveSegment,
  type Segment,
  storeSegments,
  wholeSegment,
} from './segments.ts'
import { compareWhole, readsWhole } from './whole.ts'

/**
 * Copies everything the list shows. Ends with the cursor of `follow` set to the moment it began, so that
 * whatever changed meanwhile is read next.
 * @param from `the beginning` forgets how far an earlier run came
 */
export async function backfill(run: Run, from: 'where it stopped' | 'the beginning'): Promise<void> {
  if (readsWhole(run)) {
    await compareWhole(run)
    await finishBackfill(run, 'counted by reading')
    return
  }
  const { database } = run.context
  let segments = from === 'where it stopped' ? await loadSegments(database.pool, run) : []
  if (segments.length === 0) {
    segments = await cut(run)
    await database.transaction(async (client) => {
      await assertOwner(client, run)
      await storeSegments(client, run, segments)
      await beginBackfill(client, run)
    })
  }
  report(run, segments)
  const results = await Promise.allSettled(
    segments.filter((segment) => !segment.finished).map((segment) => copySegment(run, segment, segments)),
  )
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
  await finishBackfill(run, 'to be counted')
}

async function cut(run: Run): Promise<Segment[]> {
  const source = run.source()
  const { total } = await countRows(source)
  if (total === null || !walksByDate(source)) return [wholeSegment(total)]
  return cutByDate(source, total, run.context.settings.connections)
}

/** Posts sort by local time, and drafts among them have no date that could be asked for: they go by id (5). */
function walksByDate({ capability, resource }: ListSource): boolean {
  return capability.created === true && !resource.sortsByLocalTime
}

async function copySegment(run: Run, segment: Segment, all: readonly Segment[]): Promise<void> {
  for await (const page of ahead(pagesOf(run, segment))) {
    const moved: Segment = {
      ...segment,
      ...page.at,
      done: segment.done + page.prepared.seen,
      finished: page.last,
    }
    await writePreparedPage(run, page.prepared, (client) => moveSegment(client, run, moved))
    Object.assign(segment, moved)
    report(run, all)
  }
}

interface SegmentPage {
  prepared: PreparedPage
  /** No further page will come. */
  last: boolean
  /** Where the segment stands after this page. */
  at: Partial<Segment>
}

async function* pagesOf(run: Run, segment: Segment): AsyncGenerator<SegmentPage> {
  const source = run.source()
  if (walksByDate(source)) {
    const walk = { by: 'created' as const, from: segment.cursor ?? segment.from, before: segment.before }
    for await (const page of walkByDate(source, walk)) {
      const at = page.reached === null ? {} : { cursor: page.reached }
      yield { prepared: prepared(run, page), last: page.last, at }
    }
    return
  }
  for await (const page of walkById(source, { offset: segment.position, lastId: segment.lastId })) {
    const at = { position: page.next.offset, lastId: page.next.lastId }
    yield { prepared: prepared(run, page), last: page.last, at }
  }
}

/**
 * Made ready as soon as it comes, and emptied: a page waits for the database as a few texts, not as the thousands of
 * objects it was read into, which would be looked through and moved again and again meanwhile.
 */
function prepared(run: Run, { rows, answer }: Page): PreparedPage {
  return preparePage(run, { rows: rows.splice(0), sentAt: answer.sentAt, source: 'answer' })
}

/**
 * Remembers when the copy began, by the shop's clock and by ours: what changed since then is followed
 * afterwards. A count from before no longer speaks, as rows come in.
 */
export async function beginBackfill(client: pg.ClientBase, run: Run): Promise<void> {
  const startedAt = shopNow(run.context)
  run.state.backfillStartedAt = startedAt
  await client.query(
    `UPDATE sync.resources
     SET backfill_started_at = $4, changed_at = now(), followed_at = coalesce(followed_at, now())
     WHERE store_id = $1 AND resource = $2 AND owner = $3`,
    [run.context.store.id, run.resource.name, run.id, new Date(startedAt).toISOString()],
  )
}

/** The copy is made: `follow` goes on from the moment it began. */
export async function finishBackfill(
  run: Run,
  standing: 'counted by reading' | 'to be counted',
): Promise<void> {
  const { context } = run
  const settled = await context.database.transaction(async (client) => {
    await assertOwner(client, run)
    const { rows } = await client.query<{ followed_at: Date | null }>(
      `SELECT followed_at FROM sync.resources WHERE store_id = $1 AND resource = $2`,
      [context.store.id, run.resource.name],
    )
    const began = run.state.backfillStartedAt ?? shopNow(context)
    // The same moment by the shop's clock as it goes now: it may have been set meanwhile.
    const now = onShopClock(context, rows[0]?.followed_at?.getTime() ?? context.database.clock())
    const from = Math.min(began, now) - context.settings.settlingSeconds * 1000
    await client.query(`DELETE FROM sync.segments WHERE store_id = $1 AND resource = $2`, [
      context.store.id,
      run.resource.name,
    ])
    await client.query(
      `UPDATE sync.resources
       SET backfilled_at = now(), listed_at = now(),
           changed_at = CASE WHEN $5 THEN now() ELSE changed_at END,
           follow_cursor = least(coalesce(follow_cursor, $4::timestamptz), $4::timestamptz)
       WHERE store_id = $1 AND resource = $2 AND owner = $3`,
      [
        context.store.id,
        run.resource.name,
        run.id,
        new Date(from).toISOString(),
        standing === 'to be counted',
      ],
    )
    return from
  })
  run.state.backfilledAt = Date.now()
  run.state.followCursor = Math.min(run.state.followCursor ?? settled, settled)
}

function report(run: Run, segments: readonly Segment[]): void {
  const known = segments.every((segment) => segment.total !== null)
  run.context.onProgress({
    resource: run.resource.name,
    kind: run.kind,
    done: segments.reduce((sum, segment) => sum + segment.done, 0),
    total: known ? segments.reduce((sum, segment) => sum + (segment.total ?? 0), 0) : null,
  })
}
