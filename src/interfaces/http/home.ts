/** GET /: how the copy stands, as a page for people and as JSON for programs. Counts only, no personal data. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { WooSyncError } from '../../errors.ts'
import type { Verification } from '../../sync/verify.ts'
import type { Gate } from './access.ts'
import { faultPage, PAGE_POLICY, statusPage, waitingPage } from './home-page.ts'
import { faultOf, problemOf } from './problem.ts'
import { createStatus, type StatusOptions } from './status.ts'

export interface HomeOptions extends StatusOptions {
  /** Told of what the page says went wrong. */
  onFault: (request: FastifyRequest, fault: WooSyncError) => void
}

export function homeRoute(server: FastifyInstance, options: HomeOptions, gate: Gate): void {
  const status = createStatus(options)

  server.get('/', async (request, reply) => {
    await gate(request)
    reply.header('vary', 'Accept')
    if (wantsJson(request)) return asJson(await status())
    try {
      const found = await status()
      return sendPage(reply, found ? statusPage(found) : waitingPage())
    } catch (thrown) {
      // A person looks: the page stays, says what is wrong, and comes back by itself.
      const fault = faultOf(thrown)
      options.onFault(request, fault)
      return sendPage(reply.code(fault.status), faultPage(problemOf(fault)))
    }
  })
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply
    .header('content-type', 'text/html; charset=utf-8')
    .header('content-security-policy', PAGE_POLICY)
    .send(html)
}

/** The type that stands first wins; a browser names HTML first, a program that names nothing gets the page. */
function wantsJson({ headers }: FastifyRequest): boolean {
  const types = (headers.accept ?? '').split(',').map((type) => type.split(';', 1)[0]?.trim().toLowerCase())
  return types.find((type) => type === 'application/json' || type === 'text/html') === 'application/json'
}

/** As `woosync verify --json` has it. */
function asJson(found: Verification | null) {
  if (!found) throw new WooSyncError('store_not_known')
  const { url, name, identity } = found.store
  return { ...found, store: { url, name, identity } }
}
