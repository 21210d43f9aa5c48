/** GET /api/v1/events: changes of the copy and progress of runs, as server-sent events. */
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { WooSyncError } from '../../errors.ts'
import { defineOperation } from '../../operations/define.ts'
import { inputOf as inputSchema } from '../../operations/input.ts'
import { invoke } from '../../operations/invoke.ts'
import { positionOf } from '../../operations/mirror.ts'
import { type ResourceName, resourceNames } from '../../store/resources.ts'
import { type Authenticate, callerOf } from './authenticate.ts'
import type { EventHub } from './event-hub.ts'
import { eventStream } from './event-stream.ts'
import { leavingSignal } from './leaving.ts'
import { inputOf } from './request-input.ts'

const resourceName = z.enum(resourceNames as [ResourceName, ...ResourceName[]])

/** Not in the registry, as it has no answer that ends; but the same door, with its rights and its strict input. */
export const eventsOperation = defineOperation({
  name: 'events',
  summary: 'Changes of the copy as they happen, and how far runs are.',
  access: 'read',
  http: 'GET /events',
  effect: 'none',
  input: inputSchema({
    resources: z
      .array(resourceName.describe('A resource.'))
      .max(50)
      .optional()
      .describe('Only of these resources; all when left out.'),
    cursor: z
      .string()
      .max(60)
      .optional()
      .describe(
        'Goes on after this entry: the id of the last event, or nextCursor of mirror changes; 0-0 for all that is kept. Only what comes from now on when left out. The header Last-Event-ID wins.',
      ),
  }),
  output: z.object({
    store: z.int().describe('Id of the store.'),
    resources: z.array(resourceName.describe('A resource.')).nullable().describe('Only these; null: all.'),
    cursor: z.string().nullable().describe('After this entry; null: from now on.'),
  }),
  async run({ store }, { resources, cursor }) {
    positionOf(cursor)
    return { store: (await store()).id, resources: resources ?? null, cursor: cursor ?? null }
  },
})

export const MOST_LISTENERS = 10
const HEARTBEAT_MS = 15_000

export interface EventsOptions {
  app: App
  authenticate: Authenticate
  hub: EventHub
  heartbeatMs?: number | undefined
}

export function eventsRoute(scope: FastifyInstance, options: EventsOptions): void {
  const { app, authenticate, hub, heartbeatMs = HEARTBEAT_MS } = options
  const listening = new Map<string, number>()

  scope.get('/events', { exposeHeadRoute: false }, async (request, reply) => {
    const caller = callerOf(request)
    const signal = leavingSignal(reply)
    const lastId = request.headers['last-event-id']
    const input = inputOf(eventsOperation, request, request.query as Record<string, string>)
    const asked = await invoke(
      app,
      caller,
      eventsOperation,
      typeof lastId === 'string' && lastId !== '' ? { ...(input as object), cursor: lastId } : input,
      signal,
    )
    const count = listening.get(caller.name) ?? 0
    if (count >= MOST_LISTENERS) throw new WooSyncError('too_many_listeners', { limit: MOST_LISTENERS })
    listening.set(caller.name, count + 1)
    const events = eventStream({
      pool: app.database.pool,
      hub,
      storeId: asked.store,
      resources: asked.resources && new Set(asked.resources),
      after: asked.cursor === null ? null : positionOf(asked.cursor),
      signal,
      stillAllowed: () => authenticate(request),
      heartbeatMs,
    })
    const stream = Readable.from(events, { objectMode: false })
    stream.once('close', () => {
      const left = (listening.get(caller.name) ?? 1) - 1
      if (left === 0) listening.delete(caller.name)
      else listening.set(caller.name, left)
    })
    // Compressed, an event would wait for the next ones.
    request.headers['x-no-compression'] = 'true'
    return reply
      .header('content-type', 'text/event-stream; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no')
      .send(stream)
  })
}
