/** Every operation of the registry as a route below /api/v1. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../../app.ts'
import { WooSyncError } from '../../errors.ts'
import type { Operation } from '../../operations/define.ts'
import { invoke } from '../../operations/invoke.ts'
import { allOperations } from '../../operations.ts'
import { sendAnswer } from './answer.ts'
import { callerOf } from './authenticate.ts'
import { exportFormat, sendExport } from './export.ts'
import { leavingSignal } from './leaving.ts'
import { inputOf } from './request-input.ts'

export function operationRoutes(scope: FastifyInstance, app: App): void {
  for (const operation of allOperations) {
    const { method, path } = routeOf(operation)
    scope.route({
      method,
      url: path.replace(/\{(\w+)\}/g, ':$1'),
      // It would do the same work and throw the answer away.
      exposeHeadRoute: false,
      handler: (request, reply) => answer(app, operation, request, reply),
    })
  }
}

export function routeOf({ http }: Pick<Operation, 'http'>): {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
} {
  const [method, path] = http.split(' ') as ['GET' | 'POST' | 'DELETE', string]
  return { method, path }
}

/** Whether a list can be had as CSV and NDJSON. */
export function isExported({ http, list }: Operation): boolean {
  return list !== undefined && http.startsWith('GET ')
}

async function answer(
  app: App,
  operation: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const caller = callerOf(request)
  const signal = leavingSignal(reply)
  const query = request.query as Record<string, string | string[] | undefined>
  if (isExported(operation)) {
    const { format: wanted, ...asked } = query
    const format = exportFormat(wanted, request.headers.accept)
    const input = inputOf(operation, request, asked)
    if (format) return sendExport(reply, { app, operation, caller, input, format, signal })
    return sendAnswer(request, reply, await invoke(app, caller, operation, input, signal))
  }
  const input = inputOf(operation, request, query)
  const found = await invoke(app, caller, operation, input, signal)
  if (operation.effect === 'adds') reply.code(201)
  return sendAnswer(request, reply, found)
}

interface Address {
  method: string
  pattern: RegExp
}

/** Which methods an address below /api/v1 takes; none: there is no such address. */
export function methodsOf(path: string): string[] {
  return addresses.flatMap(({ method, pattern }) => (pattern.test(path) ? [method] : []))
}

/** Besides the operations: the stream of events. */
const addresses: Address[] = [...allOperations, { http: 'GET /events' } as const].map((operation) => {
  const { method, path } = routeOf(operation)
  return { method, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`) }
})

/** @throws not_found, method_not_allowed */
export function refuseAddress(request: FastifyRequest, reply: FastifyReply, prefix: string): never {
  const [path = ''] = request.url.split('?', 1)
  const methods = methodsOf(path.slice(prefix.length))
  if (methods.length === 0) throw new WooSyncError('not_found', { what: 'such address' })
  reply.header('allow', [...new Set(methods)].join(', '))
  throw new WooSyncError('method_not_allowed', { method: request.method })
}
