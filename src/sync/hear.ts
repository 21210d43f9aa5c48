/**
 * Listening for deliveries as long as the process lives: works them off when the database tells of one, looks
 * by itself now and then, and watches over the webhooks in the shop.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { asFault } from '../database/faults.ts'
import type { ResourceName } from '../store/resources.ts'
import { createStoreWriter } from '../store/rest/write.ts'
import type { Hook } from '../store/webhooks.ts'
import type { SyncContext } from './context.ts'
import { workOffDeliveries } from './deliveries.ts'
import { DELIVERIES_CHANNEL } from './reception.ts'
import { lookAgain, type WatchOptions, watchWebhooks } from './watchdog.ts'

export interface HearOptions {
  /** PUBLIC_URL; without one nothing is registered, and what lies in the queue is worked off all the same. */
  publicUrl: string | undefined
  hooks: readonly Hook[]
  signal: AbortSignal
}

/** Without a word from the database it looks this often: deliveries that wait for another try tell nobody. */
const LOOK_MS = 5000
const WATCH_MS = 300_000
const LOOK_AGAIN_MS = 10_000
const AT_ONCE = 500

/** Runs until the signal aborts; what fails is logged and tried again. */
export async function hearDeliveries(context: SyncContext, options: HearOptions): Promise<void> {
  const { signal } = options
  const bell = createBell()
  const listening = listen(context, bell.ring, signal)
  const writer = createStoreWriter(context.client, context.store)
  const lookAt = new Set<ResourceName>()
  let watchAt = Number.NEGATIVE_INFINITY
  let watchPause = LOOK_MS
  let lookedAt = Number.NEGATIVE_INFINITY
  while (!signal.aborted) {
    try {
      if (performance.now() >= watchAt) {
        // A shop that stumbles is asked again soon, then ever later.
        watchAt = performance.now() + watchPause
        watchPause = Math.min(watchPause * 2, WATCH_MS)
        for (const name of await watchAlone(context, { ...options, writer })) lookAt.add(name)
        watchAt = performance.now() + WATCH_MS
        watchPause = LOOK_MS
      }
      const worked = await workOffDeliveries(context, { limit: AT_ONCE, signal })
      for (const name of worked.follow) lookAt.add(name)
      // A flood of deliveries must not become a flood of questions.
      if (lookAt.size > 0 && performance.now() - lookedAt > LOOK_AGAIN_MS) {
        lookedAt = performance.now()
        const wanted = [...lookAt]
        lookAt.clear()
        for (const name of await lookAgain(context, wanted, signal)) lookAt.add(name)
      }
      if (worked.done === AT_ONCE) continue
    } catch (thrown) {
      const fault = asFault(thrown)
      if (!signal.aborted) context.logger.warn({ code: fault.code }, fault.message)
    }
    await bell.wait(LOOK_MS, signal)
  }
  await listening
}

/**
 * One process watches at a time: several that begin together would each register every webhook, and take what another
 * has not made yet for removed. @returns the resources whose changes may have been missed; none where another watches
 */
async function watchAlone(context: SyncContext, options: WatchOptions): Promise<readonly ResourceName[]> {
  const lock = await context.locks.tryHold(`webhooks:${context.store.id}`, options.signal)
  if (!lock) return []
  try {
    return (await watchWebhooks(context, options)).gaps
  } finally {
    await lock.release()
  }
}

/** Keeps a session that listens; a broken one is opened again. */
async function listen(context: SyncContext, ring: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const session = await context.database.direct()
      const ended = new Promise<void>((resolve) => session.once('end', () => resolve()))
      const leave = () => void session.end().catch(() => undefined)
      signal.addEventListener('abort', leave, { once: true })
      session.on('notification', ring)
      await session.query(`LISTEN ${DELIVERIES_CHANNEL}`)
      // What came while nobody listened.
      ring()
      if (signal.aborted) leave()
      await ended
      signal.removeEventListener('abort', leave)
    } catch (thrown) {
      context.logger.debug({ code: asFault(thrown).code }, 'listening for deliveries broke off')
    }
    await wait(1000, undefined, { signal }).catch(() => undefined)
  }
}

/** A bell that is heard also when it rang just before somebody listened. */
function createBell() {
  let rung = false
  let wake: (() => void) | undefined
  return {
    ring() {
      rung = true
      wake?.()
    },
    async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
      if (!rung) {
        const woken = new AbortController()
        wake = () => woken.abort()
        await wait(milliseconds, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(
          () => undefined,
        )
        wake = undefined
      }
      rung = false
    },
  }
}
