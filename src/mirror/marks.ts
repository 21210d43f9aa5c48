/** Marks beside the mirror's rows: what is known to be stale, and what had to be put into quarantine. */
import type pg from 'pg'
import { type ResourceName, resources } from '../store/resources.ts'
import { mirrorTables } from './tables/index.ts'

type Client = pg.Pool | pg.ClientBase

export interface Stale {
  id: string
  reason: string
  /** The product of a variation, the order of a refund, where it is known: some shops ask by it. */
  parent?: string | null
}

/** Records known to differ in the shop: verification counts them until they are fetched. */
export async function markStale(
  client: Client,
  storeId: number,
  resource: ResourceName,
  marks: readonly Stale[],
) {
  if (marks.length === 0) return
  await client.query(
    `INSERT INTO mirror.stale (store_id, resource, id, reason, parent)
     SELECT DISTINCT ON (m.id) $1::integer, $2, m.id, m.reason, m.parent
     FROM unnest($3::text[], $4::text[], $5::text[]) AS m(id, reason, parent)
     ON CONFLICT (store_id, resource, id) DO NOTHING`,
    [
      storeId,
      resource,
      marks.map((mark) => mark.id),
      marks.map((mark) => mark.reason),
      marks.map((mark) => mark.parent ?? null),
    ],
  )
}

export async function listStale(client: Client, storeId: number, resource: ResourceName, limit: number) {
  const { rows } = await client.query<{ id: string; reason: string; parent: string | null }>(
    `SELECT id, reason, parent FROM mirror.stale WHERE store_id = $1 AND resource = $2 ORDER BY since, id LIMIT $3`,
    [storeId, resource, limit],
  )
  return rows
}

export interface Quarantined {
  id: string
  /** The record as the shop sent it. */
  raw: string
  problem: string
  /** Epoch milliseconds on the database's clock. */
  seenAt: number
}

/** Keeps what cannot be stored; what was asked for before the copy's own row is out of date and is let go. */
export async function quarantine(
  client: Client,
  storeId: number,
  resource: ResourceName,
  records: readonly Quarantined[],
) {
  const numbered = resources[resource].key === 'number'
  for (const record of records) {
    // A record without a usable id has a hash for one, and no row.
    const held = numbered && !/^\d{1,16}$/.test(record.id) ? null : record.id
    await client.query(
      `INSERT INTO mirror.quarantine (store_id, resource, id, raw, code, problem, seen_at)
       SELECT $1, $2, $3, $4, 'store_record_unreadable', $5, $6
       WHERE NOT EXISTS (
         SELECT 1 FROM mirror.${mirrorTables[resource].table} t
         WHERE t.store_id = $1 AND t.id = $7::${numbered ? 'bigint' : 'text'} AND t.seen_at > $6)
       ON CONFLICT (store_id, resource, id) DO UPDATE
       SET raw = excluded.raw, problem = excluded.problem, seen_at = excluded.seen_at
       WHERE quarantine.seen_at < excluded.seen_at`,
      [storeId, resource, record.id, record.raw, record.problem, new Date(record.seenAt).toISOString(), held],
    )
  }
}

/** Lets go of what was last seen before a moment: epoch milliseconds on the database's clock. */
export async function dropQuarantinedBefore(
  client: Client,
  storeId: number,
  resource: ResourceName,
  moment: number,
): Promise<void> {
  await client.query(`DELETE FROM mirror.quarantine WHERE store_id = $1 AND resource = $2 AND seen_at < $3`, [
    storeId,
    resource,
    new Date(moment).toISOString(),
  ])
}

/** The ids of quarantined records that can be asked for by id. */
export async function quarantinedIds(
  client: Client,
  storeId: number,
  resource: ResourceName,
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    String.raw`SELECT id FROM mirror.quarantine WHERE store_id = $1 AND resource = $2 AND id ~ '^\d{1,16}$' ORDER BY id`,
    [storeId, resource],
  )
  return rows.map((row) => row.id)
}

/** A readable answer about a record, or that it is gone. */
export interface Settled {
  id: string
  /** Epoch milliseconds on the database's clock: when the question was sent. */
  seenAt: number
}

/** Mostly there are none, and asking costs a fifth of planning two deletions. */
async function hasMarks(client: Client, storeId: number, resource: ResourceName): Promise<boolean> {
  const { rows } = await client.query<{ any: boolean }>(
    `SELECT EXISTS (SELECT FROM mirror.stale WHERE store_id = $1 AND resource = $2)
         OR EXISTS (SELECT FROM mirror.quarantine WHERE store_id = $1 AND resource = $2) AS any`,
    [storeId, resource],
  )
  return rows[0]?.any === true
}

/** A readable answer settles both marks; a quarantined record only when it was asked for after that one. */
export async function clearMarks(
  client: Client,
  storeId: number,
  resource: ResourceName,
  settled: readonly Settled[],
): Promise<void> {
  if (settled.length === 0 || !(await hasMarks(client, storeId, resource))) return
  await client.query(
    `WITH fresh AS (
       DELETE FROM mirror.stale WHERE store_id = $1 AND resource = $2 AND id = ANY($3::text[])
     )
     DELETE FROM mirror.quarantine q
     USING unnest($3::text[], $4::timestamptz[]) AS s(id, seen_at)
     WHERE q.store_id = $1 AND q.resource = $2 AND q.id = s.id AND q.seen_at <= s.seen_at`,
    [
      storeId,
      resource,
      settled.map((one) => one.id),
      settled.map((one) => new Date(one.seenAt).toISOString()),
    ],
  )
}
