/** Outcomes of competitions that were held: the same series has the same outcome, and of a day that is over it stays. */
import { createHash } from 'node:crypto'
import { lateWords, type Outcome, type Task } from './compete.ts'
import type { Workers } from './workers.ts'

/** Some kilobytes each. */
const MOST = 200

/** @returns runs as the workers do, but not what has run already */
export function createRemembered(workers: Pick<Workers, 'run'>, most = MOST): Pick<Workers, 'run'> {
  const outcomes = new Map<string, Outcome>()
  return {
    async run(task, signal) {
      signal.throwIfAborted()
      const key = createHash('sha256').update(JSON.stringify(task)).digest('base64')
      const known = outcomes.get(key)
      // Set again, so that the first one in the map is the one that was not asked for the longest time.
      outcomes.delete(key)
      const outcome = known ?? (await workers.run(task, signal))
      if (!isWhole(outcome, task)) return outcome
      outcomes.set(key, outcome)
      for (const oldest of outcomes.keys()) {
        if (outcomes.size <= most) break
        outcomes.delete(oldest)
      }
      return outcome
    },
  }
}

/** Where the time was over before all had competed, another time may have a better outcome. */
function isWhole({ candidates }: Outcome, { slowBudget }: Task): boolean {
  return candidates.every(({ leftOut }) => leftOut !== lateWords(slowBudget))
}
