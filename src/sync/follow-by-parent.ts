/**
 * Keeping up with what an older shop lists only per parent: variations before WooCommerce 10.3, refunds before
 * 9.0. Only the parents that changed are asked (8, 9); what moves no parent's date is found by comparing whole.
 */
import { mirrorTables } from '../mirror/tables/index.ts'
import { confirmGone } from './gone.ts'
import type { Run } from './run.ts'
import { mayHaveChildren, readLists } from './whole.ts'

/** Parents changed this long ago are asked again: they may have been written while the last look ran. */
const OVERLAP_MINUTES = 10

/** Reads the lists of parents changed since the last look, applies them, and marks what they no longer show. */
export async function followByParent(run: Run): Promise<void> {
  const { database, store } = run.context
  const parents = await changedParents(run)
  const { listed, startedAt } = await readLists(run, parents)
  const held = await childrenOf(run, parents)
  await confirmGone(
    run,
    held.filter((id) => !listed.has(id)),
    startedAt,
  )
  await database.pool.query(
    `UPDATE sync.resources SET followed_at = now() WHERE store_id = $1 AND resource = $2 AND owner = $3`,
    [store.id, run.resource.name, run.id],
  )
}

async function changedParents(run: Run): Promise<string[]> {
  const { database, store } = run.context
  const { followedAt } = run.state
  const { parent } = run.resource
  if (!parent || parent.resource === 'setting_groups') return []
  const { rows } = await database.pool.query<{ id: string }>(
    `SELECT t.id::text FROM mirror.${mirrorTables[parent.resource].table} t
     WHERE store_id = $1 AND deleted_at IS NULL
       AND t.id IN (
         SELECT id::bigint FROM mirror.changes
         WHERE store_id = $1 AND resource = $2
           AND at > coalesce($3::timestamptz, '-infinity') - make_interval(mins => ${OVERLAP_MINUTES}))
       AND (${mayHaveChildren(parent.resource)} OR EXISTS (
         SELECT 1 FROM mirror.${mirrorTables[run.resource.name].table} c
         WHERE c.store_id = t.store_id AND c.deleted_at IS NULL AND c.record->>$4 = t.id::text))
     ORDER BY t.id`,
    [
      store.id,
      parent.resource,
      followedAt === null ? null : new Date(followedAt).toISOString(),
      parent.field,
    ],
  )
  return rows.map((row) => row.id)
}

async function childrenOf(run: Run, parents: readonly string[]): Promise<string[]> {
  const { database, store } = run.context
  const { rows } = await database.pool.query<{ id: string }>(
    `SELECT t.id::text FROM mirror.${mirrorTables[run.resource.name].table} t
     WHERE store_id = $1 AND deleted_at IS NULL AND record->>$2 = ANY($3::text[])`,
    [store.id, run.resource.parent?.field, parents],
  )
  return rows.map((row) => row.id)
}
