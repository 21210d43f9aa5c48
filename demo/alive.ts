/**
 * Keeps a demo shop alive: orders arrive in the customers' rhythm, are paid, sent, cancelled and given back,
 * stock falls and is filled up, prices change. Everything goes through the shop's own writes, so webhooks and
 * dates are those of a real shop.
 */
import { createEvents, type Happening } from './alive/events.ts'
import { rhythm } from './generate/calendar.ts'
import { createClock } from './generate/clock.ts'
import { createRandom } from './generate/random.ts'
import type { Shop } from './shop.ts'
import type { Writes } from './writes.ts'

export interface AliveOptions {
  /** On average, by the rhythm of day and season; default 2. Each order brings some two further changes. */
  ordersPerMinute?: number
  seed?: number
  /** Hears what happened. */
  onEvent?(happening: Happening): void
  /** Hears what went wrong in a change; the shop goes on. Default: one line on standard error. */
  onError?(error: unknown): void
}

export interface Alive {
  /** Makes one thing happen now, whatever the hour; throws what the writes throw. */
  step(): Happening
  stop(): void
}

/** Of ten changes three are new orders. */
const EVENTS_PER_ORDER = 10 / 3
const LONGEST_PAUSE = 10 * 60_000

/** Runs until `stop`; keeps no process alive by itself. */
export function keepAlive(shop: Shop, writes: Writes, options: AliveOptions = {}): Alive {
  const { ordersPerMinute = 2, seed = 1, onEvent, onError = complain } = options
  const random = createRandom(seed)
  const clock = createClock(shop.info.timezone)
  const happen = createEvents(shop, writes, random)
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  function step(): Happening {
    const happening = happen()
    onEvent?.(happening)
    return happening
  }

  function plan() {
    if (stopped) return
    const busy = Math.min(3, Math.max(0.2, rhythm(clock, Math.floor(shop.now() / 1000))))
    const mean = 60_000 / (ordersPerMinute * EVENTS_PER_ORDER * busy)
    const pause = Math.min(LONGEST_PAUSE, -Math.log(1 - random()) * mean)
    timer = setTimeout(() => {
      try {
        step()
      } catch (error) {
        onError(error)
      }
      plan()
    }, pause)
    timer.unref()
  }

  plan()
  return {
    step,
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}

export interface CatchUpOptions {
  /** Unix milliseconds: what happened between these two moments is made up for. */
  from: number
  to: number
  ordersPerDay: number
  seed?: number
  /** No more changes than this, however long the shop was away. Default 2,000. */
  most?: number
}

/**
 * Lives through the time a shop was not running, so that its past has no hole: changes get dates between `from`
 * and `to`, rising. Gives how many there were. The shop's clock is right again afterwards.
 */
export function catchUp(shop: Shop, writes: Writes, options: CatchUpOptions): number {
  const { from, to, ordersPerDay, seed = 1, most = 2000 } = options
  const random = createRandom(seed)
  const clock = createClock(shop.info.timezone)
  const happen = createEvents(shop, writes, random)
  const average = 86_400_000 / (ordersPerDay * EVENTS_PER_ORDER)
  const mean = Math.max(average, (to - from) / most)
  let changes = 0
  try {
    for (let moment = from; ; changes++) {
      const busy = Math.max(0.05, rhythm(clock, Math.floor(moment / 1000)))
      moment += Math.max(1000, (-Math.log(1 - random()) * mean) / busy)
      if (moment >= to) return changes
      shop.setClockOffset(moment - Date.now())
      happen()
    }
  } finally {
    shop.setClockOffset(0)
  }
}

function complain(error: unknown) {
  process.stderr.write(`the demo shop stumbled: ${error instanceof Error ? error.message : String(error)}\n`)
}
