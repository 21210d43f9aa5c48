/** Who sent a request: a program by its key, or a person by the cookie of a session. */
import type { FastifyRequest } from 'fastify'
import type { Caller } from '../../access/caller.ts'
import { findCaller } from '../../access/keys.ts'
import { asFault } from '../../database/faults.ts'
import type { Database } from '../../database/open.ts'
import { WooSyncError } from '../../errors.ts'
import { createSharedAttempts } from './shared-attempts.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent it, where the route asks for that. */
    caller: Caller | null
  }
}

/**
 * @throws unauthorized without key and session, key_unknown, too_many_attempts, cross_site_refused for a cookie
 * that a page of another site sends along, database_… when nobody can be looked up
 */
export type Authenticate = (request: FastifyRequest) => Promise<Caller>

export interface AuthenticateOptions {
  database: Pick<Database, 'pool'>
  /** Who a request's cookie stands for; null: nobody. */
  findSession?: (request: FastifyRequest) => Promise<Caller | null>
}

/** Wrong keys of one address in a minute, before it has to wait. */
const WRONG_KEYS = 30
const MINUTE_MS = 60_000

export function createAuthenticate({ database, findSession }: AuthenticateOptions): Authenticate {
  const wrongKeys = createSharedAttempts({
    pool: database.pool,
    what: 'key',
    most: WRONG_KEYS,
    withinMs: MINUTE_MS,
  })

  async function byKey(request: FastifyRequest, authorization: string): Promise<Caller> {
    const key = /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
    const caller = key === undefined ? null : await findCaller(database.pool, key)
    if (caller) return caller
    // A right key is let in all the same: behind a proxy, everybody has the same address.
    await wrongKeys.count(request.ip)
    throw new WooSyncError('key_unknown')
  }

  return async (request) => {
    const { authorization, cookie } = request.headers
    try {
      if (authorization !== undefined) return await byKey(request, authorization)
      const caller = cookie === undefined ? null : ((await findSession?.(request)) ?? null)
      if (!caller) throw new WooSyncError('unauthorized')
      refuseOtherSites(request)
      return caller
    } catch (thrown) {
      throw asFault(thrown)
    }
  }
}

/** Who sent a request that was let in. @throws unauthorized */
export function callerOf({ caller }: FastifyRequest): Caller {
  if (!caller) throw new WooSyncError('unauthorized')
  return caller
}

/**
 * A cookie goes along whoever asks: what changes something must come from a page of this server.
 * @throws cross_site_refused
 */
export function refuseOtherSites({ method, headers, host }: FastifyRequest): void {
  if (method === 'GET' || method === 'HEAD') return
  const { origin, 'sec-fetch-site': site } = headers
  // The browser itself says the first; older ones only the second.
  const here =
    site === undefined
      ? origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
      : site === 'same-origin' || site === 'none'
  if (!here) throw new WooSyncError('cross_site_refused')
}
