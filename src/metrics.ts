/**
 * Figures for Prometheus. What this process does (requests to the shop, errors) is counted as it happens; what
 * the copy is like is read from the database at each scrape, by a handful of small queries and without a
 * request to the shop. No label holds an id, a name or a path of a record.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { errorKinds, WooSyncError } from './errors.ts'
import { createMirrorGauges } from './metrics/mirror.ts'
import { createStandingReader, type MetricsSource, type Snapshot } from './metrics/snapshot.ts'
import type { RequestEvent } from './store/rest/client.ts'
import { within } from './within.ts'

export interface Metrics {
  /** For the store client: each try of a request to the shop. */
  onRequest(event: RequestEvent): void
  /** An error that was met, by its code. */
  onFault(code: string): void
  /** Where the figures of the copy come from; until then a scrape tells of this process alone. */
  collectFrom(source: MetricsSource): void
  /** What Prometheus reads. Never rejects: when the database does not answer, `woosync_up` is 0. */
  scrape(): Promise<string>
  /** Of these metrics alone; nothing is registered globally. */
  registry: Registry
}

/** A database slower than this is told as not answering, so that the scrape itself arrives in time. */
const READ_WITHIN_MS = 4000
const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

  const requests = new Counter({
    name: 'woosync_store_requests_total',
    help: 'Requests to the shop by this process, every try; status "none": no answer came.',
    labelNames: ['method', 'route', 'status'] as const,
    registers,
  })
  const requestSeconds = new Histogram({
    name: 'woosync_store_request_seconds',
    help: 'Time one try of a request to the shop took.',
    labelNames: ['method', 'route'] as const,
    buckets: SECONDS,
    registers,
  })
  const retries = new Counter({
    name: 'woosync_store_retries_total',
    help: 'Requests to the shop that were a further try.',
    registers,
  })
  const errors = new Counter({
    name: 'woosync_errors_total',
    help: 'Errors this process met, by code: tries at the shop that failed, requests it refused, its own faults.',
    labelNames: ['code'] as const,
    registers,
  })
  const runs = new Counter({
    name: 'woosync_runs_total',
    help: 'Runs that ended since this process started, by any process; result is ok or the error code.',
    labelNames: ['store', 'resource', 'kind', 'result'] as const,
    registers,
  })
  const up = new Gauge({
    name: 'woosync_up',
    help: '1 when the figures of the copy could be read from the database, else 0 and they are left out.',
    registers,
  })
  const mirror = createMirrorGauges(registry)

  const onFault = (code: string) => errors.inc({ code: code in errorKinds ? code : 'internal' })
  let read: (() => Promise<Snapshot | null>) | undefined
  let reading: Promise<Snapshot | null> | undefined

  const refresh = async () => {
    if (!read) return
    try {
      // Scrapes that come while one is read share it.
      reading ??= read()
      const cause = `no answer within ${READ_WITHIN_MS / 1000} s`
      mirror.show(
        await within(reading, READ_WITHIN_MS, () => new WooSyncError('database_unreachable', { cause })),
      )
      up.set(1)
    } catch {
      // Old figures would look like new ones.
      mirror.show(null)
      up.set(0)
    } finally {
      // Also one that hangs on a dead connection: the next scrape begins anew.
      reading = undefined
    }
  }

  return {
    registry,
    onFault,
    onRequest(event) {
      const { method, route } = event
      requests.inc({ method, route, status: String(event.status ?? 'none') })
      requestSeconds.observe({ method, route }, event.ms / 1000)
      if (event.retries > 0) retries.inc()
      if (event.code !== null) onFault(event.code)
    },
    collectFrom(source) {
      read = createStandingReader(source, (run) => runs.inc(run))
    },
    async scrape() {
      await refresh()
      // prom-client writes a mean of nothing as `Nan`, which the format does not know.
      return (await registry.metrics()).replace(/ Nan$/gm, ' NaN')
    },
  }
}
