import { createHash } from 'node:crypto'
import type pg from 'pg'
import { WooSyncError } from '../errors.ts'
import { connectFault, databaseFault } from './faults.ts'
import type { Database } from './open.ts'

export interface Lock {
  key: string
  /** Aborts, with `sync_lock_lost`, when the connection died and another process may hold the lock. */
  lost: AbortSignal
  /** Gives it back. Harmless when it was lost or given back already. */
  release(): Promise<void>
}

export interface Locks {
  /**
   * Takes the lock if nobody has it, in this process or another; else null, without waiting.
   * Throws `database_unreachable`, `database_lost`, or the signal's reason.
   */
  tryHold(key: string, signal?: AbortSignal): Promise<Lock | null>
  /** Gives back all locks and ends the session. */
  close(): Promise<void>
}

/** How often the session is asked whether it lives, and how long it may take to say so. */
const beatMs = 10_000
const answerMs = 10_000

/** The 64 bits of a key, as Postgres's bigint. */
export function lockNumber(key: string): string {
  return createHash('sha256').update(`woosync:${key}`).digest().readBigInt64BE(0).toString()
}

/** The numbers of all locks that any process holds in this database now. */
export async function heldLocks(pool: pg.Pool): Promise<Set<string>> {
  const { rows } = await pool.query<{ number: string }>(
    `SELECT ((classid::bigint << 32) | objid::bigint)::text AS number
     FROM pg_locks
     WHERE locktype = 'advisory' AND objsubid = 1 AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  )
  return new Set(rows.map(({ number }) => number))
}

interface Held {
  lock: Lock
  lose: () => void
}

/** A session whose end is noticed: by the driver, or by an answer that does not come. */
interface Session {
  /** One statement after another: the driver takes no second one while the first is under way. */
  query(text: string, values?: unknown[]): Promise<pg.QueryResult>
  held: Map<string, Held>
  end(): Promise<void>
}

/**
 * Locks by name between all processes of a database, for work that must run once at a time. All of one
 * process are held by one session of `database.direct()`; when it dies they are lost, and say so, and later
 * ones get a new session. For advisory locks a transaction pooler must be gone around (DATABASE_DIRECT_URL).
 */
export function createLocks(database: Database): Locks {
  let current: Promise<Session> | undefined
  const asked = new Set<string>()

  async function open(): Promise<Session> {
    const client = await database.direct()
    const held = new Map<string, Held>()
    const end = () => client.end().catch(() => undefined)
    let last: Promise<unknown> = Promise.resolve()
    const query: Session['query'] = (text, values) => {
      const result = last.then(() => client.query(text, values))
      last = result.catch(() => undefined)
      return result
    }
    const beat = setInterval(() => {
      const late = setTimeout(() => client.connection.stream.destroy(), answerMs)
      query('SELECT 1')
        .catch(() => undefined)
        .finally(() => clearTimeout(late))
    }, beatMs)
    beat.unref()
    client.once('end', () => {
      clearInterval(beat)
      current = undefined
      for (const { lose } of held.values()) lose()
      held.clear()
    })
    try {
      // So that the server, too, soon notices when this machine is gone, and frees the locks.
      await client.query(
        'SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3',
      )
      await client.query('SET idle_session_timeout = 0')
    } catch (thrown) {
      await end()
      throw connectFault(thrown)
    }
    return { query, held, end }
  }

  function session(): Promise<Session> {
    current ??= open().catch((thrown) => {
      current = undefined
      throw thrown
    })
    return current
  }

  async function ask(key: string, signal: AbortSignal | undefined): Promise<Lock | null> {
    const { query, held } = await session()
    signal?.throwIfAborted()
    if (held.has(key)) return null
    const number = lockNumber(key)
    const { rows } = await query('SELECT pg_try_advisory_lock($1::bigint) AS granted', [number]).catch(
      (thrown) => {
        throw databaseFault(thrown)
      },
    )
    if (!rows[0]?.granted) return null
    const lost = new AbortController()
    const lock: Lock = {
      key,
      lost: lost.signal,
      async release() {
        if (held.get(key)?.lock !== lock) return
        // Where the session died the lock is free already.
        await query('SELECT pg_advisory_unlock($1::bigint)', [number]).catch(() => undefined)
        if (held.get(key)?.lock === lock) held.delete(key)
      },
    }
    held.set(key, { lock, lose: () => lost.abort(new WooSyncError('sync_lock_lost', { resource: key })) })
    if (signal?.aborted) {
      await lock.release()
      throw signal.reason
    }
    return lock
  }

  return {
    async tryHold(key, signal) {
      signal?.throwIfAborted()
      // The session would grant itself the same lock twice.
      if (asked.has(key)) return null
      asked.add(key)
      try {
        return await ask(key, signal)
      } finally {
        asked.delete(key)
      }
    },
    async close() {
      const open = await current?.catch(() => undefined)
      await open?.end()
    },
  }
}
