/**
 * Orders name their refunds, and deleting a refund moves no date and sends nothing (9): what an order changed
 * since the last look names and the mirror lacks, or the other way round, is asked for.
 */
import type pg from 'pg'
import { markStale } from '../mirror/marks.ts'
import type { Run } from './run.ts'

/** Orders changed this long ago are compared again: they may have been written while the last look ran. */
const OVERLAP_HOURS = 1

/** Marks as stale each refund in which orders and mirror differ; the fetch that follows settles them. */
export async function expectRefunds(run: Run): Promise<void> {
  const { database, store } = run.context
  const { rows } = await database.pool.query<{ id: string; parent: string }>(
    // By the feed, not by the shop's dates: a deleted refund moves none, and the shop's clock is its own.
    `WITH recent AS (
       SELECT id, record->'refunds' AS refunds FROM mirror.orders
       WHERE store_id = $1 AND deleted_at IS NULL
         AND ($2::timestamptz IS NULL OR id IN (
           SELECT id::bigint FROM mirror.changes
           WHERE store_id = $1 AND resource = 'orders' AND at > $2 - make_interval(hours => ${OVERLAP_HOURS})))
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

/** Marks as stale the orders that still name refunds found gone: their dates did not move (4). */
export async function markOrdersOf(
  client: pg.ClientBase,
  storeId: number,
  refunds: readonly string[],
): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT DISTINCT o.id::text AS id
     FROM mirror.refunds r JOIN mirror.orders o ON o.store_id = r.store_id AND o.id = r.order_id
     WHERE r.store_id = $1 AND r.id = ANY($2::bigint[]) AND o.deleted_at IS NULL
       AND o.record->'refunds' @> jsonb_build_array(jsonb_build_object('id', r.id))`,
    [storeId, refunds],
  )
  const reason = 'a refund it names is gone'
  await markStale(
    client,
    storeId,
    'orders',
    rows.map(({ id }) => ({ id, reason })),
  )
}
