/** The long-running forms: `start`, `serve`, `worker`. */
import { setTimeout as wait } from 'node:timers/promises'
import { type App, openApp } from '../../app.ts'
import { toWooSyncError } from '../../errors.ts'
import { createLogger } from '../../logger.ts'
import { createMetrics } from '../../metrics.ts'
import { operations } from '../../operations.ts'
import type { Settings } from '../../settings.ts'
import type { SyncContext } from '../../sync/context.ts'
import { keepInSync } from '../../sync/schedule.ts'
import { syncAll } from '../../sync/sync.ts'
import { startHttp } from '../http/server.ts'
import { createProgress } from './progress.ts'
import { renderVerification } from './render.ts'

export interface ServiceParts {
  http: boolean
  worker: boolean
  /** Copies everything with a progress display before keeping up. */
  firstCopy: boolean
}

/** A shop that does not answer at the start is tried again after 5 s, then ever later, at most 5 minutes. */
const RETRY_FIRST_MS = 5000
const RETRY_MOST_MS = 300_000

/** Runs until the signal aborts. @returns the exit code */
export async function runService(
  settings: Settings,
  parts: ServiceParts,
  signal: AbortSignal,
): Promise<number> {
  const say = (text: string) => process.stdout.write(`${text}\n`)
  const inTerminal = process.stderr.isTTY === true && process.env.LOG_LEVEL === undefined
  const logger = createLogger({ level: inTerminal ? 'error' : settings.LOG_LEVEL })
  const progress = createProgress(process.stderr)
  const metrics = createMetrics()
  const app = await openApp({
    settings,
    logger,
    name: 'woosync service',
    onProgress: progress.report,
    onRequest: metrics.onRequest,
    signal,
  })
  const closing: (() => Promise<void>)[] = [() => app.close()]
  try {
    if (parts.http) {
      const http = await startHttp({
        settings,
        logger,
        database: app.database,
        knownStore: app.knownStore,
        metrics,
      })
      closing.push(() => http.close())
      say(`Status, health and metrics: ${http.url}/  ${http.url}/readyz  ${http.url}/metrics`)
    }
    if (parts.worker) {
      const context = await openStoreSoon(app, signal)
      if (parts.firstCopy) await firstCopy(app, context, progress.end, signal)
      say('Keeping up. Ctrl-C ends it; the next start goes on from here.')
      await keepInSync(context, {
        signal,
        changesKeptDays: settings.CHANGES_KEPT_DAYS,
        paceIsFixed: settings.PACE !== undefined,
      })
    } else {
      await untilAborted(signal)
    }
    return 0
  } catch (thrown) {
    if (signal.aborted) return 0
    throw thrown
  } finally {
    progress.end()
    for (const end of closing.reverse()) await end()
  }
}

async function firstCopy(
  app: App,
  context: SyncContext,
  endProgress: () => void,
  signal: AbortSignal,
): Promise<void> {
  const say = (text: string) => process.stdout.write(`${text}\n`)
  say(`Copying ${context.store.name ?? context.client.host} …`)
  await syncAll(context, { full: false, signal })
  endProgress()
  const answer = await operations.verify.run(app, { depth: 'stored' }, signal)
  say(`\n${renderVerification(answer)}\n`)
}

/** Opens the shop; one that cannot be reached now is tried again, and said. */
async function openStoreSoon(app: App, signal: AbortSignal): Promise<SyncContext> {
  for (let pause = RETRY_FIRST_MS; ; pause = Math.min(pause * 2, RETRY_MOST_MS)) {
    try {
      return await app.openStore()
    } catch (thrown) {
      const fault = toWooSyncError(thrown)
      if (signal.aborted || !MAY_PASS.has(fault.code)) throw fault
      process.stderr.write(
        `${fault.message}\n${fault.wayOut} Trying again in ${Math.round(pause / 1000)} s.\n`,
      )
      await wait(pause, undefined, { signal })
    }
  }
}

const MAY_PASS = new Set([
  'store_unreachable',
  'store_host_unknown',
  'store_timeout',
  'store_unavailable',
  'store_rate_limited',
  'store_answer_cut',
  'store_malformed_response',
  'store_blocked_by_host',
  'database_lost',
  'database_unreachable',
])

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
