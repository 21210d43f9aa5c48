/** What keeping one store's copy needs; made once per process and store. */

import type { Locks } from '../database/locks.ts'
import type { Logger } from '../database/logger.ts'
import type { Database } from '../database/open.ts'
import type { Store } from '../mirror/stores.ts'
import type { ResourceName } from '../store/resources.ts'
import type { StoreClient } from '../store/rest/client.ts'
import type { Pace } from '../store/rest/pace.ts'
import type { SqlSource } from '../store/sql/source.ts'

export interface SyncSettings {
  followSeconds: number
  followSeldomSeconds: number
  reconcileSeconds: number
  reconcileSeldomSeconds: number
  listSeconds: number
  scrubDays: number
  settlingSeconds: number
  connections: number
}

/** What kind of work a run does; `ask` is a person's or program's wish for something not followed. */
export type RunKind = 'backfill' | 'follow' | 'list' | 'reconcile' | 'scrub' | 'fetch' | 'ask'

export interface Progress {
  resource: ResourceName
  kind: RunKind
  done: number
  /** null while it is not known. */
  total: number | null
}

export interface SyncContext {
  database: Database
  locks: Locks
  store: Store
  client: StoreClient
  /** The shop's own database, where its owner gives access to it. */
  sql: SqlSource | null
  pace: Pace
  settings: SyncSettings
  logger: Logger
  onProgress: (progress: Progress) => void
}

/** A moment of this machine's clock put on the database's, in epoch milliseconds. */
export function onDatabaseClock(context: SyncContext, moment: number): number {
  return Math.floor(moment + context.database.clock() - Date.now())
}

/** A moment of the database's clock put on the shop's as it goes now, in epoch milliseconds. */
export function onShopClock(context: SyncContext, moment: number): number {
  return moment - context.database.clock() + shopNow(context)
}

/** Now by the shop's clock, as its `Date` headers say (2), else its database. */
export function shopNow(context: SyncContext): number {
  return Date.now() + (context.client.clockOffset ?? context.sql?.clockOffset ?? 0)
}
