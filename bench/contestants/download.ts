/** The bare download: the pages ours asked for, with undici at the same concurrency, unpacked and dropped. */
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { Pool } from 'undici'
import { oauthPairs, queryString } from '../../src/store/rest/sign.ts'
import type { ShopAddress } from '../processes.ts'
import { contestant } from './contestant.ts'

export interface DownloadJob {
  shop: ShopAddress
  /** Path and query, without signature. */
  pages: string[]
  /** How many orders these pages hold. */
  orders: number
  connections: number
}

const unzip = promisify(gunzip)

contestant<DownloadJob>(async ({ shop, pages, orders, connections }, measure) => {
  const pool = new Pool(shop.url, { connections })
  // Signed before the clock runs: nothing but the download is measured.
  const queue = pages.map((page) => signed(page, shop))
  await measure(async () => {
    const load = async () => {
      for (let path = queue.shift(); path; path = queue.shift()) {
        const { statusCode, body } = await pool.request({
          path,
          method: 'GET',
          headers: { 'accept-encoding': 'gzip' },
        })
        const bytes = await unzip(await body.arrayBuffer())
        if (statusCode !== 200 || bytes.length === 0) throw new Error(`the shop answered ${statusCode}`)
      }
    }
    await Promise.all(Array.from({ length: connections }, load))
    return { orders }
  })
  await pool.close()
})

function signed(page: string, { url, consumerKey, consumerSecret }: ShopAddress): string {
  const address = new URL(page, url)
  const request = { method: 'GET', url: address, pairs: [...address.searchParams], signedScheme: 'http:' }
  return address.pathname + queryString(oauthPairs(request, { consumerKey, consumerSecret }, Date.now()))
}
