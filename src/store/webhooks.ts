/**
 * The webhooks a shop should have for us (20–23): one per topic, its path and secret derived from the consumer
 * secret, so that nothing of them is stored. Compared with what the shop has, and put right.
 */
import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { WooSyncError } from '../errors.ts'
import type { ResourceName } from './resources.ts'
import type { StoreClient } from './rest/client.ts'
import { getFresh } from './rest/fresh.ts'
import type { StoreWriter } from './rest/write.ts'

const KINDS = ['order', 'product', 'customer', 'coupon'] as const
const EVENTS = ['created', 'updated', 'deleted', 'restored'] as const

export type TopicKind = (typeof KINDS)[number]
export type TopicEvent = (typeof EVENTS)[number]
export type Topic = `${TopicKind}.${TopicEvent}`

export const webhookTopics: readonly Topic[] = KINDS.flatMap((kind) =>
  EVENTS.map((event): Topic => `${kind}.${event}`),
)

/** A product's topics speak of variations as well (24a). */
const RESOURCES: Readonly<Record<TopicKind, readonly ResourceName[]>> = {
  order: ['orders'],
  product: ['products', 'variations'],
  customer: ['customers'],
  coupon: ['coupons'],
}

export function topicParts(topic: Topic): { kind: TopicKind; event: TopicEvent } {
  const [kind, event] = topic.split('.') as [TopicKind, TopicEvent]
  return { kind, event }
}

/** What of the mirror a topic tells about. */
export function resourcesOfTopic(topic: Topic): readonly ResourceName[] {
  return RESOURCES[topicParts(topic).kind]
}

/** One webhook of ours. Path and secret must reach nobody but the shop: not a log, not an error. */
export interface Hook {
  topic: Topic
  /** 32 hex characters: the last part of the delivery address. It alone says the topic (21). */
  path: string
  /** 64 hex characters: nothing that the shop would decode before it signs (#22500). */
  secret: string
}

/**
 * The webhooks of a store, by HKDF-SHA256 (RFC 5869) from the consumer secret: another key gives other ones.
 * @param store the identity separates shops that share a key; its address where it tells none (38)
 */
export function deriveHooks(consumerSecret: string, store: { identity: string | null; url: string }): Hook[] {
  if (consumerSecret === '') throw new WooSyncError('internal', { cause: 'webhooks need a consumer secret' })
  const derive = (what: 'path' | 'secret', topic: Topic, bytes: number) => {
    const info = `woosync webhook ${what} ${topic}`
    return Buffer.from(hkdfSync('sha256', consumerSecret, store.identity ?? store.url, info, bytes)).toString(
      'hex',
    )
  }
  return webhookTopics.map((topic) => ({
    topic,
    path: derive('path', topic, 16),
    secret: derive('secret', topic, 32),
  }))
}

/** Whether `X-WC-Webhook-Signature` is the base64 HMAC-SHA256 of the raw body; takes as long for any answer. */
export function isSignedBy(secret: string, rawBody: Buffer, signature: string): boolean {
  // An empty secret would let anyone sign.
  if (secret === '') return false
  const expected = createHmac('sha256', secret).update(rawBody).digest('base64')
  // Hashed, so that they have one length, whatever was sent.
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(expected), digest(signature))
}

export const webhookName = (topic: Topic): string => `woosync ${topic}`

export const deliveryUrl = (publicUrl: string, hook: Hook): string =>
  `${publicUrl.replace(/\/+$/, '')}/webhooks/${hook.path}`

/** A webhook as the shop lists it; the secret is never shown. */
export interface ListedWebhook {
  id: number
  name: string
  status: string
  topic: string
  deliveryUrl: string
}

/** All webhooks of the shop, those of others too. @throws store_rights_missing and what asking throws */
async function listWebhooks(client: StoreClient, signal?: AbortSignal): Promise<ListedWebhook[]> {
  const listed = new Map<number, ListedWebhook>()
  for (let page = 1; page <= MOST_PAGES; page++) {
    const { data } = await getFresh(
      client,
      'webhooks',
      { status: 'all', orderby: 'id', order: 'asc', per_page: PER_PAGE, page },
      { ...(signal && { signal }) },
    )
    const rows = Array.isArray(data) ? data : []
    for (const row of rows) {
      const { id, name, status, topic, delivery_url } = row as Record<string, unknown>
      if (typeof id !== 'number') continue
      const url = String(delivery_url ?? '')
      listed.set(id, {
        id,
        name: String(name),
        status: String(status),
        topic: String(topic),
        deliveryUrl: url,
      })
    }
    if (rows.length < PER_PAGE) break
  }
  return [...listed.values()]
}

const PER_PAGE = 100
/** A shop with more webhooks than this repeats its pages. */
const MOST_PAGES = 50

/** `disabled` by failures (23), `paused` by a person, `moved`: another address, topic or key than it should have. */
export type Wrong = 'disabled' | 'paused' | 'moved' | 'its secret was refused'

export interface Comparison {
  missing: Hook[]
  wrong: { id: number; hook: Hook; was: Wrong }[]
  /** Ids of doubles of ours. */
  surplus: number[]
  /** How many are as they should be. */
  right: number
}

/**
 * What has to be done. Ours are those with one of our paths under our address; those with our name and path
 * under an earlier address; and those with our name under our address, whose path an earlier key gave.
 * @param refused topics whose deliveries come with a wrong signature: their secret is sent again
 */
export function compareWebhooks(
  listed: readonly ListedWebhook[],
  hooks: readonly Hook[],
  publicUrl: string,
  refused: ReadonlySet<Topic> = new Set(),
): Comparison {
  const comparison: Comparison = { missing: [], wrong: [], surplus: [], right: 0 }
  const base = `${publicUrl.replace(/\/+$/, '')}/webhooks/`
  for (const hook of hooks) {
    const url = deliveryUrl(publicUrl, hook)
    const isOurs = (one: ListedWebhook) => {
      const named = one.name === webhookName(hook.topic)
      if (one.deliveryUrl.startsWith(base)) {
        const path = one.deliveryUrl.slice(base.length)
        return path === hook.path || (named && !hooks.some((other) => other.path === path))
      }
      return named && one.deliveryUrl.endsWith(`/webhooks/${hook.path}`)
    }
    const rank = (one: ListedWebhook) => (one.deliveryUrl === url ? 0 : 2) + (one.status === 'active' ? 0 : 1)
    const ours = listed.filter(isOurs).sort((a, b) => rank(a) - rank(b) || a.id - b.id)
    const [kept, ...doubles] = ours
    comparison.surplus.push(...doubles.map((one) => one.id))
    if (!kept) {
      comparison.missing.push(hook)
      continue
    }
    const was = wrongWith(kept, url, hook, refused)
    if (was === null) comparison.right++
    else comparison.wrong.push({ id: kept.id, hook, was })
  }
  return comparison
}

function wrongWith(one: ListedWebhook, url: string, hook: Hook, refused: ReadonlySet<Topic>): Wrong | null {
  if (one.deliveryUrl !== url || one.topic !== hook.topic) return 'moved'
  if (one.status !== 'active') return one.status === 'paused' ? 'paused' : 'disabled'
  return refused.has(hook.topic) ? 'its secret was refused' : null
}

export interface Registration {
  /** `registered`: the shop now has what it should. Else why it was left as it is. */
  state: 'registered' | 'no public address' | 'key may not write' | 'rights missing'
  /** Topics that had no webhook; created, where the state is `registered`. */
  missing: Topic[]
  /** Webhooks that were not as they should be; corrected, where the state is `registered`. */
  wrong: { topic: Topic; was: Wrong }[]
  /** Doubles of ours; removed, where the state is `registered`. */
  surplus: number
  right: number
}

export interface RegisterOptions {
  client: StoreClient
  writer: StoreWriter
  hooks: readonly Hook[]
  /** PUBLIC_URL. The shop pings it at once, so it must be served before; WordPress takes no private addresses. */
  publicUrl: string | undefined
  refused?: ReadonlySet<Topic>
  signal?: AbortSignal
}

/**
 * Compares the shop's webhooks with what should be and puts them right; those of others stay. What a key may
 * not do is told in the result.
 * @throws store_is_another_shop and what asking a shop throws
 */
export async function registerWebhooks(options: RegisterOptions): Promise<Registration> {
  const { client, writer, hooks, publicUrl, signal } = options
  const nothing: Registration = { state: 'no public address', missing: [], wrong: [], surplus: 0, right: 0 }
  if (publicUrl === undefined) return nothing
  let found: Registration = nothing
  try {
    const listed = await listWebhooks(client, signal)
    const { missing, wrong, surplus, right } = compareWebhooks(listed, hooks, publicUrl, options.refused)
    found = {
      state: 'registered',
      missing: missing.map((hook) => hook.topic),
      wrong: wrong.map(({ hook, was }) => ({ topic: hook.topic, was })),
      surplus: surplus.length,
      right,
    }
    const input = (hook: Hook) => ({
      name: webhookName(hook.topic),
      topic: hook.topic,
      deliveryUrl: deliveryUrl(publicUrl, hook),
      secret: hook.secret,
    })
    // Switching on keeps the count of failures (23): until a delivery succeeds, one more failure switches it off.
    for (const { id, hook } of wrong) await writer.updateWebhook(id, input(hook), signal)
    for (const hook of missing) await writer.createWebhook(input(hook), signal)
    for (const id of surplus) await writer.removeWebhook(id, signal)
    return found
  } catch (thrown) {
    const code = thrown instanceof WooSyncError ? thrown.code : null
    if (code === 'store_key_read_only') return { ...found, state: 'key may not write' }
    if (code === 'store_rights_missing') return { ...found, state: 'rights missing' }
    throw thrown
  }
}
