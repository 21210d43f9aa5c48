/**
 * How fast the first copy over REST is, beside four others on the same machine in the same run: a plain loop
 * with WooCommerce's official client, a bare download of the same pages, COPY of the finished rows, and, at a
 * shop that takes its time, the bare download again. docs/benchmarks.md says what came out.
 */
import { loadavg } from 'node:os'
import type { LoggedRequest } from '../demo/server.ts'
import { type Benchmark, numberOf, type Report, round } from './benchmark.ts'
import type { Measured } from './contestants/contestant.ts'
import type { DownloadJob } from './contestants/download.ts'
import type { MirrorJob } from './contestants/mirror.ts'
import type { PlainLoopJob } from './contestants/plain-loop.ts'
import { exportRows } from './finished-rows.ts'
import { type BenchPostgres, startPostgres } from './postgres.ts'
import { contest, flagsOfStart, type ShopProcess, startShop } from './processes.ts'
import { best, type Runs, rate, resultTable } from './results.ts'
import { addRun, runCopies, runFresh } from './rounds.ts'

export const backfillRest: Benchmark = {
  summary: 'The first copy of a shop’s orders over REST. With --full the memory of a million orders, too.',
  options: {
    orders: { fallback: 40_000, meaning: 'orders in the shop that answers from memory' },
    'plain-orders': { fallback: 2000, meaning: 'orders the plain loop copies: it is slow' },
    'waiting-orders': { fallback: 4000, meaning: 'orders in the shop that waits 9 ms for each' },
    connections: { fallback: 4, meaning: 'most requests to the shop at once' },
    rounds: { fallback: 3, meaning: 'how often each is run; the best run counts' },
    full: { fallback: false, meaning: 'also --memory' },
    memory: { fallback: false, meaning: 'also copy a very large shop and watch the memory; takes minutes' },
    'memory-orders': { fallback: 1_000_000, meaning: 'orders of the very large shop' },
  },
  async run(options, say) {
    const setting: Setting = {
      orders: numberOf(options, 'orders'),
      plainOrders: numberOf(options, 'plain-orders'),
      waitingOrders: numberOf(options, 'waiting-orders'),
      memoryOrders: numberOf(options, 'memory-orders'),
      connections: numberOf(options, 'connections'),
      rounds: numberOf(options, 'rounds'),
      say,
    }
    const load = loadavg()[0] ?? 0
    const postgres = await startPostgres()
    try {
      const runs = await fastShop(setting, postgres)
      await waitingShop(setting, postgres, runs)
      if (options.full || options.memory) await largeShop(setting, postgres, runs)
      return report(runs, setting, load)
    } finally {
      await postgres.close()
    }
  },
}

interface Setting {
  orders: number
  plainOrders: number
  waitingOrders: number
  memoryOrders: number
  connections: number
  rounds: number
  say: (line: string) => void
}

/** A shop that serves pages from memory and is warm: what the reader costs, and nothing else. */
async function fastShop(setting: Setting, postgres: BenchPostgres): Promise<Runs> {
  const { say, connections } = setting
  const runs: Runs = new Map()
  say(`the demo shop makes ${setting.orders} orders`)
  const shop = await startShop({ orders: setting.orders, fromMemory: true })
  try {
    say('warming: the shop makes each page once, and packs it at the second time')
    for (let time = 0; time < 2; time++) {
      await contest<PlainLoopJob>('plain-loop', { shop, database: null, orders: setting.plainOrders })
    }
    await shop.requests()
    const finished = await postgres.fresh()
    await mirror(shop, finished, connections)
    const { pages, orders } = pagesOf(await shop.requests())
    const load: DownloadJob = { shop, pages, orders, connections }
    await contest<DownloadJob>('download', load)
    const rows = await exportRows(finished)
    await postgres.drop(finished)
    for (let done = 0; done < setting.rounds; done++) {
      say(`round ${done + 1} of ${setting.rounds}`)
      await runFresh(runs, 'ours', postgres, (database) => mirror(shop, database, connections))
      await runFresh(runs, 'plain loop', postgres, (database) =>
        contest<PlainLoopJob>('plain-loop', { shop, database, orders: setting.plainOrders }),
      )
      addRun(runs, 'bare download', await contest<DownloadJob>('download', load))
      await runCopies(runs, postgres, rows, setting.orders)
    }
    await rows.remove()
  } finally {
    await shop.close()
  }
  return runs
}

/** A shop like a real one: two workers, each busy 9 ms with an order. Nobody can be faster than it is. */
async function waitingShop(setting: Setting, postgres: BenchPostgres, runs: Runs): Promise<void> {
  const { say, connections, waitingOrders } = setting
  say(`a shop that waits: ${waitingOrders} orders, 9 ms each, two workers`)
  const shop = await startShop({ orders: waitingOrders, fromMemory: true, waitPerRow: 9, workers: 2 })
  try {
    for (let done = 0; done < setting.rounds; done++) {
      await shop.requests()
      await runFresh(runs, 'ours, waiting shop', postgres, (database) => mirror(shop, database, connections))
      const { pages, orders } = pagesOf(await shop.requests())
      const load = { shop, pages, orders, connections }
      addRun(runs, 'bare download, waiting shop', await contest<DownloadJob>('download', load))
    }
  } finally {
    await shop.close()
  }
}

async function largeShop(setting: Setting, postgres: BenchPostgres, runs: Runs): Promise<void> {
  setting.say(`a very large shop: ${setting.memoryOrders} orders; this takes minutes`)
  const shop = await startShop({ orders: setting.memoryOrders, fromMemory: false })
  try {
    await runFresh(runs, 'ours, very large shop', postgres, (database) =>
      mirror(shop, database, setting.connections),
    )
  } finally {
    await shop.close()
  }
}

function mirror(shop: ShopProcess, database: string, connections: number): Promise<Measured> {
  const access = {
    WOOCOMMERCE_URL: shop.url,
    WOOCOMMERCE_KEY: shop.consumerKey,
    WOOCOMMERCE_SECRET: shop.consumerSecret,
    STORE_CONNECTIONS: String(connections),
  }
  return contest<MirrorJob>('mirror', { database, access }, flagsOfStart())
}

/** The pages of whole orders among what was asked, and how many orders are in them. */
function pagesOf(requests: readonly LoggedRequest[]): { pages: string[]; orders: number } {
  const pages = requests.filter(({ path, status, rows }) => status === 200 && rows > 1 && isOrders(path))
  return { pages: pages.map(({ path }) => path), orders: pages.reduce((sum, { rows }) => sum + rows, 0) }
}

function isOrders(path: string): boolean {
  return path.startsWith('/wp-json/wc/v3/orders?')
}

function report(runs: Runs, setting: Setting, load: number): Report {
  const ours = best(runs, 'ours')
  const waiting = best(runs, 'ours, waiting shop')
  const large = best(runs, 'ours, very large shop')
  const copies = [best(runs, 'COPY, text'), best(runs, 'COPY, binary')].map((one) => (one ? rate(one) : 0))
  const ratio = (one: Measured | null, other: number) => (one && other > 0 ? round(rate(one) / other) : null)
  const rateOf = (name: string) => {
    const run = best(runs, name)
    return run ? rate(run) : 0
  }
  return {
    text: resultTable(runs, { rounds: setting.rounds, load }),
    figures: {
      ordersPerSecond: ours && round(rate(ours)),
      ratioToPlainLoop: ratio(ours, rateOf('plain loop')),
      ratioToBareDownload: ratio(ours, rateOf('bare download')),
      ratioToCopy: ratio(ours, Math.max(...copies)),
      cpuSecondsPer1000Orders: ours && round((ours.cpuSeconds / ours.orders) * 1000),
      peakMemoryMB: round((large ?? ours)?.peakMemoryMB ?? 0),
      peakMemoryOrders: (large ?? ours)?.orders ?? null,
      waitingRatioToBareDownload: ratio(waiting, rateOf('bare download, waiting shop')),
    },
  }
}
