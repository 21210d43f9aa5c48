/** Counts what fails, for each address or person: who guesses has to wait. Kept in this process alone. */
import { WooSyncError } from '../../errors.ts'

export interface Attempts {
  /** @throws too_many_attempts while this one has failed too often */
  check(who: string): void
  /** @throws too_many_attempts when it was one too many */
  failed(who: string): void
  /** What failed before is forgotten. */
  succeeded(who: string): void
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

  function check(who: string): void {
    const found = current(who)
    if (!found || found.count < most) return
    const seconds = Math.max(1, Math.ceil((found.since + withinMs - now()) / 1000))
    throw new WooSyncError('too_many_attempts', { seconds })
  }

  return {
    check,
    failed(who) {
      check(who)
      const found = current(who) ?? { count: 0, since: now() }
      failures.set(who, { ...found, count: found.count + 1 })
      const [oldest] = failures.keys()
      if (failures.size > remember && oldest !== undefined) failures.delete(oldest)
    },
    succeeded: (who) => void failures.delete(who),
  }
}
