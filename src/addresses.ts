/**
 * The guard before every connection whose target somebody typed in (row 36): a name is resolved first, the
 * answer is judged, and the connection goes to exactly the address that was judged. Used for the shop, and
 * for SSH, MySQL, SMTP and outgoing webhooks.
 */
import { lookup as systemLookup } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { WooSyncError } from './errors.ts'

export interface CheckedAddress {
  address: string
  family: 4 | 6
}

export interface AddressRules {
  /** The address comes from the operator's own environment: everything is allowed. */
  trusted: boolean
  /** ALLOW_PRIVATE_ADDRESSES. */
  allowPrivate: boolean
  /** Loopback is refused in production. Default: NODE_ENV is `production`. */
  production?: boolean
  /** How names become addresses. Default: this machine's name service. */
  resolve?: (host: string) => Promise<CheckedAddress[]>
}

/** Endpoints that hand out a cloud machine's credentials: no shop lives there, whatever is allowed. */
const metadata = new Set(['169.254.169.254', '169.254.170.2', '100.100.100.200', 'fd00:ec2::254'])
const nowhere = new Set(['unspecified', 'broadcast', 'multicast'])

const resolveByMachine = async (host: string): Promise<CheckedAddress[]> =>
  (await systemLookup(host, { all: true })).map(({ address, family }) => ({
    address,
    family: family === 6 ? 6 : 4,
  }))

/**
 * A host as people and attackers write it, in its one canonical form: no brackets around IPv6, decimal,
 * octal and hexadecimal spellings of IPv4 (`2130706433`, `0177.1`, `0x7f.1`) as four decimal numbers.
 */
export function canonicalHost(host: string): string {
  const bare = host.trim().replace(/^\[(.*)\]$/, '$1')
  if (isIP(bare)) return bare.toLowerCase()
  try {
    return new URL(`http://${bare}`).hostname.replace(/\.$/, '')
  } catch {
    return bare.toLowerCase()
  }
}

/** Whether a host is written as this machine itself: `localhost`, `127.…`, `::1`. Resolves nothing. */
export function isLoopbackHost(host: string): boolean {
  const name = canonicalHost(host)
  if (name === 'localhost' || name.endsWith('.localhost')) return true
  return isIP(name) !== 0 && rangeOf(name) === 'loopback'
}

/** The range of an address; IPv4 packed into IPv6 (mapped, NAT64) is judged as the IPv4 it stands for. */
function rangeOf(address: string): string {
  const parsed = ipaddr.process(address)
  if (parsed instanceof ipaddr.IPv4) return parsed.range()
  const range = parsed.range()
  const packed = ipaddr.fromByteArray(parsed.toByteArray().slice(12)).toString()
  if (range === 'rfc6052' && parsed.match(ipaddr.parse('64:ff9b::'), 96)) return rangeOf(packed)
  if (range !== 'unicast') return range
  // All public IPv6 is in 2000::/3; `::127.0.0.1` and the like lie outside and are no public address.
  return parsed.match(ipaddr.parse('2000::'), 3) ? range : 'reserved'
}

/** Whether the rules let a connection go to this address (an IP address, not a name). */
export function isAllowed(address: string, rules: AddressRules): boolean {
  if (rules.trusted) return true
  const bare = ipaddr.process(address).toString().replace(/%.*$/, '')
  const range = rangeOf(address)
  if (range === 'unicast') return true
  if (nowhere.has(range) || metadata.has(bare)) return false
  if (rules.allowPrivate) return true
  const production = rules.production ?? process.env.NODE_ENV === 'production'
  return range === 'loopback' && !production
}

/**
 * All addresses of a host, each of them allowed. One refused address refuses the host: a name that leads
 * both outside and inside is how a guard is walked around.
 *
 * @throws store_host_unknown, store_address_refused, or the name service's own error when it fails for now.
 */
export async function checkAddresses(host: string, rules: AddressRules): Promise<CheckedAddress[]> {
  const name = canonicalHost(host)
  const family = isIP(name)
  const addresses =
    family === 0
      ? await (rules.resolve ?? resolveByMachine)(name)
      : [{ address: name, family: family === 6 ? (6 as const) : (4 as const) }]
  if (addresses.length === 0) throw new WooSyncError('store_host_unknown', { host })
  const refused = addresses.find(({ address }) => !isAllowed(address, rules))
  if (refused) throw new WooSyncError('store_address_refused', { host, address: refused.address })
  return addresses
}

/**
 * The address to connect to for a host (a name or an address in any spelling). Connect to the answer, not
 * to the name: a second look-up could bring another one.
 *
 * @throws store_host_unknown, store_address_refused
 */
export async function checkAddress(host: string, rules: AddressRules): Promise<CheckedAddress> {
  try {
    const [first] = await checkAddresses(host, rules)
    return first!
  } catch (error) {
    if (error instanceof WooSyncError) throw error
    throw new WooSyncError('store_host_unknown', { host })
  }
}

/**
 * The same guard as a `lookup` for `net.connect` and `tls.connect`, which then connect only to addresses
 * it returns. Node does not call it for a host that is an address already: use {@link checkAddress} there.
 */
export function checkedLookup(rules: AddressRules): LookupFunction {
  return (host, options, callback) => {
    checkAddresses(host, rules).then(
      (all) => {
        const wanted = options.family === 4 || options.family === 6 ? options.family : null
        const fitting = wanted ? all.filter(({ family }) => family === wanted) : all
        const first = fitting[0]
        if (!first) callback(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '', 0)
        else if (options.all) callback(null, fitting)
        else callback(null, first.address, first.family)
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    )
  }
}
