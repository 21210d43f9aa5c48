/**
 * Keeping up by modification date: everything changed since the cursor, by keyset. The cursor never passes the
 * shop's own clock minus the settling time, as rows may appear late (2).
 */
import type pg from 'pg'
import { type DatePage, latestMoment, walkByDate } from '../store/rest/list.ts'
import { onShopClock, shopNow } from './context.ts'
import { ahead, writePage } from './pages.ts'
import { expectRefunds } from './refunds.ts'
import type { Run } from './run.ts'
import { inRepeatedHour } from './summer-time.ts'

/** An empty list could not tell the probe; where it is known to ignore the filter, it is not trusted. */
export function knowsDates(run: Run): boolean {
  return run.resource.dated && run.source().capability.modified !== false
}

export async function followByDate(run: Run): Promise<void> {
  const { context, resource } = run
  const walk = {
    by: 'modified' as const,
    from: beginning(run),
    inRepeatedHour: inRepeatedHour(context.store.timezone),
  }
  for await (const page of ahead(walkByDate(run.source(), walk))) {
    const cursor = cursorAfter(run, page)
    await writePage(run, {
      rows: page.rows,
      sentAt: page.answer.sentAt,
      source: 'answer',
      move: (client) => moveCursor(client, run, cursor, page.last),
    })
    if (cursor !== null) run.state.followCursor = Math.max(run.state.followCursor ?? cursor, cursor)
    context.onProgress({ resource: resource.name, kind: run.kind, done: run.counts.seen, total: null })
  }
  if (resource.name === 'refunds') await expectRefunds(run)
}

/**
 * The cursor, but not later than the last look by the shop's clock as it goes now: a clock that was ahead and
 * was set right leaves a cursor in its future, and changes would pass below it.
 */
function beginning(run: Run): number | null {
  const { followCursor, followedAt } = run.state
  if (followCursor === null || followedAt === null) return followCursor
  return Math.min(followCursor, onShopClock(run.context, followedAt) - settling(run))
}

/** The highest date that is settled; rows of the last moments, or of the shop's future, move nothing (2). */
function cursorAfter(run: Run, page: DatePage): number | null {
  const field = run.resource.modifiedField
  if (page.reached === null || field === null) return null
  const settled = latestMoment(page.rows, field, shopNow(run.context) - settling(run))
  return settled === null ? null : Math.min(settled, page.reached)
}

function settling(run: Run): number {
  return run.context.settings.settlingSeconds * 1000
}

async function moveCursor(
  client: pg.ClientBase,
  run: Run,
  cursor: number | null,
  ended: boolean,
): Promise<void> {
  await client.query(
    `UPDATE sync.resources
     SET follow_cursor = greatest(follow_cursor, $4::timestamptz),
         followed_at = CASE WHEN $5 THEN now() ELSE followed_at END
     WHERE store_id = $1 AND resource = $2 AND owner = $3`,
    [
      run.context.store.id,
      run.resource.name,
      run.id,
      cursor === null ? null : new Date(cursor).toISOString(),
      ended,
    ],
  )
}
