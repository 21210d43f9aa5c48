/**
 * One request and its answer as bytes, over undici: keep-alive, the guarded addresses (row 36), one
 * time limit for the whole exchange, a limit on size. Knows nothing of WooCommerce.
 */
import { isIP } from 'node:net'
import { createSecureContext, getCACertificates } from 'node:tls'
import type { Dispatcher } from 'undici'
import { buildConnector, Client } from 'undici'
import type { AddressRules } from '../../addresses.ts'
import { checkAddress, checkedLookup } from '../../addresses.ts'
import { WooSyncError } from '../../errors.ts'
import { version } from '../../version.ts'
import { isQuestion } from './endpoint.ts'

export interface Exchange {
  method: string
  /** Only origin and path are used; the query comes apart, as it may hold a signature. */
  url: URL
  query: string
  headers: Record<string, string>
  body: string | null
  signal: AbortSignal | undefined
}

export interface Reply {
  status: number
  headers: Record<string, string | string[] | undefined>
  /** As it came, still compressed. */
  body: Buffer
  /** Epoch ms of this machine: when the first bytes were about to be sent, the headers here, all here. */
  sentAt: number
  headersAt: number
  receivedAt: number
}

/** How far an exchange had come when it failed: before `sent` nothing reached the shop. */
export type Stage = 'connecting' | 'sent' | 'answering'

/**
 * An exchange without a whole answer. It carries a code such as ECONNREFUSED and not the error itself,
 * whose properties may hold what the shop sent, with a signature in a Link header.
 */
export class TransportError extends Error {
  readonly kind: 'aborted' | 'timeout' | 'too-large' | 'network'
  readonly stage: Stage
  readonly reason: string
  /** The guard's own error, when it refused the address. */
  readonly refused: WooSyncError | null

  constructor(kind: TransportError['kind'], stage: Stage, error?: unknown) {
    super(`${kind} while ${stage}`)
    this.kind = kind
    this.stage = stage
    this.refused = error instanceof WooSyncError ? error : null
    this.reason = error instanceof Error ? String(Reflect.get(error, 'code') ?? error.name) : kind
  }
}

export interface Transport {
  exchange(exchange: Exchange): Promise<Reply>
  /** Ends all connections; what is under way fails as aborted. */
  close(): Promise<void>
}

/** One honest name (row 32); hosts allow-list by its first word. */
export const userAgent = `woo-sync-engine/${version} (+copies this shop for its owner)`

export interface TransportOptions {
  rules: AddressRules
  /** PEM text of an authority trusted besides the usual ones. */
  ca?: string
  maxBytes: number
  /** For a whole exchange, from connecting to the last byte. */
  timeoutMs: number
}

export function createTransport(options: TransportOptions): Transport {
  /** Idle connections by origin and use. */
  const lines = new Map<string, Client[]>()
  const all = new Set<Client>()
  const closing = new AbortController()
  // Built once: parsing all authorities again for each connection costs milliseconds.
  const secureContext = options.ca
    ? createSecureContext({ ca: [...getCACertificates('default'), options.ca] })
    : undefined

  // One for all connections, so that they share TLS sessions.
  const connectGuarded = buildConnector({
    lookup: checkedLookup(options.rules),
    timeout: Math.min(options.timeoutMs, 10_000),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: 1000,
    ...(secureContext && { secureContext }),
  })
  const connect: buildConnector.connector = (target, callback) => {
    // Node asks `lookup` for names only; an address in the URL is judged here.
    if (isIP(target.hostname) === 0) return void connectGuarded(target, callback)
    checkAddress(target.hostname, options.rules).then(
      () => connectGuarded(target, callback),
      (error: Error) => callback(error, null),
    )
  }

  /**
   * A connection of our own choosing: undici's pool opens another one when the next request follows at once,
   * as it takes a connection for busy one turn longer than the answer. Last in, first out keeps them few.
   */
  const take = (request: Exchange): { line: Client; idle: Client[] } => {
    const reads = isQuestion(request.method)
    const key = `${reads ? 'read' : 'write'} ${request.url.origin}`
    const idle = lines.get(key) ?? []
    lines.set(key, idle)
    const line =
      idle.pop() ??
      new Client(request.url.origin, {
        connect,
        // A write never meets a connection the shop is just closing: so one that breaks before anything
        // was sent is known to have done nothing.
        keepAliveTimeout: reads ? 30_000 : 1,
        keepAliveMaxTimeout: reads ? 60_000 : 1,
        maxHeaderSize: 64 * 1024,
        headersTimeout: 0,
        bodyTimeout: 0,
      })
    all.add(line)
    return { line, idle }
  }

  const exchange = (request: Exchange): Promise<Reply> =>
    new Promise((resolve, reject) => {
      let stage: Stage = 'connecting'
      let controller: Dispatcher.DispatchController | null = null
      let failure: TransportError | null = null
      let sentAt = Date.now()
      let headersAt = 0
      let status = 0
      let headers: Reply['headers'] = {}
      let size = 0
      const chunks: Buffer[] = []

      const { line, idle } = take(request)

      const finish = (): void => {
        idle.push(line)
        clearTimeout(timer)
        request.signal?.removeEventListener('abort', aborted)
        closing.signal.removeEventListener('abort', closed)
      }
      const fail = (kind: TransportError['kind'], error?: unknown): void => {
        if (failure) return
        failure = new TransportError(kind, stage, error)
        finish()
        controller?.abort(failure)
        reject(failure)
      }
      const aborted = (): void => fail('aborted')
      const closed = (): void => fail('aborted')
      const timer = setTimeout(() => fail('timeout'), options.timeoutMs)
      request.signal?.addEventListener('abort', aborted, { once: true })
      closing.signal.addEventListener('abort', closed, { once: true })
      if (request.signal?.aborted) return aborted()
      if (closing.signal.aborted) return closed()

      const handler: Dispatcher.DispatchHandler = {
        onRequestStart(started) {
          if (failure) return started.abort(failure)
          controller = started
          stage = 'sent'
          sentAt = Date.now()
        },
        onResponseStart(_, statusCode, received) {
          // An informational answer (103 Early Hints) comes before the real one.
          if (statusCode < 200) return
          stage = 'answering'
          headersAt = Date.now()
          status = statusCode
          headers = received
          if (Number(received['content-length']) > options.maxBytes) fail('too-large')
        },
        onResponseData(_, chunk) {
          size += chunk.length
          if (size > options.maxBytes) fail('too-large')
          else chunks.push(chunk)
        },
        onResponseEnd() {
          if (failure) return
          finish()
          const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size)
          resolve({ status, headers, body, sentAt, headersAt, receivedAt: Date.now() })
        },
        onResponseError(_, error) {
          fail('network', error)
        },
      }
      const { url, query, method, headers: sent, body } = request
      try {
        line.dispatch({ path: `${url.pathname}${query}`, method, headers: sent, body }, handler)
      } catch (error) {
        fail('network', error)
      }
    })

  return {
    exchange,
    async close() {
      closing.abort(new Error('the client was closed'))
      await Promise.all([...all].map((line) => line.destroy()))
    },
  }
}
