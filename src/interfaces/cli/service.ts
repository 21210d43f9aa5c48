/** The long-running forms: `start`, `serve`, `worker`. */
import { setTimeout as wait } from 'node:timers/promises'
import { LOCAL } from '../../access/caller.ts'
import { hasKeys } from '../../access/keys.ts'
import { type App, openApp } from '../../app.ts'
import { asFault } from '../../database/faults.ts'
import { lastDemoAddress } from '../../demo-shop.ts'
import type { WooSyncError } from '../../errors.ts'
import { createLogger } from '../../logger.ts'
import { createMetrics } from '../../metrics.ts'
import { invoke } from '../../operations/invoke.ts'
import { operations } from '../../operations.ts'
import type { Settings } from '../../settings.ts'
import type { SyncContext } from '../../sync/context.ts'
import { hearDeliveries } from '../../sync/hear.ts'
import {
  type DeliveryAnswer,
  type IncomingDelivery,
  openReception,
  type Reception,
  receiveDelivery,
} from '../../sync/reception.ts'
import { keepInSync } from '../../sync/schedule.ts'
import { syncAll } from '../../sync/sync.ts'
import { startHttp } from '../http/server.ts'
import { EXIT, faultText } from './process.ts'
import { createLines, createProgress } from './progress.ts'
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

const say = (text: string) => process.stdout.write(`${text}\n`)

/** Runs until the signal aborts. @returns the exit code */
export async function runService(
  settings: Settings,
  parts: ServiceParts,
  signal: AbortSignal,
): Promise<number> {
  // A person at a terminal is shown sentences and bars, everything else gets logs.
  const forPerson = process.stderr.isTTY === true && settings.LOG_LEVEL === undefined
  const logger = createLogger({ level: settings.LOG_LEVEL ?? (forPerson ? 'error' : 'info') })
  const progress = forPerson
    ? createProgress(process.stderr)
    : createLines(process.stderr, () => performance.now())
  const metrics = createMetrics()
  say('Starting …')
  const app = await openApp({
    settings,
    logger,
    name: 'woosync service',
    // Following is quiet; only a copy takes its time.
    onProgress: (one) => one.kind === 'backfill' && progress.report(one),
    onRequest: metrics.onRequest,
    signal,
  })
  const closing: (() => Promise<void>)[] = [() => app.close()]
  try {
    const { DATABASE_URL, WOOSYNC_DATA } = settings
    const place = DATABASE_URL === undefined ? `private, in ${WOOSYNC_DATA}` : 'of DATABASE_URL'
    say(`Database     Postgres ${app.database.version}, ${place}`)
    if (parts.http) {
      const http = await startHttp({
        settings,
        logger,
        database: app.database,
        knownStore: app.knownStore,
        metrics,
        app,
        receiveDelivery: settings.PUBLIC_URL === undefined ? undefined : receiveFor(app),
      })
      closing.push(() => http.close())
      say(`Status page  ${http.url}/`)
      say(`Health       ${http.url}/readyz`)
      say(`Metrics      ${http.url}/metrics`)
      say(`Interface    ${http.url}/api/v1, described at ${http.url}/docs`)
      if (!(await hasKeys(app.database.pool))) {
        say('             It needs a key: woosync keys create --scope read')
      }
    }
    if (parts.worker) {
      const context = await openStoreSoon(app, signal)
      sayShop(settings, context)
      if (parts.firstCopy) await firstCopy(app, context, progress.end, signal)
      say('Keeping up with the shop. Ctrl-C ends it; the next start goes on from here.')
      const hooks = (await app.webhooks())?.hooks ?? []
      await Promise.all([
        keepInSync(context, {
          signal,
          changesKeptDays: settings.CHANGES_KEPT_DAYS,
          paceIsFixed: settings.PACE !== undefined,
        }),
        hearDeliveries(context, { publicUrl: settings.PUBLIC_URL, hooks, signal }),
      ])
    } else {
      await untilAborted(signal)
    }
    return EXIT.well
  } catch (thrown) {
    if (signal.aborted) return EXIT.well
    throw thrown
  } finally {
    progress.end()
    if (signal.aborted) say('Ending …')
    for (const end of closing.reverse()) await end()
  }
}

/** Takes deliveries in as soon as the shop is known; until then polling brings what they would have. */
function receiveFor(app: App): (delivery: IncomingDelivery) => Promise<DeliveryAnswer> {
  let reception: Reception | undefined
  return async (delivery) => {
    if (!reception) {
      const known = await app.webhooks()
      if (!known) return { status: 404, outcome: 'unknown path' }
      const { database, logger } = app
      reception = openReception({
        database,
        logger,
        stores: [{ storeId: known.store.id, hooks: known.hooks }],
      })
    }
    return receiveDelivery(reception, delivery)
  }
}

function sayShop({ WOOCOMMERCE_URL: url, WOOSYNC_DATA: folder }: Settings, context: SyncContext): void {
  const { sql, store } = context
  if (sql) say(`Read from    its database (${sql.detected.server})`)
  if (url !== undefined || sql) return void say(`Shop         ${url ?? store.url}/`)
  const demo = lastDemoAddress(folder)
  say(`Demo shop    ${context.client.host}, as .env names no shop of yours (.env.example shows how)`)
  if (!demo) return
  say(`  its key    ${demo.consumerKey}\n  its secret ${demo.consumerSecret}`)
  say('  Invented people and orders. The keys are the same for everybody and open only this demo.')
}

async function firstCopy(
  app: App,
  context: SyncContext,
  endProgress: () => void,
  signal: AbortSignal,
): Promise<void> {
  say(`\nCopying ${context.store.name ?? context.client.host} …`)
  await syncAll(context, { full: false, signal })
  endProgress()
  signal.throwIfAborted()
  try {
    say(`${renderVerification(await invoke(app, LOCAL, operations.mirror.verification, {}, signal))}\n`)
  } catch (thrown) {
    // The database went away: the work goes on when it is back.
    complain(asFault(thrown))
  }
}

const complain = (fault: WooSyncError, more = '') => process.stderr.write(`${faultText(fault)}${more}\n`)

/** Opens the shop; one that cannot be reached now is tried again, and said. */
async function openStoreSoon(app: App, signal: AbortSignal): Promise<SyncContext> {
  for (let pause = RETRY_FIRST_MS; ; pause = Math.min(pause * 2, RETRY_MOST_MS)) {
    try {
      return await app.openStore()
    } catch (thrown) {
      const fault = asFault(thrown)
      if (signal.aborted || !MAY_PASS.has(fault.code)) throw fault
      complain(fault, `\n  Trying again in ${Math.round(pause / 1000)} s.`)
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
  'database_disk_full',
])

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
