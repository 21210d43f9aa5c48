/** Hears the stream of events of one process, goes on with its last id when it breaks, and keeps every position. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Program } from './programs.ts'
import type { Book } from './promises.ts'

export interface EventsHeard {
  run(signal: AbortSignal): Promise<void>
  /** Waits until all of these were heard, at most so long. */
  check(positions: ReadonlySet<string>): Promise<void>
}

const HEARD_WITHIN_MS = 20_000

export function hearEvents(program: Program, key: string, book: Book): EventsHeard {
  const heard = new Set<string>()
  let last = '0-0'

  async function hear(signal: AbortSignal): Promise<void> {
    const answer = await fetch(`http://127.0.0.1:${program.port}/api/v1/events`, {
      headers: { authorization: `Bearer ${key}`, 'last-event-id': last },
      signal,
    })
    if (!answer.ok || !answer.body) {
      book.count(`streams of events refused with ${answer.status}`)
      await answer.body?.cancel()
      return
    }
    book.count('streams of events begun')
    let rest = ''
    for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + text).split('\n\n')
      rest = parts.pop() ?? ''
      for (const part of parts) take(part)
    }
  }

  function take(part: string): void {
    const id = /^id: (.+)$/m.exec(part)?.[1]
    const name = /^event: (.+)$/m.exec(part)?.[1]
    if (name === 'pruned') book.count('streams of events told of pruned changes')
    if (id === undefined || name !== 'change') return
    if (heard.has(id)) book.broken('no event comes twice', id)
    heard.add(id)
    last = id
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        // Broken with Postgres or the process; it goes on where it stood.
        await hear(signal).catch(() => undefined)
        await wait(1000, undefined, { signal }).catch(() => undefined)
      }
    },
    async check(positions) {
      const missing = () => [...positions].filter((one) => !heard.has(one))
      const end = Date.now() + HEARD_WITHIN_MS
      while (missing().length > 0 && Date.now() < end) await wait(200)
      const left = missing()
      if (left.length > 0)
        book.broken('every change is an event', `${left.length} were not heard: ${left.slice(0, 5)}`)
      if (heard.size > positions.size)
        book.broken('every event is a change', `${heard.size} heard, ${positions.size} made`)
    },
  }
}
