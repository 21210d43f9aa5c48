/** Asks the shop for single records that are known to differ: the way out of every unclear order of arrival. */
import type { Way } from '../mirror/changes.ts'
import { listStale, type Stale } from '../mirror/marks.ts'
import type { Gone } from '../mirror/tombstones.ts'
import { askForOne, entomb, includedOf, parentsOf } from './gone.ts'
import type { Run } from './run.ts'

/** Taken at a time; a list by id brings as many in one question. */
const CHUNK = 100
/** A record that stays unclear after this many questions waits for the next run. */
const ROUNDS = 3

/**
 * Works off the stale marks of the run's resource. Each mark goes with the answer that settles it, so that a
 * kill leaves it standing.
 * @param way what the feed says: `delivery` where deliveries left the marks
 */
export async function fetchStale(run: Run, way: 'fetch' | 'delivery' = 'fetch'): Promise<void> {
  const { database, store } = run.context
  for (let round = 0; round < ROUNDS; round++) {
    let stale: Stale[]
    const tried = new Set<string>()
    do {
      stale = (await listStale(database.pool, store.id, run.resource.name, CHUNK)).filter(
        (one) => !tried.has(one.id),
      )
      for (const one of stale) tried.add(one.id)
      await fetchChunk(run, stale, way)
    } while (stale.length > 0)
    if (tried.size === 0) return
  }
}

async function fetchChunk(run: Run, stale: readonly Stale[], way: Way): Promise<void> {
  if (stale.length === 0) return
  const before = run.way
  run.way = way
  try {
    const ids = stale.map((one) => one.id)
    // One alone is asked for by itself, unless its path would need a parent that nobody named.
    const alone = stale.length === 1 && (run.resource.parent === undefined || stale[0]?.parent != null)
    const listed = run.resource.list === 'pages' && run.source().capability.available && !alone
    const present = new Set(listed ? await includedOf(run, ids) : [])
    const rest = stale.filter((one) => !present.has(one.id))
    const parents = await parentsOf(
      run,
      rest.map((one) => one.id),
    )
    const gone: Gone[] = []
    for (const one of rest) {
      const evidence = await askForOne(run, one.id, one.parent ?? parents.get(one.id) ?? null, 0)
      if (evidence) gone.push(evidence)
    }
    await entomb(run, gone)
  } finally {
    run.way = before
  }
}
