/** The private Postgres of the soak, seen from outside: never started or held from here, only asked, and struck. */
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { owner } from '../src/database/postgres-cluster.ts'
import { findPlace } from '../src/database/postgres-place.ts'
import { isServerOf, type Postmaster, readPostmaster } from '../src/database/postmaster.ts'
import { types } from '../src/database/types.ts'
import type { Book } from './promises.ts'

export interface SoakPostgres {
  /** As long as it takes until it answers; fails after half a minute. */
  pool(): Promise<pg.Pool>
  /** kill -9 of the server's first process. */
  strike(): Promise<void>
  /** Ends some sessions of the program. @returns how many */
  endSessions(share: number): Promise<number>
  /** It was struck within the last seconds, or sessions were ended. */
  isOutage(): boolean
  /** The process id of the server; undefined when none runs. */
  running(): Promise<number | undefined>
  close(): Promise<void>
}

/** How long after a strike the program may still answer that the database is away. */
const OUTAGE_MS = 30_000
const BACK_WITHIN_MS = 30_000

export function createPostgres(dataDirectory: string, book: Book): SoakPostgres {
  let held: { pool: pg.Pool; pid: number } | undefined
  let struckAt = Number.NEGATIVE_INFINITY

  async function postmaster(): Promise<Postmaster | undefined> {
    const place = await findPlace(dataDirectory)
    const found = place && (await readPostmaster(place.cluster))
    return found && place && (await isServerOf(place.cluster, found.pid)) ? found : undefined
  }

  async function attempt(): Promise<pg.Pool | undefined> {
    const found = await postmaster()
    if (found?.status !== 'ready') return undefined
    if (held?.pid !== found.pid) {
      await held?.pool.end().catch(() => undefined)
      const place = { host: found.socketFolder, port: found.port, user: owner, database: owner }
      const pool = new pg.Pool({ ...place, max: 3, types, application_name: 'soak' })
      pool.on('error', () => undefined)
      held = { pool, pid: found.pid }
    }
    return held.pool.query('SELECT 1').then(
      () => held?.pool,
      () => undefined,
    )
  }

  async function pool(): Promise<pg.Pool> {
    const end = Date.now() + BACK_WITHIN_MS
    for (;;) {
      const found = await attempt()
      if (found) return found
      if (Date.now() > end) throw new Error(`Postgres did not answer within ${BACK_WITHIN_MS / 1000} s`)
      await wait(100)
    }
  }

  return {
    pool,
    async strike() {
      const found = await postmaster()
      if (!found) return
      struckAt = Date.now()
      process.kill(found.pid, 'SIGKILL')
      await pool().then(
        () => book.count('seconds until Postgres was back', Math.round((Date.now() - struckAt) / 1000)),
        (thrown: Error) => book.broken('a Postgres that was killed is started again', thrown.message),
      )
    },
    async endSessions(share) {
      struckAt = Date.now()
      const { rowCount } = await (await pool()).query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE backend_type = 'client backend' AND application_name <> 'soak' AND random() < $1`,
        [share],
      )
      return rowCount ?? 0
    },
    isOutage: () => Date.now() - struckAt < OUTAGE_MS,
    running: async () => (await postmaster())?.pid,
    close: async () => held?.pool.end().catch(() => undefined),
  }
}
