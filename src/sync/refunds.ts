/**
 * Orders name their refunds, and deleting a refund moves no date and sends nothing (9): what an order changed
 * since the last look names and the mirror lacks, or the other way round, is asked for.
 */
import { markStale } from '../mirror/marks.ts'
import type { Run } from './run.ts'

/** Orders changed this long ago are compared again: they may have been written while the last look ran. */
const OVERLAP_HOURS = 1

/** Marks as stale each refund in which orders and mirror differ; the fetch that follows settles them. */
export async function expectRefunds(run: Run): Promise<void> {
  const { database, store } = run.context
  const { rows } = await database.pool.query<{ id: string; parent: string }>(
    `WITH recent AS (
       SELECT id, record->'refunds' AS refunds FROM mirror.orders
       WHERE store_id = $1 AND deleted_at IS NULL
         AND modified_at > coalesce($2::timestamptz, '-infinity') - make_interval(hours => ${OVERLAP_HOURS})
     ), named AS (
       SELECT recent.id AS order_id, mirror.json_number(refund->>'id')::bigint AS id
       FROM recent, jsonb_array_elements(mirror.json_list(recent.refunds)) AS refund
       WHERE mirror.json_number(refund->>'id') IS NOT NULL
     ), held AS (
       SELECT refunds.order_id, refunds.id FROM mirror.refunds
       WHERE store_id = $1 AND deleted_at IS NULL AND order_id IN (SELECT id FROM recent)
     )
     SELECT coalesce(named.id, held.id)::text AS id, coalesce(named.order_id, held.order_id)::text AS parent
     FROM named FULL JOIN held ON named.id = held.id
     WHERE named.id IS NULL OR held.id IS NULL`,
    [store.id, run.state.followedAt === null ? null : new Date(run.state.followedAt).toISOString()],
  )
  await markStale(
    database.pool,
    store.id,
    'refunds',
    rows.map((row) => ({ ...row, reason: 'its order says otherwise' })),
  )
}
