/**
 * The way into a shop over WooCommerce's REST interface: asks, signs in the way this host allows, waits and
 * tries again where that helps, and turns every other answer into an error with a code. No key, signature or
 * query string leaves it in a log, an error or an event.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger as Pino } from 'pino'
import type { CheckedAddress } from '../../addresses.ts'
import { WooSyncError } from '../../errors.ts'
import type { Answer } from './answer.ts'
import type { Ask, Fault, Outcome, Session } from './attempt.ts'
import { createAttempt } from './attempt.ts'
import { createClock } from './clock.ts'
import { defaultMaxBytes } from './decode.ts'
import { endpoint, homeOf, isQuestion, routeOf, takesKeys } from './endpoint.ts'
import type { Refused } from './ladder.ts'
import { nextWay, verdict } from './ladder.ts'
import type { Pace } from './pace.ts'
import { createRedactor } from './redact.ts'
import { backOff, isPassing, shrinkPage } from './retry.ts'
import type { Query, SignIn, Way } from './sign.ts'
import { queryPairs, waysFor } from './sign.ts'
import { createTransport } from './transport.ts'

export type { Answer } from './answer.ts'
export type { Query, SignIn } from './sign.ts'

export type Logger = Pick<Pino, 'debug' | 'info' | 'warn' | 'error'>

/** One try, for metrics: nothing in it tells records or keys apart. */
export interface RequestEvent {
  method: string
  /** `/wp-json/wc/v3/orders/{id}` */
  route: string
  /** null: no answer came. */
  status: number | null
  ms: number
  /** Of the body, as it came over the line. */
  bytes: number
  /** Error code, null for a success. */
  code: string | null
  /** Tries of this request before this one. */
  retries: number
}

export interface StoreClientOptions {
  /** The shop's home; may have a folder: https://example.test/shop */
  url: string
  consumerKey: string
  consumerSecret: string
  /** PEM text of an authority trusted besides the usual ones. */
  ca?: string
  /** For one try, from connecting to the last byte. */
  timeoutMs: number
  keysInUrl: boolean
  allowPlainHttp: boolean
  allowPrivateAddresses: boolean
  /** The address comes from the operator's environment (row 36). */
  trustedAddress: boolean
  pace: Pace
  /** Remembered from an earlier time. */
  signIn?: SignIn
  logger?: Logger
  signal?: AbortSignal
  onRequest?: (event: RequestEvent) => void
  /** Largest answer, unpacked. Default 64 MB. */
  maxBytes?: number
  /** Waits between tries. Default: timers. */
  delay?: (ms: number, signal?: AbortSignal) => Promise<unknown>
  /** How names become addresses. Default: this machine's name service. */
  resolve?: (host: string) => Promise<CheckedAddress[]>
}

export interface RequestOptions {
  signal?: AbortSignal
  /** Further tries after the first. Default 4, and 1 where a person waits. */
  retries?: number
  /** Rows expected, where a page of rows is asked for: lets the pace learn the time per row. */
  rows?: number
  /** false: a person waits for it; it goes before background work and gives up sooner. Default true. */
  background?: boolean
}

export interface StoreClient {
  /**
   * Asks for a path under /wp-json/wc/v3 (`orders`, `orders/5`), or an absolute one (`/wp-json/`). A page of
   * `rows` that times out is not repeated at that size once the pace wants smaller ones: the error comes at
   * once, see `wantsSmallerPage`.
   *
   * @throws WooSyncError with one of the codes store_…, or sync_cancelled
   */
  get(path: string, query?: Query, options?: RequestOptions): Promise<Answer>
  /** Asks what a path takes (its schema); otherwise as `get`. */
  options(path: string, options?: RequestOptions): Promise<Answer>
  /** Writes. Tried again only when the shop surely did nothing with the first try. */
  send(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
    options?: RequestOptions & { query?: Query },
  ): Promise<Answer>
  /** none: there is no way in over REST. */
  readonly signIn: SignIn | 'none'
  readonly host: string
  /** Shop clock minus ours in ms, from Date headers; null before the first answer. */
  readonly clockOffset: number | null
  /** Ends all connections; requests under way fail with sync_cancelled. */
  close(): Promise<void>
}

/** A person is not kept waiting longer than this by a Retry-After. */
const patienceMs = 5000

/** @throws store_plain_http_refused, setting_invalid */
export function createStoreClient(options: StoreClientOptions): StoreClient {
  const { pace, logger, timeoutMs } = options
  const delay = options.delay ?? ((ms, signal) => wait(ms, undefined, { signal }))
  const keys = { consumerKey: options.consumerKey, consumerSecret: options.consumerSecret }
  const both = Buffer.from(`${keys.consumerKey}:${keys.consumerSecret}`).toString('base64')
  const redact = createRedactor([keys.consumerSecret, keys.consumerKey, both])
  const clock = createClock()
  const session: Session = {
    home: homeOf(options.url, options.allowPlainHttp),
    useShopClock: false,
    worked: false,
  }
  const maxBytes = options.maxBytes ?? defaultMaxBytes
  const transport = createTransport({
    rules: {
      trusted: options.trustedAddress,
      allowPrivate: options.allowPrivateAddresses,
      ...(options.resolve && { resolve: options.resolve }),
    },
    ...(options.ca && { ca: options.ca }),
    maxBytes,
    timeoutMs,
  })
  const attempt = createAttempt({ keys, transport, pace, clock, redact, timeoutMs, maxBytes, session })

  let ways = waysFor(session.home.protocol, options.keysInUrl, options.signIn)
  let way: Way = ways[0]
  const warned = new Set<string>()

  const warnOnce = (what: string): void => {
    if (warned.has(what) || warned.size > 100) return
    warned.add(what)
    logger?.warn({ host: session.home.host }, what)
  }

  /** This way of signing in works here: keep it. */
  const adopt = (used: Way): void => {
    session.worked = true
    if (used === way) return
    way = used
    const error = new WooSyncError('store_authorization_stripped', { host: session.home.host })
    logger?.warn({ host: session.home.host, code: error.code, signIn: used.signIn }, error.message)
  }

  /** A redirect led from http to https: there one signs in otherwise. */
  const followUpgrade = (): boolean => {
    if (session.home.protocol === 'http:' || ways[0].signIn !== 'oauth') return false
    ways = waysFor(session.home.protocol, options.keysInUrl)
    way = ways[0]
    return true
  }

  /** With plain permalinks (row 38) the interface answers only in the query, where keys are not accepted. */
  const hasPlainPermalinks = async (request: Ask): Promise<boolean> => {
    const pairs: [string, string][] = [['rest_route', '/']]
    const outcome = await attempt({ ...request, method: 'GET', path: '/', pairs, rows: null }, way)
    const index = 'answer' in outcome ? outcome.answer.data : null
    if (typeof index !== 'object' || index === null || !('namespaces' in index)) return false
    // With other permalinks the query answers too, but WordPress names its routes by their path.
    return !JSON.stringify(Reflect.get(index, 'routes') ?? '').includes('/wp-json/')
  }

  const looksUnrouted = ({ error, status }: Fault): boolean =>
    error.code === 'store_not_woocommerce' || (error.code === 'store_blocked_by_host' && status === 200)

  const report = (request: Ask, outcome: Outcome, retries: number): void => {
    const told = 'answer' in outcome ? outcome.answer : outcome.fault
    const event: RequestEvent = {
      method: request.method,
      route: routeOf(endpoint(session.home, request.path)),
      status: told.status,
      ms: Math.round(outcome.ms),
      bytes: outcome.bytes,
      code: 'fault' in outcome ? outcome.fault.error.code : null,
      retries,
    }
    logger?.debug({ host: session.home.host, ...event }, 'request to the shop')
    options.onRequest?.(event)
  }

  const throwIfStopped = (signal: AbortSignal | undefined): void => {
    if (!signal?.aborted) return
    const { reason } = signal
    if (reason instanceof WooSyncError) throw reason
    throw new WooSyncError('sync_cancelled', { cause: 'it was asked to stop' })
  }

  /** The pause before the next try; throws the fault where another try is of no use. */
  const pauseAfter = (request: Ask, fault: Fault, tried: number, tries: number): number => {
    const { error, retryAfterMs } = fault
    const tooLarge = request.rows !== null && shrinkPage(error, tried, request.rows, pace)
    if (isPassing(error)) pace.trouble(retryAfterMs ?? undefined)
    const pauseMs = retryAfterMs ?? backOff(tried)
    const tooLong = request.lane === 'interactive' && pauseMs > patienceMs
    const harmless = isQuestion(request.method) || fault.untouched
    if (tooLarge || tooLong || !harmless || !isPassing(error) || tried + 1 >= tries) throw error
    return pauseMs
  }

  const ask = async (request: Ask, tries: number): Promise<Answer> => {
    const refused: Refused = new Map()
    let used = way
    let requests = 0
    let corrected = false
    for (let tried = 0; ; requests++) {
      throwIfStopped(request.signal)
      const outcome = await attempt(request, used).catch((error: unknown) => {
        throwIfStopped(request.signal)
        throw error
      })
      throwIfStopped(request.signal)
      report(request, outcome, requests)
      if (followUpgrade()) used = way
      if ('answer' in outcome) {
        for (const warning of outcome.answer.warnings) warnOnce(warning)
        if (takesKeys(endpoint(session.home, request.path))) adopt(used)
        if (request.rows !== null) pace.pageFine(request.rows)
        return outcome.answer
      }
      const { fault } = outcome
      const next = nextWay(ways, refused.set(used, fault), used, fault)
      if (next) {
        used = next
        continue
      }
      if (fault.error.code === 'store_clocks_differ' && !corrected && clock.offset !== null) {
        // The refusal has shown the shop's clock, which may have been set since it was last believed.
        corrected = true
        session.useShopClock = true
        continue
      }
      if (fault.signedOut || (refused.size > 1 && fault.status === 401))
        throw verdict(refused, session.home.host)
      if (!session.worked && looksUnrouted(fault) && (await hasPlainPermalinks(request))) {
        throw new WooSyncError('store_plain_permalinks', { host: session.home.host })
      }
      const pauseMs = pauseAfter(request, fault, tried, tries)
      tried += 1
      logger?.warn(
        { host: session.home.host, code: fault.error.code, pauseMs, tried },
        'the shop is asked again',
      )
      await delay(pauseMs, request.signal).catch(() => throwIfStopped(request.signal))
    }
  }

  const start = (
    method: string,
    path: string,
    query: Query | undefined,
    body: string | null,
    own: RequestOptions = {},
  ): Promise<Answer> => {
    const lane = own.background === false ? 'interactive' : 'background'
    const signals = [options.signal, own.signal].filter((signal) => signal !== undefined)
    const request: Ask = {
      method,
      path,
      pairs: queryPairs(query),
      body,
      rows: own.rows ?? null,
      lane,
      signal: signals.length > 1 ? AbortSignal.any(signals) : signals[0],
    }
    return ask(request, 1 + (own.retries ?? (lane === 'interactive' ? 1 : 4)))
  }

  return {
    get: (path, query, own) => start('GET', path, query, null, own),
    options: (path, own) => start('OPTIONS', path, undefined, null, own),
    send: (method, path, body, own) =>
      start(method, path, own?.query, body === undefined ? null : JSON.stringify(body), own),
    get signIn() {
      return way.signIn
    },
    get host() {
      return session.home.host
    },
    get clockOffset() {
      return clock.offset
    },
    close: () => transport.close(),
  }
}
