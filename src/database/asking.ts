/**
 * Reading that does not go on without end: what runs in Postgres is ended there when its time is over, or when nobody
 * waits for the answer any more.
 *
 * The time is kept here and not by the server: as a parameter of the connection `statement_timeout` is refused or passed
 * over by transaction poolers, and said anew with each statement it would cost every fast answer a message. Where there is
 * a transaction anyhow it is said to the server too: that holds when this process is killed.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { WooSyncError } from '../errors.ts'
import { cancelStatement } from './cancel.ts'
import { connectFault, databaseFault, sqlState } from './faults.ts'

/** Whatever answers statements: a pool, a client, or one of these with a limit. */
export interface Reader {
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<Row>>
}

export interface Asking extends Reader {
  /** The same limit, but not ended by this caller's leaving: for what is read once for several. One per pool. */
  shared: Reader
  /** Several statements that see the same rows; the limit is that of all of them together. */
  inSnapshot<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>
  /** Aborts when the caller leaves. */
  signal: AbortSignal
}

export interface Limits {
  /** For one statement, or one snapshot, from when it has a connection. */
  limitMs: number
  signal: AbortSignal
}

/** @throws question_too_slow, the signal's reason, database_…, and errors of the statements as they are */
export function createAsking(pool: pg.Pool, limits: Limits): Asking {
  return {
    query: (text, values) => limited(pool, limits, (client) => client.query(text, values)),
    shared: sharedReader(pool, limits.limitMs),
    inSnapshot: (work) => limited(pool, limits, (client) => inSnapshot(client, limits.limitMs, work)),
    signal: limits.signal,
  }
}

const never = new AbortController().signal

const sharedReaders = new WeakMap<pg.Pool, Map<number, Reader>>()

/** A reader with a limit alone; the same one for the same pool, so that things can be kept by it. */
export function sharedReader(pool: pg.Pool, limitMs: number): Reader {
  const readers = sharedReaders.get(pool) ?? new Map<number, Reader>()
  sharedReaders.set(pool, readers)
  const known = readers.get(limitMs)
  if (known) return known
  const reader: Reader = {
    query: (text, values) =>
      limited(pool, { limitMs, signal: never }, (client) => client.query(text, values)),
  }
  readers.set(limitMs, reader)
  return reader
}

/** Waits for what others wait for too: whoever leaves, leaves it to them. */
export async function unlessLeaving<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: left, reject } = Promise.withResolvers<never>()
  const leave = () => reject(signal.reason)
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([work, left])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

async function limited<T>(
  pool: pg.Pool,
  { limitMs, signal }: Limits,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await connectionOf(pool, signal)
  let broken = false
  let ended: { reason: unknown; settled: AbortController } | undefined
  const end = (reason: unknown) => {
    if (ended) return
    ended = { reason, settled: new AbortController() }
    void cancelUntil(client, ended.settled.signal)
  }
  const tooSlow = () => new WooSyncError('question_too_slow', { seconds: limitMs / 1000 })
  const leave = () => end(signal.reason)
  const timer = setTimeout(() => end(tooSlow()), limitMs)
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await work(client)
  } catch (thrown) {
    broken = databaseFault(thrown) !== thrown || client.getTransactionStatus() !== 'I'
    if (ended) throw ended.reason
    throw isTimeout(thrown) ? tooSlow() : thrown
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', leave)
    ended?.settled.abort()
    // What was sent to end it may still be on its way: nothing else may run there.
    client.release(broken || ended !== undefined)
  }
}

/** Whoever leaves while all connections are busy does not wait for one. */
async function connectionOf(pool: pg.Pool, signal: AbortSignal): Promise<pg.PoolClient> {
  signal.throwIfAborted()
  const connecting = pool.connect().catch((thrown) => {
    throw connectFault(thrown)
  })
  try {
    return await unlessLeaving(connecting, signal)
  } catch (thrown) {
    connecting.then(
      (late) => late.release(),
      () => undefined,
    )
    throw thrown
  }
}

const FIRST_PAUSE_MS = 50
const GIVEN_UP_AFTER_MS = 5_000

/**
 * Again and again: between two statements there is nothing to cancel, and the next one would run. Where it does not
 * help, the connection is cut.
 */
async function cancelUntil(client: pg.PoolClient, settled: AbortSignal): Promise<void> {
  const since = performance.now()
  for (let pause = FIRST_PAUSE_MS; !settled.aborted; pause *= 2) {
    if (performance.now() - since > GIVEN_UP_AFTER_MS) {
      client.connection.stream.destroy()
      return
    }
    await cancelStatement(client)
    await sleep(pause, undefined, { signal: settled }).catch(() => undefined)
  }
}

/** Ended by the server itself: by our limit, or by one that the operator set for the role. */
function isTimeout(thrown: unknown): boolean {
  return (
    sqlState(thrown) === '57014' && thrown instanceof Error && thrown.message.includes('statement timeout')
  )
}

async function inSnapshot<T>(
  client: pg.PoolClient,
  limitMs: number,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  // Sums over many rows stay in memory; local to the transaction, as a pooler may sit between.
  await client.query(
    `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL work_mem = '64MB';
     SET LOCAL statement_timeout = ${Math.ceil(limitMs)}`,
  )
  const result = await work(client).catch(async (thrown) => {
    // After all that `work` began side by side. Where it fails, the connection is not used again.
    await client.query('ROLLBACK').catch(() => undefined)
    throw thrown
  })
  await client.query('COMMIT')
  return result
}
