/**
 * Keeping up for as long as the process lives: each second, what is due is started. When things are due stands
 * in the database alone, so that any number of processes can do this side by side; the lock of each resource
 * lets one of them work on it.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { pruneSessions } from '../access/expired.ts'
import { asFault } from '../database/faults.ts'
import { pruneChanges } from '../mirror/changes.ts'
import { type ResourceName, resources } from '../store/resources.ts'
import type { SyncContext } from './context.ts'
import { identify, knowAgain } from './identify.ts'
import { bringUpToDate, isKeptBySql, keeperOf, keptResources } from './keeper.ts'
import { pruneRuns, type Run, withRun } from './run.ts'
import { BATCH } from './sql/passes.ts'
import { keepSumming } from './summing.ts'

export type Task = 'backfill' | 'fetch' | 'follow' | 'reconcile' | 'list' | 'scrub'

export interface DueTask {
  resource: ResourceName
  task: Task
}

export interface KeepOptions {
  signal: AbortSignal
  /** Days that entries of the feed, and the record of runs, are kept. */
  changesKeptDays: number
  /** Whether the operator fixed the pace; else it is full for first copies and gentle afterwards. */
  paceIsFixed: boolean
}

const TICK_MS = 1000
const AT_A_TIME = 3
const PRUNE_EVERY_MS = 3_600_000
const IDENTIFY_EVERY_MS = 900_000
/** While another shop is found behind the address, nothing else is done. */
const IDENTIFY_AGAIN_MS = 60_000
/** After a run that failed the next one waits: 30 s, doubled with each failure, at most 15 minutes. */
const RETRY_SECONDS = 30
const RETRY_MOST_SECONDS = 900

/** Runs until the signal aborts; what fails is logged, recorded, and tried again later. */
export async function keepInSync(context: SyncContext, options: KeepOptions): Promise<void> {
  const running = new Map<ResourceName, Promise<void>>()
  const summing = keepSumming(context, options.signal)
  let prunedAt = 0
  let identifiedAt = Date.now()
  while (!options.signal.aborted) {
    let pause = TICK_MS
    try {
      if (Date.now() - identifiedAt > IDENTIFY_EVERY_MS) {
        // Another shop behind the address: nothing of it may be written into this one's copy (38).
        await identify(context, options.signal)
        identifiedAt = Date.now()
        await knowAgain(context, options.signal)
      }
      const due = await dueTasks(context)
      if (!options.paceIsFixed) {
        const copying = due.some((one) => one.task === 'backfill')
        context.pace.setMode(copying ? 'full' : 'gentle')
      }
      for (const { resource, task } of due) {
        if (running.size >= AT_A_TIME || running.has(resource)) continue
        const work = runTask(context, resource, task, options.signal).finally(() => running.delete(resource))
        running.set(resource, work)
      }
      if (Date.now() - prunedAt > PRUNE_EVERY_MS) {
        prunedAt = Date.now()
        await pruneChanges(context.database.pool, options.changesKeptDays)
        await pruneRuns(context.database.pool, options.changesKeptDays)
        await pruneSessions(context.database.pool)
      }
    } catch (thrown) {
      const fault = asFault(thrown)
      context.logger.warn({ code: fault.code }, fault.message)
      if (fault.code === 'store_is_another_shop') pause = IDENTIFY_AGAIN_MS
    }
    await wait(pause, undefined, { signal: options.signal }).catch(() => undefined)
  }
  await Promise.allSettled([...running.values(), summing])
}

async function runTask(
  context: SyncContext,
  resource: ResourceName,
  task: Task,
  signal: AbortSignal,
): Promise<void> {
  try {
    const kind = task === 'backfill' ? 'backfill' : task
    await withRun(context, { resource, kind, signal }, (run) => perform(run, task))
  } catch (thrown) {
    // Recorded and logged by the run; another process at work is no fault.
    const fault = asFault(thrown)
    if (fault.code === 'internal') context.logger.error({ err: fault.cause, resource, task }, fault.message)
  }
}

async function perform(run: Run, task: Task): Promise<void> {
  const keeper = keeperOf(run)
  switch (task) {
    case 'backfill':
      return bringUpToDate(run, { full: false })
    case 'fetch':
      return keeper.fetchStale(run)
    case 'follow':
      return keeper.follow(run)
    case 'reconcile':
      await keeper.reconcile(run, 'positions')
      return keeper.fetchStale(run)
    case 'list':
      await keeper.reconcile(run, 'every id')
      return keeper.fetchStale(run)
    case 'scrub':
      await keeper.scrub(run)
  }
}

/** What is due now, the most pressing first. One statement, cheap enough for every second. */
async function dueTasks(context: SyncContext): Promise<DueTask[]> {
  const { rows } = await context.database.pool.query(
    `SELECT resource, backfilled_at IS NOT NULL AS copied,
            extract(epoch FROM now() - followed_at)::float8 AS followed,
            extract(epoch FROM now() - counted_at)::float8 AS counted,
            changed_at > counted_at AS "changedSinceCount",
            extract(epoch FROM now() - listed_at)::float8 AS listed,
            extract(epoch FROM now() - scrubbed_at)::float8 AS scrubbed,
            CASE WHEN failures = 0 THEN 0
                 ELSE least(${RETRY_SECONDS} * 2 ^ least(failures - 1, 10), ${RETRY_MOST_SECONDS})
                      - extract(epoch FROM now() - problem_at) END::float8 AS pause,
            EXISTS (SELECT 1 FROM mirror.stale s
                    WHERE s.store_id = r.store_id AND s.resource = r.resource) AS stale,
            (SELECT in_store FROM sync.proofs p
             WHERE p.store_id = r.store_id AND p.resource = r.resource AND p.strength = 'counted') AS total
     FROM sync.resources r WHERE store_id = $1`,
    [context.store.id],
  )
  const states = new Map(rows.map((row) => [row.resource as ResourceName, row as StateRow]))
  const due: (DueTask & { late: number })[] = []
  for (const resource of keptResources(context)) {
    const next = nextTask(context, resource, states.get(resource))
    if (next) due.push({ resource, ...next })
  }
  return due.sort((a, b) => b.late - a.late).map(({ resource, task }) => ({ resource, task }))
}

interface StateRow {
  copied: boolean
  followed: number | null
  counted: number | null
  changedSinceCount: boolean | null
  listed: number | null
  scrubbed: number | null
  pause: number
  stale: boolean
  total: number | null
}

const LONG_AGO = 1e9

function nextTask(
  context: SyncContext,
  resource: ResourceName,
  state: StateRow | undefined,
): { task: Task; late: number } | null {
  if (state && state.pause > 0) return null
  if (!state?.copied) return { task: 'backfill', late: LONG_AGO }
  if (state.stale) return { task: 'fetch', late: LONG_AGO - 1 }
  const { settings } = context
  const often = resources[resource].pace === 'often'
  const since = (seconds: number | null) => seconds ?? LONG_AGO
  const late = (seconds: number | null, interval: number) => since(seconds) - interval
  const follows = late(state.followed, often ? settings.followSeconds : settings.followSeldomSeconds)
  if (follows >= 0) return { task: 'follow', late: follows }
  const scrubsInParts = (size: number) => {
    const parts = Math.max(1, Math.ceil((state.total ?? 0) / size))
    return late(state.scrubbed, (settings.scrubDays * 86_400) / parts)
  }
  if (isKeptBySql(context, resource)) {
    // Each look at the database counts and lists.
    const scrubs = scrubsInParts(BATCH)
    return scrubs >= 0 ? { task: 'scrub', late: scrubs } : null
  }
  // What is read whole is followed, counted, listed and read at once.
  if (resources[resource].list !== 'pages') return null
  // After changes it is counted soon: the copy is to be known complete, not only to be it.
  const counting = often ? settings.reconcileSeconds : settings.reconcileSeldomSeconds
  const counts = late(
    state.counted,
    state.changedSinceCount ? Math.min(counting, settings.followSeconds) : counting,
  )
  if (counts >= 0) return { task: 'reconcile', late: counts }
  const lists = late(state.listed, settings.listSeconds)
  if (lists >= 0) return { task: 'list', late: lists }
  const scrubs = scrubsInParts(100)
  return scrubs >= 0 ? { task: 'scrub', late: scrubs } : null
}
