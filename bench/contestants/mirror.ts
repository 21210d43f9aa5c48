/** Ours: the real program, as `woosync sync --full --resource orders` runs it. */
import { openApp } from '../../src/app.ts'
import { createLogger } from '../../src/logger.ts'
import { readSettings } from '../../src/settings.ts'
import { syncAll } from '../../src/sync/sync.ts'
import type { ShopAddress } from '../processes.ts'
import { contestant } from './contestant.ts'

export interface MirrorJob {
  shop: ShopAddress
  database: string
  connections: number
}

contestant<MirrorJob>(async ({ shop, database, connections }, measure) => {
  const settings = readSettings(
    {
      WOOCOMMERCE_URL: shop.url,
      WOOCOMMERCE_KEY: shop.consumerKey,
      WOOCOMMERCE_SECRET: shop.consumerSecret,
      DATABASE_URL: database,
      STORE_CONNECTIONS: String(connections),
      LOG_LEVEL: 'warn',
    },
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
