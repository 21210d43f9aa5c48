/** What goes wrong between a shop and who copies it, and what may come of it. */
import { Writable } from 'node:stream'
import { type Logger, pino } from 'pino'
import type { Fault } from '../../demo/faults.ts'
import type { Shop } from '../../demo/shop.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { createPace } from '../../src/store/rest/pace.ts'
import type { MirroredShopOptions } from '../shop.ts'
import { certificate } from '../store/rest/scripted.ts'

export interface FaultCase {
  name: string
  faults: (shop: Shop) => Fault[]
  /** Codes with which resources may fail while the fault lasts; none: every run ends well. */
  codes: readonly ErrorCode[]
  /** What some record is put aside for. */
  quarantines?: boolean
  /** Over HTTPS, where keys travel in a header. */
  tls?: boolean
}

const often = (fault: Fault): (() => Fault[]) => {
  return () => [fault]
}
const TIMES = 4

/** A fault of a few requests, which asking again overcomes, and the same one for ever, which has its code. */
function both(name: string, fault: Fault, ...codes: ErrorCode[]): FaultCase[] {
  return [
    { name: `${name}, a few times`, faults: often({ ...fault, times: TIMES }), codes: [] },
    { name: `${name}, for ever`, faults: often(fault), codes },
  ]
}

/** Those that `faults.ts` changes first. */
const firstOf = (shop: Shop, table: 'orders' | 'products'): number => {
  const status = table === 'orders' ? 'completed' : 'publish'
  return shop[table].sorted('id').find((row) => row.status === status)?.id ?? 0
}

export const faultCases: readonly FaultCase[] = [
  { name: '33: answers that come late', faults: often({ kind: 'latency', ms: 15, times: 20 }), codes: [] },
  ...both('33: 429 with Retry-After', { kind: 'status', status: 429, retryAfter: 30 }, 'store_rate_limited'),
  ...both('33: 429 without Retry-After', { kind: 'status', status: 429 }, 'store_rate_limited'),
  ...both('33: 500', { kind: 'status', status: 500 }, 'store_unavailable'),
  ...both('33: 503 with Retry-After', { kind: 'status', status: 503, retryAfter: 5 }, 'store_unavailable'),
  ...both('33: 504', { kind: 'status', status: 504 }, 'store_unavailable'),
  ...both('33: answers cut off', { kind: 'cut' }, 'store_answer_cut'),
  ...both('33: answers cut before their length', { kind: 'cut', contentLength: true }, 'store_answer_cut'),
  ...both('33: closed before a byte', { kind: 'empty' }, 'store_unreachable', 'store_answer_cut'),
  ...both('33: 200 with nothing', { kind: 'blank' }, 'store_answer_cut'),
  ...both('33: no answer at all', { kind: 'timeout', path: '/orders\\?' }, 'store_timeout'),
  ...[200, 403, 503].map((status) => ({
    name: `32: a captcha page with ${status}`,
    faults: often({ kind: 'html', status }),
    codes: ['store_blocked_by_host'] as const,
  })),
  {
    name: '32: a captcha page once, which is not asked again at once',
    faults: often({ kind: 'html', path: '/orders', times: 1 }),
    codes: ['store_blocked_by_host'],
  },
  { name: '34: a byte-order mark', faults: often({ kind: 'bom' }), codes: [] },
  { name: '34: PHP warnings', faults: often({ kind: 'phpWarnings' }), codes: [] },
  {
    name: '31: a host that strips the Authorization header',
    faults: often({ kind: 'stripAuthorization' }),
    codes: [],
    tls: true,
  },
  { name: '35: a page cache', faults: often({ kind: 'pageCache' }), codes: [], tls: true },
  { name: '11: totals stripped on the way', faults: often({ kind: 'stripTotals' }), codes: [] },
  { name: '2: a clock that is 37 minutes ahead', faults: often({ kind: 'clock', minutes: 37 }), codes: [] },
  { name: '2: a clock that is 37 minutes late', faults: often({ kind: 'clock', minutes: -37 }), codes: [] },
  {
    name: '36: sent on to another host',
    faults: often({ kind: 'redirect', to: 'https://elsewhere.example.test/' }),
    codes: ['store_redirects_elsewhere'],
  },
  {
    name: '5: rows that come while pages are turned',
    faults: often({ kind: 'drift', resource: 'orders', change: 'insert', times: 12 }),
    codes: [],
  },
  {
    name: '12: an order whose total is no number',
    faults: (shop) => [corrupt(firstOf(shop, 'orders'), 'orders', 'total', { not: 'a number' })],
    codes: [],
    quarantines: true,
  },
  {
    name: '12: a product whose price is no number',
    faults: (shop) => [corrupt(firstOf(shop, 'products'), 'products', 'regular_price', 'ieftin')],
    codes: [],
    quarantines: true,
  },
  {
    name: '12: an order whose date is none',
    faults: (shop) => [{ kind: 'corrupt', resource: 'order', id: firstOf(shop, 'orders'), how: 'wrongType' }],
    codes: [],
  },
  {
    name: '12: a NUL in an order’s note',
    faults: (shop) => [{ kind: 'corrupt', resource: 'order', id: firstOf(shop, 'orders'), how: 'nul' }],
    codes: [],
  },
  {
    name: '12: half a character in a product’s name',
    faults: (shop) => [
      { kind: 'corrupt', resource: 'product', id: firstOf(shop, 'products'), how: 'surrogate' },
    ],
    codes: [],
  },
]

function corrupt(id: number, table: 'orders' | 'products', field: string, value: unknown): Fault {
  const resource = table === 'orders' ? 'order' : 'product'
  return { kind: 'corrupt', resource, id, how: 'wrongType', field, value }
}

export interface Listening {
  options: Pick<MirroredShopOptions, 'client' | 'server'>
  pace: ReturnType<typeof createPace>
  logger: Logger
  /** Everything that was logged, on every level. */
  lines: string[]
}

/** A client that waits for nothing, and a logger that keeps every line. */
export async function listening(tls: boolean): Promise<Listening> {
  const lines: string[] = []
  const stream = new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const logger: Logger = pino({ level: 'trace' }, stream)
  const delay = () => Promise.resolve()
  const pace = createPace({ mode: 'full', maxConcurrency: 4, delay })
  const own = tls ? await certificate() : null
  return {
    options: {
      client: { timeoutMs: 300, delay, logger, pace, ...(own && { ca: own.cert }) },
      server: own ? { tls: own } : {},
    },
    pace,
    logger,
    lines,
  }
}

/** Keys, secrets and signatures that are in no line, error or table. */
export function secretsIn(shop: Shop, texts: readonly string[]): string[] {
  const { consumerKey, consumerSecret } = shop.info
  const basic = Buffer.from(`${consumerKey}:${consumerSecret}`).toString('base64')
  const secrets = [consumerKey, consumerSecret, basic, 'oauth_signature', 'consumer_key=']
  return texts.filter((text) => secrets.some((secret) => text.includes(secret)))
}
