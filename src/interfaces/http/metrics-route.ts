import type { FastifyInstance } from 'fastify'
import type { Metrics } from '../../metrics.ts'
import type { Gate } from './access.ts'

/** GET /metrics for Prometheus: from this machine, or with METRICS_KEY as the bearer. */
export function metricsRoute(server: FastifyInstance, metrics: Metrics, gate: Gate): void {
  server.get('/metrics', async (request, reply) => {
    await gate(request)
    return reply.header('content-type', metrics.registry.contentType).send(await metrics.scrape())
  })
}
