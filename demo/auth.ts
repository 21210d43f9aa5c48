/**
 * Who asks, as WooCommerce finds out: Basic or keys in the query over HTTPS only, one-legged OAuth 1.0a
 * anywhere (rows 30, 30a, 31). A faulty signature is refused here; a caller nobody knows goes on as a stranger.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { DemoError } from './errors.ts'
import { flat, type Query, rawEncode } from './query.ts'
import type { ShopInfo } from './shop.ts'

export interface Asked {
  method: string
  /** The path as sent, `/wp-json/wc/v3/orders`. */
  path: string
  query: Query
  headers: IncomingHttpHeaders
  secure: boolean
}

export type Rights = 'read' | 'read_write'

export interface Authenticator {
  /** The rights of the key, or null for a stranger; throws DemoError 401 for a faulty key or signature. */
  check(asked: Asked): Rights | null
}

/** @param now the shop's clock in Unix milliseconds: time stamps are judged by it */
export function createAuthenticator(info: ShopInfo, now: () => number): Authenticator {
  const seen = new Map<string, number>()

  function find(key: string) {
    if (key === info.consumerKey) return { secret: info.consumerSecret, rights: 'read_write' as const }
    if (key === info.readOnlyKey) return { secret: info.readOnlySecret, rights: 'read' as const }
    return undefined
  }

  function byKeys(asked: Asked): Rights | null {
    const [key, secret] = keysInQuery(asked.query) ?? keysInHeader(asked.headers.authorization) ?? []
    const user = key && secret ? find(key) : undefined
    if (!user) return null
    if (!equal(user.secret, secret as string)) throw refused('Consumer secret is invalid.')
    return user.rights
  }

  function bySignature(asked: Asked): Rights | null {
    const params = oauthParams(asked)
    if (!params) return null
    const user = find(String(params.get('oauth_consumer_key')))
    if (!user) throw refused('Consumer key is invalid.')
    checkSignature(asked, params, user.secret)
    checkNonce(Number(params.get('oauth_timestamp')), String(params.get('oauth_nonce')))
    return user.rights
  }

  function checkNonce(timestamp: number, nonce: string) {
    const seconds = Math.floor(now() / 1000)
    if (!(Math.abs(seconds - timestamp) <= WINDOW)) throw refused('Invalid timestamp.')
    for (const [old, at] of seen) {
      if (at >= seconds - WINDOW) break
      seen.delete(old)
    }
    if (seen.has(nonce)) throw refused('Invalid nonce - nonce has already been used.')
    seen.set(nonce, timestamp)
  }

  return {
    check(asked) {
      return (asked.secure ? byKeys(asked) : null) ?? bySignature(asked)
    },
  }
}

/** Throws DemoError 401 where a key that may only read is used to write. */
export function checkRights(rights: Rights | null, method: string) {
  if (rights === 'read' && !['GET', 'HEAD', 'OPTIONS'].includes(method))
    throw refused('The API key provided does not have write permissions.')
}

/** Seconds a signature may be old or early. */
const WINDOW = 15 * 60

const OAUTH = [
  'oauth_consumer_key',
  'oauth_timestamp',
  'oauth_nonce',
  'oauth_signature',
  'oauth_signature_method',
]

function keysInQuery(query: Query): [string, string] | undefined {
  const key = query.get('consumer_key')
  const secret = query.get('consumer_secret')
  return typeof key === 'string' && typeof secret === 'string' && key && secret ? [key, secret] : undefined
}

function keysInHeader(header: string | undefined): [string, string] | undefined {
  const basic = /^Basic\s+(\S+)$/i.exec(header ?? '')
  if (!basic) return undefined
  const [key = '', ...secret] = Buffer.from(basic[1] as string, 'base64')
    .toString('utf8')
    .split(':')
  return [key, secret.join(':')]
}

function oauthParams(asked: Asked): Map<string, string | string[]> | null {
  const params = new Map(asked.query)
  const header = /^OAuth\s+(.+)$/i.exec(asked.headers.authorization ?? '')
  for (const [, name, value] of (header?.[1] ?? '').matchAll(/(\w+)="([^"]*)"/g))
    params.set(name as string, decodeURIComponent(value as string))
  const missing = OAUTH.filter((name) => !params.get(name))
  if (missing.length === OAUTH.length) return null
  if (missing.length === 0) return params
  const plural = missing.length > 1 ? 's' : ''
  throw new DemoError(
    401,
    'woocommerce_rest_authentication_missing_parameter',
    `Missing OAuth parameter${plural} ${missing.join(', ')}`,
  )
}

function checkSignature(asked: Asked, params: Map<string, string | string[]>, secret: string) {
  const method = String(params.get('oauth_signature_method'))
  if (method !== 'HMAC-SHA1' && method !== 'HMAC-SHA256')
    throw refused('Invalid signature - signature method is invalid.')
  // A WordPress whose home is the address it is called by: the usual case, also behind a forwarded port.
  const base = `${asked.secure ? 'https' : 'http'}://${asked.headers.host ?? ''}${asked.path}`
  const text = `${asked.method}&${rawEncode(base)}&${rawEncode(parameterString(params))}`
  const hash = method === 'HMAC-SHA1' ? 'sha1' : 'sha256'
  const expected = createHmac(hash, `${secret}&`).update(text).digest('base64')
  const given = String(params.get('oauth_signature')).replaceAll(' ', '+')
  if (!equal(expected, given)) throw refused('Invalid signature - provided signature does not match.')
}

function parameterString(params: Map<string, string | string[]>): string {
  const pairs: string[] = []
  for (const name of [...params.keys()].sort()) {
    if (name === 'oauth_signature') continue
    for (const [key, value] of flat(name, params.get(name) as string | string[]))
      pairs.push(`${rawEncode(key)}=${rawEncode(value)}`)
  }
  return pairs.join('&')
}

function refused(message: string): DemoError {
  return new DemoError(401, 'woocommerce_rest_authentication_error', message)
}

function equal(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}
