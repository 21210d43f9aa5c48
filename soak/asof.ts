/** Holds the `asOf` of each answer against those of answers that had ended before it was asked for. */
import type { Book } from './promises.ts'

export type AsOf = Readonly<Record<string, { at: string | null; state: string }>>

export interface AsOfWatch {
  /** @param askedAt when the question was sent, `performance.now()` */
  answered(program: string, askedAt: number, asOf: AsOf): void
}

interface Seen {
  endedAt: number
  at: string
  program: string
}

/** Each process keeps what it read of it for a second. */
const KEPT_MS = 2000

export function watchAsOf(book: Book): AsOfWatch {
  /** Newest first, by resource; older ones that say less are let go. */
  const seen = new Map<string, Seen[]>()

  return {
    answered(program, askedAt, asOf) {
      const endedAt = performance.now()
      for (const [resource, { at }] of Object.entries(asOf)) {
        const before = seen.get(resource) ?? []
        const bound = before.find(
          (one) => one.endedAt < askedAt - (one.program === program ? 0 : KEPT_MS) && one.at > (at ?? ''),
        )
        if (bound) {
          book.broken(
            'asOf never goes backwards',
            `${resource}: ${program} said ${at}, ${bound.program} had said ${bound.at} ` +
              `${Math.round(askedAt - bound.endedAt)} ms before it was asked`,
          )
        }
        if (at === null) continue
        const kept = before.filter((one) => one.endedAt > endedAt - 60_000).slice(0, 500)
        seen.set(resource, [{ endedAt, at, program }, ...kept])
      }
    },
  }
}
