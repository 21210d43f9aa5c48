/** The demo shop's process, as the soak speaks with it. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ResourceName } from '../src/store/resources.ts'
import type { Rows } from '../test/sync/shop-rows.ts'
import type { Book } from './promises.ts'

export interface ShopJob {
  seed: number
  orders: number
  changesPerSecond: number
}

export interface ShopTold {
  changes: Record<string, number>
  faults: Record<string, number>
  /** Answers by status, of the last 100,000. */
  statuses: Record<string, number>
  /** Webhooks by status. */
  hooks: Record<string, number>
}

/** What it can be asked, and what it answers. */
export interface ShopAnswers {
  address: { url: string; consumerKey: string; consumerSecret: string }
  /** From now on it changes and fails. */
  live: null
  /** It stands still and fails no more; every delivery has gone out. */
  hold: null
  rows: [ResourceName, [string, string][]][]
  told: ShopTold
}

export interface SoakShop {
  address: ShopAnswers['address']
  live(): Promise<null>
  hold(): Promise<null>
  rows(): Promise<Map<ResourceName, Rows>>
  told(): Promise<ShopTold>
  close(): Promise<void>
}

type Message = { id: number; answer?: unknown; error?: string } | { weather: string[] }

export async function startShop(job: ShopJob, book: Book): Promise<SoakShop> {
  const program = fileURLToPath(new URL('shop-process.ts', import.meta.url))
  const child = fork(program, [JSON.stringify(job)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
    execArgv: ['--max-old-space-size=1000'],
  })
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let asked = 0
  let closing = false
  child.on('message', (message: Message) => {
    if ('weather' in message) {
      book.say(`weather: ${message.weather.join(', ') || 'fair'}`)
      return
    }
    const { id, answer, error } = message
    if (error === undefined) waiting.get(id)?.resolve(answer)
    else waiting.get(id)?.reject(new Error(`the demo shop: ${error}`))
    waiting.delete(id)
  })
  child.on('exit', (code) => {
    for (const one of waiting.values()) one.reject(new Error(`the demo shop ended (${code})`))
    if (!closing) book.broken('the demo shop lives as long as the soak', `it ended with ${code}`)
  })

  async function ask<Ask extends keyof ShopAnswers>(what: Ask): Promise<ShopAnswers[Ask]> {
    const answer = Promise.withResolvers<unknown>()
    const id = ++asked
    waiting.set(id, answer)
    child.send({ id, ask: what })
    return (await answer.promise) as ShopAnswers[Ask]
  }

  return {
    address: await ask('address'),
    live: () => ask('live'),
    hold: () => ask('hold'),
    rows: async () => new Map((await ask('rows')).map(([name, rows]) => [name, new Map(rows)])),
    told: () => ask('told'),
    async close() {
      closing = true
      if (child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}
