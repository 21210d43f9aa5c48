/** What ends a question before its answer: its time, and whoever asked. */
import type { Limits } from '../database/asking.ts'
import { WooSyncError } from '../errors.ts'
import type { Settings } from '../settings.ts'

/** How long the database may work on a question, and for whom. */
export function limitsOf(settings: Settings, signal: AbortSignal): Limits {
  return { limitMs: settings.QUESTION_TIME_LIMIT_SECONDS * 1000, signal }
}

/** Why a caller's signal was aborted; programs abort with reasons of their own. */
export function leavingFault(reason: unknown): WooSyncError {
  if (reason instanceof WooSyncError) return reason
  const cause = reason instanceof Error ? reason.message : 'the caller left'
  return new WooSyncError('sync_cancelled', { cause }, { cause: reason })
}
