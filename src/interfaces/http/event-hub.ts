/**
 * Hears of changes and of progress through one session of Postgres, however many listen: opened for the first,
 * ended with the last, opened anew when it breaks.
 */
import { z } from 'zod'
import { PROGRESS_CHANNEL, type ProgressTold } from '../../app/tell-progress.ts'
import type { Logger } from '../../database/logger.ts'
import type { Database } from '../../database/open.ts'
import { CHANGES_CHANNEL } from '../../mirror/changes.ts'
import { type ResourceName, resourceNames } from '../../store/resources.ts'

/** One who listens: woken, it looks what there is. */
export interface Listener {
  storeId: number
  /** There may be new entries in the feed. */
  onChanges(): void
  onProgress(progress: ProgressTold): void
  /** The server ends. */
  onEnd(): void
}

export interface EventHub {
  /** @returns a function that ends the listening */
  listen(listener: Listener): () => void
  /** Resolves when everybody was told and the session is ended. */
  close(): Promise<void>
}

const RETRY_FIRST_MS = 500
const RETRY_MOST_MS = 30_000

const progressSchema = z.object({
  store: z.int(),
  resource: z.enum(resourceNames as [ResourceName, ...ResourceName[]]),
  kind: z.enum(['backfill', 'follow', 'list', 'reconcile', 'scrub', 'fetch', 'ask']),
  done: z.number(),
  total: z.number().nullable(),
})

type Session = Awaited<ReturnType<Database['direct']>>

export function createEventHub(database: Pick<Database, 'direct'>, logger: Logger): EventHub {
  const listeners = new Set<Listener>()
  let session: Session | undefined
  let opening: Promise<void> | undefined
  let retry: NodeJS.Timeout | undefined
  let closed = false

  function hear({ channel, payload = '' }: { channel: string; payload?: string | undefined }): void {
    if (channel === CHANGES_CHANNEL) {
      const store = Number(payload.split(' ', 1)[0])
      for (const one of listeners) if (one.storeId === store) one.onChanges()
      return
    }
    const told = progressOf(payload)
    if (told) for (const one of listeners) if (one.storeId === told.store) one.onProgress(told)
  }

  async function open(pause: number): Promise<void> {
    try {
      const next = await database.direct()
      next.on('notification', hear)
      next.once('end', () => lost(next))
      await next.query(`LISTEN ${CHANGES_CHANNEL}`)
      await next.query(`LISTEN ${PROGRESS_CHANNEL}`)
      session = next
      // What came while nobody heard it.
      for (const one of listeners) one.onChanges()
      endIfIdle()
    } catch (thrown) {
      logger.debug({ err: thrown }, 'events are not heard of')
      again(pause)
    } finally {
      opening = undefined
    }
  }

  function again(pause: number): void {
    if (closed || listeners.size === 0) return
    clearTimeout(retry)
    retry = setTimeout(() => start(Math.min(pause * 2, RETRY_MOST_MS)), pause)
    retry.unref()
  }

  function start(pause = RETRY_FIRST_MS): void {
    if (!closed && listeners.size > 0 && !session) opening ??= open(pause)
  }

  function lost(broken: Session): void {
    if (session !== broken) return
    session = undefined
    again(RETRY_FIRST_MS)
  }

  function endIfIdle(): void {
    if (listeners.size > 0 && !closed) return
    clearTimeout(retry)
    const idle = session
    session = undefined
    idle?.end().catch(() => undefined)
  }

  return {
    listen(listener) {
      if (closed) {
        listener.onEnd()
        return () => undefined
      }
      listeners.add(listener)
      start()
      return () => {
        listeners.delete(listener)
        endIfIdle()
      }
    },
    async close() {
      closed = true
      for (const one of listeners) one.onEnd()
      listeners.clear()
      await opening
      const last = session
      endIfIdle()
      await last?.end().catch(() => undefined)
    },
  }
}

function progressOf(payload: string): ProgressTold | null {
  try {
    return progressSchema.parse(JSON.parse(payload))
  } catch {
    // Anybody in the database may notify anything.
    return null
  }
}
