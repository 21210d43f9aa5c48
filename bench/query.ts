/**
 * How long questions take over a large mirror, asked as the library asks them, each beside one REST call to a shop
 * that answers after 60 ms; and how many requests a second the HTTP interface answers. docs/benchmarks.md says what
 * came out.
 */
import { loadavg } from 'node:os'
import { pino } from 'pino'
import { LOCAL } from '../src/access/caller.ts'
import { type App, openApp } from '../src/app.ts'
import { renderTable } from '../src/interfaces/cli/table.ts'
import { invoke } from '../src/operations/invoke.ts'
import { allOperations } from '../src/operations.ts'
import { readSettings } from '../src/settings.ts'
import { createStoreClient, type StoreClient } from '../src/store/rest/client.ts'
import { createPace } from '../src/store/rest/pace.ts'
import { type Benchmark, numberOf, type Report, round } from './benchmark.ts'
import { startPostgres } from './postgres.ts'
import { answerOf, end, start } from './processes.ts'
import { type Ask, asks } from './query-asks.ts'
import { fillMirror } from './query-fill.ts'
import { type HttpRate, measureHttp } from './query-http.ts'
import type { WaitingJob } from './waiting-process.ts'

/** The shop that query-fill.ts writes. */
const SHOP = 'https://shop.example'
const REST_MS = 60
const REST_CALLS = 15
/** A question is asked as often as fits, but so often at least. */
const LEAST_RUNS = 5

export const query: Benchmark = {
  summary: 'Questions over a large mirror, beside REST; requests per second of the HTTP interface.',
  options: {
    products: { fallback: 5000, meaning: 'products of the mirror' },
    orders: { fallback: 1_000_000, meaning: 'orders of the mirror; filling it takes minutes' },
    runs: { fallback: 300, meaning: 'most times each question is asked' },
    'seconds-each': { fallback: 6, meaning: 'most seconds for one question' },
    connections: { fallback: 64, meaning: 'connections to the HTTP interface' },
    'http-seconds': { fallback: 5, meaning: 'seconds of load on it for each path' },
  },
  async run(options, say) {
    const orders = numberOf(options, 'orders')
    const postgres = await startPostgres()
    try {
      const database = await postgres.fresh()
      const began = performance.now()
      const customers = Math.ceil(orders * 0.12)
      await fillMirror(database, { products: numberOf(options, 'products'), orders, customers }, say)
      say(`filled in ${round((performance.now() - began) / 1000)} s`)
      const { number } = await postgres.ask<{ number: string }>(
        database,
        `SELECT number FROM mirror.orders WHERE status = 'completed' AND deleted_at IS NULL ORDER BY id DESC LIMIT 1`,
      )
      const load = loadavg()[0] ?? 0
      const measured = await measureAll(database, asks(number), options, say)
      say('the HTTP interface')
      const rates = await measureHttp(
        { database, shop: SHOP },
        ['/api/v1/stock/status?sku=SKU-01234', '/api/v1/products?limit=20', `/api/v1/orders/${number}`],
        numberOf(options, 'connections'),
        numberOf(options, 'http-seconds'),
      )
      return report(measured, rates, load)
    } finally {
      await postgres.close()
    }
  },
}

interface Times {
  runs: number
  p50: number
  p99: number
}

interface Measured {
  label: string
  /** Null: there is no such question. */
  ours: Times | null
  rest: Times
}

async function measureAll(
  database: string,
  list: readonly Ask[],
  options: Parameters<Benchmark['run']>[0],
  say: (line: string) => void,
): Promise<Measured[]> {
  const settings = readSettings(
    {
      DATABASE_URL: database,
      WOOCOMMERCE_URL: SHOP,
      WOOCOMMERCE_KEY: 'ck_bench',
      WOOCOMMERCE_SECRET: 'cs_bench',
    },
    process.cwd(),
  )
  const app = await openApp({ settings, logger: pino({ level: 'silent' }), name: 'woosync-bench' })
  const shop = start('waiting-process.ts')
  shop.send({ milliseconds: REST_MS } satisfies WaitingJob)
  const client = clientOf((await answerOf<{ url: string }>(shop)).url)
  try {
    const measured: Measured[] = []
    for (const one of list) {
      const ours = await measureAsk(app, one, numberOf(options, 'runs'), numberOf(options, 'seconds-each'))
      const [path = '', search = ''] = one.rest.split('?')
      const rest = await measure(
        () => client.get(path, Object.fromEntries(new URLSearchParams(search))),
        REST_CALLS,
        60,
      )
      say(`${one.label}: ${ours ? `${ours.p50.toFixed(2)} ms` : 'there is no such question'}`)
      measured.push({ label: one.label, ours, rest })
    }
    return measured
  } finally {
    await client.close()
    await end(shop)
    await app.close()
  }
}

function clientOf(url: string): StoreClient {
  return createStoreClient({
    url,
    consumerKey: 'ck_bench',
    consumerSecret: 'cs_bench',
    timeoutMs: 10_000,
    keysInUrl: false,
    allowPlainHttp: true,
    allowPrivateAddresses: true,
    trustedAddress: true,
    pace: createPace({ mode: 'full', maxConcurrency: 1 }),
  })
}

async function measureAsk(
  app: App,
  { operation, input }: Ask,
  runs: number,
  seconds: number,
): Promise<Times | null> {
  const found = allOperations.find(({ name }) => name === operation)
  if (!found) return null
  return measure(() => invoke(app, LOCAL, found, input), runs, seconds)
}

/** One call to warm, then one after another, as often as fits into the seconds. */
async function measure(call: () => Promise<unknown>, runs: number, seconds: number): Promise<Times> {
  await call()
  const times: number[] = []
  const end = performance.now() + seconds * 1000
  while (times.length < runs && (times.length < LEAST_RUNS || performance.now() < end)) {
    const began = performance.now()
    await call()
    times.push(performance.now() - began)
  }
  return { runs: times.length, ...percentiles(times) }
}

function percentiles(times: readonly number[]): { p50: number; p99: number } {
  const sorted = times.toSorted((one, other) => one - other)
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99) }
}

function report(measured: readonly Measured[], rates: readonly HttpRate[], load: number): Report {
  const ms = (value: number) => String(round(value))
  const right = (title: string) => ({ title, align: 'right' as const })
  const questions = renderTable(
    [
      { title: 'question' },
      right('runs'),
      right('p50 ms'),
      right('p99 ms'),
      right('REST p50 ms'),
      right('REST / ours'),
    ],
    measured.map(({ label, ours, rest }) =>
      ours === null
        ? [label, '', 'none', '', ms(rest.p50), '']
        : [label, String(ours.runs), ms(ours.p50), ms(ours.p99), ms(rest.p50), ms(rest.p50 / ours.p50)],
    ),
  )
  const http = renderTable(
    [{ title: 'path' }, right('requests/s'), right('p50 ms'), right('p99 ms'), right('not 200')],
    rates.map(({ path, requestsPerSecond, times, refused }) => {
      const { p50, p99 } = percentiles(times)
      return [path, ms(requestsPerSecond), ms(p50), ms(p99), String(refused)]
    }),
  )
  return {
    text: [questions, '', http, '', `Load of the machine when it began: ${load.toFixed(2)}.`].join('\n'),
    figures: Object.fromEntries([
      ...measured.flatMap(({ label, ours, rest }) => [
        [`${label}.p50Ms`, ours && round(ours.p50)],
        [`${label}.p99Ms`, ours && round(ours.p99)],
        [`${label}.restP50Ms`, round(rest.p50)],
      ]),
      ...rates.map(({ path, requestsPerSecond, refused }) => [
        `http ${path.split('?')[0]?.replace(/\d+$/, '{number}')}.requestsPerSecond`,
        refused > 0 ? null : round(requestsPerSecond),
      ]),
    ]),
  }
}
