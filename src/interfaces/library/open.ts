/** `openStore`: the copy of a shop as functions, kept fresh as they are called. */
import { LOCAL } from '../../access/caller.ts'
import { type App, openApp } from '../../app.ts'
import { unlessLeaving } from '../../database/asking.ts'
import { createLogger, type LoggerOptions } from '../../logger.ts'
import type { Operation } from '../../operations/define.ts'
import { invoke } from '../../operations/invoke.ts'
import { leavingFault } from '../../operations/limits.ts'
import { readSettings, type Settings } from '../../settings.ts'
import type { ResourceName } from '../../store/resources.ts'
import { type AskOptions, type Asks, asksOf } from './asks.ts'
import { createFreshness, type FreshnessOptions } from './freshness.ts'
import { type Shorthands, shorthandsOf } from './shorthands.ts'

export interface OpenStoreOptions extends Partial<FreshnessOptions> {
  /** Settings by their names (docs/settings.md), before those of the environment and of `.env`. */
  settings?: Partial<Record<keyof Settings, string>>
  /** Where `.env` lies and where paths begin; default: the current folder. */
  folder?: string
  /** Id of the store, where the database holds several; default: the one of the settings. */
  store?: number
  /** What is logged, as JSON lines on standard error; default: LOG_LEVEL, else errors. */
  logLevel?: LoggerOptions['level']
  /** Ends what is under way: copying, and what waits for the shop. */
  signal?: AbortSignal
}

export interface ShopStore extends Asks, Shorthands {
  /** Gives back the database; the last process that uses the private Postgres stops it. */
  close(): Promise<void>
}

/**
 * Opens the copy of a shop: starts or joins the private Postgres, or connects to DATABASE_URL. The shop itself is
 * asked when a question needs data fresher than the copy has (15 minutes by default), never before.
 *
 * ```ts
 * const store = await openStore()
 * const vodka = await store.searchProducts('vodka')
 * await store.close()
 * ```
 * @throws setting_invalid, setting_missing, database_…
 */
export async function openStore(options: OpenStoreOptions = {}): Promise<ShopStore> {
  const { maxAgeMinutes = 15, refresh = 'needed', whenDown = 'fail' } = options
  const settings = readSettings({ ...process.env, ...options.settings }, options.folder)
  const logger = createLogger({ level: options.logLevel ?? settings.LOG_LEVEL ?? 'error' })
  const app = await openApp({
    settings,
    logger,
    name: 'woosync library',
    ...(options.signal && { signal: options.signal }),
  })
  return storeOf(app, { maxAgeMinutes, refresh, whenDown }, options)
}

/** The functions over an app that is open. */
export function storeOf(
  app: App,
  freshness: FreshnessOptions,
  { store: named, signal = new AbortController().signal }: Pick<OpenStoreOptions, 'store' | 'signal'> = {},
): ShopStore {
  // A store that is only named by its id is kept by another program.
  const kept = createFreshness(app, named === undefined ? freshness : { ...freshness, refresh: 'never' })
  const ask = async (operation: Operation, input: unknown, { signal: own }: AskOptions = {}) => {
    if (operation.resources) await unlessLeft(kept.ensure(operation.resources), own)
    const given = named === undefined ? input : { store: named, ...(input as object) }
    return invoke(app, LOCAL, operation, given, own ? AbortSignal.any([own, signal]) : signal)
  }
  const asks = asksOf(ask)
  const force = (resources: readonly ResourceName[]) => kept.force(resources)
  return Object.assign(shorthandsOf(app, asks, { maxAgeMinutes: freshness.maxAgeMinutes, force }), asks, {
    close: () => app.close(),
  })
}

/** What brings the copy up to date goes on for the others. @throws sync_cancelled */
async function unlessLeft(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return work
  await unlessLeaving(work, signal).catch((thrown) => {
    throw signal.aborted ? leavingFault(signal.reason) : thrown
  })
}
