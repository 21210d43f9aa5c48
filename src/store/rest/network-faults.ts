/** From an exchange without a whole answer to one of this project's error codes (row 33). */
import { WooSyncError } from '../../errors.ts'
import type { TransportError } from './transport.ts'

const certificate = /^(CERT_|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT|ERR_TLS_CERT_)/
const noTls = /^(EPROTO$|ERR_SSL_|ERR_TLS_)/

const causes: Record<string, string> = {
  ECONNREFUSED: 'it refuses the connection',
  ECONNRESET: 'it broke the connection',
  EPIPE: 'it broke the connection',
  UND_ERR_SOCKET: 'it closed the connection without an answer',
  UND_ERR_CONNECT_TIMEOUT: 'no connection came about in time',
  ETIMEDOUT: 'no connection came about in time',
  EHOSTUNREACH: 'there is no way to its network',
  ENETUNREACH: 'there is no way to its network',
  EAI_AGAIN: 'the name service does not answer at the moment',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is not known here, or the chain is incomplete',
  UNABLE_TO_GET_ISSUER_CERT: 'its authority is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not known here',
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is made out for another name',
}

export interface Place {
  host: string
  path: string
  timeoutMs: number
  maxBytes: number
}

/** The error for a failed exchange; aborted ones are the caller's (`sync_cancelled`). */
export function networkFault(failure: TransportError, place: Place): WooSyncError {
  const { host, path } = place
  const { kind, reason, stage } = failure
  if (failure.refused) return failure.refused
  if (kind === 'aborted') return new WooSyncError('sync_cancelled', { cause: 'it was asked to stop' })
  if (kind === 'timeout') {
    return new WooSyncError('store_timeout', { host, path, seconds: place.timeoutMs / 1000 })
  }
  if (kind === 'too-large') {
    const megabytes = Math.round(place.maxBytes / 1024 / 1024)
    return new WooSyncError('store_answer_too_large', { host, path, megabytes })
  }
  if (stage === 'answering') return new WooSyncError('store_answer_cut', { host, path })
  if (reason === 'ENOTFOUND') return new WooSyncError('store_host_unknown', { host })
  const cause = causes[reason] ?? reason
  if (certificate.test(reason)) return new WooSyncError('store_certificate_untrusted', { host, cause })
  if (noTls.test(reason)) {
    return new WooSyncError('store_unreachable', { host, cause: 'it speaks no TLS there', lasting: true })
  }
  if (/^HPE_/.test(reason)) {
    return new WooSyncError('store_unreachable', { host, cause: 'it speaks no HTTP there', lasting: true })
  }
  return new WooSyncError('store_unreachable', { host, cause })
}
