/** What goes wrong between the shop and who reads it, changing every few seconds; the same for the same seed. */
import { type Fault, randomFrom } from '../demo/faults.ts'
import type { DemoServer } from '../demo/server.ts'
import type { Shop } from '../demo/shop.ts'
import type { Webhooks } from '../demo/webhooks.ts'
import type { Writes } from '../demo/writes.ts'

export interface Weather {
  /** Other faults than until now, or none. @returns their names */
  turn(): string[]
  clear(): void
  /** How often each came. */
  seen: Record<string, number>
}

interface Parts {
  shop: Shop
  server: DemoServer
  webhooks: Webhooks
  writes: Writes
  seed: number
}

export function createWeather({ shop, server, webhooks, writes, seed }: Parts): Weather {
  const random = randomFrom(seed)
  const seen: Record<string, number> = {}
  /** A record that could not be read; when that is over, somebody saves it, as a person does who mends it. */
  let spoiled: number | undefined
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1))
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const sometimes = () => ({ probability: 0.05 + random() * 0.4, seed: between(1, 1e6) })

  const kinds: Record<string, () => Fault> = {
    latency: () => ({ kind: 'latency', ms: between(100, 3000), ...sometimes() }),
    limited: () => ({ kind: 'status', status: 429, retryAfter: between(1, 3), ...sometimes() }),
    broken: () => ({ kind: 'status', status: pick([500, 502, 503, 504]), ...sometimes() }),
    down: () => ({ kind: 'status', status: 503 }),
    cut: () => ({ kind: 'cut', contentLength: random() < 0.5, ...sometimes() }),
    empty: () => ({ kind: 'empty', ...sometimes() }),
    blank: () => ({ kind: 'blank', ...sometimes() }),
    html: () => ({ kind: 'html', status: 200, ...sometimes() }),
    bom: () => ({ kind: 'bom', ...sometimes() }),
    phpWarnings: () => ({ kind: 'phpWarnings', ...sometimes() }),
    timeout: () => ({ kind: 'timeout', times: between(1, 6), ...sometimes() }),
    pageCache: () => ({ kind: 'pageCache', ageSeconds: between(10, 300), path: 'orders|products' }),
    stripTotals: () => ({ kind: 'stripTotals', ...sometimes() }),
    clock: () => ({ kind: 'clock', minutes: pick([-7, -3, -1, 1, 3, 7]) }),
    driftOrders: () => drift('orders'),
    driftProducts: () => drift('products'),
    corrupt: () => {
      const row = pick(shop.orders.sorted('id').filter(({ status }) => status !== 'trash'))
      spoiled = row.id
      return { kind: 'corrupt', resource: 'order', id: row.id, how: pick(['wrongType', 'nul', 'surrogate']) }
    },
  }
  const drift = (resource: 'orders' | 'products'): Fault => ({
    kind: 'drift',
    resource,
    // Few products: were many of them to vanish, a person would be asked.
    change: pick(resource === 'orders' ? ['insert', 'remove', 'update', 'trash'] : ['insert', 'update']),
    times: between(5, 25),
    ...sometimes(),
  })

  function clear() {
    server.faults.clear()
    Object.assign(webhooks.faults, { delayMs: 0, duplicate: 0, reorder: 0, lose: 0 })
    const row = spoiled === undefined ? undefined : shop.orders.get(spoiled)
    if (row && row.status !== 'trash') writes.updateOrder(row.id, { customer_note: 'reparat' })
    spoiled = undefined
  }

  const deliveryFaults: Record<string, () => void> = {
    lateWebhooks: () => Object.assign(webhooks.faults, { delayMs: between(500, 8000) }),
    doubleWebhooks: () => Object.assign(webhooks.faults, { duplicate: between(5, 40) }),
    crossedWebhooks: () => Object.assign(webhooks.faults, { reorder: between(5, 40) }),
    lostWebhooks: () => Object.assign(webhooks.faults, { lose: between(5, 40) }),
  }

  return {
    seen,
    clear,
    turn() {
      clear()
      const names: string[] = []
      for (let left = pick([0, 0, 1, 1, 2, 3]); left > 0; left--) names.push(pick(Object.keys(kinds)))
      if (random() < 0.4) names.push(pick(Object.keys(deliveryFaults)))
      for (const name of new Set(names)) {
        seen[name] = (seen[name] ?? 0) + 1
        const fault = kinds[name]
        if (fault) server.faults.set(fault())
        else deliveryFaults[name]?.()
      }
      return [...new Set(names)]
    },
  }
}
