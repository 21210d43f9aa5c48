/** Reads for a scrape what the database knows of the copy, and which runs ended since the last one. */
import type { Database } from '../database/open.ts'
import type { Store } from '../mirror/stores.ts'
import { type Delays, readDelays, readStanding, type Standing } from '../sync/verify.ts'

export interface MetricsSource {
  database: Pick<Database, 'pool' | 'clock'>
  knownStore: () => Promise<Store | null>
}

export interface Snapshot {
  storeId: number
  /** Epoch milliseconds on the database's clock. */
  now: number
  standing: Standing
  delays: Delays
  /** Deliveries of webhooks that wait to be worked off. */
  deliveries: number
}

export interface EndedRun {
  store: string
  resource: string
  kind: string
  /** `ok`, or the code of the error it ended with. */
  result: string
}

/** The delays look at a day of changes: the one part that grows with the shop. */
const DELAYS_KEPT_MS = 15_000
/** A run's end is seen a moment after its date: it is looked for this long again. */
const RUNS_OVERLAP_MS = 60_000

/**
 * @param onRun called once for each run that ended after this call, whatever process it ran in
 * @returns a function that reads; it gives null while no shop is known
 */
export function createStandingReader(
  { database, knownStore }: MetricsSource,
  onRun: (run: EndedRun) => void,
): () => Promise<Snapshot | null> {
  const { pool } = database
  let kept: { storeId: number; at: number; delays: Delays } | undefined
  let runsSince = database.clock()
  let told = new Map<string, number>()

  async function delaysOf(storeId: number): Promise<Delays> {
    if (!kept || kept.storeId !== storeId || Date.now() - kept.at > DELAYS_KEPT_MS) {
      kept = { storeId, at: Date.now(), delays: await readDelays(pool, storeId) }
    }
    return kept.delays
  }

  async function tellRuns(storeId: number): Promise<void> {
    const { rows } = await pool.query<{
      run_id: string
      resource: string
      kind: string
      error_code: string | null
      finished_at: Date
    }>(
      `SELECT run_id, resource, kind, error_code, finished_at FROM sync.runs
       WHERE store_id = $1 AND finished_at > $2`,
      [storeId, new Date(runsSince).toISOString()],
    )
    for (const { run_id: id, resource, kind, error_code: code, finished_at: finished } of rows) {
      if (told.has(id)) continue
      told.set(id, finished.getTime())
      onRun({ store: String(storeId), resource, kind, result: code ?? 'ok' })
    }
    runsSince = Math.max(runsSince, ...[...told.values()].map((end) => end - RUNS_OVERLAP_MS))
    told = new Map([...told].filter(([, end]) => end >= runsSince))
  }

  return async () => {
    const store = await knownStore()
    if (!store) return null
    await tellRuns(store.id)
    const { rows } = await pool.query<{ count: number }>(
      `SELECT count(*) AS count FROM sync.deliveries WHERE store_id = $1`,
      [store.id],
    )
    return {
      storeId: store.id,
      standing: await readStanding(pool, store.id),
      delays: await delaysOf(store.id),
      deliveries: rows[0]?.count ?? 0,
      now: database.clock(),
    }
  }
}
