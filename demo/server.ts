/** The demo shop on a port: HTTP or HTTPS, as a real shop answers, with the faults somebody asked for. */
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { type Answer, createAnswerer } from './answer.ts'
import { control } from './control.ts'
import { createDrift } from './drift.ts'
import { createFaults, type Fault, type Faults } from './faults.ts'
import { parseQuery } from './query.ts'
import { type Lacking, postRoutes } from './routes/posts.ts'
import { settingRoutes } from './routes/settings.ts'
import { smallRoutes } from './routes/small.ts'
import { type WebhookOperations, webhookRoutes } from './routes/webhooks.ts'
import { writeRoutes } from './routes/writes.ts'
import { createSite } from './routes.ts'
import { faultOf, interception, send, spoil } from './send.ts'
import type { Shop } from './shop.ts'
import { createWorkers } from './slow.ts'
import { createWrites, type Writes } from './writes.ts'

export interface DemoServerOptions {
  shop: Shop
  /** 0, the default, takes a free one. */
  port?: number
  host?: string
  /** The shop's public address, where it is not simply host and port. */
  url?: string
  /** HTTPS with this key and certificate (PEM). Basic authentication works only then (row 30). */
  tls?: { key: string | Buffer; cert: string | Buffer }
  /** Faults from the first request on. */
  faults?: readonly Fault[]
  /** Default: `createWrites(shop)`. */
  writes?: Writes
  /** Default: none; registering one is then answered 501. */
  webhooks?: WebhookOperations
  /** What a shop of an older version lacks: `globalVariations` before 10.3, `globalRefunds` before 9.0. */
  lacks?: readonly (keyof Lacking)[]
  /** Default true: bodies are zipped for who accepts it. */
  gzip?: boolean
  /** Default false: each page is made once and kept, for benchmarks of the reader. */
  servePagesFromMemory?: boolean
  /** Default false: no `/wp-json/`, and `?rest_route=` that knows no keys (row 38). */
  plainPermalinks?: boolean
  /** Milliseconds each row keeps a worker busy; default 0. */
  waitPerRow?: number
  /** How many requests are answered at once when rows cost time; default 2. */
  workers?: number
}

export interface LoggedRequest {
  method: string
  /** Path and query, without keys and signatures. */
  path: string
  /** 0 where no answer was given. */
  status: number
  ms: number
  /** Records in the answer. */
  rows: number
}

export interface DemoServer {
  url: string
  port: number
  faults: Faults
  /** The last 100,000 requests, oldest first; those to `/__demo/` are left out. */
  requests(): readonly LoggedRequest[]
  clearRequests(): void
  close(): Promise<void>
}

/** Starts the shop and sets `shop.info.url` to its address. Rejects when the port is taken. */
export async function startDemoServer(options: DemoServerOptions): Promise<DemoServer> {
  const { shop, host = '127.0.0.1', tls, gzip = true } = options
  const faults = createFaults({ setClock: (minutes) => shop.setClockOffset(minutes * 60_000) })
  for (const fault of options.faults ?? []) faults.set(fault)
  const site = createSite(shop, faults.damage)
  const writes = options.writes ?? createWrites(shop)
  const lacks = new Set(options.lacks)
  const lacking = {
    globalVariations: lacks.has('globalVariations'),
    globalRefunds: lacks.has('globalRefunds'),
  }
  const answerer = createAnswerer(
    site,
    [
      ...postRoutes(site, lacking),
      ...smallRoutes(site),
      ...settingRoutes(site),
      ...writeRoutes(site, writes),
      ...webhookRoutes(site, options.webhooks),
    ],
    {
      servePagesFromMemory: options.servePagesFromMemory ?? false,
      plainPermalinks: options.plainPermalinks ?? false,
    },
  )
  const drift = createDrift(shop, writes)
  const workers = options.waitPerRow ? createWorkers(options.waitPerRow, options.workers ?? 2) : undefined
  const stale = new WeakMap<Fault, Map<string, { answer: Answer; at: number }>>()
  let log: LoggedRequest[] = []

  async function handle(request: IncomingMessage, response: ServerResponse) {
    const started = performance.now()
    const { method = 'GET' } = request
    const [path = '/', search = ''] = (request.url ?? '/').split('?', 2)
    if (path.startsWith('/__demo/')) {
      const { status, body } = control(faults, log, request, path, await read(request))
      if (path === '/__demo/requests' && method === 'DELETE') log = []
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(body)
      return
    }
    const asked = `${path}${withoutKeys(search)}`
    const struck = faults.strike(method, asked)
    const note = (status: number, rows: number) => {
      const entry = { method, path: asked, status, ms: performance.now() - started, rows }
      log.push(entry)
      if (log.length > KEPT) log = log.slice(-KEPT / 2)
      return entry
    }
    const latency = faultOf(struck, 'latency')
    if (latency) await wait(latency.ms)
    if (faultOf(struck, 'timeout') || faultOf(struck, 'empty')) {
      note(0, 0)
      if (faultOf(struck, 'empty')) request.socket.destroy()
      return
    }
    const answer =
      interception(struck) ??
      spoil(await cached(struck, method, asked, () => reply(request, path, search, struck)), struck)
    // Before the answer leaves, so that the next page surely finds the shop changed.
    const drifting = faultOf(struck, 'drift')
    if (drifting && answer.headers['X-WP-Total'] !== undefined) drift(drifting)
    // Noted before it leaves, so that who has the answer finds it in the log.
    const entry = note(answer.status, answer.rows)
    await send(request, response, { answer, faults: struck, now: shop.now(), gzip })
    entry.ms = performance.now() - started
  }

  async function reply(request: IncomingMessage, path: string, search: string, struck: readonly Fault[]) {
    const { method = 'GET' } = request
    const { authorization, ...others } = request.headers
    const headers = faultOf(struck, 'stripAuthorization') || !authorization ? others : request.headers
    const body = await read(request)
    const work = () =>
      answerer({ method, path, query: parseQuery(search), headers, secure: tls !== undefined, body })
    return workers ? workers.run(work) : work()
  }

  /** What a page cache makes of it: the first answer again and again, older each time (row 35). */
  async function cached(
    struck: readonly Fault[],
    method: string,
    asked: string,
    make: () => Promise<Answer>,
  ): Promise<Answer> {
    const fault = faultOf(struck, 'pageCache')
    if (!fault || method !== 'GET') return make()
    const pages = stale.get(fault) ?? new Map<string, { answer: Answer; at: number }>()
    stale.set(fault, pages)
    const held = pages.get(asked)
    if (!held) {
      const answer = await make()
      if (answer.status === 200) pages.set(asked, { answer, at: Date.now() })
      return { ...answer, headers: { ...answer.headers, 'X-Cache': 'MISS' } }
    }
    const age = Math.floor((Date.now() - held.at) / 1000) + (fault.ageSeconds ?? 300)
    return { ...held.answer, headers: { ...held.answer.headers, Age: String(age), 'X-Cache': 'HIT' } }
  }

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch((error: unknown) => {
      // Who asked went away before all of the question was here.
      if (request.errored) return
      // A fault of the demo shop itself: seen by whoever runs it, and an honest 500 for the caller.
      process.emitWarning(error instanceof Error ? (error.stack ?? error.message) : String(error))
      if (!response.headersSent) response.writeHead(500, { 'Content-Type': 'application/json' })
      response.end(CRITICAL)
    })
  }
  const server = tls ? createHttps(tls, listener) : createHttp(listener)
  server.keepAliveTimeout = KEEP_ALIVE
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, host, resolve)
  })
  const { port } = server.address() as AddressInfo
  shop.info.url = options.url ?? `${tls ? 'https' : 'http'}://${host}:${port}`

  return {
    url: shop.info.url,
    port,
    faults,
    requests: () => log,
    clearRequests() {
      log = []
    },
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      return closed
    },
  }
}

/** nginx's own. */
const KEEP_ALIVE = 75_000
const KEPT = 100_000
const LARGEST_BODY = 20 * 1024 * 1024
const CRITICAL = JSON.stringify({
  code: 'internal_server_error',
  message: '<p>There has been a critical error on this website.</p>',
  data: { status: 500 },
})

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).length
    if (size > LARGEST_BODY) throw new Error('the body is larger than 20 MB')
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function withoutKeys(search: string): string {
  const left = search.split('&').filter((part) => part !== '' && !/^(consumer_|oauth_)/.test(part))
  return left.length > 0 ? `?${left.join('&')}` : ''
}
