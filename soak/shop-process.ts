/**
 * The demo shop of a soak in a process of its own: lives, fails, rests, and tells its rows, as its parent says by
 * messages. Ends with its parent.
 */

import { randomFrom } from '../demo/faults.ts'
import { generateShop } from '../demo/generate/shop.ts'
import { startDemoServer } from '../demo/server.ts'
import { createWebhooks } from '../demo/webhooks.ts'
import { createWrites } from '../demo/writes.ts'
import { shopRows } from '../test/sync/shop-rows.ts'
import { createSoakChanges } from './changes.ts'
import type { ShopAnswers, ShopJob } from './shop.ts'
import { createWeather } from './weather.ts'

const job = JSON.parse(process.argv[2] ?? '{}') as ShopJob
const shop = generateShop({ seed: job.seed, orders: job.orders, products: 120, days: 120 })
const writes = createWrites(shop)
const webhooks = createWebhooks(shop, { timeoutMs: 5000 })
const server = await startDemoServer({ shop, writes, webhooks })
const changes = createSoakChanges(shop, writes, job.seed + 1)
const weather = createWeather({ shop, server, webhooks, writes, seed: job.seed + 2 })
const random = randomFrom(job.seed + 3)

let changing: NodeJS.Timeout | undefined
let turning: NodeJS.Timeout | undefined

/** One change after another, at moments nobody can foretell. */
function live() {
  const pause = (-Math.log(1 - random()) * 1000) / job.changesPerSecond
  changing = setTimeout(() => {
    changes.next()
    live()
  }, pause)
}

function turn() {
  const names = weather.turn()
  process.send?.({ weather: names })
  turning = setTimeout(turn, 4000 + random() * 16_000)
}

const answers: { [Ask in keyof ShopAnswers]: () => Promise<ShopAnswers[Ask]> } = {
  async address() {
    const { consumerKey, consumerSecret } = shop.info
    return { url: server.url, consumerKey, consumerSecret }
  },
  async live() {
    live()
    turn()
    return null
  },
  async hold() {
    clearTimeout(changing)
    clearTimeout(turning)
    weather.clear()
    await webhooks.idle()
    return null
  },
  async rows() {
    return [...(await shopRows(shop))].map(([name, rows]) => [name, [...rows]])
  },
  async told() {
    const statuses: Record<string, number> = {}
    for (const { status } of server.requests()) statuses[status] = (statuses[status] ?? 0) + 1
    return { changes: changes.made, faults: weather.seen, statuses, hooks: hookStates() }
  },
}

function hookStates(): Record<string, number> {
  const states: Record<string, number> = {}
  for (const { status } of webhooks.list()) states[String(status)] = (states[String(status)] ?? 0) + 1
  return states
}

process.on('message', async ({ id, ask }: { id: number; ask: keyof ShopAnswers }) => {
  try {
    process.send?.({ id, answer: await answers[ask]() })
  } catch (thrown) {
    process.send?.({ id, error: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) })
  }
})
process.on('disconnect', () => process.exit(0))
