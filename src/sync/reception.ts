/**
 * Receiving webhook deliveries: checked, put into the queue, answered within milliseconds. WooCommerce tries
 * nothing twice and switches a webhook off at the 7th failure in a row (23), so all the work comes later.
 */

import { asFault } from '../database/faults.ts'
import type { Database } from '../database/open.ts'
import { WooSyncError } from '../errors.ts'
import { raiseAlert } from '../mirror/alerts.ts'
import { type Hook, isSignedBy } from '../store/webhooks.ts'
import type { SyncContext } from './context.ts'

/** The channel of NOTIFY when something lies in `sync.deliveries`; the payload is `<store_id>`. */
export const DELIVERIES_CHANNEL = 'woosync_deliveries'

/** A body this long or shorter is taken, in bytes; an HTTP server before this needs the same limit. */
export const LONGEST_DELIVERY = 5 * 1024 * 1024

export interface IncomingDelivery {
  /** The last part of the address: `/webhooks/<path>`. */
  path: string
  contentType: string | undefined
  /** `X-WC-Webhook-Signature` */
  signature: string | undefined
  /** As it came over the line. */
  rawBody: Buffer
}

export interface DeliveryAnswer {
  /** What WooCommerce is answered. Anything outside 200 to 302 counts as a failure there (23). */
  status: 200 | 401 | 404 | 413 | 503
  /** `hinted`: too many at once; the resource is looked at soon instead. */
  outcome: 'queued' | 'hinted' | 'ping' | 'not signed' | 'unknown path' | 'too large' | 'not stored'
}

export interface ReceptionOptions {
  database: Pick<Database, 'pool'>
  logger: SyncContext['logger']
  /** The stores served, each with its webhooks as `deriveHooks` gives them. */
  stores: readonly { storeId: number; hooks: readonly Hook[] }[]
  /** Deliveries of one store: on average, and at once. Default 50 a second and 500. */
  limit?: { perSecond: number; burst: number }
}

export interface Reception {
  database: Pick<Database, 'pool'>
  logger: SyncContext['logger']
  doors: ReadonlyMap<string, Door>
}

/** One webhook's address. */
interface Door {
  storeId: number
  hook: Hook
  bucket: Bucket
  /** The last request to look at the resource, and until when it covers further ones; in `performance.now()`. */
  hint: { stored: Promise<void>; until: number }
  refusalToldAt: number
}

interface Bucket {
  /** Takes one of the store's deliveries out; false when there is none. */
  take(): boolean
}

export function openReception(options: ReceptionOptions): Reception {
  const limit = options.limit ?? { perSecond: 50, burst: 500 }
  const doors = new Map<string, Door>()
  for (const { storeId, hooks } of options.stores) {
    const bucket = createBucket(limit)
    for (const hook of hooks) {
      const hint = { stored: Promise.resolve(), until: 0 }
      doors.set(hook.path, { storeId, hook, bucket, hint, refusalToldAt: Number.NEGATIVE_INFINITY })
    }
  }
  return { database: options.database, logger: options.logger, doors }
}

/**
 * Takes a delivery in. It answers and never rejects: 503 says that the database does not take it, and polling
 * will bring the change. Delivery ids repeat within a second, so nothing is told apart by them (24).
 */
export async function receiveDelivery(
  reception: Reception,
  delivery: IncomingDelivery,
): Promise<DeliveryAnswer> {
  const door = reception.doors.get(delivery.path)
  if (!door) return { status: 404, outcome: 'unknown path' }
  if (delivery.rawBody.length > LONGEST_DELIVERY) return { status: 413, outcome: 'too large' }
  // On saving a webhook the shop wants exactly 200, and it comes unsigned (22).
  if (isPing(delivery)) return { status: 200, outcome: 'ping' }
  try {
    if (!door.bucket.take()) {
      // A failure answered here would switch the webhook off: the shop is told that all is well, and asked soon.
      await hint(reception, door)
      return { status: 200, outcome: 'hinted' }
    }
    if (!isSignedBy(door.hook.secret, delivery.rawBody, delivery.signature ?? '')) {
      await tellRefusal(reception, door)
      return { status: 401, outcome: 'not signed' }
    }
    await store(reception, door, textOf(delivery.rawBody))
    return { status: 200, outcome: 'queued' }
  } catch (thrown) {
    const fault = asFault(thrown)
    reception.logger.warn(
      { store: door.storeId, topic: door.hook.topic, code: fault.code },
      'a delivery could not be stored',
    )
    return { status: 503, outcome: 'not stored' }
  }
}

function isPing({ contentType, rawBody }: IncomingDelivery): boolean {
  return (
    rawBody.length < 64 &&
    /^application\/x-www-form-urlencoded\b/i.test(contentType ?? '') &&
    /^webhook_id=\d+$/.test(rawBody.toString('latin1'))
  )
}

/** Postgres holds no NUL; JSON has none, so a body with one is found unreadable later. */
function textOf(rawBody: Buffer): string {
  return rawBody.toString('utf8').replaceAll('\u0000', '\uFFFD')
}

async function store({ database }: Reception, { storeId, hook }: Door, body: string): Promise<void> {
  await database.pool.query(
    `WITH stored AS (INSERT INTO sync.deliveries (store_id, topic, body) VALUES ($1, $2, $3))
     SELECT pg_notify('${DELIVERIES_CHANNEL}', $1::text)`,
    [storeId, hook.topic, body],
  )
}

const HINT_MS = 1000

/**
 * Asks, with an empty body, for a look at the topic's resources. One covers all deliveries of the second after
 * it, and is worked off only when that second is over: what they told of is in the shop by then.
 */
async function hint({ database, logger }: Reception, door: Door): Promise<void> {
  const now = performance.now()
  if (now >= door.hint.until) {
    const { storeId, hook } = door
    const stored = database.pool
      .query(
        `INSERT INTO sync.deliveries (store_id, topic, body, not_before)
         VALUES ($1, $2, '', now() + make_interval(secs => $3::float8 / 1000))`,
        [storeId, hook.topic, HINT_MS + 100],
      )
      .then(() => undefined)
    door.hint = { stored, until: now + HINT_MS }
    stored.catch(() => {
      door.hint.until = 0
    })
    logger.warn({ store: storeId, topic: hook.topic }, 'more deliveries than are taken: looking instead')
  }
  await door.hint.stored
}

const REFUSAL_TOLD_EVERY_MS = 60_000

/** The address is known to the shop alone, so a wrong signature there means a secret that no longer fits. */
async function tellRefusal({ database, logger }: Reception, door: Door): Promise<void> {
  const now = performance.now()
  if (now - door.refusalToldAt < REFUSAL_TOLD_EVERY_MS) return
  door.refusalToldAt = now
  const { topic } = door.hook
  const fault = new WooSyncError('delivery_refused', { cause: `the signature for ${topic} is wrong` })
  logger.warn({ store: door.storeId, topic, code: fault.code }, fault.message)
  await raiseAlert(database.pool, door.storeId, fault, topic).catch(() => undefined)
}

/** Refills steadily up to `burst`. */
function createBucket({ perSecond, burst }: { perSecond: number; burst: number }): Bucket {
  let filled = burst
  let at = performance.now()
  return {
    take() {
      const now = performance.now()
      filled = Math.min(burst, filled + ((now - at) / 1000) * perSecond)
      at = now
      if (filled < 1) return false
      filled -= 1
      return true
    },
  }
}
