/** A demo shop and a mirror of it, for tests that need both. */
import { after } from 'node:test'
import { loadRecordings } from '../demo/recordings.ts'
import { type DemoServer, type DemoServerOptions, startDemoServer } from '../demo/server.ts'
import type { Shop } from '../demo/shop.ts'
import { createLocks } from '../src/database/locks.ts'
import { saveStore } from '../src/mirror/stores.ts'
import { createStoreClient, type StoreClientOptions } from '../src/store/rest/client.ts'
import { createPace } from '../src/store/rest/pace.ts'
import { probeStore } from '../src/store/rest/probe.ts'
import type { SyncContext, SyncSettings } from '../src/sync/context.ts'
import { type TestDatabase, testDatabase, testLogger } from './database.ts'
import { recordings } from './recordings.ts'

export interface MirroredShop {
  shop: Shop
  server: DemoServer
  database: TestDatabase
  context: SyncContext
}

export interface MirroredShopOptions {
  shop: Shop
  server?: Omit<DemoServerOptions, 'shop'>
  settings?: Partial<SyncSettings>
  client?: Partial<StoreClientOptions>
}

/** The recorded shop; call it only where `recordings` is not null. */
export const recordedShop = (): Shop => loadRecordings(recordings as string)

/** Starts the shop, makes a database, probes: ready to be synchronised. Closed when the test file ends. */
export async function mirroredShop(options: MirroredShopOptions): Promise<MirroredShop> {
  const closing: (() => Promise<void>)[] = []
  // Hooks run in the order they were made: ours must end its connections before the database's looks for them.
  after(async () => {
    for (const close of closing.reverse()) await close()
  })
  const database = await testDatabase()
  const server = await startDemoServer({ shop: options.shop, ...options.server })
  closing.push(() => server.close())
  const context = await openContext(database, server, options)
  closing.push(
    () => context.client.close(),
    () => context.locks.close(),
  )
  return { shop: options.shop, server, database, context }
}

/** A context as a process of its own would make it. */
export async function openContext(
  database: TestDatabase,
  server: DemoServer,
  options: MirroredShopOptions,
): Promise<SyncContext> {
  const pace = createPace({ mode: 'full', maxConcurrency: 4 })
  const client = createStoreClient({
    url: server.url,
    consumerKey: options.shop.info.consumerKey,
    consumerSecret: options.shop.info.consumerSecret,
    timeoutMs: 20_000,
    keysInUrl: false,
    allowPlainHttp: false,
    allowPrivateAddresses: false,
    trustedAddress: true,
    pace,
    logger: testLogger,
    ...options.client,
  })
  const probed = await probeStore(client, pace, new AbortController().signal)
  const store = await database.transaction((session) =>
    saveStore(session, server.url, {
      ...probed,
      signIn: client.signIn,
      clockOffset: client.clockOffset ?? 0,
    }),
  )
  return {
    database,
    locks: createLocks(database),
    store,
    client,
    pace,
    settings: { ...testSettings, ...options.settings },
    logger: testLogger,
    onProgress: () => undefined,
    sql: null,
  }
}

export const testSettings: SyncSettings = {
  followSeconds: 60,
  followSeldomSeconds: 3600,
  reconcileSeconds: 900,
  reconcileSeldomSeconds: 3600,
  listSeconds: 86_400,
  scrubDays: 7,
  settlingSeconds: 120,
  connections: 4,
}
