/**
 * Which way to sign in comes next when one is not accepted, and what all of them together say (row 31).
 * WooCommerce gives the same 401 for no keys, for unknown keys, and where the host removed the header.
 */
import { WooSyncError } from '../../errors.ts'
import type { Fault } from './attempt.ts'
import type { Way } from './sign.ts'

/** The ways tried for one request, and what came of each. */
export type Refused = Map<Way, Fault>

const isOauth = (way: Way): boolean => way.signIn === 'oauth-over-https'

/** The next way after `used` brought `fault`; undefined when this is no matter of signing in, or all failed. */
export function nextWay(ways: Way[], refused: Refused, used: Way, fault: Fault): Way | undefined {
  const seen = isOauth(used) && fault.error.code === 'store_signature_refused'
  if (!fault.signedOut && !seen) return undefined
  return ways.find((way) => {
    if (refused.has(way)) return false
    // The other form of the signature helps only where the first one was seen, and refused.
    return !(isOauth(way) && isOauth(used)) || seen
  })
}

/** The error when no way is left. */
export function verdict(refused: Refused, host: string): WooSyncError {
  const faults = [...refused.values()]
  // A shop that sees OAuth parameters says whether it knows the key.
  const definite = faults.find(({ signedOut }) => !signedOut)
  if (definite) return definite.error
  const closed = faults.find(({ error }) => error.code === 'store_rest_disabled')
  const byUrl = [...refused.keys()].some(({ signIn }) => signIn === 'keys-in-url')
  if (closed || byUrl || faults.length === 1) return (closed ?? faults[0]!).error
  return new WooSyncError('store_authorization_stripped', { host })
}
