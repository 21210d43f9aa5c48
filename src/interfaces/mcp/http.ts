/**
 * Streamable HTTP at /mcp. Each POST stands alone: whichever process behind a balancer gets it can answer, and there is
 * no stream or session that another key could get hold of. Answers are JSON; where the client asks for progress, a
 * stream that ends with the answer.
 */
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { ErrorCode } from '@modelcontextprotocol/sdk/types.js'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Caller } from '../../access/caller.ts'
import { WooSyncError } from '../../errors.ts'
import { leavingSignal } from '../http/leaving.ts'
import { bodyFault } from '../http/problem.ts'
import { createHostCheck } from './hosts.ts'
import { createMcpServer, type McpOptions } from './server.ts'

export interface McpRouteOptions extends Omit<McpOptions, 'caller' | 'signal' | 'gone'> {
  /** @throws unauthorized and the like: answered as a problem */
  authenticate: (request: FastifyRequest) => Promise<Caller>
}

const BODY_BYTES = 1024 * 1024

/** Names a conversation, so that two clients with one key can cancel each their own; nothing is kept under it. */
const SESSION = 'mcp-session-id'

/** As much of a message as is needed to decide how to answer it. */
const messageSchema = z.looseObject({
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string().optional(),
  params: z
    .looseObject({
      requestId: z.union([z.string(), z.number()]).optional().catch(undefined),
      _meta: z.looseObject({ progressToken: z.unknown().optional() }).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
})

/** Adds POST /mcp. GET and DELETE are left to the server's 405: there is no stream to open and no session to end. */
export function mcpRoute(server: FastifyInstance, { authenticate, ...options }: McpRouteOptions): void {
  const checkHost = createHostCheck(options.app.settings)
  const callers = new WeakMap<FastifyRequest, Caller>()
  /** Requests under way in this process. */
  const running = new Map<string, AbortController>()

  server.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.setErrorHandler((thrown) => {
      throw bodyFault(thrown) ?? thrown
    })
    scope.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: BODY_BYTES }, parseText)
    scope.post(
      '/mcp',
      {
        bodyLimit: BODY_BYTES,
        // Before the body is read: who has no key sends nothing here.
        onRequest: async (request) => {
          checkHost(request)
          callers.set(request, await authenticate(request))
        },
      },
      async (request, reply) => {
        const caller = callers.get(request)
        if (!caller) throw new WooSyncError('unauthorized')
        return answer(request, reply, caller)
      },
    )
  })

  async function answer(request: FastifyRequest, reply: FastifyReply, caller: Caller): Promise<FastifyReply> {
    const parsed = parseJson(request.body)
    if (parsed === undefined) return sendError(reply, ErrorCode.ParseError, 'Parse error: this is no JSON')
    const { data: message } = messageSchema.safeParse(parsed)
    if (!message) return sendError(reply, ErrorCode.InvalidRequest, 'One JSON-RPC message at a time')
    const conversation = request.headers[SESSION]
    const nameOf = (id: string | number | undefined) => JSON.stringify([caller.name, conversation, id])

    if (message.method === 'notifications/cancelled') {
      const cause = 'the client cancelled it'
      running.get(nameOf(message.params?.requestId))?.abort(new WooSyncError('sync_cancelled', { cause }))
      return reply.code(202).send()
    }

    const cancel = new AbortController()
    const name = nameOf(message.id)
    running.set(name, cancel)
    reply.raw.once('close', () => {
      if (running.get(name) === cancel) running.delete(name)
    })
    const transport = new WebStandardStreamableHTTPServerTransport({
      enableJsonResponse: message.params?._meta?.progressToken === undefined,
    })
    const gone = leavingSignal(reply)
    await createMcpServer({ ...options, caller, signal: cancel.signal, gone }).connect(transport)
    const response = await transport.handleRequest(toWebRequest(request), { parsedBody: parsed })
    if (message.method === 'initialize') reply.header(SESSION, randomUUID())
    return sendResponse(request, reply, response)
  }
}

function parseText(_request: FastifyRequest, body: string, done: (thrown: null, body: string) => void): void {
  done(null, body)
}

function parseJson(body: unknown): unknown {
  try {
    return JSON.parse(String(body))
  } catch {
    return undefined
  }
}

/** The transport reads the headers alone. */
function toWebRequest({ method, headers }: FastifyRequest): Request {
  const texts = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, [value].flat().join(', ')]],
  )
  return new Request('http://localhost/mcp', { method, headers: texts })
}

async function sendResponse(
  request: FastifyRequest,
  reply: FastifyReply,
  response: Response,
): Promise<FastifyReply> {
  reply.code(response.status)
  const type = response.headers.get('content-type')
  if (type) reply.header('content-type', type)
  if (!response.body || !type?.startsWith('text/event-stream')) return reply.send(await response.text())
  // A compressor would hold the events back until it has enough of them.
  request.headers['x-no-compression'] = 'true'
  return reply.header('x-accel-buffering', 'no').send(Readable.fromWeb(response.body))
}

function sendError(reply: FastifyReply, code: ErrorCode, message: string): FastifyReply {
  const body = JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id: null })
  return reply.code(400).header('content-type', 'application/json').send(body)
}
