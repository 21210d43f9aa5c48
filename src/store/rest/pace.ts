/**
 * How fast a shop is asked: one pace per shop, shared by everything in this process that reads it (row 33).
 * `full` finds the number of requests the shop takes at once; `gentle` is one connection, at most half of
 * the time in requests. `Retry-After` pauses the whole shop; pages shrink when they time out.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { createClimb } from './climb.ts'

export type PaceMode = 'full' | 'gentle'
/** `interactive` requests (a person waits) go before background ones, and without gentle's waiting. */
export type Lane = 'background' | 'interactive'

export interface PaceChange {
  mode: PaceMode
  concurrency: number
  pageSize: number
}

export interface PaceOptions {
  mode: PaceMode
  maxConcurrency?: number
  onChange?: (change: PaceChange) => void
  /** Milliseconds of a steady clock. */
  now?: () => number
  delay?: (ms: number) => Promise<unknown>
}

export interface Pace {
  /**
   * Runs `work` when it is its turn; `rows` is how many rows it is expected to bring. A work that throws
   * is not counted as a measurement. Rejects with the signal's reason when that aborts while waiting.
   */
  run<T>(rows: number, work: () => Promise<T>, signal?: AbortSignal, lane?: Lane): Promise<T>
  /** The shop timed out, broke off or asked for fewer requests; `retryAfterMs` pauses all of it. */
  trouble(retryAfterMs?: number): void
  readonly mode: PaceMode
  readonly concurrency: number
  readonly pageSize: number
  /** A page of `rows` (default: the present size) timed out: the next ones are smaller. */
  pageTimedOut(rows?: number): void
  /** A page of `rows` came well; after many of them the next larger size is tried. */
  pageFine(rows?: number): void
  setMode(mode: PaceMode): void
}

interface Waiting {
  start: () => void
  lane: Lane
}

const pageSizes = [100, 50, 20, 10]
/** What a request costs besides its rows, counted in rows (60–70 ms against 9 ms an order, measured). */
const rowsPerRequest = 6
/** Gentle: time in requests that may be used ahead, in ms, so that a small poll passes at once. */
const allowance = 200
/** Troubles this close together are one: all requests under way meet the same one. */
const sameTroubleMs = 250
const fineForLarger = 20

export function createPace(options: PaceOptions): Pace {
  const now = options.now ?? (() => performance.now())
  const rest = options.delay ?? wait
  // A paused shop alone does not keep the process from ending.
  const pausing = options.delay ?? ((ms: number) => wait(ms, undefined, { ref: false }))
  const lanes: Record<Lane, Waiting[]> = { interactive: [], background: [] }
  let mode = options.mode
  let running = 0
  let pausedUntil = Number.NEGATIVE_INFINITY
  let lastTrouble = Number.NEGATIVE_INFINITY
  let credit = allowance
  let creditAt = now()
  let waitingForCredit = false
  let size = 0
  let fine = 0
  let fineNeeded = fineForLarger

  const changed = (): void =>
    options.onChange?.({ mode, concurrency: pace.concurrency, pageSize: pace.pageSize })
  const climb = createClimb({ max: options.maxConcurrency ?? 8, start: 2, onChange: () => changed() })

  /** Gentle's account: it fills while the shop rests, a request takes out what it lasted. */
  const refill = (): number => {
    const at = now()
    if (running === 0) credit = Math.min(allowance, credit + (at - creditAt))
    creditAt = at
    return credit
  }

  const next = (): Waiting | undefined => lanes.interactive[0] ?? lanes.background[0]

  const pump = (): void => {
    for (let first = next(); first && running < pace.concurrency; first = next()) {
      if (pausedUntil > now()) return
      if (mode === 'gentle' && first.lane === 'background' && refill() < 0) {
        restThenPump(-credit)
        return
      }
      lanes[first.lane].shift()
      first.start()
    }
  }

  const restThenPump = (ms: number): void => {
    if (waitingForCredit) return
    waitingForCredit = true
    void rest(Math.ceil(ms)).then(() => {
      waitingForCredit = false
      pump()
    })
  }

  const pause = (ms: number): void => {
    const until = now() + ms
    if (until <= pausedUntil) return
    pausedUntil = until
    void pausing(ms).then(() => {
      // A longer pause that came meanwhile ends this one's say.
      if (pausedUntil !== until) return
      pausedUntil = Number.NEGATIVE_INFINITY
      pump()
    })
  }

  /** Resolves when a slot is this caller's; it is taken (`running`) by then. */
  const turn = (lane: Lane, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const giveUp = (): void => {
        lanes[lane] = lanes[lane].filter((other) => other !== waiting)
        reject(signal?.reason)
      }
      const waiting: Waiting = {
        lane,
        start: () => {
          signal?.removeEventListener('abort', giveUp)
          refill()
          running += 1
          resolve()
        },
      }
      if (signal?.aborted) return reject(signal.reason)
      signal?.addEventListener('abort', giveUp, { once: true })
      lanes[lane].push(waiting)
      pump()
    })

  const pace: Pace = {
    async run(rows, work, signal, lane = 'background') {
      await turn(lane, signal)
      const startedAt = now()
      const limit = running === climb.limit ? climb.limit : null
      const done = (): number => {
        const ms = now() - startedAt
        running -= 1
        credit -= ms
        creditAt = now()
        return ms
      }
      try {
        const result = await work()
        const ms = done()
        if (mode === 'full' && limit !== null) climb.note(ms / (rows + rowsPerRequest), limit)
        return result
      } catch (error) {
        done()
        throw error
      } finally {
        pump()
      }
    },
    trouble(retryAfterMs) {
      if (retryAfterMs) pause(retryAfterMs)
      const at = now()
      if (at - lastTrouble < sameTroubleMs) return
      lastTrouble = at
      climb.trouble()
    },
    get mode() {
      return mode
    },
    get concurrency() {
      return mode === 'gentle' ? 1 : climb.limit
    },
    get pageSize() {
      return pageSizes[size]!
    },
    pageTimedOut(rows = pageSizes[size]!) {
      // Pages asked for at a larger size say nothing about the present one.
      if (rows > pageSizes[size]! || size === pageSizes.length - 1) return
      if (rows <= pageSizes[size + 1]!) return
      size += 1
      fine = 0
      fineNeeded = Math.min(fineNeeded * 2, 16 * fineForLarger)
      changed()
    },
    pageFine(rows = pageSizes[size]!) {
      if (size === 0 || rows < pageSizes[size]!) return
      fine += 1
      if (fine < fineNeeded) return
      size -= 1
      fine = 0
      changed()
    },
    setMode(to) {
      if (to === mode) return
      mode = to
      credit = Math.max(credit, 0)
      changed()
      pump()
    },
  }
  return pace
}
