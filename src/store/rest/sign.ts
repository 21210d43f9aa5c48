/**
 * How a request proves whose it is (rows 30, 31): Basic over HTTPS, one-legged OAuth 1.0a (HMAC-SHA256) in
 * the query over HTTP, or over HTTPS where the host removes the Authorization header. The form of the
 * signature is the one WooCommerce's `class-wc-rest-authentication.php` computes.
 */
import { createHmac, randomBytes } from 'node:crypto'

export type SignIn = 'basic' | 'oauth' | 'oauth-over-https' | 'keys-in-url'

export type Query = Record<string, string | number | boolean | readonly string[] | undefined>

export interface Keys {
  consumerKey: string
  consumerSecret: string
}

/**
 * One way to sign in. `signedScheme` is what the shop takes its own address for: behind a proxy that ends
 * TLS, WordPress may believe it is read over http and computes the signature for that.
 */
export interface Way {
  signIn: SignIn
  signedScheme: 'http:' | 'https:'
}

/** The ways to try at a shop, in this order; the one remembered from an earlier time comes first. */
export function waysFor(protocol: string, keysInUrl: boolean, remembered?: SignIn): [Way, ...Way[]] {
  if (protocol !== 'https:') return [{ signIn: 'oauth', signedScheme: 'http:' }]
  const ways: [Way, ...Way[]] = [
    { signIn: 'basic', signedScheme: 'https:' },
    { signIn: 'oauth-over-https', signedScheme: 'https:' },
    { signIn: 'oauth-over-https', signedScheme: 'http:' },
  ]
  if (keysInUrl) ways.push({ signIn: 'keys-in-url', signedScheme: 'https:' })
  const first = ways.findIndex((way) => way.signIn === remembered)
  if (first > 0) ways.unshift(...ways.splice(first, 1))
  return ways
}

/** Percent-encoding of RFC 3986, as PHP's `rawurlencode`. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** Lists are joined by commas, undefined values are left out. */
export function queryPairs(query: Query = {}): [string, string][] {
  const pairs: [string, string][] = []
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) pairs.push([name, typeof value === 'object' ? value.join(',') : String(value)])
  }
  return pairs
}

/** `?a=b&c=d`, or nothing for no pairs. */
export function queryString(pairs: [string, string][]): string {
  if (pairs.length === 0) return ''
  return `?${pairs.map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`).join('&')}`
}

/** The query pairs of a request with its OAuth parameters; `now` in epoch ms, a fresh nonce each time. */
export function oauthPairs(
  request: { method: string; url: URL; pairs: [string, string][]; signedScheme: string },
  keys: Keys,
  now: number,
): [string, string][] {
  const pairs: [string, string][] = [
    ...request.pairs,
    ['oauth_consumer_key', keys.consumerKey],
    ['oauth_nonce', randomBytes(16).toString('hex')],
    ['oauth_signature_method', 'HMAC-SHA256'],
    ['oauth_timestamp', String(Math.floor(now / 1000))],
  ]
  const parameters = pairs
    .map(([name, value]): [string, string] => [percentEncode(name), percentEncode(value)])
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
  const address = `${request.signedScheme}//${request.url.host}${request.url.pathname}`
  const base = `${request.method}&${percentEncode(address)}&${percentEncode(parameters)}`
  const signature = createHmac('sha256', `${keys.consumerSecret}&`).update(base).digest('base64')
  return [...pairs, ['oauth_signature', signature]]
}

/** What a signed request adds: pairs of the query (all of them, signed) and perhaps a header. */
export function sign(
  request: { method: string; url: URL; pairs: [string, string][] },
  way: Way,
  keys: Keys,
  now: number,
): { pairs: [string, string][]; authorization: string | null } {
  if (way.signIn === 'basic') {
    const credentials = Buffer.from(`${keys.consumerKey}:${keys.consumerSecret}`).toString('base64')
    return { pairs: request.pairs, authorization: `Basic ${credentials}` }
  }
  if (way.signIn === 'keys-in-url') {
    const pairs: [string, string][] = [
      ...request.pairs,
      ['consumer_key', keys.consumerKey],
      ['consumer_secret', keys.consumerSecret],
    ]
    return { pairs, authorization: null }
  }
  return {
    pairs: oauthPairs({ ...request, signedScheme: way.signedScheme }, keys, now),
    authorization: null,
  }
}
