/**
 * One try of one request: signed, sent in its turn, redirects followed where that is safe, the answer decoded
 * and judged. What comes next (another sign-in, another try, giving up) is for the client to say.
 */
import { WooSyncError } from '../../errors.ts'
import { type Answer, answerOf, cacheAge, errorIn, one, shopClockOf } from './answer.ts'
import type { Clock } from './clock.ts'
import { type Decoded, decode, UnpackError, unpack } from './decode.ts'
import { endpoint, homeOfEndpoint, isQuestion, redirectTarget, takesKeys } from './endpoint.ts'
import type { Refusal } from './faults.ts'
import { faultOf, looksSignedOut } from './faults.ts'
import { networkFault } from './network-faults.ts'
import type { Lane, Pace } from './pace.ts'
import type { Redact } from './redact.ts'
import { startOf } from './redact.ts'
import { retryAfter } from './retry.ts'
import { type Keys, queryString, sign, type Way } from './sign.ts'
import { type Reply, type Transport, TransportError, userAgent } from './transport.ts'

export interface Ask {
  method: string
  path: string
  pairs: [string, string][]
  body: string | null
  /** Rows expected; null where it is no page of rows. */
  rows: number | null
  lane: Lane
  signal: AbortSignal | undefined
}

/** A try that brought no answer. */
export interface Fault {
  error: WooSyncError
  status: number | null
  /** Nothing of the request reached the shop, or the shop said it did nothing: a write may be repeated. */
  untouched: boolean
  /** The shop saw no keys, or does not know them. */
  signedOut: boolean
  retryAfterMs: number | null
}

type Judged = { answer: Answer } | { fault: Fault }

/** What a try brought; `ms` without waiting for its turn, `bytes` of the body as it came over the line. */
export type Outcome = Judged & { ms: number; bytes: number }

/** What tries share and change: where the shop is, and whether its clock is used for signing. */
export interface Session {
  home: URL
  useShopClock: boolean
  /** The present sign-in has worked. */
  worked: boolean
}

export interface AttemptOptions {
  keys: Keys
  transport: Transport
  pace: Pace
  clock: Clock
  redact: Redact
  timeoutMs: number
  maxBytes: number
  session: Session
}

/** An answer outside 2xx, thrown inside the pace so that it does not count as a measurement. */
class Unhappy extends Error {
  readonly reply: Reply

  constructor(reply: Reply) {
    super('not a success')
    this.reply = reply
  }
}

const maxRedirects = 5
const redirects = new Set([301, 302, 303, 307, 308])

export function createAttempt(options: AttemptOptions): (ask: Ask, way: Way) => Promise<Outcome> {
  const { keys, transport, pace, clock, redact, session, timeoutMs, maxBytes } = options

  const exchange = (ask: Ask, way: Way, url: URL): Promise<Reply> => {
    const headers: Record<string, string> = {
      accept: 'application/json',
      'accept-encoding': 'gzip',
      'cache-control': 'no-cache',
      'user-agent': userAgent,
    }
    if (ask.body !== null) headers['content-type'] = 'application/json; charset=utf-8'
    let pairs = ask.pairs
    if (takesKeys(url)) {
      const now = Date.now() + (session.useShopClock ? (clock.offset ?? 0) : 0)
      const signed = sign({ method: ask.method, url, pairs }, way, keys, now)
      pairs = signed.pairs
      if (signed.authorization) headers.authorization = signed.authorization
    }
    const { method, body, signal } = ask
    return transport.exchange({ method, url, query: queryString(pairs), headers, body, signal })
  }

  /** The reply and the address that gave it; only questions are redirected. */
  const follow = async (ask: Ask, first: Way): Promise<{ reply: Reply; url: URL; way: Way }> => {
    let url = endpoint(session.home, ask.path)
    let way = first
    for (let hops = 0; ; hops++) {
      const reply = await exchange(ask, way, url)
      const location = one(reply.headers.location)
      if (!redirects.has(reply.status) || location === undefined) return { reply, url, way }
      const target = redirectTarget(url, location)
      if (hops === maxRedirects || target.href === url.href) {
        const cause = 'it sends visitors round in circles'
        throw new WooSyncError('store_request_refused', {
          host: url.host,
          path: url.pathname,
          cause,
          status: reply.status,
        })
      }
      if (!isQuestion(ask.method)) {
        throw new WooSyncError('store_redirects_elsewhere', { host: url.host, target: target.origin })
      }
      // From http to https: from now on all goes there, signed as one does over https.
      if (target.protocol !== url.protocol) {
        session.home = homeOfEndpoint(target)
        way = { signIn: 'basic', signedScheme: 'https:' }
      }
      url = target
    }
  }

  const decoded = async (reply: Reply): Promise<Decoded> =>
    decode(await unpack(reply.body, one(reply.headers['content-encoding']), maxBytes))

  const refusalOf = (ask: Ask, way: Way, url: URL, reply: Reply, body: Decoded): Refusal => {
    const said = body.kind === 'json' ? errorIn(body.data) : null
    const shopClock = shopClockOf(reply)
    const signedAt = reply.sentAt + (session.useShopClock ? (clock.offset ?? 0) : 0)
    return {
      method: ask.method,
      path: url.pathname,
      host: url.host,
      status: said?.status ?? reply.status,
      reason: said?.reason ?? '',
      message: said?.message ?? '',
      body: body.kind === 'cut' ? 'other' : body.kind,
      text: body.kind === 'json' ? '' : body.text.slice(0, 20_000),
      headers: reply.headers,
      signIn: takesKeys(url) ? way.signIn : null,
      worked: session.worked,
      skewMs: shopClock === null ? null : shopClock - signedAt,
    }
  }

  const judge = async (ask: Ask, way: Way, url: URL, reply: Reply): Promise<Judged> => {
    const shopClock = shopClockOf(reply)
    if (shopClock !== null && cacheAge(reply.headers) === null) {
      clock.note(shopClock, reply.sentAt, reply.headersAt)
    }
    const place = { host: url.host, path: url.pathname, timeoutMs, maxBytes }
    const broken = (error: WooSyncError): Judged => ({
      fault: { error, status: reply.status, untouched: false, signedOut: false, retryAfterMs: null },
    })
    let body: Decoded
    try {
      body = await decoded(reply)
    } catch (error) {
      const tooLarge = error instanceof UnpackError && error.tooLarge
      return broken(networkFault(new TransportError(tooLarge ? 'too-large' : 'network', 'answering'), place))
    }
    if (reply.status < 300) {
      if (body.kind === 'json' && errorIn(body.data)?.status == null) {
        return { answer: answerOf(reply, body.data, body.noise ? [startOf(body.noise, redact)] : []) }
      }
      if (body.kind === 'cut') return broken(networkFault(new TransportError('network', 'answering'), place))
    }
    const refusal = refusalOf(ask, way, url, reply, body)
    return {
      fault: {
        error: faultOf(refusal, redact),
        status: refusal.status,
        untouched: refusal.status === 401 || refusal.status === 429,
        signedOut: refusal.signIn !== null && looksSignedOut(refusal),
        retryAfterMs: retryAfter(one(reply.headers['retry-after']), shopClock ?? Date.now()),
      },
    }
  }

  const failed = (ask: Ask, thrown: unknown): Judged => {
    const url = endpoint(session.home, ask.path)
    const place = { host: url.host, path: url.pathname, timeoutMs, maxBytes }
    const untouched = thrown instanceof TransportError && thrown.stage === 'connecting'
    const error = thrown instanceof TransportError ? networkFault(thrown, place) : thrown
    if (!(error instanceof WooSyncError)) throw error
    return { fault: { error, status: null, untouched, signedOut: false, retryAfterMs: null } }
  }

  return async (ask, way) => {
    let startedAt = performance.now()
    let url = endpoint(session.home, ask.path)
    let used = way
    const turn = async (): Promise<Reply> => {
      startedAt = performance.now()
      const followed = await follow(ask, way)
      url = followed.url
      used = followed.way
      if (followed.reply.status >= 300) throw new Unhappy(followed.reply)
      return followed.reply
    }
    try {
      const reply = await pace.run(ask.rows ?? 1, turn, ask.signal, ask.lane).catch((thrown: unknown) => {
        if (thrown instanceof Unhappy) return thrown.reply
        throw thrown
      })
      const judged = await judge(ask, used, url, reply)
      return { ...judged, ms: performance.now() - startedAt, bytes: reply.body.length }
    } catch (thrown) {
      return { ...failed(ask, thrown), ms: performance.now() - startedAt, bytes: 0 }
    }
  }
}
