/** What a process needs, opened in order and closed in reverse: database, locks, the shop. */
import type { Logger as Pino } from 'pino'
import { hasOnlyDatabase } from './app/only-database.ts'
import type { openStore } from './app/open-store.ts'
import { sharedReader } from './database/asking.ts'
import { createLocks, type Locks } from './database/locks.ts'
import { migrate } from './database/migrate.ts'
import { type Database, openDatabase } from './database/open.ts'
import { lastDemoAddress } from './demo-shop.ts'
import { rehashIfNeeded } from './mirror/rehash.ts'
import { findStore, listStores, type Store } from './mirror/stores.ts'
import type { Settings } from './settings.ts'
import type { RequestEvent } from './store/rest/client.ts'
import type { Step } from './store/sql/way.ts'
import { deriveHooks, type Hook } from './store/webhooks.ts'
import type { Progress, SyncContext } from './sync/context.ts'

export interface App {
  settings: Settings
  logger: Pino
  database: Database
  locks: Locks
  /** Opens the shop of the settings, or the demo shop: signed in, known, ready to be copied. Once. */
  openStore(): Promise<SyncContext>
  /** The store as the database knows it, without asking the shop; null before the first synchronisation. */
  knownStore(): Promise<Store | null>
  /** The known store's webhooks, derived anew from its keys; null before it is known. Never to be logged. */
  webhooks(): Promise<{ store: Store; hooks: Hook[] } | null>
  close(): Promise<void>
}

export interface AppOptions {
  settings: Settings
  logger: Pino
  /** Shown in Postgres beside the connections: `woosync sync`. */
  name: string
  onProgress?: (progress: Progress) => void
  onRequest?: (event: RequestEvent) => void
  /** person: a shop that does not answer is told of after one more try. Default: program, which waits longer. */
  patience?: 'person' | 'program'
  signal?: AbortSignal
  /** Each step of the way to the shop's database, as it is made. */
  onStep?: (step: Step) => void
}

/** It is asked for with each question. */
const STORE_KEPT_MS = 1000

export async function openApp(options: AppOptions): Promise<App> {
  const { settings, logger } = options
  const closing: (() => Promise<void>)[] = []
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end()
  }
  try {
    const database = await openDatabase({
      url: settings.DATABASE_URL,
      readUrl: settings.DATABASE_READ_URL,
      directUrl: settings.DATABASE_DIRECT_URL,
      dataDirectory: settings.WOOSYNC_DATA,
      binFolder: settings.WOOSYNC_POSTGRES_BIN,
      applicationName: options.name,
      logger,
    })
    closing.push(() => database.close())
    await migrate(database, { logger })
    await rehashIfNeeded(database)
    const locks = createLocks(database)
    closing.push(() => locks.close())

    let opened: Promise<SyncContext> | undefined
    let openedStore: Store | undefined
    const reader = sharedReader(database.pool, settings.QUESTION_TIME_LIMIT_SECONDS * 1000)
    const lookUpStore = async () => {
      // Its address is known to its database alone.
      if (hasOnlyDatabase(settings)) {
        const without = (await listStores(reader)).filter((store) => store.signIn === 'none')
        return without.length === 1 ? (without[0] ?? null) : null
      }
      const address = settings.WOOCOMMERCE_URL ?? lastDemoAddress(settings.WOOSYNC_DATA)?.url
      return address === undefined ? null : findStore(reader, address)
    }
    let lastKnown: { store: Store; until: number } | undefined
    const knownStore = async () => {
      // A shop that is just being asked is not waited for: it may take minutes.
      if (openedStore) return openedStore
      if (lastKnown && performance.now() < lastKnown.until) return lastKnown.store
      const store = await lookUpStore()
      lastKnown = store ? { store, until: performance.now() + STORE_KEPT_MS } : undefined
      return store
    }
    return {
      settings,
      logger,
      database,
      locks,
      openStore: () => {
        opened ??= openShop(options, database, locks, closing).then(
          (context) => {
            openedStore = context.store
            return context
          },
          (thrown) => {
            // The next call tries again: a shop that was down may be back.
            opened = undefined
            throw thrown
          },
        )
        return opened
      },
      knownStore,
      webhooks: async () => {
        if (hasOnlyDatabase(settings)) return null
        const secret = settings.WOOCOMMERCE_SECRET ?? lastDemoAddress(settings.WOOSYNC_DATA)?.consumerSecret
        const store = await knownStore()
        return store && secret !== undefined ? { store, hooks: deriveHooks(secret, store) } : null
      },
      close,
    }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

/** Loaded when the shop is needed: a question asks the copy alone, and begins that much sooner. */
async function openShop(...parts: Parameters<typeof openStore>): Promise<SyncContext> {
  const { openStore } = await import('./app/open-store.ts')
  return openStore(...parts)
}
