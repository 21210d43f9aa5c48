import { toWooSyncError, WooSyncError } from '../errors.ts'

/** SQLSTATEs after which the same transaction may simply be tried again. */
const retryable = new Set(['40001', '40P01'])

/** The server ended the session, or a proxy before it did. */
const lostStates = new Set(['57P01', '57P02', '57P05', '25P03', '08003', '08006', '08P01'])
const lostSystemCodes = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED'])
const lostMessages =
  /^Connection terminated|connection error and is not queryable|was closed and is not queryable/

const absentStates = new Set(['57P03', '53300', '3D000', '08000', '08001', '08004'])
const absentSystemCodes = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EACCES',
])
const absentMessages = /^timeout exceeded when trying to connect|^timeout expired|does not support SSL/

/** The five characters Postgres gives every error of its own; undefined for anything else thrown. */
export function sqlState(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('severity' in thrown) || !('code' in thrown)) return undefined
  return typeof thrown.code === 'string' ? thrown.code : undefined
}

/** True for a serialization failure or a deadlock: the transaction may be run again as it is. */
export function isRetryable(thrown: unknown): boolean {
  const state = sqlState(thrown)
  return state !== undefined && retryable.has(state)
}

function systemCode(thrown: Error): string | undefined {
  return 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined
}

/** What went wrong in a few words: connecting to a name with two addresses throws an error without a message. */
function causeOf(thrown: Error): string {
  const first = thrown instanceof AggregateError ? thrown.errors[0] : undefined
  return thrown.message || (first instanceof Error ? first.message : '') || systemCode(thrown) || thrown.name
}

/**
 * Anything thrown by Postgres or its driver, as the error this program shows. What speaks of the data
 * (SQLSTATE classes 22 and 23), of the statement, or does not come from the database at all is handed back
 * as it was, with its SQLSTATE.
 */
export function databaseFault(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof WooSyncError) return thrown
  const cause = causeOf(thrown)
  const state = sqlState(thrown)
  if (state === '53100' || /No space left on device|ENOSPC/.test(cause)) {
    return new WooSyncError('database_disk_full', {}, { cause: thrown })
  }
  if (state !== undefined) {
    if (state === '28P01' || state === '28000') {
      return new WooSyncError('database_sign_in_refused', {}, { cause: thrown })
    }
    if (state === '42501') return new WooSyncError('database_rights_missing', { cause }, { cause: thrown })
    if (lostStates.has(state)) return new WooSyncError('database_lost', { cause }, { cause: thrown })
    if (absentStates.has(state)) return new WooSyncError('database_unreachable', { cause }, { cause: thrown })
    return thrown
  }
  return connectionFault(thrown, cause)
}

function connectionFault(thrown: Error, cause: string): unknown {
  const code = systemCode(thrown) ?? ''
  if (lostSystemCodes.has(code) || lostMessages.test(cause)) {
    return new WooSyncError('database_lost', { cause }, { cause: thrown })
  }
  if (absentSystemCodes.has(code) || absentMessages.test(cause)) {
    return new WooSyncError('database_unreachable', { cause }, { cause: thrown })
  }
  return thrown
}

/** The same for a failed attempt to connect, where whatever is not understood means "unreachable". */
export function connectFault(thrown: unknown): WooSyncError {
  const fault = databaseFault(thrown)
  if (fault instanceof WooSyncError) {
    // A server that drops us while we sign in is not there yet; nothing of ours was lost.
    return fault.code === 'database_lost'
      ? new WooSyncError('database_unreachable', fault.data, { cause: thrown })
      : fault
  }
  const cause = fault instanceof Error ? causeOf(fault) : String(fault)
  return new WooSyncError('database_unreachable', { cause }, { cause: thrown })
}

/** Anything thrown by work that uses the database, as an error with a code. */
export function asFault(thrown: unknown): WooSyncError {
  return toWooSyncError(databaseFault(thrown))
}
