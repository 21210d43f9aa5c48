/**
 * The append-only feed of what changed in the mirror, safe to read while transactions commit out of order.
 */
import type pg from 'pg'
import type { ResourceName } from '../store/resources.ts'

export type ChangeKind = 'created' | 'updated' | 'deleted' | 'restored'

/** By which way a change came into the mirror. */
export type Way = 'backfill' | 'follow' | 'delivery' | 'reconcile' | 'scrub' | 'list' | 'fetch' | 'ask'

export interface Change {
  id: string
  kind: ChangeKind
  /** Epoch milliseconds, the shop's date of the change. */
  modifiedAt: number | null
  note?: 'went_back'
}

/** The channel of NOTIFY; the payload is `<store_id> <resource>`. */
export const CHANGES_CHANNEL = 'woosync_changes'

/** Writes entries in the caller's transaction and notifies whoever listens when it commits. */
export async function appendChanges(
  client: pg.ClientBase,
  storeId: number,
  resource: ResourceName,
  way: Way,
  changes: readonly Change[],
): Promise<void> {
  if (changes.length === 0) return
  await client.query(
    `WITH appended AS (
       INSERT INTO mirror.changes (store_id, resource, id, change, way, note, modified_at)
       SELECT $1, $2, c.id, c.change, $3, c.note, c.modified_at
       FROM unnest($4::text[], $5::text[], $6::text[], $7::timestamptz[])
         AS c(id, change, note, modified_at)
     )
     SELECT pg_notify('${CHANGES_CHANNEL}', $1::text || ' ' || $2)`,
    [
      storeId,
      resource,
      way,
      changes.map((change) => change.id),
      changes.map((change) => change.kind),
      changes.map((change) => change.note ?? null),
      changes.map((change) =>
        change.modifiedAt === null ? null : new Date(change.modifiedAt).toISOString(),
      ),
    ],
  )
}

/** Where a reader stands: the last entry it took. Start with {@link FEED_START}. */
export interface FeedPosition {
  /** 64-bit transaction id, as text. */
  xid: string
  seq: number
}

export const FEED_START: FeedPosition = { xid: '0', seq: 0 }

export interface FeedEntry extends FeedPosition {
  resource: ResourceName
  id: string
  change: ChangeKind
  way: Way
  note: string | null
  modifiedAt: Date | null
  at: Date
}

/**
 * The next entries after a position. Only entries of transactions before which nothing is still open are
 * given out: an entry can appear late, but never before one already given.
 */
export async function readChanges(
  client: pg.Pool | pg.ClientBase,
  storeId: number,
  after: FeedPosition,
  limit: number,
): Promise<FeedEntry[]> {
  const { rows } = await client.query(
    // Without the table's name, ORDER BY would mean the text of the first column: 1000 before 999.
    `SELECT c.xid::text, c.seq, resource, id, change, way, note, modified_at AS "modifiedAt", at
     FROM mirror.changes c
     WHERE store_id = $1
       AND (c.xid, c.seq) > ($2::xid8, $3::bigint)
       AND c.xid < pg_snapshot_xmin(pg_current_snapshot())
     ORDER BY c.xid, c.seq
     LIMIT $4`,
    [storeId, after.xid, after.seq, limit],
  )
  return rows
}

/** Behind all that can be read now: what is committed from here on stands after it. */
export async function feedEnd(client: pg.Pool | pg.ClientBase): Promise<FeedPosition> {
  const { rows } = await client.query<{ xid: string }>(
    `SELECT (pg_snapshot_xmin(pg_current_snapshot())::text::numeric - 1)::text AS xid`,
  )
  return { xid: rows[0]?.xid ?? FEED_START.xid, seq: LAST_SEQ }
}

const LAST_SEQ = 999_999_999_999_999

/** Whether entries are there that may not be given out yet: an older transaction is still open. */
export async function isHeldBack(client: pg.Pool | pg.ClientBase, storeId: number): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>(
    `SELECT EXISTS (
       SELECT FROM mirror.changes c
       WHERE store_id = $1 AND c.xid >= pg_snapshot_xmin(pg_current_snapshot())) AS held`,
    [storeId],
  )
  return rows[0]?.held === true
}

/**
 * Whether entries after a position may have been removed as too old: there are some behind it, and none is left up
 * to it.
 */
export async function isPruned(
  client: pg.Pool | pg.ClientBase,
  storeId: number,
  after: FeedPosition,
): Promise<boolean> {
  const { rows } = await client.query<{ pruned: boolean }>(
    `SELECT (xid, seq) > ($2::xid8, $3::bigint) AS pruned
     FROM mirror.changes WHERE store_id = $1 ORDER BY mirror.changes.xid, seq LIMIT 1`,
    [storeId, after.xid, after.seq],
  )
  return rows[0]?.pruned === true && after.xid !== FEED_START.xid
}

/** Removes entries older than the given age, a bounded number at a time. Returns how many went. */
export async function pruneChanges(client: pg.Pool | pg.ClientBase, maxAgeDays: number): Promise<number> {
  let removed = 0
  for (;;) {
    const { rowCount } = await client.query(
      `DELETE FROM mirror.changes
       WHERE (store_id, xid, seq) IN (
         SELECT store_id, xid, seq FROM mirror.changes
         WHERE at < now() - make_interval(secs => $1 * 86400)
         ORDER BY at
         LIMIT 10000)`,
      [maxAgeDays],
    )
    removed += rowCount ?? 0
    if ((rowCount ?? 0) < 10_000) return removed
  }
}
