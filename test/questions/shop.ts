/** Mirrors to ask: of a demo shop, and of the recorded shop read from its own database. */

import type { z } from 'zod'
import { type GenerateOptions, generateShop } from '../../demo/generate/shop.ts'
import type { DemoServer } from '../../demo/server.ts'
import type { Shop } from '../../demo/shop.ts'
import { type Caller, LOCAL } from '../../src/access/caller.ts'
import type { App } from '../../src/app.ts'
import { createLogger } from '../../src/logger.ts'
import type { Operation } from '../../src/operations/define.ts'
import { invoke } from '../../src/operations/invoke.ts'
import { readSettings } from '../../src/settings.ts'
import type { SyncContext } from '../../src/sync/context.ts'
import { syncAll } from '../../src/sync/sync.ts'
import type { TestDatabase } from '../database.ts'
import type { Mariadb } from '../mariadb.ts'
import { mirroredShop } from '../shop.ts'
import { sqlMirror } from '../sync/sql/shop.ts'

export interface AskedShop {
  app: App
  context: SyncContext
  database: TestDatabase
  /** Asks as the caller, through the same door as every interface; default: with every right. */
  ask<I extends z.ZodObject, O extends z.ZodObject>(
    operation: Operation<I, O>,
    input: unknown,
    caller?: Caller,
  ): Promise<z.output<O>>
}

export interface DemoMirror {
  shop: Shop
  server: DemoServer
}

/** A caller with a key that may only read, and sees nobody's name. */
export const READER: Caller = { name: 'key 1', access: 'read', personal: false, stores: null }

/** A demo shop of its own, copied whole; the same for the same options. Closed when the test file ends. */
export async function demoMirror(options: GenerateOptions): Promise<AskedShop & DemoMirror> {
  const shop = generateShop(options)
  const { context, database, server } = await mirroredShop({ shop })
  return { ...(await copied(context, database)), shop, server }
}

/** The recorded shop, copied from its database in MariaDB. */
export async function recordedMirror(mariadb: Mariadb): Promise<AskedShop> {
  const { context, database } = await sqlMirror(mariadb, 'woocommerce_small')
  return copied(context, database)
}

async function copied(context: SyncContext, database: TestDatabase): Promise<AskedShop> {
  const results = await syncAll(context, { full: false })
  const failed = results.find(({ fault }) => fault !== null)
  if (failed?.fault) throw failed.fault
  // As after any larger write, by autovacuum: plans need the figures.
  await database.pool.query('ANALYZE')
  const app = appOf(context)
  return {
    app,
    context,
    database,
    ask: (operation, input, caller = LOCAL) => invoke(app, caller, operation, input),
  }
}

/** An app whose shop is open already. */
export function appOf(context: SyncContext, whole: Partial<App> = {}): App {
  return {
    settings: readSettings({}, '/nowhere'),
    logger: createLogger({ level: 'silent' }),
    database: context.database,
    locks: context.locks,
    openStore: async () => context,
    knownStore: async () => context.store,
    webhooks: async () => null,
    close: async () => undefined,
    ...whole,
  }
}
