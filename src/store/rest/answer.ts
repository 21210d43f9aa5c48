/** What a shop's answer says besides its JSON: counts, clocks, caches, WordPress's error body. */
import type { Reply } from './transport.ts'

/** What a request brought. Moments are epoch ms of this machine, `shopClock` of the shop's. */
export interface Answer {
  data: unknown
  status: number
  /** X-WP-Total and X-WP-TotalPages; null where the host strips them (row 11). */
  total: number | null
  totalPages: number | null
  /** Just before the bytes of the successful try were sent. */
  sentAt: number
  receivedAt: number
  shopClock: number | null
  /** Seconds this answer lay in a page cache, 0 if unknown how long; null: it is fresh (row 35). */
  age: number | null
  /** What the host printed around the JSON (row 34), and that it came out of a cache. */
  warnings: string[]
}

type Header = string | string[] | undefined

const cacheHeaders = ['x-cache', 'x-cache-status', 'x-proxy-cache', 'x-litespeed-cache', 'cf-cache-status']

/** A header's value, the first where it came several times. */
export const one = (value: Header): string | undefined => (Array.isArray(value) ? value[0] : value)

const countIn = (value: Header): number | null => (/^\d+$/.test(one(value) ?? '') ? Number(one(value)) : null)

/** Seconds in a page cache, see {@link Answer.age}. */
export function cacheAge(headers: Reply['headers']): number | null {
  const age = Number(one(headers.age))
  if (age > 0) return age
  return cacheHeaders.some((name) => /\bhit\b/i.test(one(headers[name]) ?? '')) ? 0 : null
}

/** The Date header in epoch ms. */
export function shopClockOf(reply: Reply): number | null {
  const date = Date.parse(one(reply.headers.date) ?? '')
  return Number.isNaN(date) ? null : date
}

export function answerOf(reply: Reply, data: unknown, warnings: string[]): Answer {
  const age = cacheAge(reply.headers)
  return {
    data,
    status: reply.status,
    total: countIn(reply.headers['x-wp-total']),
    totalPages: countIn(reply.headers['x-wp-totalpages']),
    sentAt: reply.sentAt,
    receivedAt: reply.receivedAt,
    shopClock: shopClockOf(reply),
    age,
    warnings: age === null ? warnings : [...warnings, 'the answer came out of a page cache'],
  }
}

/** WordPress's error body; `status` is the one it names, which some hosts send with a 200. */
export function errorIn(data: unknown): { reason: string; message: string; status: number | null } | null {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return null
  const { code, message, data: details } = data as { code?: unknown; message?: unknown; data?: unknown }
  if (typeof code !== 'string' || typeof message !== 'string') return null
  const status = (details as { status?: unknown } | null | undefined)?.status
  return { reason: code, message, status: typeof status === 'number' && status >= 400 ? status : null }
}
