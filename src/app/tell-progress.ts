/** How far runs are, told to whoever listens, in any process: at most four times a second for each resource. */
import type pg from 'pg'
import type { Progress } from '../sync/context.ts'

/** The channel of NOTIFY; the payload is a {@link ProgressTold} as JSON. */
export const PROGRESS_CHANNEL = 'woosync_progress'

export interface ProgressTold extends Progress {
  store: number
}

const EVERY_MS = 250

export interface ProgressTeller {
  tell(progress: Progress): void
  /** What is still to be told is dropped. */
  close(): Promise<void>
}

interface Telling {
  timer: NodeJS.Timeout
  /** The newest since the last was sent. */
  waiting: Progress | null
}

export function createProgressTeller(pool: pg.Pool, store: number): ProgressTeller {
  const telling = new Map<string, Telling>()
  const underWay = new Set<Promise<unknown>>()
  let closed = false

  function send(progress: Progress): void {
    const told: ProgressTold = { store, ...progress }
    const sent = pool
      .query('SELECT pg_notify($1, $2)', [PROGRESS_CHANNEL, JSON.stringify(told)])
      // The run itself learns of a database that is away; this is for those who watch.
      .catch(() => undefined)
      .finally(() => underWay.delete(sent))
    underWay.add(sent)
  }

  function pause(resource: string): void {
    const timer = setTimeout(() => {
      const waiting = telling.get(resource)?.waiting
      telling.delete(resource)
      if (!waiting) return
      send(waiting)
      pause(resource)
    }, EVERY_MS)
    timer.unref()
    telling.set(resource, { timer, waiting: null })
  }

  return {
    tell(progress) {
      if (closed) return
      const now = telling.get(progress.resource)
      if (now) {
        now.waiting = progress
        return
      }
      send(progress)
      pause(progress.resource)
    },
    async close() {
      closed = true
      for (const { timer } of telling.values()) clearTimeout(timer)
      telling.clear()
      await Promise.all(underWay)
    },
  }
}
