/** What a shop shows and what the mirror holds, row by row, so that a test can put them side by side. */
import assert from 'node:assert/strict'
import type pg from 'pg'
import { type DemoServer, startDemoServer } from '../../demo/server.ts'
import type { Shop } from '../../demo/shop.ts'
import { mirrorTables } from '../../src/mirror/tables/index.ts'
import { canonicalize } from '../../src/store/canonical.ts'
import { type Resource, type ResourceName, resources, settingGroups } from '../../src/store/resources.ts'
import { listedResources } from '../../src/sync/keeper.ts'
import { ask, signed } from '../demo/shop-over-http.ts'

/** Content hashes by id. */
export type Rows = Map<string, string>

/** Every record of every list, read page by page from a shop at rest, without its faults and limits. */
export async function shopRows(
  shop: Shop,
  names: readonly ResourceName[] = listedResources,
): Promise<Map<ResourceName, Rows>> {
  const server = await startDemoServer({ shop, url: shop.info.url })
  try {
    const all = new Map<ResourceName, Rows>()
    for (const name of names) {
      const rows: Rows = new Map()
      for (const { path, parent } of await listsOf(server, shop, resources[name])) {
        for (const raw of await readList(server, shop, resources[name], path)) {
          const record = canonicalize(resources[name], raw, parent)
          rows.set(record.id, record.hash)
        }
      }
      all.set(name, rows)
    }
    return all
  } finally {
    await server.close()
  }
}

async function listsOf(
  server: DemoServer,
  shop: Shop,
  resource: Resource,
): Promise<{ path: string; parent?: string }[]> {
  const { parent } = resource
  if (resource.list !== 'per_parent' || !parent) return [{ path: resource.path }]
  if (parent.resource === 'setting_groups') {
    return settingGroups.map((group) => ({ path: parent.path(group), parent: group }))
  }
  const parents = await readList(server, shop, resources[parent.resource], resource.path)
  return parents.map((one) => ({ path: parent.path(String(one.id)), parent: String(one.id) }))
}

async function readList(
  server: DemoServer,
  shop: Shop,
  resource: Resource,
  path: string,
): Promise<Record<string, unknown>[]> {
  const all: Record<string, unknown>[] = []
  const query = new URLSearchParams({ context: 'edit', ...resource.query })
  const paged = resource.list === 'pages' || resource.name === 'attribute_terms'
  if (paged) for (const [name, value] of PAGED) query.set(name, value)
  if (resource.statuses) query.set(resource.statuses.parameter, resource.statuses.names.join())
  for (let page = 1; ; page++) {
    if (paged) query.set('page', String(page))
    const url = new URL(`http://127.0.0.1:${server.port}/wp-json/wc/v3/${path}?${query}`)
    const { consumerKey: key, consumerSecret: secret } = shop.info
    const timestamp = Math.floor(shop.now() / 1000)
    const told = await ask(signed(url.href, { key, secret, timestamp }))
    assert.equal(told.status, 200, `${path}: ${told.text.slice(0, 200)}`)
    const rows = told.json as Record<string, unknown>[]
    all.push(...rows)
    if (!paged || rows.length < 100) return all
  }
}

const PAGED = Object.entries({ per_page: '100', orderby: 'id', order: 'asc' })

/** What the mirror holds and does not call deleted. */
export async function mirrorRows(pool: pg.Pool, storeId: number, name: ResourceName): Promise<Rows> {
  const { rows } = await pool.query<{ id: string; content_hash: string }>(
    `SELECT t.id::text, content_hash FROM mirror.${mirrorTables[name].table} t
     WHERE store_id = $1 AND deleted_at IS NULL`,
    [storeId],
  )
  return new Map(rows.map((row) => [row.id, row.content_hash]))
}

export interface Compared {
  shop: Shop
  database: { pool: pg.Pool }
  context: { store: { id: number } }
}

/** Fails unless the mirror is the shop, row by row, in every table. */
export async function assertMirrorIsShop(
  { shop, database, context }: Compared,
  names: readonly ResourceName[] = listedResources,
): Promise<void> {
  const expected = await shopRows(shop, names)
  for (const name of names) {
    const rows = await mirrorRows(database.pool, context.store.id, name)
    assert.deepEqual(differences(expected.get(name) as Rows, rows), NONE, name)
  }
  await assertRowsAreWhole(database.pool, context.store.id)
}

const NONE = { missing: [], surplus: [], different: [] }

/** Ids in which two sets of rows differ. */
export function differences(shop: Rows, mirror: Rows) {
  return {
    missing: [...shop.keys()].filter((id) => !mirror.has(id)),
    surplus: [...mirror.keys()].filter((id) => !shop.has(id)),
    different: [...shop].filter(([id, hash]) => mirror.has(id) && mirror.get(id) !== hash).map(([id]) => id),
  }
}

/** Tombstones have their evidence (invariant 5), and each order and refund exactly the lines of its record. */
async function assertRowsAreWhole(pool: pg.Pool, storeId: number): Promise<void> {
  for (const { table } of Object.values(mirrorTables)) {
    const { rows } = await pool.query(
      `SELECT id FROM mirror.${table}
       WHERE store_id = $1 AND (deleted_at IS NULL) <> (coalesce(deleted_evidence, '') = '')`,
      [storeId],
    )
    assert.deepEqual(rows, [], `tombstones of ${table} without evidence`)
  }
  for (const [table, lines, owner] of [
    ['orders', 'order_lines', 'order_id'],
    ['refunds', 'refund_lines', 'refund_id'],
  ] as const) {
    const { rows } = await pool.query(
      `SELECT id FROM mirror.${table} t
       WHERE store_id = $1 AND jsonb_array_length(record->'line_items') <>
         (SELECT count(*) FROM mirror.${lines} l WHERE l.store_id = $1 AND l.${owner} = t.id)`,
      [storeId],
    )
    assert.deepEqual(rows, [], `${table} whose lines are not those of their record`)
  }
}

/** A digest of each row of each table but for when it was read: what two mirrors of one shop must share. */
export async function mirrorDigest(pool: pg.Pool, storeId: number): Promise<Map<string, string>> {
  const digest = new Map<string, string>()
  const tables = Object.values(mirrorTables).flatMap(({ table, lines }) => [table, lines?.table ?? []].flat())
  for (const table of tables) {
    const { rows } = await pool.query<{ row: string }>(
      `SELECT (to_jsonb(t) - '{store_id,seen_at,deleted_at,deleted_evidence,permalink,volatile}'::text[]
               || jsonb_build_object('deleted', to_jsonb(t)->'deleted_at' <> 'null'))::text AS row
       FROM mirror.${table} t WHERE store_id = $1`,
      [storeId],
    )
    for (const { row } of rows) {
      const known = JSON.parse(row) as Record<string, unknown>
      digest.set(`${table} ${known.line_id ?? ''} ${known.id ?? known.order_id ?? ''}`, row)
    }
  }
  return digest
}
