/** A demo shop with webhooks, a mirror of it, and a real HTTP server that receives the deliveries. */
import { after } from 'node:test'
import type { Raw } from '../../demo/table.ts'
import { createWebhooks, type Webhooks } from '../../demo/webhooks.ts'
import { createStoreWriter, type StoreWriter } from '../../src/store/rest/write.ts'
import { deriveHooks, type Hook, type Topic } from '../../src/store/webhooks.ts'
import type { SyncContext } from '../../src/sync/context.ts'
import { type WorkedOff, workOffDeliveries } from '../../src/sync/deliveries.ts'
import { openReception } from '../../src/sync/reception.ts'
import { syncAll } from '../../src/sync/sync.ts'
import { watchWebhooks } from '../../src/sync/watchdog.ts'
import { type SmallShop, smallShop } from '../demo/small-shop.ts'
import { type MirroredShop, mirroredShop } from '../shop.ts'
import { listen, type Receiver } from './receiver.ts'

export interface DeliveredShop extends MirroredShop, SmallShop {
  webhooks: Webhooks
  hooks: Hook[]
  writer: StoreWriter
  publicUrl: string
  answers: Receiver['answers']
  broken: Receiver['broken']
  watch(): ReturnType<typeof watchWebhooks>
  /** Waits for the shop's deliveries, then works them off. */
  workOff(): Promise<WorkedOff>
  hook(topic: Topic): Hook
  send(topic: Topic, body: Buffer | string, headers?: Record<string, string>): Promise<number>
  queued(): Promise<number>
}

export interface DeliveredShopOptions {
  /** Default: registered and pinged. */
  registered?: boolean
  /** Before the first copy. */
  prepare?: (small: SmallShop) => void
}

export async function deliveredShop(options: DeliveredShopOptions = {}): Promise<DeliveredShop> {
  const small = smallShop()
  for (const slug of ['pending', 'processing', 'on-hold', 'completed', 'cancelled', 'refunded', 'failed']) {
    small.shop.small.orderStatuses.push({ slug, name: slug })
  }
  options.prepare?.(small)
  const webhooks = createWebhooks(small.shop)
  after(() => webhooks.close())
  const mirrored = await mirroredShop({ shop: small.shop, server: { writes: small.writes, webhooks } })
  const { context } = mirrored
  await syncAll(context, { full: false })
  const hooks = deriveHooks(small.shop.info.consumerSecret, context.store)
  const reception = openReception({
    database: context.database,
    logger: context.logger,
    stores: [{ storeId: context.store.id, hooks }],
  })
  const receiver = await listen(reception)
  after(() => receiver.close())
  const writer = createStoreWriter(context.client, context.store)
  const watch = () => watchWebhooks(context, { writer, hooks, publicUrl: receiver.url })
  if (options.registered !== false) {
    await watch()
    await webhooks.idle()
    receiver.answers.splice(0)
  }
  const hook = (topic: Topic) => hooks.find((one) => one.topic === topic) as Hook
  return {
    ...small,
    ...mirrored,
    webhooks,
    hooks,
    writer,
    publicUrl: receiver.url,
    answers: receiver.answers,
    broken: receiver.broken,
    watch,
    async workOff() {
      await webhooks.idle()
      return workOffDeliveries(context, { limit: 10_000 })
    },
    hook,
    async send(topic, body, headers = {}) {
      const response = await fetch(`${receiver.url}/webhooks/${hook(topic).path}`, {
        method: 'POST',
        body: typeof body === 'string' ? body : new Uint8Array(body),
        headers: { 'content-type': 'application/json', ...headers },
      })
      await response.arrayBuffer()
      return response.status
    },
    queued: () => queuedDeliveries(context),
  }
}

export async function queuedDeliveries(context: SyncContext): Promise<number> {
  const { rows } = await context.database.pool.query<{ count: number }>(
    'SELECT count(*) FROM sync.deliveries WHERE store_id = $1',
    [context.store.id],
  )
  return rows[0]?.count ?? 0
}

/** A column of a row of the mirror. */
export async function held(
  { database }: Pick<MirroredShop, 'database'>,
  table: 'orders' | 'products' | 'variations' | 'customers' | 'coupons',
  id: unknown,
): Promise<{ record: Raw; deleted: boolean; seenAt: Date } | null> {
  const { rows } = await database.pool.query(
    `SELECT record, deleted_at IS NOT NULL AS deleted, seen_at AS "seenAt" FROM mirror.${table} WHERE id = $1`,
    [id],
  )
  return rows[0] ?? null
}
