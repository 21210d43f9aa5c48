/** The demo shop of a benchmark: quiet, of a given size, from memory or made as it is asked for. */
import { setFlagsFromString } from 'node:v8'
import { generateShop } from '../demo/generate/shop.ts'
import { startDemoServer } from '../demo/server.ts'

export interface ShopJob {
  orders: number
  /** Each page is made once and kept, unpacked and gzipped; false: made anew each time, for large shops. */
  fromMemory: boolean
  /** Milliseconds each row keeps one of `workers` busy. */
  waitPerRow?: number
  workers?: number
}

process.once('message', async ({ orders, fromMemory, waitPerRow, workers }: ShopJob) => {
  // Small young generations: the rows of a big shop live long, and making them would triple the memory.
  if (orders > 100_000) setFlagsFromString('--semi-space-growth-factor=1')
  const shop = generateShop({ seed: 1, products: 150, orders, days: 365 })
  const server = await startDemoServer({
    shop,
    servePagesFromMemory: fromMemory,
    ...(waitPerRow !== undefined && { waitPerRow }),
    ...(workers !== undefined && { workers }),
  })
  const { consumerKey, consumerSecret } = shop.info
  process.send?.({ url: server.url, consumerKey, consumerSecret })
  process.once('disconnect', () => server.close().then(() => process.exit(0)))
})
