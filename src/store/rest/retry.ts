/**
 * When a request is asked again (row 33): after time-outs, broken connections and answers that say "not now",
 * with growing pauses. A page of a firewall, a refused key or a wrong question are not asked again.
 */
import type { ErrorCode } from '../../errors.ts'
import { WooSyncError } from '../../errors.ts'
import type { Pace } from './pace.ts'

const passing = new Set<ErrorCode>([
  'store_timeout',
  'store_unreachable',
  'store_answer_cut',
  'store_rate_limited',
  'store_unavailable',
])

/** Whether the same request may fare better a little later. */
export const isPassing = (error: WooSyncError): boolean => passing.has(error.code) && !error.data.lasting

/** Whether an answer may have failed for its size: at once, or when it failed so twice. */
function mayBeTooMuch(error: WooSyncError, attempt: number): boolean {
  const { code, data } = error
  if (code === 'store_timeout' || code === 'store_answer_too_large' || data.status === 504) return true
  return attempt > 0 && (code === 'store_answer_cut' || code === 'store_unavailable')
}

/** Tells the pace about a page of `rows` that failed; true when smaller pages are wanted instead of it. */
export function shrinkPage(error: WooSyncError, attempt: number, rows: number, pace: Pace): boolean {
  if (!mayBeTooMuch(error, attempt)) return false
  pace.pageTimedOut(rows)
  return pace.pageSize < rows
}

/**
 * For whoever reads pages: whether to ask the same page again with `pace.pageSize` rows after this error.
 * The client does not repeat a page that is larger than the pace's size has become.
 */
export function wantsSmallerPage(error: unknown, rows: number, pace: Pace): boolean {
  return error instanceof WooSyncError && mayBeTooMuch(error, 1) && pace.pageSize < rows
}

const baseMs = 500
const maxMs = 30_000
const maxRetryAfterMs = 5 * 60_000

/** The pause before try number `attempt` + 1 (the first is 0), in ms: doubled each time, with jitter. */
export function backOff(attempt: number, random: () => number = Math.random): number {
  const whole = Math.min(maxMs, baseMs * 2 ** attempt)
  return Math.round(whole / 2 + (random() * whole) / 2)
}

/**
 * A `Retry-After` header (seconds, or an HTTP date judged by the shop's own clock) in ms, at most five
 * minutes; null where there is none that makes sense.
 */
export function retryAfter(header: string | undefined, shopNow: number): number | null {
  if (header === undefined || header.trim() === '') return null
  const seconds = Number(header)
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - shopNow
  return Number.isNaN(ms) ? null : Math.min(Math.max(0, ms), maxRetryAfterMs)
}
