/** Attempts that failed, counted in the database: whoever guesses at several servers has to wait at all of them. */
import { createHash } from 'node:crypto'
import type pg from 'pg'
import { WooSyncError } from '../../errors.ts'
import { type AttemptsOptions, createAttempts } from './attempts.ts'

export interface SharedAttempts {
  /** Counted before it is known how it ends, so that many at once are counted too. @throws too_many_attempts */
  count(who: string): Promise<void>
  /** It was none that failed. */
  takeBack(who: string): Promise<void>
  /** Everything before is forgotten. */
  forget(who: string): Promise<void>
}

export interface SharedAttemptsOptions extends Pick<AttemptsOptions, 'most' | 'withinMs'> {
  pool: pg.Pool
  /** What was tried: the same everywhere. */
  what: string
}

const TIDIED_EVERY_MS = 60_000

/**
 * This process counts for itself first: a flood is refused without asking the database, and one that takes no writes
 * at the moment still finds somebody who counts.
 */
export function createSharedAttempts({ pool, what, most, withinMs }: SharedAttemptsOptions): SharedAttempts {
  const here = createAttempts({ most, withinMs })
  const nameOf = (who: string) =>
    createHash('sha256')
      .update(JSON.stringify([what, who]))
      .digest()
  let tidied = performance.now()

  async function write(statement: string, values: unknown[]): Promise<pg.QueryResult | null> {
    return pool.query(statement, values).catch(() => null)
  }

  async function tidy(): Promise<void> {
    if (performance.now() - tidied < TIDIED_EVERY_MS) return
    tidied = performance.now()
    await write('DELETE FROM access.attempts WHERE ends_at < now()', [])
  }

  return {
    async count(who) {
      here.count(who)
      await tidy()
      const counted = await write(
        `INSERT INTO access.attempts AS a (who, count, ends_at)
         VALUES ($1, 1, now() + make_interval(secs => $2))
         ON CONFLICT (who) DO UPDATE
         SET count = CASE WHEN a.ends_at <= now() THEN 1 ELSE a.count + 1 END,
             ends_at = CASE WHEN a.ends_at <= now() THEN excluded.ends_at ELSE a.ends_at END
         WHERE a.count < $3 OR a.ends_at <= now()`,
        [nameOf(who), withinMs / 1000, most],
      )
      if (counted?.rowCount !== 0) return
      const { rows } = await pool.query<{ seconds: number }>(
        `SELECT ceil(extract(epoch FROM ends_at - now()))::int AS seconds FROM access.attempts WHERE who = $1`,
        [nameOf(who)],
      )
      throw new WooSyncError('too_many_attempts', { seconds: Math.max(1, rows[0]?.seconds ?? 1) })
    },
    async takeBack(who) {
      here.takeBack(who)
      await write('UPDATE access.attempts SET count = greatest(0, count - 1) WHERE who = $1', [nameOf(who)])
    },
    async forget(who) {
      here.forget(who)
      await write('DELETE FROM access.attempts WHERE who = $1', [nameOf(who)])
    },
  }
}
