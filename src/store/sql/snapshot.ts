/**
 * One consistent state of the shop for a whole run (43). A snapshot keeps old versions of rows alive in the
 * server, so it is renewed after ten minutes, at a point the reader chooses. Tables without transactions (MyISAM)
 * have no snapshot: what is read from them is as old as its statement, which short keyset pages keep harmless.
 */
import { WooSyncError } from '../../errors.ts'
import type { ShopDatabase } from './database.ts'

export interface Snapshot {
  /** The server's clock when the state was taken, epoch milliseconds in whole seconds, never later than it. */
  readonly moment: number
  /**
   * Takes a new state where this one is old enough; a point between two pages is right for it.
   * @returns whether `moment` is another now
   */
  renew(): Promise<boolean>
  /** Lets the state go; the connection stays. */
  end(): Promise<void>
}

export interface SnapshotOptions {
  /** Default ten minutes. */
  renewAfterMs?: number
  /** Milliseconds that only ever grow. */
  now?: () => number
}

const starts = [
  'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
  // Before MySQL 5.6 and MariaDB 10.0.
  'START TRANSACTION WITH CONSISTENT SNAPSHOT',
]

/** @throws sql_… */
export async function takeSnapshot(database: ShopDatabase, options: SnapshotOptions = {}): Promise<Snapshot> {
  const { renewAfterMs = 600_000, now = () => performance.now() } = options
  let moment = 0
  let takenAt = 0
  const take = async () => {
    takenAt = now()
    // Asked before the state is taken: what was committed up to then is in it.
    const said = (await database.query('SELECT UTC_TIMESTAMP()'))[0]?.[0]
    moment = Date.parse(`${said?.replace(' ', 'T')}Z`)
    if (Number.isNaN(moment)) throw new Error('the server tells no time')
    await start(database)
  }
  const end = async () => {
    await database.query('COMMIT')
  }
  await take()
  return {
    get moment() {
      return moment
    },
    async renew() {
      if (now() - takenAt < renewAfterMs) return false
      await end()
      await take()
      return true
    },
    end,
  }
}

async function start(database: ShopDatabase): Promise<void> {
  for (const [index, statement] of starts.entries()) {
    try {
      await database.query(statement)
      return
    } catch (thrown) {
      const unknown = thrown instanceof WooSyncError && thrown.code === 'sql_statement_refused'
      if (!unknown || index === starts.length - 1) throw thrown
    }
  }
}

/** Runs work on one state of the shop, and lets it go whatever happens. */
export async function withSnapshot<Result>(
  database: ShopDatabase,
  work: (snapshot: Snapshot) => Promise<Result>,
  options?: SnapshotOptions,
): Promise<Result> {
  const snapshot = await takeSnapshot(database, options)
  try {
    return await work(snapshot)
  } finally {
    // Where the connection is gone, so is the state.
    await snapshot.end().catch(() => undefined)
  }
}
