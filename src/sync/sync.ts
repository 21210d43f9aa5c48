/**
 * The main job: each resource copied, brought up to date and counted, in an order in which parents come before
 * their children. One resource that fails does not stop the others.
 */
import { asFault } from '../database/faults.ts'
import type { WooSyncError } from '../errors.ts'
import { type ResourceName, resourceNames, resources } from '../store/resources.ts'
import type { SyncContext } from './context.ts'
import { bringUpToDate, keeperOf, keptResources } from './keeper.ts'
import { type RunCounts, withRun } from './run.ts'

export interface SyncOptions {
  /** Default: all. */
  resources?: readonly ResourceName[]
  /** Everything is read again; nothing is thrown away. */
  full: boolean
  signal?: AbortSignal
  onResult?: (result: ResourceResult) => void
}

export interface ResourceResult {
  resource: ResourceName
  counts: RunCounts | null
  requests: number
  seconds: number
  fault: WooSyncError | null
}

/** How many resources are worked on at a time; the pace decides how many requests are. */
const AT_A_TIME = 4

export async function syncAll(context: SyncContext, options: SyncOptions): Promise<ResourceResult[]> {
  const kept = keptResources(context)
  const wanted = new Set(options.resources?.filter((name) => kept.includes(name)) ?? kept)
  const results: ResourceResult[] = []
  for (const stage of stages(wanted)) {
    const queue = [...stage]
    const worker = async () => {
      for (let name = queue.shift(); name; name = queue.shift()) {
        const result = await syncOne(context, name, options)
        results.push(result)
        options.onResult?.(result)
      }
    }
    await Promise.all(Array.from({ length: AT_A_TIME }, worker))
  }
  // A child that is gone shows that its parent's record is older than thought.
  for (const name of await markedResources(context, wanted)) {
    const known = results.find((one) => one.resource === name)
    if (known?.fault === null) await settleMarks(context, known, options)
  }
  return results
}

async function markedResources(
  context: SyncContext,
  wanted: ReadonlySet<ResourceName>,
): Promise<ResourceName[]> {
  const { rows } = await context.database.pool
    .query<{ resource: ResourceName }>(
      `SELECT DISTINCT resource FROM mirror.stale WHERE store_id = $1 AND resource = ANY($2::text[])`,
      [context.store.id, [...wanted]],
    )
    // A database that is away was told of by each resource.
    .catch(() => ({ rows: [] }))
  return rows.map((row) => row.resource)
}

async function settleMarks(
  context: SyncContext,
  result: ResourceResult,
  options: SyncOptions,
): Promise<void> {
  const { resource } = result
  try {
    const { requests, counts } = await withRun(
      context,
      { resource, kind: 'fetch', ...(options.signal && { signal: options.signal }) },
      async (run) => {
        await keeperOf(run).fetchStale(run)
        await keeperOf(run).reconcile(run, 'positions')
      },
    )
    result.requests += requests
    result.counts = addCounts(result.counts, counts)
  } catch (thrown) {
    result.fault = asFault(thrown)
  }
}

function addCounts(one: RunCounts | null, other: RunCounts): RunCounts {
  const sum = { ...other }
  for (const name of Object.keys(sum) as (keyof RunCounts)[]) sum[name] += one?.[name] ?? 0
  return sum
}

/** Parents first: terms need their attributes, methods their zones, and in older shops children their parents. */
function stages(wanted: ReadonlySet<ResourceName>): ResourceName[][] {
  const isChild = (name: ResourceName) => {
    const parent = resources[name].parent?.resource
    return parent !== undefined && parent !== 'setting_groups'
  }
  const names = resourceNames.filter((name) => wanted.has(name))
  return [names.filter((name) => !isChild(name)), names.filter(isChild)]
}

async function syncOne(
  context: SyncContext,
  resource: ResourceName,
  options: SyncOptions,
): Promise<ResourceResult> {
  const startedAt = performance.now()
  const seconds = () => Math.round(performance.now() - startedAt) / 1000
  const signal = options.signal ? { signal: options.signal } : {}
  try {
    const { counts, requests } = await withRun(context, { resource, kind: 'backfill', ...signal }, (run) =>
      bringUpToDate(run, options),
    )
    return { resource, counts, requests, seconds: seconds(), fault: null }
  } catch (thrown) {
    return { resource, counts: null, requests: 0, seconds: seconds(), fault: asFault(thrown) }
  }
}
