/** POST /webhooks/…: takes deliveries in as they come over the line and hands them on. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import { type ErrorCode, errorKinds, WooSyncError } from '../../errors.ts'
import { NOTHING_HERE, sendProblem } from './problem.ts'

export interface ReceivedDelivery {
  /** The last part of the address. It is a secret: it stands in no log and no answer. */
  path: string
  contentType: string | undefined
  /** `X-WC-Webhook-Signature` */
  signature: string | undefined
  /** As it came; empty where there was none. */
  rawBody: Buffer
}

/** What to answer; `code` where it was not taken. */
export type ReceiveDelivery = (
  delivery: ReceivedDelivery,
) => Promise<{ status: number; code?: string | undefined }>

export const LARGEST_DELIVERY_BYTES = 5 * 1024 * 1024

const EMPTY = Buffer.alloc(0)

export function webhooksRoute(server: FastifyInstance, receive: ReceiveDelivery): void {
  server.register(async (scope) => {
    scope.addContentTypeParser<Buffer>(
      '*',
      { parseAs: 'buffer', bodyLimit: LARGEST_DELIVERY_BYTES },
      (_request, body, done) => done(null, body),
    )
    scope.post<{ Params: { path: string } }>(
      '/webhooks/:path',
      { bodyLimit: LARGEST_DELIVERY_BYTES },
      async (request, reply) => {
        const { path } = request.params
        if (!/^[\w-]+$/.test(path)) throw new WooSyncError('not_found', { what: NOTHING_HERE })
        const signature = request.headers['x-wc-webhook-signature']
        const { status, code } = await receive({
          path,
          contentType: request.headers['content-type'],
          signature: typeof signature === 'string' ? signature : undefined,
          rawBody: Buffer.isBuffer(request.body) ? request.body : EMPTY,
        })
        return answer(reply, status, code)
      },
    )
  })
}

function answer(reply: FastifyReply, status: number, code: string | undefined): FastifyReply {
  if (status < 400) return reply.code(status).send({ status: 'received' })
  const known = code !== undefined && code in errorKinds ? (code as ErrorCode) : codeOf(status)
  return sendProblem(reply, new WooSyncError(known, REFUSED[known] ?? {}), status)
}

/** What the sentences of refusals need; more is told to nobody outside. */
const REFUSED: Partial<Record<ErrorCode, Record<string, string>>> = {
  delivery_refused: { cause: 'it is not signed as a delivery of this shop' },
  not_found: { what: NOTHING_HERE },
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'delivery_refused'
  if (status === 404) return 'not_found'
  if (status === 413) return 'delivery_too_large'
  return status === 503 ? 'database_unreachable' : status < 500 ? 'request_malformed' : 'internal'
}
