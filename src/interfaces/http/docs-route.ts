/** GET /openapi.json and /docs: what this interface can do, for programs and for people. */
import type { FastifyInstance } from 'fastify'
import { sendAnswer } from './answer.ts'
import { DOCS_POLICY, docsPage } from './docs-page.ts'
import { openApi } from './openapi.ts'

/** @param publicUrl where the server is from outside */
export function docsRoutes(scope: FastifyInstance, publicUrl: string | undefined): void {
  scope.get('/openapi.json', { exposeHeadRoute: false }, (request, reply) =>
    sendAnswer(request, reply, openApi()),
  )
  scope.get('/docs', { exposeHeadRoute: false }, (request, reply) =>
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', DOCS_POLICY)
      .send(docsPage(openApi(), publicUrl ?? `${request.protocol}://${request.host}`)),
  )
}
