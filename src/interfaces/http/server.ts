/**
 * The HTTP server: the interface for programs, health, metrics, deliveries of webhooks, and a page that shows how the
 * copy stands. It holds no logic of its own.
 */
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify'
import { createSessions } from '../../access/sessions.ts'
import type { App } from '../../app.ts'
import type { Logger } from '../../database/logger.ts'
import type { Database } from '../../database/open.ts'
import { WooSyncError } from '../../errors.ts'
import type { Metrics } from '../../metrics.ts'
import type { Store } from '../../mirror/stores.ts'
import type { Settings } from '../../settings.ts'
import { createGate } from './access.ts'
import { apiRoutes } from './api.ts'
import { createAuthenticate } from './authenticate.ts'
import { trackConnections } from './connections.ts'
import { healthRoutes } from './health.ts'
import { homeRoute } from './home.ts'
import { metricsRoute } from './metrics-route.ts'
import { connectionFault, faultOf, NOTHING_HERE, rawProblem, SAFE_HEADERS, sendProblem } from './problem.ts'
import { askToSignIn, signInRoutes } from './sign-in-route.ts'
import { type ReceiveDelivery, webhooksRoute } from './webhooks-route.ts'

export interface HttpOptions {
  settings: Pick<Settings, 'HOST' | 'PORT' | 'METRICS_KEY'>
  logger: Logger
  database: Pick<Database, 'pool' | 'clock'>
  /** The store as the database knows it; null before the first contact. */
  knownStore: () => Promise<Store | null>
  metrics: Metrics
  /** Without it there is no /api. */
  app?: App | undefined
  /** Of streams of events. */
  heartbeatMs?: number | undefined
  /** Without it /webhooks/… answers 404. */
  receiveDelivery?: ReceiveDelivery | undefined
}

export interface Http {
  /** Without a slash at the end. */
  url: string
  port: number
  /** Takes no more requests; those under way are finished, for at most 5 s. May be called again. */
  close(): Promise<void>
}

const CLOSE_WITHIN_MS = 5000
/** For one request to arrive whole. */
const REQUEST_WITHIN_MS = 30_000
const HEADERS_WITHIN_MS = 10_000
const HEADER_BYTES = 16 * 1024
/** How long what was not wanted is read and thrown away, so that its sender gets to read the answer. */
const LINGER_MS = 2000

/** The server with its routes, not listening yet. */
export function createHttp(options: HttpOptions): FastifyInstance {
  const { settings, database, knownStore, metrics } = options
  metrics.collectFrom({ database, knownStore })
  const answered = answerLog(options)
  const server = fastify({
    logger: false,
    trustProxy: false,
    // Requests that slip in while it ends are answered like others; there are only a few.
    return503OnClosing: false,
    requestTimeout: REQUEST_WITHIN_MS,
    keepAliveTimeout: HEADERS_WITHIN_MS,
    http: {
      maxHeaderSize: HEADER_BYTES,
      headersTimeout: HEADERS_WITHIN_MS,
      connectionsCheckingInterval: 1000,
      // Node would refuse a request without one by itself, and without a code.
      requireHostHeader: false,
    },
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (thrown, request, reply) => {
      const fault = faultOf(thrown)
      answered(request, fault.status, 0, fault)
      sendProblem(reply, fault)
    },
    clientErrorHandler: (thrown, socket) => {
      const code = 'code' in thrown ? thrown.code : undefined
      if (code === 'ECONNRESET' || !socket.writable) return
      const fault = connectionFault(code)
      options.logger.debug({ status: fault.status, code: fault.code }, 'no request could be read')
      metrics.onFault(fault.code)
      socket.end(rawProblem(fault), () => socket.destroy())
    },
  })
  const { app } = options
  const { PUBLIC_URL: address } = app?.settings ?? {}
  const publicOrigin = address === undefined ? undefined : new URL(address).origin
  const sessions = app && createSessions({ pool: app.database.pool, publicOrigin })
  const authenticate =
    sessions &&
    createAuthenticate({ database, findSession: ({ headers }) => sessions.find(headers.cookie ?? '') })
  const faults = new WeakMap<FastifyRequest, WooSyncError>()

  // Nothing is parsed but where a route says so.
  server.removeAllContentTypeParsers()
  server.addHook('onRequest', async (_request, reply) => {
    reply.headers(SAFE_HEADERS)
  })
  server.addHook('onResponse', async (request, reply) => {
    answered(request, reply.statusCode, reply.elapsedTime, faults.get(request))
    lingerOver(request)
  })
  server.setErrorHandler((thrown, request, reply) => {
    const fault = faultOf(thrown)
    faults.set(request, fault)
    if (sessions && askToSignIn(request, reply, fault)) return reply
    return sendProblem(reply, fault)
  })

  const allowed = new Map<string, string>()
  server.addHook('onRoute', ({ url, method }) => {
    allowed.set(url, [allowed.get(url) ?? [], method].flat().join(', '))
  })
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const allow = allowed.get(/^\/webhooks\/[^/]+$/.test(path) ? '/webhooks/:path' : path)
    if (allow === undefined) throw new WooSyncError('not_found', { what: NOTHING_HERE })
    reply.header('allow', allow)
    throw new WooSyncError('method_not_allowed', { method: request.method })
  })

  const gate = createGate(settings.METRICS_KEY, authenticate)
  healthRoutes(server, options)
  metricsRoute(server, metrics, gate)
  homeRoute(server, { database, knownStore, onFault: (request, fault) => faults.set(request, fault) }, gate)
  if (options.receiveDelivery) webhooksRoute(server, options.receiveDelivery)
  if (sessions) signInRoutes(server, { sessions, pool: database.pool, publicOrigin })
  if (app && authenticate) apiRoutes(server, { app, authenticate, heartbeatMs: options.heartbeatMs })
  return server
}

/**
 * Starts it. PORT 0 takes any free one.
 * @throws port_taken, setting_invalid for a HOST or PORT that this machine cannot listen on
 */
export async function startHttp(options: HttpOptions): Promise<Http> {
  const { HOST: host, PORT: wanted } = options.settings
  const server = createHttp(options)
  const connections = trackConnections(server.server)
  try {
    // For the name fastify would open a second server, on ::1, that nothing here could drain.
    await server.listen({ host: host === 'localhost' ? '127.0.0.1' : host, port: wanted })
  } catch (thrown) {
    await server.close()
    throw listenFault(thrown, host, wanted)
  }
  const address = server.server.address()
  const port = typeof address === 'object' && address ? address.port : wanted
  let closed: Promise<void> | undefined

  async function close(): Promise<void> {
    const ended = server.close()
    connections.drain()
    const timer = setTimeout(() => {
      const cut = connections.cut()
      options.logger.warn({ connections: cut }, 'requests were still under way and are cut off')
    }, CLOSE_WITHIN_MS)
    await ended
    clearTimeout(timer)
  }

  return {
    url: `http://${shownHost(host)}:${port}`,
    port,
    close: () => {
      closed ??= close()
      return closed
    },
  }
}

type Answered = (request: FastifyRequest, status: number, ms: number, fault: WooSyncError | undefined) => void

/** One line for each request, with the route's pattern and never the address: it may be a webhook's. */
function answerLog({ logger, metrics }: HttpOptions): Answered {
  return ({ method, routeOptions, caller }, status, ms, fault) => {
    const who = caller ? { caller: caller.name } : {}
    const facts = { method, route: routeOptions.url ?? null, status, ms: Math.round(ms), ...who }
    if (fault) metrics.onFault(fault.code)
    if (fault?.code === 'internal') logger.error({ err: fault.cause }, fault.message)
    else if (fault?.code.startsWith('database_')) logger.warn({ code: fault.code }, fault.message)
    logger.debug({ ...facts, ...(fault && { code: fault.code }) }, 'request answered')
  }
}

function lingerOver({ raw }: FastifyRequest): void {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = raw.headers
  if (raw.complete || raw.destroyed || (length === '0' && encoding === undefined)) return
  raw.resume()
  const timer = setTimeout(() => raw.destroy(), LINGER_MS)
  raw.once('close', () => clearTimeout(timer))
}

function listenFault(thrown: unknown, host: string, port: number): unknown {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  if (code === 'EADDRINUSE') return new WooSyncError('port_taken', { host, port })
  const invalid = (setting: string, problem: string) =>
    new WooSyncError('setting_invalid', { setting, problem }, { cause: thrown })
  if (code === 'EACCES') return invalid('PORT', `this user may not listen on port ${port}`)
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return invalid('HOST', `${host} is no address of this machine`)
  }
  return thrown
}

/** An address that can be opened: a server that listens everywhere is also here. */
function shownHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
