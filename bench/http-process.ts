/** The program's own HTTP server over a filled mirror, in a process of its own. */
import { pino } from 'pino'
import { createKey } from '../src/access/keys.ts'
import { openApp } from '../src/app.ts'
import { startHttp } from '../src/interfaces/http/server.ts'
import { createMetrics } from '../src/metrics.ts'
import { readSettings } from '../src/settings.ts'

export interface HttpJob {
  database: string
  /** Of the store that is in it. */
  shop: string
}

export interface ServedHttp {
  url: string
  key: string
}

process.once('message', async ({ database, shop }: HttpJob) => {
  const logger = pino({ level: 'silent' })
  const settings = readSettings(
    {
      DATABASE_URL: database,
      WOOCOMMERCE_URL: shop,
      WOOCOMMERCE_KEY: 'ck_bench',
      WOOCOMMERCE_SECRET: 'cs_bench',
      PORT: '0',
      RATE_LIMIT_PER_MINUTE: '0',
    },
    process.cwd(),
  )
  const app = await openApp({ settings, logger, name: 'woosync-bench-http' })
  const { key } = await createKey(app.database.pool, {
    name: 'bench',
    access: 'read',
    personal: true,
    stores: null,
    expiresAt: null,
  })
  const http = await startHttp({
    settings,
    logger,
    database: app.database,
    knownStore: app.knownStore,
    metrics: createMetrics(),
    app,
  })
  process.send?.({ url: http.url, key } satisfies ServedHttp)
  process.once('disconnect', async () => {
    await http.close()
    await app.close()
    process.exit(0)
  })
})
