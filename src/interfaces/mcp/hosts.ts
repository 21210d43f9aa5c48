/**
 * Against web pages that lead a name of their own to this machine (DNS rebinding): only names that are known to be
 * this server's are answered. The key is the lock; this is the door that is not even shown.
 */
import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { canonicalHost, isLoopbackHost } from '../../addresses.ts'
import { WooSyncError } from '../../errors.ts'
import type { Settings } from '../../settings.ts'

/** @throws host_refused */
export type CheckHost = (request: Pick<FastifyRequest, 'headers'>) => void

/** @param settings HOST and the host of PUBLIC_URL are this server's names, besides this machine's own and addresses */
export function createHostCheck(settings: Pick<Settings, 'HOST' | 'PUBLIC_URL'>): CheckHost {
  const own = new Set([settings.HOST, settings.PUBLIC_URL].flatMap((text) => hostOf(text ?? '') ?? []))
  const isOurs = (text: string) => {
    const host = hostOf(text)
    return host !== null && (own.has(host) || isLoopbackHost(host) || isIP(host) !== 0)
  }
  return ({ headers: { host, origin } }) => {
    if (host === undefined || !isOurs(host)) throw new WooSyncError('host_refused')
    // Only browsers send one; `null` is a page without an address.
    if (origin !== undefined && !isOurs(origin)) throw new WooSyncError('host_refused')
  }
}

/** The name in `shop.test:3000`, `https://shop.test/path`, `::1`; null where there is none. */
function hostOf(text: string): string | null {
  if (isIP(text)) return canonicalHost(text)
  if (text.includes('@')) return null
  const address = text.includes('://') ? text : `http://${text}`
  return URL.canParse(address) ? canonicalHost(new URL(address).hostname) : null
}
