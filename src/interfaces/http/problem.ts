/** Errors as `application/problem+json` (RFC 9457), with this program's code and way out. */
import { STATUS_CODES } from 'node:http'
import type { FastifyReply } from 'fastify'
import { databaseFault } from '../../database/faults.ts'
import { toWooSyncError, WooSyncError } from '../../errors.ts'

export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  code: string
  wayOut: string
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

/** On every answer. Pages that show something add their own Content-Security-Policy. */
export const SAFE_HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const

export function problemOf(fault: WooSyncError, status: number = fault.status): Problem {
  const words = fault.code.replaceAll('_', ' ')
  return {
    type: `urn:woosync:error:${fault.code}`,
    title: words.charAt(0).toUpperCase() + words.slice(1),
    status,
    detail: outward(fault).message,
    code: fault.code,
    wayOut: fault.wayOut,
  }
}

/** Why the database or this program failed may name hosts and files: the log has it, an answer has not. */
function outward(fault: WooSyncError): WooSyncError {
  const inner = fault.code === 'internal' || fault.code.startsWith('database_')
  return inner ? new WooSyncError(fault.code, { ...fault.data, cause: 'the log says more' }) : fault
}

export function sendProblem(reply: FastifyReply, fault: WooSyncError, status?: number): FastifyReply {
  const problem = problemOf(fault, status)
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer')
  if (fault.code === 'too_many_attempts') reply.header('retry-after', String(fault.data.seconds))
  return (
    reply
      .code(problem.status)
      .headers(SAFE_HEADERS)
      // Left open for a moment, so that whoever is still sending can read the answer.
      .removeHeader('connection')
      .header('content-type', PROBLEM_TYPE)
      .send(JSON.stringify(problem))
  )
}

/** The same for a connection on which no request could be read. */
export function rawProblem(fault: WooSyncError): string {
  const body = JSON.stringify(problemOf(fault))
  const headers = { ...SAFE_HEADERS, 'content-type': PROBLEM_TYPE, connection: 'close' }
  return [
    `HTTP/1.1 ${fault.status} ${STATUS_CODES[fault.status]}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n')
}

/** Anything thrown while a request was answered, with a code. */
export function faultOf(thrown: unknown): WooSyncError {
  if (thrown instanceof WooSyncError) return thrown
  const { code, statusCode } = thrown as { code?: unknown; statusCode?: unknown }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new WooSyncError('delivery_too_large')
  if (code === 'FST_ERR_MAX_PARAM_LENGTH') return new WooSyncError('not_found', { what: NOTHING_HERE })
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new WooSyncError('request_malformed')
  }
  return toWooSyncError(databaseFault(thrown))
}

/** What fastify says of a body that is no delivery. */
export function bodyFault(thrown: unknown): WooSyncError | undefined {
  const { code } = thrown as { code?: unknown }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new WooSyncError('body_too_large')
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new WooSyncError('body_not_json')
  return undefined
}

/** For `not_found`: the address itself is not repeated, it may be one of a webhook. */
export const NOTHING_HERE = 'page at this address'

/** A connection's error, before there was a request. */
export function connectionFault(code: string | undefined): WooSyncError {
  if (code === 'HPE_HEADER_OVERFLOW') return new WooSyncError('request_headers_too_large')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new WooSyncError('request_timeout')
  return new WooSyncError('request_malformed')
}
