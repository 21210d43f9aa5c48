/**
 * Working off the queue of webhook deliveries: batch by batch into the mirror, then the shop is asked for the
 * records they marked. A batch is one transaction with its rows of the queue, so a kill loses and doubles nothing.
 */
import { toWooSyncError, WooSyncError } from '../errors.ts'
import { raiseAlert, settleAlert } from '../mirror/alerts.ts'
import { type ResourceName, resources } from '../store/resources.ts'
import { resourcesOfTopic, type Topic } from '../store/webhooks.ts'
import type { SyncContext } from './context.ts'
import { applyDeliveries, type BatchOutcome } from './delivery-batch.ts'
import { fetchStale } from './fetch.ts'
import { withRun } from './run.ts'

/** Most deliveries in one transaction, and most bytes of their bodies. */
const BATCH = 100
const BATCH_BYTES = 8_000_000
/** After so many failures a delivery is set aside; polling brings its change. */
const MOST_ATTEMPTS = 5
/** Pause after the first failure in seconds; doubled with each further one. */
const FIRST_PAUSE_SECONDS = 5

export interface WorkedOff {
  /** Deliveries that left the queue. */
  done: number
  created: number
  updated: number
  unchanged: number
  /** Records that were marked, and so asked for. */
  marked: number
  /** Told nothing: refusals of the shop's own, deletions of what is none of ours. */
  ignored: number
  quarantined: number
  unreadable: number
  /** Deliveries that failed and are tried again later, or are set aside. */
  failed: number
  setAside: number
  /** Resources that want a follow soon: something was told of them that names no record. */
  follow: ResourceName[]
  /** Resources with marks that another run works on now, or that could not be asked for: the next look does it. */
  waiting: ResourceName[]
}

export interface WorkOffOptions {
  /** Most deliveries in this call. */
  limit: number
  signal?: AbortSignal
}

/**
 * Works off what is due, oldest first. May run in several processes at once.
 * @throws database_… (the queue is as it was, and the caller waits before it tries again), sync_cancelled
 */
export async function workOffDeliveries(context: SyncContext, options: WorkOffOptions): Promise<WorkedOff> {
  const total = noneWorkedOff()
  const follow = new Set<ResourceName>()
  const marked = new Set<ResourceName>()
  for (let left = options.limit; left > 0; ) {
    const batch = await workOffBatch(context, Math.min(left, BATCH), options.signal)
    if (batch === null) break
    left -= batch.taken
    if (batch.outcome) add(total, batch.taken, batch.outcome)
    else total.failed += batch.taken
    total.setAside += batch.setAside
    for (const name of batch.outcome?.marked.keys() ?? []) marked.add(name)
    const looks = batch.setAside > 0 || batch.outcome?.hinted || (batch.outcome?.unreadable ?? 0) > 0
    if (looks) for (const name of resourcesOfTopic(batch.topic)) follow.add(name)
  }
  total.follow = [...follow]
  for (const name of marked) {
    if (!(await fetchMarked(context, name, options.signal))) total.waiting.push(name)
  }
  return total
}

interface Batch {
  topic: Topic
  taken: number
  /** null: it failed, and its deliveries are tried again later. */
  outcome: BatchOutcome | null
  setAside: number
}

async function workOffBatch(
  context: SyncContext,
  most: number,
  signal: AbortSignal | undefined,
): Promise<Batch | null> {
  const { database, store } = context
  let claimed: { topic: Topic; ids: number[] } | null = null
  try {
    const outcome = await database.transaction(
      async (client) => {
        claimed = null
        // One that failed before is tried alone, so that it holds back no other.
        const { rows: first } = await client.query<{ topic: Topic; failed: boolean }>(
          `SELECT topic, attempts > 0 AS failed FROM sync.deliveries
           WHERE store_id = $1 AND attempts < $2 AND not_before <= now()
           ORDER BY delivery LIMIT 1 FOR UPDATE SKIP LOCKED`,
          [store.id, MOST_ATTEMPTS],
        )
        if (!first[0]) return null
        const { topic, failed } = first[0]
        const { rows: due } = await client.query<{ delivery: number; bytes: number }>(
          `SELECT delivery, octet_length(body) AS bytes FROM sync.deliveries
           WHERE store_id = $1 AND topic = $2 AND attempts < $3 AND attempts > 0 = $4 AND not_before <= now()
           ORDER BY delivery LIMIT $5 FOR UPDATE SKIP LOCKED`,
          [store.id, topic, MOST_ATTEMPTS, failed, failed ? 1 : most],
        )
        const ids = withinBytes(due)
        claimed = { topic, ids }
        const { rows } = await client.query<{ body: string; received_at: Date }>(
          `DELETE FROM sync.deliveries WHERE store_id = $1 AND delivery = ANY($2::bigint[])
           RETURNING delivery, body, received_at`,
          [store.id, ids],
        )
        return applyDeliveries(client, context, topic, inOrder(rows))
      },
      { signal },
    )
    const { topic, ids } = claimed ?? { topic: null, ids: [] }
    if (outcome === null || topic === null) return null
    await tellUnreadable(context, topic, outcome)
    return { topic, taken: ids.length, outcome, setAside: 0 }
  } catch (thrown) {
    if (signal?.aborted) throw signal.reason
    if (claimed === null || isDatabaseFault(thrown)) throw thrown
    return postpone(context, claimed, thrown)
  }
}
