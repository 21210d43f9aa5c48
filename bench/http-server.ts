/** The program's own HTTP server over a filled mirror. */
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

/** @returns where it is, and how it is ended */
export async function serveHttp({
  database,
  shop,
}: HttpJob): Promise<{ served: ServedHttp; close(): Promise<void> }> {
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
  return {
    served: { url: http.url, key },
    async close() {
      await http.close()
      await app.close()
    },
  }
}
