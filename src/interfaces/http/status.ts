/** How the copy stands, for the page: read at most every few seconds, however many people look. */
import { databaseFault } from '../../database/faults.ts'
import type { Database } from '../../database/open.ts'
import { WooSyncError } from '../../errors.ts'
import type { Store } from '../../mirror/stores.ts'
import { type Verification, verification } from '../../sync/verify.ts'
import { within } from '../../within.ts'

export interface StatusOptions {
  database: Pick<Database, 'pool'>
  knownStore: () => Promise<Store | null>
}

const KEPT_MS = 2000
/** Counting the rows of a large copy takes a while: it may take a twentieth of the time. */
const KEPT_TIMES = 20
const READ_WITHIN_MS = 8000

/**
 * @returns a function that tells how the copy stands; null before the first contact with a shop. It throws
 * database_… when the database does not answer, or not in time: then the next call may have it.
 */
export function createStatus({ database, knownStore }: StatusOptions): () => Promise<Verification | null> {
  let kept: { until: number; found: Verification | null } | undefined
  let reading: Promise<Verification | null> | undefined

  async function read(): Promise<Verification | null> {
    const begun = performance.now()
    try {
      const store = await knownStore()
      const found = store && (await verification(database.pool, store))
      const ended = performance.now()
      kept = { found, until: ended + Math.max(KEPT_MS, (ended - begun) * KEPT_TIMES) }
      return found
    } catch (thrown) {
      throw databaseFault(thrown)
    } finally {
      reading = undefined
    }
  }

  return () => {
    if (kept && performance.now() < kept.until) return Promise.resolve(kept.found)
    reading ??= read()
    const cause = `no answer within ${READ_WITHIN_MS / 1000} s`
    return within(reading, READ_WITHIN_MS, () => new WooSyncError('database_unreachable', { cause }))
  }
}
