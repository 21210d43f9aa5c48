/**
 * Working off the queue of webhook deliveries: batch by batch into the mirror, then the shop is asked for the
 * records they marked. A batch is one transaction with its rows of the queue, so a kill loses and doubles nothing.
 */
import type pg from 'pg'
import { sqlState } from '../database/faults.ts'
import { toWooSyncError, WooSyncError } from '../errors.ts'
import { raiseAlert, settleAlert } from '../mirror/alerts.ts'
import type { ResourceName } from '../store/resources.ts'
import { resourcesOfTopic, type Topic } from '../store/webhooks.ts'
import type { SyncContext } from './context.ts'
import { applyDeliveries, type BatchOutcome } from './delivery-batch.ts'
import { keeperOf } from './keeper.ts'
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
    add(total, batch)
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

/** What a transaction took, known also when it failed. */
interface Claim {
  topic: Topic
  ids: number[]
}

/** null: nothing is due. */
async function workOffBatch(
  context: SyncContext,
  most: number,
  signal: AbortSignal | undefined,
): Promise<Batch | null> {
  const claims: Claim[] = []
  try {
    return await context.database.transaction(
      async (client) => {
        const claim = await claimDue(client, context.store.id, most)
        if (!claim) return null
        claims.push(claim)
        const { rows } = await client.query<{ delivery: number; body: string; received_at: Date }>(
          `DELETE FROM sync.deliveries WHERE store_id = $1 AND delivery = ANY($2::bigint[])
           RETURNING delivery, body, received_at`,
          [context.store.id, claim.ids],
        )
        rows.sort((a, b) => a.delivery - b.delivery)
        const deliveries = rows.map((row) => ({ body: row.body, receivedAt: row.received_at.getTime() }))
        const outcome = await applyDeliveries(client, context, claim.topic, deliveries)
        await tellUnreadable(client, context, claim.topic, outcome)
        return { topic: claim.topic, taken: claim.ids.length, outcome, setAside: 0 }
      },
      { signal },
    )
  } catch (thrown) {
    if (signal?.aborted) throw signal.reason
    const claim = claims.at(-1)
    if (!claim || isDatabaseFault(thrown)) throw thrown
    return postpone(context, claim, thrown)
  }
}

/** Locks what is due of the topic whose turn it is; what another process holds is passed over. */
async function claimDue(client: pg.ClientBase, storeId: number, most: number): Promise<Claim | null> {
  const { rows: first } = await client.query<{ topic: Topic; failed: boolean }>(
    `SELECT topic, attempts > 0 AS failed FROM sync.deliveries
     WHERE store_id = $1 AND attempts < ${MOST_ATTEMPTS} AND not_before <= now()
     ORDER BY delivery LIMIT 1 FOR UPDATE SKIP LOCKED`,
    [storeId],
  )
  if (!first[0]) return null
  const { topic, failed } = first[0]
  // One that failed before is tried alone, so that it holds back no other.
  const { rows } = await client.query<{ delivery: number; bytes: number }>(
    `SELECT delivery, octet_length(body) AS bytes FROM sync.deliveries
     WHERE store_id = $1 AND topic = $2 AND (attempts > 0) = $3 AND attempts < ${MOST_ATTEMPTS}
       AND not_before <= now()
     ORDER BY delivery LIMIT $4 FOR UPDATE SKIP LOCKED`,
    [storeId, topic, failed, failed ? 1 : most],
  )
  const ids: number[] = []
  let bytes = 0
  for (const row of rows) {
    bytes += row.bytes
    if (ids.length > 0 && bytes > BATCH_BYTES) break
    ids.push(row.delivery)
  }
  return { topic, ids }
}

/** A note for a person while bodies of a topic cannot be read; a look at its resources brings the changes. */
async function tellUnreadable(
  client: pg.ClientBase,
  { store, logger }: SyncContext,
  topic: Topic,
  outcome: BatchOutcome,
): Promise<void> {
  const { unreadable } = outcome
  if (unreadable === 0) {
    if (outcome.written || outcome.marked.size > 0) {
      await settleAlert(client, store.id, 'delivery_unreadable', topic)
    }
    return
  }
  const fault = new WooSyncError('delivery_unreadable', { topic, deliveries: unreadable })
  logger.warn({ store: store.id, topic, deliveries: unreadable, code: fault.code }, fault.message)
  await raiseAlert(client, store.id, fault, topic)
}

/** Errors that speak of the database's state, not of what was written. */
function isDatabaseFault(thrown: unknown): boolean {
  if (thrown instanceof WooSyncError) return thrown.code.startsWith('database_')
  return /^(40|53|55|57|58)/.test(sqlState(thrown) ?? '')
}

async function postpone(
  { database, store, logger }: SyncContext,
  { topic, ids }: Claim,
  thrown: unknown,
): Promise<Batch> {
  const { code } = toWooSyncError(thrown)
  const { rows } = await database.pool.query<{ attempts: number }>(
    `UPDATE sync.deliveries
     SET attempts = attempts + 1, error_code = $3,
         not_before = now() + make_interval(secs => ${FIRST_PAUSE_SECONDS} * 2 ^ attempts)
     WHERE store_id = $1 AND delivery = ANY($2::bigint[])
     RETURNING attempts`,
    [store.id, ids, code],
  )
  const setAside = rows.filter((row) => row.attempts >= MOST_ATTEMPTS).length
  logger.warn(
    { err: thrown, store: store.id, topic, deliveries: ids.length },
    'deliveries are tried again later',
  )
  if (setAside > 0) {
    const fault = new WooSyncError('delivery_set_aside', { topic, cause: code })
    logger.error({ store: store.id, topic, code: fault.code }, fault.message)
    await raiseAlert(database.pool, store.id, fault, topic)
  }
  return { topic, taken: ids.length, outcome: null, setAside }
}

/** Set-aside deliveries are kept this long for whoever looks into it. */
const SET_ASIDE_DAYS = 7

/** Lets old ones that were set aside go, and with the last of a topic its alert. */
export async function forgetSetAside({ database, store }: SyncContext): Promise<void> {
  await database.pool.query(
    `WITH gone AS (
       DELETE FROM sync.deliveries
       WHERE store_id = $1 AND attempts >= ${MOST_ATTEMPTS}
         AND received_at < now() - make_interval(days => ${SET_ASIDE_DAYS})
       RETURNING delivery
     )
     DELETE FROM sync.alerts a
     WHERE a.store_id = $1 AND a.code = 'delivery_set_aside' AND NOT EXISTS (
       SELECT 1 FROM sync.deliveries d
       WHERE d.store_id = $1 AND d.topic = a.subject AND d.attempts >= ${MOST_ATTEMPTS}
         AND d.delivery NOT IN (SELECT delivery FROM gone))`,
    [store.id],
  )
}

/** Asks the shop for the marked records; false where the marks have to wait for the next look. */
async function fetchMarked(
  context: SyncContext,
  resource: ResourceName,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    await withRun(context, { resource, kind: 'fetch', ...(signal && { signal }) }, (run) =>
      keeperOf(run).fetchStale(run, 'delivery'),
    )
    return true
  } catch (thrown) {
    if (signal?.aborted) throw thrown
    // Recorded by the run. The marks stand, and what holds the resource, or the next look, settles them.
    if (thrown instanceof WooSyncError && !isDatabaseFault(thrown)) return false
    throw thrown
  }
}

function noneWorkedOff(): WorkedOff {
  return {
    done: 0,
    created: 0,
    updated: 0,
    unchanged: 0,
    marked: 0,
    ignored: 0,
    quarantined: 0,
    unreadable: 0,
    failed: 0,
    setAside: 0,
    follow: [],
    waiting: [],
  }
}

function add(total: WorkedOff, { taken, outcome, setAside }: Batch): void {
  total.setAside += setAside
  if (!outcome) {
    total.failed += taken
    return
  }
  total.done += taken
  total.created += outcome.written?.created ?? 0
  total.updated += outcome.written?.updated ?? 0
  total.unchanged += outcome.written?.unchanged ?? 0
  total.quarantined += outcome.written?.quarantined ?? 0
  total.ignored += outcome.ignored
  total.unreadable += outcome.unreadable
  for (const count of outcome.marked.values()) total.marked += count
}
