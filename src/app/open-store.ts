/** The shop a process works with: over REST, in its own database, or both; signed in, known, ready to be copied. */
import { readFileSync } from 'node:fs'
import type { AppOptions } from '../app.ts'
import type { Locks } from '../database/locks.ts'
import type { Database } from '../database/open.ts'
import { openDemoShop } from '../demo-shop.ts'
import { findStore, type Store, saveStore, setReadings } from '../mirror/stores.ts'
import type { Settings } from '../settings.ts'
import { absentClient } from '../store/rest/absent.ts'
import { createStoreClient, type SignIn, type StoreClient } from '../store/rest/client.ts'
import { preferEditForm } from '../store/rest/edit-form.ts'
import { assertSameShop, readIdentity } from '../store/rest/identity.ts'
import { createPace, type Pace } from '../store/rest/pace.ts'
import { probeStore } from '../store/rest/probe.ts'
import type { SqlSource } from '../store/sql/source.ts'
import type { SyncContext, SyncSettings } from '../sync/context.ts'
import { isOld } from '../sync/identify.ts'
import { hasOnlyDatabase } from './only-database.ts'
import { openShopDatabase } from './shop-database.ts'
import { createProgressTeller } from './tell-progress.ts'

/** A shop that was reached, before it is known which store of the database it is. */
interface Reached {
  client: StoreClient
  pace: Pace
  know(sql: SqlSource | null): Promise<Store>
  leave(): Promise<void>
}

export async function openStore(
  options: AppOptions,
  database: Database,
  locks: Locks,
  closing: (() => Promise<void>)[],
): Promise<SyncContext> {
  const { settings, logger } = options
  const sql = await openShopDatabase({ ...options, database })
  const leaving: (() => Promise<void>)[] = sql ? [() => sql.close()] : []
  try {
    const shop =
      sql && hasOnlyDatabase(settings)
        ? reachBySql(options, database, sql)
        : await reachByRest(options, database, locks)
    leaving.push(shop.leave)
    const known = await shop.know(sql)
    const store = await setReadings(database.pool, known, sql ? Object.keys(sql.readers) : [])
    const teller = createProgressTeller(database.pool, store.id)
    closing.push(...leaving, teller.close)
    const { host, signIn } = shop.client
    logger.info({ store: store.id, host, signIn, database: sql !== null }, 'shop connected')
    return {
      database,
      locks,
      store,
      client: shop.client,
      sql,
      pace: shop.pace,
      settings: syncSettings(settings),
      logger,
      onProgress: (progress) => {
        options.onProgress?.(progress)
        teller.tell(progress)
      },
    }
  } catch (thrown) {
    for (const leave of leaving.reverse()) await leave()
    throw thrown
  }
}

/** Only the shop's database is there: what would need REST says so. */
function reachBySql({ settings, logger }: AppOptions, database: Database, sql: SqlSource): Reached {
  const { detected } = sql
  const url = detected.homeUrl
  return {
    client: absentClient(URL.canParse(url) ? new URL(url).host : url),
    pace: paceOf(settings, logger),
    leave: async () => undefined,
    know: () =>
      database.transaction((session) =>
        saveStore(session, url, {
          ...detected,
          capabilities: { lists: {}, mayWrite: false, bySql: [] },
          signIn: 'none',
          clockOffset: sql.clockOffset + Date.now() - database.clock(),
        }),
      ),
  }
}

function paceOf(settings: Settings, logger: AppOptions['logger']): Pace {
  return createPace({
    mode: settings.PACE ?? 'full',
    maxConcurrency: settings.STORE_CONNECTIONS,
    onChange: (change) => logger.debug(change, 'pace changed'),
  })
}

async function reachByRest(options: AppOptions, database: Database, locks: Locks): Promise<Reached> {
  const { settings, logger } = options
  const shop = await shopOf(options, locks)
  const known = await findStore(database.pool, shop.url)
  const pace = paceOf(settings, logger)
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
  const signal = options.signal ?? new AbortController().signal
  const asking = options.patience === 'person' ? impatient(client) : client
  return {
    client,
    pace,
    async leave() {
      await client.close()
      await shop.close()
    },
    async know(sql) {
      const store = await knowStore(database, asking, shop.url, known, pace, signal)
      // Two ways to two shops would mix them.
      if (sql) assertSameShop(client.host, store.identity, sql.detected.identity)
      return store
    },
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
  if (known && !isOld(known.probedAt)) {
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
