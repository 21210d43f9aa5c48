/** Who may see the status page and the metrics: programs and people on this machine, and whoever has a key or a session. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { isLoopbackHost } from '../../addresses.ts'
import { WooSyncError } from '../../errors.ts'
import type { Authenticate } from './authenticate.ts'

/** Set by proxies: what comes through one comes from elsewhere, though its connection is of this machine. */
const FORWARDED = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'cf-connecting-ip',
] as const

/** @throws unauthorized, and what {@link Authenticate} throws */
export type Gate = (request: FastifyRequest) => Promise<void>

/** @param key METRICS_KEY */
export function createGate(key: string | undefined, authenticate?: Authenticate): Gate {
  const wanted = key === undefined ? null : digest(key)
  return async (request) => {
    if (isFromHere(request)) return
    const given = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
    if (wanted && given !== undefined && timingSafeEqual(digest(given), wanted)) return
    if (!authenticate) throw new WooSyncError('unauthorized')
    const caller = await authenticate(request)
    // They tell of everything here.
    if (caller.stores !== null) throw new WooSyncError('store_not_found')
  }
}

/**
 * The peer's own address counts. Headers can only shut the door: those of a proxy, and a host that is not
 * this machine's, as when a web page leads its own name to 127.0.0.1 to read what is here.
 */
function isFromHere(request: FastifyRequest): boolean {
  const peer = request.socket.remoteAddress
  if (peer === undefined || !isLoopbackHost(peer)) return false
  if (FORWARDED.some((name) => request.headers[name] !== undefined)) return false
  return isLoopbackHost(request.hostname)
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
