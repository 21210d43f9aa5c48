/** Where the slow round stands: moved with the rows of each stretch, whichever way they came. */
import type pg from 'pg'
import { dropQuarantinedBefore } from '../mirror/marks.ts'
import { saveProof } from '../mirror/proofs.ts'
import type { Run } from './run.ts'

export interface ScrubState {
  /** Records of this round so far; 0 begins the next. */
  position: number
  lastId: string | null
  /** Records in the shop. */
  total: number
  round: 'goes on' | 'is over'
}

export async function moveScrub(client: pg.ClientBase, run: Run, to: ScrubState): Promise<void> {
  const { context, resource, state } = run
  const over = to.round === 'is over'
  await client.query(
    `UPDATE sync.resources
     SET scrub_position = $4, scrub_last_id = $5, scrubbed_at = now(),
         scrub_started_at = CASE WHEN scrub_position = 0 THEN now() ELSE scrub_started_at END,
         scrub_finished_at = CASE WHEN $6 THEN now() ELSE scrub_finished_at END
     WHERE store_id = $1 AND resource = $2 AND owner = $3`,
    [context.store.id, resource.name, run.id, to.position, to.lastId, over],
  )
  // What the whole round did not show again is no longer in the shop.
  if (over && state.scrubStartedAt !== null) {
    await dropQuarantinedBefore(client, context.store.id, resource.name, state.scrubStartedAt)
  }
  await saveProof(client, {
    storeId: context.store.id,
    resource: resource.name,
    strength: 'read',
    requests: run.requests,
    inStore: to.total,
    inMirror: to.total,
    missing: 0,
    surplus: 0,
    share: over || to.total === 0 ? 1 : Math.min(1, to.position / to.total),
  })
}
