/**
 * One consistent state of the shop for a piece of work (43). A snapshot keeps old versions of rows alive in the
 * server: whoever works longer than ten minutes lets it go and takes another. Tables without transactions (MyISAM)
 * have no snapshot: what is read from them is as old as its statement, which short keyset pages keep harmless.
 */
import { WooSyncError } from '../../errors.ts'
import type { ShopDatabase } from './database.ts'

const STARTS = [
  'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
  // Before MySQL 5.6 and MariaDB 10.0.
  'START TRANSACTION WITH CONSISTENT SNAPSHOT',
]

/**
 * Runs work on one state of the shop, and lets it go whatever happens.
 * @param work is given the server's clock when the state was taken: epoch milliseconds in whole seconds, never
 *   later than the state
 * @throws sql_…
 */
export async function withSnapshot<Result>(
  database: ShopDatabase,
  work: (moment: number) => Promise<Result>,
): Promise<Result> {
  // Asked before the state is taken: what was committed up to then is in it.
  const said = (await database.query('SELECT UTC_TIMESTAMP()'))[0]?.[0]
  const moment = Date.parse(`${said?.replace(' ', 'T')}Z`)
  if (Number.isNaN(moment)) throw new Error('the server tells no time')
  await start(database)
  try {
    return await work(moment)
  } finally {
    // Where the connection is gone, so is the state.
    await database.query('COMMIT').catch(() => undefined)
  }
}

async function start(database: ShopDatabase): Promise<void> {
  for (const [index, statement] of STARTS.entries()) {
    try {
      await database.query(statement)
      return
    } catch (thrown) {
      const unknown = thrown instanceof WooSyncError && thrown.code === 'sql_statement_refused'
      if (!unknown || index === STARTS.length - 1) throw thrown
    }
  }
}
