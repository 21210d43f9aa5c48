/** How a resource of a store is kept: over REST, or from the shop's own database where it is read (C2). */
import type { Way } from '../mirror/changes.ts'
import { type ResourceName, resourceNames, resources } from '../store/resources.ts'
import { readsBySql } from '../store/sql/source.ts'
import { backfill } from './backfill.ts'
import type { SyncContext } from './context.ts'
import { fetchStale } from './fetch.ts'
import { follow } from './follow.ts'
import { knowsDates } from './follow-by-date.ts'
import { reconcile } from './reconcile.ts'
import type { Run } from './run.ts'
import { scrubPage } from './scrub.ts'
import { copyBySql } from './sql/copy.ts'
import { fetchStaleBySql, followBySql, scrubBySql } from './sql/keep.ts'
import { readsWhole } from './whole.ts'

export interface Keeper {
  /** Copies everything anew. */
  copy(run: Run, from: 'where it stopped' | 'the beginning'): Promise<void>
  /** Takes up what changed since the last look. */
  follow(run: Run): Promise<void>
  /** Holds the copy beside the shop. */
  reconcile(run: Run, depth: 'positions' | 'every id'): Promise<void>
  /** Asks for the records that are known to differ. */
  fetchStale(run: Run, way?: Way & ('fetch' | 'delivery')): Promise<void>
  /** Reads the next stretch of the slow round anew. */
  scrub(run: Run): Promise<{ finished: boolean }>
}

const rest: Keeper = {
  copy: backfill,
  follow,
  async reconcile(run, depth) {
    if (run.resource.list === 'pages') await reconcile(run, depth)
  },
  fetchStale,
  scrub: scrubPage,
}

/** Each look at the database compares every id: there is nothing left to reconcile. */
const sql: Keeper = {
  copy: copyBySql,
  follow: followBySql,
  reconcile: async () => undefined,
  fetchStale: fetchStaleBySql,
  scrub: scrubBySql,
}

export function keeperOf({ context, resource }: Run): Keeper {
  return isKeptBySql(context, resource.name) ? sql : rest
}

/** With both ways the database is read, but for what plugins add to in their code. */
export function isKeptBySql({ client, sql: source }: SyncContext, resource: ResourceName): boolean {
  if (!readsBySql(source, resource)) return false
  return client.signIn === 'none' || source?.readers[resource]?.partial !== true
}

/** Resources that every shop lists over REST; notes are read when asked for, tickets only from the database. */
export const listedResources: readonly ResourceName[] = resourceNames.filter(
  (name) => !['on_demand', 'database'].includes(resources[name].list),
)

/** Resources that are kept for this store. */
export function keptResources({ client, sql: source }: SyncContext): readonly ResourceName[] {
  const overRest = client.signIn !== 'none'
  return resourceNames.filter(
    (name) => (overRest && listedResources.includes(name)) || readsBySql(source, name),
  )
}

/** Copies the resource if it never was (or all of it is wanted again), follows it and counts it. */
export async function bringUpToDate(run: Run, { full }: { full: boolean }): Promise<void> {
  const keeper = keeperOf(run)
  const isNew = run.state.backfilledAt === null
  if (isNew || full) {
    await keeper.copy(run, isNew ? 'where it stopped' : 'the beginning')
    // Reading such a list is following and counting it, too.
    if (keeper === rest && readsWhole(run)) return
  }
  run.kind = 'follow'
  run.way = 'follow'
  if (keeper === sql || knowsDates(run) || !(isNew || full)) await keeper.follow(run)
  await keeper.reconcile(run, 'positions')
  await keeper.fetchStale(run)
}
