/** Bringing one resource up to date, by whatever its list can do. */
import { mirrorTables } from '../mirror/tables/index.ts'
import { fetchStale } from './fetch.ts'
import { followByDate, knowsDates } from './follow-by-date.ts'
import { followByParent } from './follow-by-parent.ts'
import { reconcile } from './reconcile.ts'
import type { Run } from './run.ts'
import { compareWhole, readsPerParent, readsWhole, WHOLE_AT_MOST } from './whole.ts'

/**
 * Brings the resource up to date. Lists that know no dates are read whole while they are small; large ones are
 * counted, and the scrub reads their contents.
 */
export async function follow(run: Run): Promise<void> {
  if (readsPerParent(run)) await followByParent(run)
  else if (readsWhole(run)) await compareWhole(run)
  else if (!knowsDates(run)) {
    if (await isSmall(run)) await compareWhole(run)
    else await reconcile(run, 'positions')
  } else await followByDate(run)
  await fetchStale(run)
}

/** Few enough to be read whole at each look. */
export async function isSmall(run: Run): Promise<boolean> {
  const { rows } = await run.context.database.pool.query<{ total: number }>(
    `SELECT count(*) AS total FROM (
       SELECT 1 FROM mirror.${mirrorTables[run.resource.name].table} WHERE store_id = $1 LIMIT ${WHOLE_AT_MOST + 1}
     ) AS counted`,
    [run.context.store.id],
  )
  return (rows[0]?.total ?? 0) <= WHOLE_AT_MOST
}
