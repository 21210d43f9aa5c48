/**
 * A process that synchronises a shop and is killed by its own hand, without a word, at a moment that nobody
 * chose: `kill-child.ts <task as JSON>`. Ends with 0 when it was done before.
 */

import { createLocks } from '../../src/database/locks.ts'
import { openDatabase } from '../../src/database/open.ts'
import { findStore } from '../../src/mirror/stores.ts'
import { createStoreClient } from '../../src/store/rest/client.ts'
import { createPace } from '../../src/store/rest/pace.ts'
import { syncAll } from '../../src/sync/sync.ts'
import { testLogger } from '../database.ts'
import { testSettings } from '../shop.ts'

export interface KillTask {
  database: string
  url: string
  consumerKey: string
  consumerSecret: string
  full: boolean
  /** Killed so many requests after the start, and some milliseconds later. */
  requests: number
  milliseconds: number
}

const task = JSON.parse(process.argv[2] ?? '{}') as KillTask
let asked = 0
const onRequest = () => {
  if (++asked === task.requests) setTimeout(() => process.kill(process.pid, 'SIGKILL'), task.milliseconds)
}

const database = await openDatabase({
  url: task.database,
  dataDirectory: '',
  applicationName: 'woosync-test',
  logger: testLogger,
})
const locks = createLocks(database)
const pace = createPace({ mode: 'full', maxConcurrency: 4 })
const client = createStoreClient({
  url: task.url,
  consumerKey: task.consumerKey,
  consumerSecret: task.consumerSecret,
  timeoutMs: 20_000,
  keysInUrl: false,
  allowPlainHttp: false,
  allowPrivateAddresses: false,
  trustedAddress: true,
  pace,
  logger: testLogger,
  onRequest,
})
const store = await findStore(database.pool, task.url)
if (!store) throw new Error('the store is not known')
const results = await syncAll(
  {
    database,
    locks,
    store,
    client,
    pace,
    settings: testSettings,
    logger: testLogger,
    onProgress: () => undefined,
    sql: null,
  },
  { full: task.full },
)
const failed = results.filter(({ fault }) => fault !== null)
for (const { resource, fault } of failed) console.error(resource, fault)
await client.close()
await locks.close()
await database.close()
process.exitCode = failed.length > 0 ? 1 : 0
