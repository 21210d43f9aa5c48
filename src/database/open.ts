import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { WooSyncError } from '../errors.ts'
import { createClock } from './clock.ts'
import { connectFault } from './faults.ts'
import type { Logger } from './logger.ts'
import { oldestMajor } from './postgres-programs.ts'
import { type PrivatePostgresOptions, startPrivatePostgres } from './private-postgres.ts'
import { runTransaction, type TransactionOptions } from './transaction.ts'
import { types } from './types.ts'

export interface DatabaseOptions {
  /** Connection string of a server (DATABASE_URL); without one the private Postgres is started or joined. */
  url?: string | undefined
  /** Of a replica to read from (DATABASE_READ_URL). */
  readUrl?: string | undefined
  /** Around a transaction pooler, for locks and LISTEN (DATABASE_DIRECT_URL). */
  directUrl?: string | undefined
  /** Of the private Postgres; unused with `url`. */
  dataDirectory: string
  binFolder?: string | undefined
  /** Connections per pool. */
  poolSize?: number
  /** Shown in `pg_stat_activity`. */
  applicationName: string
  logger: Logger
  /** For tests: how the private Postgres is reached, and where root's goes. */
  privatePostgres?: Pick<PrivatePostgresOptions, 'transport' | 'reachableFolder'>
}

/**
 * A Postgres to work with. Values come out as `types.ts` says: bigint as number, numeric and date as
 * string, timestamptz as Date.
 *
 * It works behind a pooler in transaction mode, so nothing may be left in a session of the pools: no
 * `SET` but `SET LOCAL`, no named statement, no `LISTEN`, no session lock, no temporary table outside a
 * transaction. What needs a session takes one from `direct()`. Time zone and search path are the server's:
 * name schemas, and say `AT TIME ZONE`.
 */
export interface Database {
  pool: pg.Pool
  /** The replica's, where there is one; else the same as `pool`. */
  readPool: pg.Pool
  /**
   * A new session of its own, connected, outside the pools and around a pooler. Whoever asked ends it; what
   * is left at `close` is ended there. Listen to its `end` to learn that it broke.
   */
  direct(): Promise<pg.Client>
  /**
   * Runs `work` in a transaction: committed when it resolves, rolled back when it rejects. May run it
   * again (deadlocks), so `work` has no effect but in the database. Throws `database_unreachable`,
   * `database_lost` (of a COMMIT: it may have happened), `database_disk_full`, …; errors of the data come
   * as they are, with their SQLSTATE in `code`.
   */
  transaction<T>(work: (client: pg.PoolClient) => Promise<T>, options?: TransactionOptions): Promise<T>
  /**
   * The database's clock in epoch milliseconds, without asking it: an estimate that is never later than the
   * true one, and earlier by at most the round trip at measuring plus 30 ms a minute since; measured again
   * once a minute while it is used.
   */
  clock(): number
  /** Of the server, `18.4`. */
  version: string
  /** Connection string of the server, with its password: for programs, never for a log. */
  url: string
  /** Ends all connections and gives back the private Postgres. May be called again. */
  close(): Promise<void>
}

/** How long `close` waits for clients that are still at work before it cuts them off. */
const closeGraceMs = 5_000

interface GuardedPool {
  pool: pg.Pool
  end(): Promise<void>
}

function createPool(url: string, options: DatabaseOptions, purpose: string): GuardedPool {
  const { logger, poolSize = 10, applicationName } = options
  const clients = new Set<pg.PoolClient>()
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    application_name: applicationName,
    connectionTimeoutMillis: 30_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    types,
  })
  // An error without a listener would end the process; who was using the client learns it from the query.
  pool.on('error', (thrown) => logger.debug({ err: thrown, purpose }, 'an idle connection broke'))
  pool.on('connect', (client: pg.PoolClient) => {
    clients.add(client)
    client.on('error', () => undefined)
  })
  pool.on('remove', (client: pg.PoolClient) => clients.delete(client))

  async function end(): Promise<void> {
    if (pool.ending) return
    const idle = pool.end()
    const late = new AbortController()
    const wait = sleep(closeGraceMs, 'late' as const, { signal: late.signal })
    // The pool waits for clients that are not given back as long as it takes.
    const outcome = await Promise.race([idle, wait])
    late.abort()
    await wait.catch(() => undefined)
    if (outcome !== 'late') return
    logger.warn({ purpose, connections: clients.size }, 'connections were still in use and are cut off')
    for (const client of clients) client.connection.stream.destroy()
  }
  return { pool, end }
}

/** Reads the version, and with it whether the server answers at all. */
async function readVersion(pool: pg.Pool): Promise<string> {
  const { rows } = await pool
    .query<{ version: string; number: number }>(
      `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number`,
    )
    .catch((thrown) => {
      throw connectFault(thrown)
    })
  const version = /^[\d.]+/.exec(rows[0]?.version ?? '')?.[0] ?? 'unknown'
  if ((rows[0]?.number ?? 0) < oldestMajor * 10_000) {
    throw new WooSyncError('database_too_old', { version, needed: oldestMajor })
  }
  return version
}

/**
 * Opens the database of `url`, or the private Postgres of the data directory.
 * Throws `database_unreachable`, `database_sign_in_refused`, `database_too_old`, and for the private one
 * what `startPrivatePostgres` throws.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { logger, applicationName, dataDirectory, binFolder } = options
  const own = options.url
    ? undefined
    : await startPrivatePostgres({ dataDirectory, binFolder, logger, ...options.privatePostgres })
  const url = options.url ?? own?.url ?? ''
  const directUrl = options.directUrl ?? url
  const main = createPool(url, options, 'main')
  const reading = options.readUrl ? createPool(options.readUrl, options, 'read') : main
  const sessions = new Set<pg.Client>()

  async function direct(): Promise<pg.Client> {
    const session = new pg.Client({
      connectionString: directUrl,
      application_name: applicationName,
      connectionTimeoutMillis: 30_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      types,
    })
    session.on('error', (thrown) => logger.debug({ err: thrown }, 'a session broke'))
    session.once('end', () => sessions.delete(session))
    try {
      await session.connect()
    } catch (thrown) {
      await session.end().catch(() => undefined)
      throw connectFault(thrown)
    }
    sessions.add(session)
    return session
  }

  async function closeAll(): Promise<void> {
    await Promise.all([...sessions].map((session) => session.end().catch(() => undefined)))
    await Promise.all([main.end(), reading === main ? undefined : reading.end()])
    await own?.release()
  }

  const clock = createClock(main.pool, logger)
  let closed: Promise<void> | undefined
  try {
    const version = await readVersion(main.pool)
    if (reading !== main) await readVersion(reading.pool)
    await clock.measure()
    return {
      pool: main.pool,
      readPool: reading.pool,
      direct,
      transaction: (work, given) => runTransaction(main.pool, work, given),
      clock: clock.now,
      version,
      url,
      close: () => {
        closed ??= closeAll()
        return closed
      },
    }
  } catch (thrown) {
    await closeAll()
    throw thrown
  }
}
