/**
 * One run of work on one resource of one store: alone (also between processes), counted, recorded. A run that
 * loses its lock finds another owner in `sync.resources` and writes no more.
 */
import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { databaseFault } from '../database/faults.ts'
import { toWooSyncError, WooSyncError } from '../errors.ts'
import type { Way } from '../mirror/changes.ts'
import type { Written } from '../mirror/write.ts'
import { listCapabilityOf } from '../store/capabilities.ts'
import { type Resource, type ResourceName, resources } from '../store/resources.ts'
import type { StoreClient } from '../store/rest/client.ts'
import type { ListSource } from '../store/rest/list.ts'
import type { RunKind, SyncContext } from './context.ts'

export interface RunCounts {
  seen: number
  created: number
  updated: number
  restored: number
  deleted: number
  unchanged: number
  ignored: number
  quarantined: number
}

/** Where a resource stands; a row of `sync.resources`. Moments in epoch milliseconds. */
export interface ResourceState {
  followCursor: number | null
  backfillStartedAt: number | null
  backfilledAt: number | null
  followedAt: number | null
  countedAt: number | null
  listedAt: number | null
  scrubPosition: number
  scrubLastId: string | null
  scrubStartedAt: number | null
  deletionsAccepted: boolean
}

export interface Run {
  id: string
  context: SyncContext
  resource: Resource
  kind: RunKind
  way: Way
  signal: AbortSignal
  client: StoreClient
  counts: RunCounts
  /** Requests to the shop so far: over REST, or statements to its database. */
  readonly requests: number
  /** Counts statements to the shop's database. */
  asked(statements: number): void
  state: ResourceState
  /** The resource's list, or another path of the same kind. */
  source(path?: string): ListSource
}

export interface RunOptions {
  resource: ResourceName
  kind: RunKind
  signal?: AbortSignal
}

/**
 * Takes the resource's lock, runs the work, and records how it went.
 * @throws sync_already_running when another run holds the resource; what the work throws
 */
export async function withRun<T>(
  context: SyncContext,
  options: RunOptions,
  work: (run: Run) => Promise<T>,
): Promise<{ result: T; counts: RunCounts; requests: number }> {
  const resource = resources[options.resource]
  if (options.signal?.aborted) throw stopReason(options.signal)
  const lock = await context.locks
    .tryHold(`sync:${context.store.id}:${resource.name}`, options.signal)
    .catch((thrown) => {
      throw options.signal?.aborted ? stopReason(options.signal) : thrown
    })
  if (!lock) throw new WooSyncError('sync_already_running', { resource: resource.name })
  const signal = options.signal ? AbortSignal.any([options.signal, lock.lost]) : lock.lost
  let run: Run | undefined
  try {
    run = await beginRun(context, resource, options.kind, signal)
    const result = await work(run)
    await endRun(run, null)
    return { result, counts: run.counts, requests: run.requests }
  } catch (thrown) {
    const fault = toWooSyncError(signal.aborted ? stopReason(signal) : databaseFault(thrown))
    if (run) {
      await endRun(run, fault).catch((second) =>
        context.logger.warn({ err: second }, 'a run could not be recorded'),
      )
    }
    throw fault
  } finally {
    await lock.release()
  }
}

/** Why a run was stopped; whoever stops one with a bare `abort()` wants no more than that. */
function stopReason({ reason }: AbortSignal): WooSyncError {
  if (reason instanceof WooSyncError) return reason
  const cause =
    reason instanceof Error && reason.name !== 'AbortError' ? reason.message : 'it was asked to stop'
  return new WooSyncError('sync_cancelled', { cause }, { cause: reason })
}

async function beginRun(
  context: SyncContext,
  resource: Resource,
  kind: RunKind,
  signal: AbortSignal,
): Promise<Run> {
  const id = randomUUID()
  const { rows } = await context.database.pool.query(
    `WITH recorded AS (
       INSERT INTO sync.runs (run_id, store_id, resource, kind) VALUES ($3, $1, $2, $4)
     )
     INSERT INTO sync.resources (store_id, resource, owner) VALUES ($1, $2, $3)
     ON CONFLICT (store_id, resource) DO UPDATE SET owner = excluded.owner
     RETURNING *`,
    [context.store.id, resource.name, id, kind],
  )
  let requests = 0
  // Everything but the counting is the store's own client.
  const client: StoreClient = Object.create(context.client, {
    get: {
      value: (...args: Parameters<StoreClient['get']>) => {
        requests++
        return context.client.get(...args)
      },
    },
  })
  return {
    id,
    context,
    resource,
    kind,
    way: kind,
    signal,
    client,
    counts: noCounts(),
    get requests() {
      return requests
    },
    asked(statements) {
      requests += statements
    },
    state: toState(rows[0]),
    source: (path = resource.path) => ({
      client,
      pace: context.pace,
      resource,
      capability: listCapabilityOf(context.store.capabilities, resource.name),
      path,
      signal,
    }),
  }
}

async function endRun(run: Run, fault: WooSyncError | null): Promise<void> {
  const { database, store, logger } = run.context
  const counts = Object.fromEntries(Object.entries(run.counts).filter(([, count]) => count > 0))
  await database.pool.query(
    `WITH recorded AS (
       UPDATE sync.runs SET finished_at = now(), requests = $4, counts = $5, error_code = $6, error = $7
       WHERE run_id = $3
     )
     UPDATE sync.resources
     SET problem = $6, problem_data = $8, problem_at = CASE WHEN $6::text IS NULL THEN NULL ELSE now() END,
         failures = CASE WHEN $6::text IS NULL THEN 0 ELSE failures + 1 END
     -- Being asked to end says nothing about the resource: what was known of it stays.
     WHERE store_id = $1 AND resource = $2 AND owner = $3 AND $6::text IS DISTINCT FROM 'sync_cancelled'`,
    [
      store.id,
      run.resource.name,
      run.id,
      run.requests,
      JSON.stringify(counts),
      fault?.code ?? null,
      fault?.message ?? null,
      fault ? JSON.stringify(fault.data) : null,
    ],
  )
  const facts = {
    store: store.id,
    resource: run.resource.name,
    kind: run.kind,
    requests: run.requests,
    ...counts,
  }
  if (fault) logger.warn({ ...facts, code: fault.code }, fault.message)
  else logger.info(facts, 'run finished')
}

/** Fails unless this run still owns its resource; shared, so that segments can write side by side. */
export async function assertOwner(client: pg.ClientBase, run: Run): Promise<void> {
  const { rowCount } = await client.query(
    `SELECT 1 FROM sync.resources WHERE store_id = $1 AND resource = $2 AND owner = $3 FOR SHARE`,
    [run.context.store.id, run.resource.name, run.id],
  )
  if (rowCount !== 1) throw new WooSyncError('sync_lock_lost', { resource: run.resource.name })
}

/** Forgets runs older than the given age, a bounded number at a time. */
export async function pruneRuns(pool: pg.Pool, maxAgeDays: number): Promise<void> {
  await pool.query(
    `DELETE FROM sync.runs WHERE run_id IN (
       SELECT run_id FROM sync.runs WHERE started_at < now() - make_interval(secs => $1 * 86400) LIMIT 50000)`,
    [maxAgeDays],
  )
}

export function addWritten(counts: RunCounts, seen: number, written: Written): void {
  counts.seen += seen
  counts.created += written.created
  counts.updated += written.updated
  counts.restored += written.restored
  counts.unchanged += written.unchanged
  counts.ignored += written.ignored
  counts.quarantined += written.quarantined
}

function noCounts(): RunCounts {
  return {
    seen: 0,
    created: 0,
    updated: 0,
    restored: 0,
    deleted: 0,
    unchanged: 0,
    ignored: 0,
    quarantined: 0,
  }
}

function toState(row: Record<string, unknown>): ResourceState {
  const moment = (value: unknown) => (value instanceof Date ? value.getTime() : null)
  return {
    followCursor: moment(row.follow_cursor),
    backfillStartedAt: moment(row.backfill_started_at),
    backfilledAt: moment(row.backfilled_at),
    followedAt: moment(row.followed_at),
    countedAt: moment(row.counted_at),
    listedAt: moment(row.listed_at),
    scrubPosition: Number(row.scrub_position ?? 0),
    scrubLastId: row.scrub_last_id === null ? null : String(row.scrub_last_id),
    scrubStartedAt: moment(row.scrub_started_at),
    deletionsAccepted: row.deletions_accepted === true,
  }
}
