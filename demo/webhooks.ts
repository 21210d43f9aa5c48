/**
 * Webhooks of a demo shop: the `/webhooks` records, and real deliveries over HTTP with signatures, as
 * recorded in `webhooks/` (rows 20 to 25). Faults make them late, double, out of order or lost.
 */
import { createHash } from 'node:crypto'
import { DemoError } from './errors.ts'
import type { Shop, ShopEvent, Topic } from './shop.ts'
import type { Raw } from './table.ts'
import { createPayloads } from './webhooks/payload.ts'
import { type Answered, post } from './webhooks/post.ts'
import { createQueue, type DeliveryFaults } from './webhooks/queue.ts'
import { changeWebhook, countDelivery, newWebhook, type Webhook, webhookRecord } from './webhooks/registry.ts'
import { webhookSignature } from './webhooks/signature.ts'
import { createZone } from './zone.ts'

export interface WebhookOptions {
  logger?: { info(data: object, message: string): void }
  /** How many webhooks send at once; 1 keeps the order of all events. */
  concurrency?: number
  /** Milliseconds until a delivery counts as failed; WooCommerce waits 60 s. */
  timeoutMs?: number
}

/** One entry of the log: what was sent, or lost, and what came back. */
export interface Delivery extends Answered {
  webhook: number
  kind: 'ping' | 'event' | 'forged' | 'lost'
  topic: Topic
  /** The record's id; null for a ping or a forgery. */
  id: number | null
  /** The same for all a webhook sends within one second (recorded): no key to tell doubles by. */
  deliveryId: string | null
}

export type Webhooks = ReturnType<typeof createWebhooks>

/** Listens to the shop's events until `close()`. Only active webhooks of the event's topic send. */
export function createWebhooks(shop: Shop, options: WebhookOptions = {}) {
  const { concurrency = 4, timeoutMs = 60_000, logger } = options
  const hooks = new Map<number, Webhook>()
  const faults: DeliveryFaults = { delayMs: 0, duplicate: 0, reorder: 0, lose: 0 }
  const queue = createQueue(faults, concurrency)
  const payload = createPayloads(shop)
  const zone = createZone(shop.info.timezone)
  const log: Delivery[] = []
  const ending = new AbortController()
  const stopListening = shop.onEvent(schedule)

  function schedule({ topic, id }: ShopEvent) {
    for (const hook of hooks.values()) {
      if (hook.topic !== topic || hook.status !== 'active') continue
      queue.push({
        lane: hook.id,
        kind: 'event',
        run: () => deliver(hook, id),
        lost: () => record(hook, 'lost', id, null, { status: null, error: 'lost by a fault' }),
      })
    }
  }

  async function deliver(hook: Webhook, id: number) {
    if (hooks.get(hook.id) !== hook || hook.status !== 'active') return
    const body = payload(hook.topic, id)
    const deliveryId = deliveryIdOf(hook)
    const headers = eventHeaders(hook, body, hook.secret, deliveryId)
    const times = faults.duplicate > 0 ? 2 : 1
    if (times === 2) faults.duplicate--
    for (let n = 0; n < times; n++) {
      const answer = await send(hook, body, headers)
      record(hook, 'event', id, deliveryId, answer)
      countDelivery(hook, answer.status)
      await saved(hook)
    }
  }

  /** Each save of an active webhook that still waits for its first 200 sends a ping (row 22). */
  async function saved(hook: Webhook) {
    hook.modified = seconds()
    if (hook.status === 'active' && hook.pending) await ping(hook)
  }

  function pingSoon(hook: Webhook) {
    queue.push({ lane: hook.id, kind: 'ping', run: () => ping(hook), lost: () => {} })
  }

  async function ping(hook: Webhook) {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const answer = await send(hook, `webhook_id=${hook.id}`, headers)
    if (answer.status === 200) {
      hook.pending = false
      hook.modified = seconds()
    }
    record(hook, 'ping', null, null, { ...answer, error: pingError(answer) })
  }

  function send(hook: Webhook, body: string, headers: Record<string, string>): Promise<Answered> {
    return post({
      url: hook.deliveryUrl,
      body,
      headers,
      userAgent: `WooCommerce/${shop.info.version} Hookshot (WordPress/${WORDPRESS})`,
      timeout: timeoutMs,
      signal: ending.signal,
    })
  }

  function eventHeaders(hook: Webhook, body: string, secret: string, deliveryId: string) {
    const [resource = '', event = ''] = hook.topic.split('.')
    return {
      'Content-Type': 'application/json',
      'X-WC-Webhook-Source': `${shop.info.url}/`,
      'X-WC-Webhook-Topic': hook.topic,
      'X-WC-Webhook-Resource': resource,
      'X-WC-Webhook-Event': event,
      'X-WC-Webhook-Signature': webhookSignature(body, secret),
      'X-WC-Webhook-ID': String(hook.id),
      'X-WC-Webhook-Delivery-ID': deliveryId,
    }
  }

  function deliveryIdOf(hook: Webhook): string {
    return createHash('md5').update(`${shop.info.storeId}${hook.id}${seconds()}`).digest('hex')
  }

  function record(
    hook: Webhook,
    kind: Delivery['kind'],
    id: number | null,
    deliveryId: string | null,
    answer: Answered,
  ) {
    const entry: Delivery = { webhook: hook.id, kind, topic: hook.topic, id, deliveryId, ...answer }
    log.push(entry)
    if (log.length > LOG_LENGTH) log.shift()
    logger?.info(entry, 'webhook')
  }

  function seconds(): number {
    return Math.floor(shop.now() / 1000)
  }

  function found(id: number, status: 400 | 404): Webhook {
    const hook = hooks.get(id)
    const sentence = status === 404 ? 'Invalid ID.' : 'ID is invalid.'
    if (!hook) throw new DemoError(status, 'woocommerce_rest_shop_webhook_invalid_id', sentence)
    return hook
  }

  return {
    faults,
    /**
     * `{topic, delivery_url, secret?, name?, status?}`. The ping goes out at once and wants exactly 200; over
     * REST WooCommerce saves the webhook all the same, what went wrong stands in `deliveries()`.
     */
    create(input: Raw): Raw {
      const hook = newWebhook(shop, input)
      hooks.set(hook.id, hook)
      const shown = webhookRecord(zone, hook)
      // Over REST the ping is sent whatever the status.
      pingSoon(hook)
      return shown
    },
    list: (): Raw[] => [...hooks.values()].map((hook) => webhookRecord(zone, hook)),
    get(id: number): Raw | undefined {
      const hook = hooks.get(id)
      return hook && webhookRecord(zone, hook)
    },
    /** `status: 'active'` enables a disabled one again; its failures stay counted, so one more disables it. */
    update(id: number, input: Raw): Raw {
      const hook = found(id, 400)
      if (changeWebhook(hook, input)) hook.pending = true
      hook.modified = seconds()
      if (hook.status === 'active' && hook.pending) pingSoon(hook)
      return webhookRecord(zone, hook)
    },
    remove(id: number): Raw {
      const hook = found(id, 404)
      hooks.delete(id)
      return webhookRecord(zone, hook)
    },
    /** Sends a body of one's own to the first webhook of a topic, signed with any secret; gives what it answered. */
    async forge(topic: Topic, body: string, secret: string): Promise<Answered> {
      const hook = [...hooks.values()].find((each) => each.topic === topic)
      if (!hook) throw new Error(`no webhook for ${topic}`)
      const deliveryId = deliveryIdOf(hook)
      const answer = await send(hook, body, eventHeaders(hook, body, secret, deliveryId))
      record(hook, 'forged', null, deliveryId, answer)
      return answer
    },
    /** Resolves when no delivery and no ping is on its way. */
    idle: () => queue.idle(),
    /** The last 1,000, oldest first. */
    deliveries: (): readonly Delivery[] => log,
    /** Stops listening and drops what was not sent. */
    close() {
      stopListening()
      queue.close()
      ending.abort()
    },
  }
}

/** The sentence WooCommerce shows in its own pages when a ping fails; null when it was answered with 200. */
function pingError({ status, error }: Answered): string | null {
  if (status === 200) return null
  if (status === null) return `Error: Delivery URL cannot be reached: ${error}`
  return `Error: Delivery URL returned response code: ${status}`
}

const LOG_LENGTH = 1000
const WORDPRESS = '7.1'
