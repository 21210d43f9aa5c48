/** A row disappears from the mirror only as a tombstone, with the evidence for it. */
import type pg from 'pg'
import { type ResourceName, resources } from '../store/resources.ts'
import { appendChanges, type Way } from './changes.ts'
import { clearMarks } from './marks.ts'
import { mirrorTables } from './tables/index.ts'

export interface Gone {
  id: string
  /** What the shop said: `404 woocommerce_rest_shop_order_invalid_id`, `absent from a whole list` … */
  evidence: string
  /** Epoch milliseconds on the database's clock: when the question was sent. */
  askedAt: number
}

/**
 * Marks records as deleted. What was seen in an answer asked for after the evidence stays.
 * @returns the ids that were marked now
 */
export async function markDeleted(
  client: pg.ClientBase,
  storeId: number,
  resource: ResourceName,
  way: Way,
  gone: readonly Gone[],
): Promise<string[]> {
  if (gone.length === 0) return []
  const key = resources[resource].key === 'number' ? 'bigint' : 'text'
  const { rows } = await client.query<{ id: string }>(
    `UPDATE mirror.${mirrorTables[resource].table} t
     SET deleted_at = now(), deleted_evidence = g.evidence, seen_at = g.asked_at
     FROM unnest($2::${key}[], $3::text[], $4::timestamptz[]) AS g(id, evidence, asked_at)
     WHERE t.store_id = $1 AND t.id = g.id AND t.deleted_at IS NULL AND t.seen_at < g.asked_at
     RETURNING t.id::text`,
    [
      storeId,
      gone.map((one) => one.id),
      gone.map((one) => one.evidence),
      gone.map((one) => new Date(one.askedAt).toISOString()),
    ],
  )
  const marked = rows.map((row) => row.id)
  await appendChanges(
    client,
    storeId,
    resource,
    way,
    marked.map((id) => ({ id, kind: 'deleted', modifiedAt: null })),
  )
  await clearMarks(
    client,
    storeId,
    resource,
    gone.map((one) => ({ id: one.id, seenAt: one.askedAt })),
  )
  return marked
}
