/** One stream of events: the feed of changes from a position on, and how far runs are. */
import type pg from 'pg'
import type { ProgressTold } from '../../app/tell-progress.ts'
import {
  type FeedEntry,
  type FeedPosition,
  feedEnd,
  isHeldBack,
  isPruned,
  readChanges,
} from '../../mirror/changes.ts'
import type { ResourceName } from '../../store/resources.ts'
import type { EventHub } from './event-hub.ts'

export interface StreamOptions {
  pool: pg.Pool
  hub: EventHub
  storeId: number
  /** Only of these; null: all. */
  resources: ReadonlySet<ResourceName> | null
  /** The last entry that was taken; null: only what comes from now on. */
  after: FeedPosition | null
  signal: AbortSignal
  /** Throws when the caller may no longer listen. */
  stillAllowed(): Promise<unknown>
  heartbeatMs: number
}

const PAGE = 500
/** An entry that an older transaction still holds back is looked for again so soon, then ever later. */
const HELD_FIRST_MS = 100
const HELD_MOST_MS = 5000

export async function* eventStream(options: StreamOptions): AsyncGenerator<string> {
  const { pool, hub, storeId, resources, signal, heartbeatMs } = options
  const wanted = ({ resource }: { resource: ResourceName }) => !resources || resources.has(resource)
  const bell = createBell(signal)
  const progress = new Map<string, ProgressTold>()
  let ended = false
  const stop = hub.listen({
    storeId,
    onChanges: bell.ring,
    onProgress(told) {
      if (!wanted(told)) return
      // Whoever is slow gets the newest.
      progress.set(told.resource, told)
      bell.ring()
    },
    onEnd() {
      ended = true
      bell.ring()
    },
  })
  try {
    let position = options.after ?? (await feedEnd(pool))
    yield `retry: 2000\n\n${event('ready', { store: storeId, position: nameOf(position) }, nameOf(position))}`
    if (options.after && (await isPruned(pool, storeId, options.after))) {
      yield event('pruned', {
        message: 'Changes after your position were removed as too old. Read what you need anew, then go on.',
      })
    }
    let heldMs = HELD_FIRST_MS
    while (!ended && !signal.aborted) {
      bell.reset()
      await options.stillAllowed()
      const entries = await readChanges(pool, storeId, position, PAGE)
      const last = entries.at(-1)
      if (last) position = { xid: last.xid, seq: last.seq }
      const text = [
        ...entries.filter(wanted).map(changeEvent),
        ...[...progress.values()].map((one) => event('progress', withoutStore(one))),
      ].join('')
      progress.clear()
      if (text !== '') yield text
      if (entries.length === PAGE) continue
      const held = await isHeldBack(pool, storeId)
      heldMs = held ? Math.min(heldMs * 2, HELD_MOST_MS) : HELD_FIRST_MS
      const rang = await bell.wait(held ? Math.min(heldMs, heartbeatMs) : heartbeatMs)
      // Keeps the connection open where something in between ends silent ones.
      if (!rang && !held) yield ': still here\n\n'
    }
  } finally {
    stop()
  }
}

function nameOf({ xid, seq }: FeedPosition): string {
  return `${xid}-${seq}`
}

function changeEvent(entry: FeedEntry): string {
  const { resource, id, change, way, modifiedAt, at } = entry
  const position = nameOf(entry)
  return event('change', { position, resource, id, change, way, modifiedAt, at }, position)
}

function withoutStore({ store: _store, ...progress }: ProgressTold) {
  return progress
}

function event(name: string, data: object, id?: string): string {
  return `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
}

/** Rung from outside, waited for inside; rung before the wait, there is none. */
function createBell(signal: AbortSignal) {
  let rung = false
  let wake = () => {}
  const ring = () => {
    rung = true
    wake()
  }
  signal.addEventListener('abort', ring, { once: true })
  return {
    ring,
    reset: () => {
      rung = signal.aborted
    },
    /** @returns whether it rang before the time was over */
    wait: (ms: number) =>
      new Promise<boolean>((resolve) => {
        if (rung) return resolve(true)
        const timer = setTimeout(() => resolve(false), ms)
        wake = () => {
          clearTimeout(timer)
          resolve(true)
        }
      }),
  }
}
