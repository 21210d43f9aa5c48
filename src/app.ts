/** What a process needs, opened in order and closed in reverse: database, locks, the shop. */
import { readFileSync } from 'node:fs'
import type { Logger as Pino } from 'pino'
import { createLocks, type Locks } from './database/locks.ts'
import { migrate } from './database/migrate.ts'
import { type Database, openDatabase } from './database/open.ts'
import { lastDemoAddress, openDemoShop } from './demo-shop.ts'
import { rehashIfNeeded } from './mirror/rehash.ts'
import { findStore, type Store, saveStore } from './mirror/stores.ts'
import type { Settings } from './settings.ts'
import { createStoreClient, type RequestEvent, type SignIn, type StoreClient } from './store/rest/client.ts'
import { preferEditForm } from './store/rest/edit-form.ts'
import { assertSameShop, readIdentity } from './store/rest/identity.ts'
import { createPace, type Pace } from './store/rest/pace.ts'
import { probeStore } from './store/rest/probe.ts'
import { deriveHooks, type Hook } from './store/webhooks.ts'
import type { Progress, SyncContext, SyncSettings } from './sync/context.ts'

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
}

/** What was learned about a shop is asked again after this time: versions and plugins change. */
const PROBE_AGAIN_MS = 24 * 3_600_000

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
    const knownStore = async () => {
      // A shop that is just being asked is not waited for: it may take minutes.
      if (openedStore) return openedStore
      const address = settings.WOOCOMMERCE_URL ?? lastDemoAddress(settings.WOOSYNC_DATA)?.url
      return address === undefined ? null : findStore(database.pool, address)
    }
    return {
      settings,
      logger,
      database,
      locks,
      openStore: () => {
        opened ??= openStore(options, database, locks, closing).then(
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

async function openStore(
  options: AppOptions,
  database: Database,
  locks: Locks,
  closing: (() => Promise<void>)[],
): Promise<SyncContext> {
  const { settings, logger } = options
  const shop = await shopOf(options, locks)
  const known = await findStore(database.pool, shop.url)
  const pace = createPace({
    mode: settings.PACE ?? 'full',
    maxConcurrency: settings.STORE_CONNECTIONS,
    onChange: (change) => logger.debug(change, 'pace changed'),
  })
  const plain = createStoreClient({
    url: shop.url,
    consumerKey: shop.consumerKey,
    consumerSecret: shop.consumerSecret,
    ...(settings.WOOCOMMERCE_CA_FILE !== undefined && {
      ca: readFileSync(settings.WOOCOMMERCE_CA_FILE, 'utf8'),
    }),
    timeoutMs: settings.STORE_TIMEOUT_SECONDS * 1000,
    keysInUrl: settings.WOOCOMMERCE_KEYS_IN_URL,
    allowPlainHttp: settings.ALLOW_PLAIN_HTTP,
    allowPrivateAddresses: settings.ALLOW_PRIVATE_ADDRESSES,
    // The address comes from the operator's own environment, or is our demo's (36).
    trustedAddress: true,
    pace,
    ...(known?.signIn && { signIn: known.signIn as SignIn }),
    logger,
    ...(options.onRequest && { onRequest: options.onRequest }),
    ...(options.signal && { signal: options.signal }),
  })
  const client = preferEditForm(plain)
  const leave = async () => {
    await client.close()
    await shop.close()
  }
  const signal = options.signal ?? new AbortController().signal
  const asking = options.patience === 'person' ? impatient(client) : client
  const store = await knowStore(database, asking, shop.url, known, pace, signal).catch(async (thrown) => {
    await leave()
    throw thrown
  })
  closing.push(leave)
  logger.info({ store: store.id, host: client.host, signIn: client.signIn }, 'shop connected')
  return {
    database,
    locks,
    store,
    client,
    pace,
    settings: syncSettings(settings),
    logger,
    onProgress: options.onProgress ?? (() => undefined),
    sql: null,
  }
}

/** The same client for somebody who waits at a terminal. */
function impatient(client: StoreClient): StoreClient {
  const get: StoreClient['get'] = (path, query, options) =>
    client.get(path, query, { ...options, background: false })
  const options: StoreClient['options'] = (path, given) =>
    client.options(path, { ...given, background: false })
  return Object.create(client, { get: { value: get }, options: { value: options } })
}

async function shopOf({ settings, signal }: AppOptions, locks: Locks) {
  const { WOOCOMMERCE_URL: url, WOOCOMMERCE_KEY: consumerKey, WOOCOMMERCE_SECRET: consumerSecret } = settings
  if (url !== undefined && consumerKey !== undefined && consumerSecret !== undefined) {
    return { url, consumerKey, consumerSecret, close: async () => undefined }
  }
  return openDemoShop({
    dataDirectory: settings.WOOSYNC_DATA,
    port: settings.DEMO_PORT,
    locks,
    ...(signal && { signal }),
  })
}

/** The store as it was known a moment ago, or as the shop says now; who it is, is asked each time (38). */
async function knowStore(
  database: Database,
  client: StoreClient,
  url: string,
  known: Store | null,
  pace: Pace,
  signal: AbortSignal,
): Promise<Store> {
  if (known?.probedAt && Date.now() - known.probedAt.getTime() < PROBE_AGAIN_MS) {
    assertSameShop(client.host, known.identity, await readIdentity(client, signal))
    return known
  }
  const probed = await probeStore(client, pace, signal)
  const offsetToDatabase = (client.clockOffset ?? 0) + Date.now() - database.clock()
  return database.transaction((session) =>
    saveStore(session, url, { ...probed, signIn: client.signIn, clockOffset: offsetToDatabase }),
  )
}

function syncSettings(settings: Settings): SyncSettings {
  return {
    followSeconds: settings.FOLLOW_SECONDS,
    followSeldomSeconds: settings.FOLLOW_SELDOM_SECONDS,
    reconcileSeconds: settings.RECONCILE_SECONDS,
    reconcileSeldomSeconds: settings.RECONCILE_SELDOM_SECONDS,
    listSeconds: settings.LIST_SECONDS,
    scrubDays: settings.SCRUB_DAYS,
    settlingSeconds: settings.SETTLING_SECONDS,
    connections: settings.STORE_CONNECTIONS,
  }
}
