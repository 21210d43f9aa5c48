/**
 * A database of a signed-in connection: the session set up so that it can only read and reads the same
 * everywhere, one statement at a time, each with its limit.
 */
import { WooSyncError } from '../../errors.ts'
import type { ShopDatabase } from './database.ts'
import { formatStatement } from './escape.ts'
import { faultOf, type Place } from './faults.ts'
import { LinkLost, ServerRefusal, type SqlLink } from './link.ts'

export interface OpenShopDatabase extends ShopDatabase {
  /** Of the server: `10.11.18-MariaDB-…`. */
  readonly version: string
  /** Whether the server itself ends a statement that takes too long. */
  readonly limited: boolean
}

export interface SessionOptions {
  way: ShopDatabase['way']
  place: Place
  statementTimeoutMs: number
  signal: AbortSignal | undefined
}

/** Needed for reading at all. An own sql_mode: with some modes old dates or groupings would be errors. */
const needed = [
  'SET NAMES utf8mb4',
  "SET SESSION autocommit = 1, time_zone = '+00:00', sql_mode = '', sql_big_selects = 1",
  'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
]

/** Old servers know some of these not; nothing is lost without them. */
const wanted = [
  // MariaDB makes subqueries of long lists, and then reads whole indexes.
  'SET SESSION in_predicate_conversion_threshold = 0',
  'SET SESSION TRANSACTION READ ONLY',
  // Between two statements our side may be busy writing.
  'SET SESSION wait_timeout = 900',
  'SET SESSION net_write_timeout = 300',
]

/** @throws sql_…, sync_cancelled */
export async function startSession(link: SqlLink, options: SessionOptions): Promise<OpenShopDatabase> {
  const { place, statementTimeoutMs, signal } = options
  let limited = false
  let ended: LinkLost | undefined
  let turn: Promise<unknown> = Promise.resolve()

  const end = (reason: string) => {
    ended ??= new LinkLost(reason)
    link.destroy()
  }
  const stop = () => end('it was asked to stop')
  signal?.addEventListener('abort', stop, { once: true })

  const timed = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    if (ended) throw ended
    let late = false
    // The server's own limit comes first: after it the connection can still be used.
    const patienceMs = statementTimeoutMs + Math.min(5000, statementTimeoutMs)
    const timer = setTimeout(() => {
      late = true
      end(`no answer within ${patienceMs / 1000} s`)
    }, patienceMs)
    try {
      return await ask()
    } catch (thrown) {
      if (late && !limited) throw new WooSyncError('sql_statement_too_slow', { seconds: place.seconds })
      if (thrown instanceof LinkLost) {
        ended ??= thrown
        throw ended
      }
      throw thrown
    } finally {
      clearTimeout(timer)
    }
  }

  const inTurn = <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    const mine = turn.then(() => timed(ask))
    turn = mine.catch(() => undefined)
    return mine.catch((thrown: unknown) => {
      if (signal?.aborted) throw stoppedBy(signal)
      throw faultOf(thrown, place)
    })
  }

  const run = (sql: string) => inTurn(() => link.run(sql))

  /** Whether the server took it. */
  const tried = (sql: string): Promise<boolean> =>
    timed(() => link.run(sql)).then(
      () => true,
      (thrown: unknown) => {
        if (thrown instanceof ServerRefusal) return false
        throw thrown
      },
    )

  const close = async () => {
    signal?.removeEventListener('abort', stop)
    if (ended) return
    await turn
    if (ended) return
    ended = new LinkLost('it is closed')
    const timer = setTimeout(() => link.destroy(), 2000)
    await link.close().catch(() => undefined)
    clearTimeout(timer)
    link.destroy()
  }

  try {
    if (signal?.aborted) throw stoppedBy(signal)
    for (const sql of needed) await run(sql)
    for (const sql of wanted) await tried(sql)
    const version = (await run('SELECT VERSION()'))[0]?.[0] ?? ''
    limited = await tried(
      /mariadb/i.test(version)
        ? `SET SESSION max_statement_time = ${statementTimeoutMs / 1000}`
        : `SET SESSION max_execution_time = ${Math.ceil(statementTimeoutMs)}`,
    )
    return {
      way: options.way,
      version,
      limited,
      query: async (statement, values) => run(formatStatement(statement, values)),
      each: async (statement, values, take) => {
        const sql = formatStatement(statement, values)
        return inTurn(() => link.each(sql, take))
      },
      close,
    }
  } catch (thrown) {
    end('it was given up')
    signal?.removeEventListener('abort', stop)
    throw signal?.aborted ? stoppedBy(signal) : faultOf(thrown, place)
  }
}

/** The error for work that was asked to stop. */
export function stoppedBy(signal: AbortSignal): WooSyncError {
  if (signal.reason instanceof WooSyncError) return signal.reason
  return new WooSyncError('sync_cancelled', { cause: 'it was asked to stop' })
}
