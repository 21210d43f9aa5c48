/** Counts what fails, for each address or person: who guesses has to wait. In this process; `shared-attempts.ts` for all. */
import { WooSyncError } from '../../errors.ts'

export interface Attempts {
  /** Counted before it is known how it ends, so that many at once are counted too. @throws too_many_attempts */
  count(who: string): void
  /** It was none that failed. */
  takeBack(who: string): void
  /** Everything before is forgotten. */
  forget(who: string): void
}

export interface AttemptsOptions {
  most: number
  withinMs: number
  /** Whoever failed longest ago is forgotten first. */
  remember?: number
  now?: () => number
}

interface Failures {
  count: number
  since: number
}

export function createAttempts(options: AttemptsOptions): Attempts {
  const { most, withinMs, remember = 10_000, now = () => performance.now() } = options
  const failures = new Map<string, Failures>()

  function current(who: string): Failures | undefined {
    const found = failures.get(who)
    if (found && now() - found.since < withinMs) return found
    failures.delete(who)
    return undefined
  }

  return {
    count(who) {
      const found = current(who) ?? { count: 0, since: now() }
      if (found.count >= most) {
        const seconds = Math.max(1, Math.ceil((found.since + withinMs - now()) / 1000))
        throw new WooSyncError('too_many_attempts', { seconds })
      }
      failures.set(who, { ...found, count: found.count + 1 })
      const [oldest] = failures.keys()
      if (failures.size > remember && oldest !== undefined) failures.delete(oldest)
    },
    takeBack(who) {
      const found = current(who)
      if (found) failures.set(who, { ...found, count: found.count - 1 })
    },
    forget: (who) => void failures.delete(who),
  }
}
