/**
 * The slow re-read of everything, a page at a time: finds what moved no date (4). One call reads one page and
 * remembers where it stood.
 */
import { dropQuarantinedBefore } from '../mirror/marks.ts'
import { saveProof } from '../mirror/proofs.ts'
import { walkById } from '../store/rest/list.ts'
import { fetchStale } from './fetch.ts'
import { writePage } from './pages.ts'
import type { Run } from './run.ts'
import { compareWhole, readsWhole } from './whole.ts'

/** Reads the next page of the round; begins a new round after the last. */
export async function scrubPage(run: Run): Promise<{ finished: boolean }> {
  const { context, resource, state } = run
  if (readsWhole(run)) {
    await compareWhole(run)
    return { finished: true }
  }
  let finished = false
  for await (const page of walkById(run.source(), {
    offset: state.scrubPosition,
    lastId: state.scrubLastId,
  })) {
    finished = page.last
    const next = page.last ? { offset: 0, lastId: null } : page.next
    const total = page.answer.total ?? 0
    const share = page.last || total === 0 ? 1 : Math.min(1, page.next.offset / total)
    await writePage(run, {
      rows: page.rows,
      sentAt: page.answer.sentAt,
      source: 'answer',
      move: async (client) => {
        await client.query(
          `UPDATE sync.resources
           SET scrub_position = $4, scrub_last_id = $5, scrubbed_at = now(),
               scrub_started_at = CASE WHEN scrub_position = 0 THEN now() ELSE scrub_started_at END,
               scrub_finished_at = CASE WHEN $6 THEN now() ELSE scrub_finished_at END
           WHERE store_id = $1 AND resource = $2 AND owner = $3`,
          [context.store.id, resource.name, run.id, next.offset, next.lastId, page.last],
        )
        // What the whole round did not show again is no longer in the shop.
        if (page.last && state.scrubStartedAt !== null) {
          await dropQuarantinedBefore(client, context.store.id, resource.name, state.scrubStartedAt)
        }
        await saveProof(client, {
          storeId: context.store.id,
          resource: resource.name,
          strength: 'read',
          requests: run.requests,
          inStore: total,
          inMirror: total,
          missing: 0,
          surplus: 0,
          share,
        })
      },
    })
    state.scrubPosition = next.offset
    state.scrubLastId = next.lastId
    break
  }
  await fetchStale(run)
  return { finished }
}
