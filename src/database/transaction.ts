import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { WooSyncError } from '../errors.ts'
import { connectFault, databaseFault, isRetryable, sqlState } from './faults.ts'

const attempts = 5

export interface TransactionOptions {
  /** Cancels the running statement and rolls back; the transaction then rejects with the signal's reason. */
  signal?: AbortSignal | undefined
}

/**
 * Runs `work` in a transaction on a client of the pool. After a serialization failure or a deadlock it is
 * rolled back and run again, up to five times, so `work` must have no effect but in the database.
 */
export async function runTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
  { signal }: TransactionOptions = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    try {
      return await runOnce(pool, work, signal)
    } catch (thrown) {
      if (signal?.aborted) throw signal.reason
      if (!isRetryable(thrown) || attempt === attempts) throw thrown
      await sleep(Math.random() * 20 * 2 ** attempt, undefined, { signal })
    }
  }
}

async function runOnce<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const client = await pool.connect().catch((thrown) => {
    throw connectFault(thrown)
  })
  let broken: Error | undefined
  const onError = (thrown: Error) => {
    broken ??= thrown
  }
  client.on('error', onError)
  let stopWatching: (() => Promise<void>) | undefined
  try {
    if (signal) stopWatching = await beginWatched(pool, client, signal)
    else await client.query('BEGIN')
    const result = await work(client)
    await stopWatching?.()
    signal?.throwIfAborted()
    await commit(client)
    return result
  } catch (thrown) {
    await stopWatching?.()
    await client.query('ROLLBACK').catch(onError)
    // What `work` met elsewhere, a refused connection of its own say, is not the database's fault.
    throw broken || sqlState(thrown) ? databaseFault(thrown) : thrown
  } finally {
    client.off('error', onError)
    client.release(broken)
  }
}

async function commit(client: pg.PoolClient): Promise<void> {
  const { command } = await client.query('COMMIT')
  // Postgres answers COMMIT with ROLLBACK, without an error, when a statement before it had failed.
  if (command !== 'COMMIT') {
    throw new WooSyncError('internal', { cause: 'a failed statement was passed over and nothing was stored' })
  }
}

/**
 * Begins, and cancels what runs on the server when the signal aborts. The cancelling session makes sure
 * that the server process still runs this very transaction: behind a pooler it may serve another by then.
 */
async function beginWatched(
  pool: pg.Pool,
  client: pg.PoolClient,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  // Two statements in one message come back as two results, which the types do not know.
  const answer = (await client.query(
    'BEGIN; SELECT pg_backend_pid() AS pid, now()::text AS started',
  )) as unknown as [pg.QueryResult, pg.QueryResult<{ pid: number; started: string }>]
  const running = answer[1].rows[0]
  let cancelling: Promise<unknown> | undefined
  const cancel = () => {
    cancelling = cancelOn(pool, running?.pid ?? 0, running?.started ?? 'now')
  }
  signal.addEventListener('abort', cancel, { once: true })
  return async () => {
    signal.removeEventListener('abort', cancel)
    await cancelling
  }
}

async function cancelOn(pool: pg.Pool, pid: number, started: string): Promise<void> {
  const { host, port, user, password, database, connectionString, ssl } = pool.options
  // A connection of its own: all of the pool's may be waiting for what is to be cancelled.
  const session = new pg.Client({ host, port, user, password, database, connectionString, ssl })
  session.on('error', () => undefined)
  try {
    await session.connect()
    await session.query(
      `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND xact_start = $2::timestamptz`,
      [pid, started],
    )
  } catch {
    // The statement then runs to its end; its transaction is rolled back all the same.
  } finally {
    await session.end().catch(() => undefined)
  }
}
