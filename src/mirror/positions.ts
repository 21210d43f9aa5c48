/**
 * The mirror as a list sorted by id, to be held beside the shop's: how many, which is the k-th, which follow.
 * Counted is what the shop's list can show: no tombstones, and no row whose status its list leaves out (6).
 */
import type pg from 'pg'
import { type ResourceName, resources } from '../store/resources.ts'
import { mirrorTables } from './tables/index.ts'

type Client = pg.Pool | pg.ClientBase

export interface MirrorList {
  storeId: number
  resource: ResourceName
  /** Statuses the shop's list shows; null where it has none. */
  statuses: readonly string[] | null
}

export interface Extent {
  count: number
  lastId: string | null
  /** Rows that are present but that no list of the shop can show. */
  hidden: number
}

export async function extent(client: Client, list: MirrorList): Promise<Extent> {
  const { rows } = await client.query(
    `SELECT count(*) FILTER (WHERE ${shown(list)}) AS count,
            count(*) FILTER (WHERE NOT (${shown(list)})) AS hidden,
            (SELECT t.id::text FROM ${from(list)} t WHERE store_id = $1 AND deleted_at IS NULL AND ${shown(list)}
             ORDER BY t.id DESC LIMIT 1) AS "lastId"
     FROM ${from(list)}
     WHERE store_id = $1 AND deleted_at IS NULL`,
    parameters(list),
  )
  return rows[0]
}

/** The id at a position, counted from 1; null past the end. */
export async function idAt(client: Client, list: MirrorList, position: number): Promise<string | null> {
  const { rows } = await client.query(
    `SELECT t.id::text FROM ${from(list)} t
     WHERE store_id = $1 AND deleted_at IS NULL AND ${shown(list)}
     ORDER BY t.id OFFSET ${Math.max(0, Math.trunc(position) - 1)} LIMIT 1`,
    parameters(list),
  )
  return rows[0]?.id ?? null
}

/** Ids between two others, both included, in order; null: no bound. */
export async function idsBetween(
  client: Client,
  list: MirrorList,
  first: string | null,
  last: string | null,
): Promise<string[]> {
  const key = resources[list.resource].key === 'number' ? 'bigint' : 'text'
  const next = parameters(list).length + 1
  const { rows } = await client.query(
    `SELECT t.id::text FROM ${from(list)} t
     WHERE store_id = $1 AND deleted_at IS NULL AND ${shown(list)}
       AND ($${next}::${key} IS NULL OR t.id >= $${next}::${key})
       AND ($${next + 1}::${key} IS NULL OR t.id <= $${next + 1}::${key})
     ORDER BY t.id`,
    [...parameters(list), first, last],
  )
  return rows.map((row) => row.id)
}

function from(list: MirrorList): string {
  return `mirror.${mirrorTables[list.resource].table}`
}

function shown(list: MirrorList): string {
  return list.statuses === null ? 'true' : 'status = ANY($2::text[])'
}

function parameters(list: MirrorList): unknown[] {
  return list.statuses === null ? [list.storeId] : [list.storeId, list.statuses]
}
