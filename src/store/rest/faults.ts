/**
 * From what a shop answered to one of this project's error codes: one table from (status, WooCommerce's
 * code, message) to ours (rows 30a, 31, 32, 33, 37). WooCommerce translates its messages into the shop's
 * language, so a message only sharpens a verdict; the rules below it work without.
 */
import type { ErrorCode } from '../../errors.ts'
import { WooSyncError } from '../../errors.ts'
import { isQuestion } from './endpoint.ts'
import type { Redact } from './redact.ts'
import { startOf } from './redact.ts'
import type { SignIn } from './sign.ts'

/** What is known of an answer that is no success. */
export interface Refusal {
  method: string
  /** Path without query. */
  path: string
  host: string
  status: number
  /** WooCommerce's or WordPress's `code`; empty where the body is no such error. */
  reason: string
  message: string
  /** What the body was. */
  body: 'json' | 'html' | 'other' | 'empty'
  text: string
  headers: Record<string, string | string[] | undefined>
  signIn: SignIn | null
  /** This sign-in has worked before, so the key is known and the secret right. */
  worked: boolean
  /** How far the shop's clock was from the signature's, in ms; null where unknown. */
  skewMs: number | null
}

interface Rule {
  status?: number | number[]
  reason?: RegExp
  message?: RegExp
  when?: (refusal: Refusal) => boolean
  code: ErrorCode
}

const writes = (r: Refusal): boolean => !isQuestion(r.method)
const byOauth = (r: Refusal): boolean => r.signIn === 'oauth' || r.signIn === 'oauth-over-https'
// WooCommerce sends this header only for keys it could not verify, not for rights a key lacks.
const challenged = (r: Refusal): boolean => r.headers['www-authenticate'] !== undefined
const isJson = (r: Refusal): boolean => r.body === 'json'
const hasReason = (r: Refusal): boolean => r.reason !== ''
const authentication = /^woocommerce_rest_authentication_error$/

/** Fifteen minutes is what WooCommerce allows; a little less, as Date headers are not exact. */
const maxSkewMs = 14 * 60_000

/** A server's own page, or WordPress under maintenance: no firewall, it passes. */
const ordinaryPage =
  /briefly unavailable for scheduled maintenance|<center>(nginx|openresty)|<h1>\s*503 service (temporarily )?unavailable|<address>apache|litespeed web server/i

const rules: Rule[] = [
  // Signing in. All are 401 (row 30a).
  { status: 401, reason: authentication, message: /consumer secret/i, code: 'store_secret_wrong' },
  { status: 401, reason: authentication, message: /consumer key/i, code: 'store_key_unknown' },
  { status: 401, reason: authentication, message: /timestamp/i, code: 'store_clocks_differ' },
  { status: 401, reason: authentication, message: /signature|nonce/i, code: 'store_signature_refused' },
  { status: 401, reason: authentication, message: /write permission/i, code: 'store_key_read_only' },
  { status: 401, reason: authentication, message: /read permission/i, code: 'store_rights_missing' },
  { status: 401, reason: /authentication_missing_parameter$/, code: 'store_signature_refused' },
  // The same in another language.
  { status: 401, reason: authentication, when: (r) => writes(r) && r.worked, code: 'store_key_read_only' },
  {
    status: 401,
    reason: authentication,
    when: (r) => byOauth(r) && Math.abs(r.skewMs ?? 0) > maxSkewMs,
    code: 'store_clocks_differ',
  },
  { status: 401, reason: authentication, when: byOauth, code: 'store_signature_refused' },
  {
    status: 401,
    reason: authentication,
    when: (r) => writes(r) && !challenged(r),
    code: 'store_key_read_only',
  },
  { status: 401, reason: authentication, when: (r) => r.worked, code: 'store_rights_missing' },
  { status: 401, reason: authentication, code: 'store_secret_wrong' },
  // Security plugins that close the interface to everyone they do not know themselves.
  {
    status: [401, 403],
    reason: /^rest_(cannot_access|login_required|not_logged_in|disabled|api_disabled)|access_restricted$/,
    code: 'store_rest_disabled',
  },
  { status: 401, when: hasReason, code: 'store_key_unknown' },
  { status: 403, when: (r) => hasReason(r) && !writes(r), code: 'store_rights_missing' },
  { status: 403, when: hasReason, code: 'store_request_refused' },

  // What is not there.
  { status: 404, reason: /^rest_no_route$/, code: 'store_route_missing' },
  { status: 404, when: hasReason, code: 'store_record_not_found' },
  { status: 410, when: (r) => hasReason(r) && !writes(r), code: 'store_record_not_found' },
  { status: [404, 410], code: 'store_not_woocommerce' },

  // Not now.
  { status: 429, code: 'store_rate_limited' },
  { status: 408, code: 'store_timeout' },
  {
    status: 503,
    when: (r) => r.body === 'html' && !ordinaryPage.test(r.text) && r.headers['retry-after'] === undefined,
    code: 'store_blocked_by_host',
  },
  { when: (r) => r.status >= 500, code: 'store_unavailable' },

  // A firewall's page, or its bare "Forbidden".
  { when: (r) => r.body === 'html' && r.status !== 413 && r.status !== 414, code: 'store_blocked_by_host' },
  { status: [401, 403, 406, 455], when: (r) => !isJson(r), code: 'store_blocked_by_host' },
  { when: (r) => r.status < 300 && r.body === 'empty', code: 'store_answer_cut' },
  { when: (r) => r.status < 300, code: 'store_malformed_response' },
  { code: 'store_request_refused' },
]

/** The code for an answer that is no success; the last rule takes what no other does. */
export function codeOf(refusal: Refusal): ErrorCode {
  const fits = (rule: Rule): boolean =>
    (rule.status === undefined || [rule.status].flat().includes(refusal.status)) &&
    (rule.reason === undefined || rule.reason.test(refusal.reason)) &&
    (rule.message === undefined || rule.message.test(refusal.message)) &&
    (rule.when === undefined || rule.when(refusal))
  return rules.find(fits)!.code
}

/**
 * Whether the shop saw no keys at all or did not know them: the 401 that a removed Authorization header
 * gives (row 31) is the same as the one for no keys.
 */
export function looksSignedOut(refusal: Refusal): boolean {
  const blind = ['store_key_unknown', 'store_rest_disabled'].includes(codeOf(refusal))
  return refusal.status === 401 && isJson(refusal) && blind && !/_authentication_/.test(refusal.reason)
}

/** The error for an answer that is no success, with `status` and the shop's own `reason` in its data. */
export function faultOf(refusal: Refusal, redact: Redact): WooSyncError {
  const { host, path, status, reason } = refusal
  const said = startOf([reason, refusal.message].filter(Boolean).join(': '), redact)
  const cause = said || `status ${status}`
  const data = { host, path, status, reason: redact(reason) || null, cause }
  const code = codeOf(refusal)
  if (code === 'store_malformed_response') {
    return new WooSyncError(code, { host, path, status, start: startOf(refusal.text, redact) })
  }
  if (code === 'store_record_not_found') return new WooSyncError(code, { ...data, ...recordOf(path) })
  if (code === 'store_rights_missing') return new WooSyncError(code, { ...data, what: resourceOf(path) })
  return new WooSyncError(code, data)
}

/** `orders/5/refunds/9` → refund 9; a slug or a page without numbers → its last part. */
function recordOf(path: string): { resource: string; id: string } {
  const parts = restPath(path)
  const at = parts.findLastIndex((part) => /^\d+$/.test(part))
  const index = at > 0 ? at : parts.length - 1
  return { resource: singular(parts[index - 1] ?? 'record'), id: parts[index] ?? '' }
}

const resourceOf = (path: string): string =>
  restPath(path)
    .filter((part) => !/^\d+$/.test(part))
    .join(' ')

const restPath = (path: string): string[] =>
  path
    .replace(/^.*\/wp-json(\/wc\/v\d+)?/, '')
    .split('/')
    .filter(Boolean)

const singular = (word: string): string =>
  word
    .replace(/ies$/, 'y')
    .replace(/sses$/, 'ss')
    .replace(/xes$/, 'x')
    .replace(/([^s])s$/, '$1')
