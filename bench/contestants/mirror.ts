/** Ours: the real program, as `woosync sync --full --resource orders` runs it. */
import { openApp } from '../../src/app.ts'
import { createLogger } from '../../src/logger.ts'
import { readSettings } from '../../src/settings.ts'
import { syncAll } from '../../src/sync/sync.ts'
import { contestant } from './contestant.ts'

export interface MirrorJob {
  database: string
  /** The way to the shop, over REST or to its database, as settings name it. */
  access: Readonly<Record<string, string>>
}

contestant<MirrorJob>(async ({ database, access }, measure) => {
  const settings = readSettings(
    { ...access, DATABASE_URL: database, LOG_LEVEL: 'warn' },
    // No .env of the folder the benchmark is run in.
    import.meta.dirname,
  )
  const app = await openApp({ settings, logger: createLogger({ level: 'warn' }), name: 'woosync-bench' })
  try {
    const context = await app.openStore()
    await measure(async () => {
      const [result] = await syncAll(context, { full: true, resources: ['orders'] })
      if (!result?.counts) throw result?.fault ?? new Error('nothing was copied')
      return { orders: result.counts.created }
    })
  } finally {
    await app.close()
  }
})
