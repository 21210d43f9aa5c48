/** /api/v1 and what describes it: nothing here answers without a key or a session. */
import compress from '@fastify/compress'
import cors from '@fastify/cors'
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../../app.ts'
import { WooSyncError } from '../../errors.ts'
import { mcpRoute } from '../mcp/http.ts'
import { type Authenticate, callerOf } from './authenticate.ts'
import { docsRoutes } from './docs-route.ts'
import { createEventHub } from './event-hub.ts'
import { eventsRoute } from './events-route.ts'
import { operationRoutes, refuseAddress } from './operations-routes.ts'
import { bodyFault } from './problem.ts'
import { parseBody } from './request-input.ts'

export interface ApiOptions {
  app: App
  authenticate: Authenticate
  /** How often a stream of events without events says that it is still there. */
  heartbeatMs?: number | undefined
}

export const API_PREFIX = '/api/v1'
export const LARGEST_BODY_BYTES = 1024 * 1024

const MINUTE_MS = 60_000

export function apiRoutes(server: FastifyInstance, { app, authenticate, heartbeatMs }: ApiOptions): void {
  const { CORS_ORIGINS: origins = [], RATE_LIMIT_PER_MINUTE: perMinute } = app.settings
  const hub = createEventHub(app.database, app.logger)
  // Streams end before connections are waited for.
  server.addHook('preClose', () => hub.close())
  server.register(async (scope) => {
    // Before anybody is asked for a key: a browser's question whether it may send one carries none.
    if (origins.length > 0) {
      await scope.register(cors, {
        origin: [...origins],
        methods: ['GET', 'POST', 'DELETE'],
        allowedHeaders: ['Authorization', 'Content-Type', 'If-None-Match', 'Last-Event-ID'],
        exposedHeaders: ['ETag', 'Link', 'X-As-Of', 'Retry-After', 'Content-Disposition'],
        maxAge: 600,
        strictPreflight: false,
      })
    }
    scope.setErrorHandler((thrown) => {
      throw bodyFault(thrown) ?? thrown
    })
    scope.decorateRequest('caller', null)
    scope.addHook('onRequest', async (request) => {
      request.caller = await authenticate(request)
    })
    if (perMinute > 0) {
      await scope.register(rateLimit, {
        max: perMinute,
        timeWindow: MINUTE_MS,
        keyGenerator: (request) => callerOf(request).name,
        errorResponseBuilder: (_request, { max }) => new WooSyncError('rate_limited', { limit: max }),
      })
    }
    await scope.register(compress, {
      globalDecompression: false,
      encodings: ['br', 'zstd', 'gzip'],
      threshold: 1024,
      customTypes: /^text\/(?!event-stream)|json/,
    })
    scope.addContentTypeParser<string>(
      'application/json',
      { parseAs: 'string', bodyLimit: LARGEST_BODY_BYTES },
      async (_request: FastifyRequest, text: string) => parseBody(text),
    )
    docsRoutes(scope, app.settings.PUBLIC_URL)
    mcpRoute(scope, { app, authenticate })
    scope.register(
      async (api) => {
        operationRoutes(api, app)
        eventsRoute(api, { app, authenticate, hub, heartbeatMs })
        const refuse = (request: FastifyRequest, reply: FastifyReply) =>
          refuseAddress(request, reply, API_PREFIX)
        api.setNotFoundHandler(perMinute > 0 ? { preHandler: api.rateLimit() } : {}, refuse)
      },
      { prefix: API_PREFIX },
    )
  })
}
