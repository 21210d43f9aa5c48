/** Records for the tests of the mirror: from recorded lists, from a demo shop, and made by hand. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Shop } from '../../demo/shop.ts'
import type { Raw } from '../../demo/table.ts'
import type { SeenRecord } from '../../src/mirror/rows.ts'
import type { Source } from '../../src/mirror/rule.ts'
import { type Batch, type Written, writeRecords } from '../../src/mirror/write.ts'
import { canonicalize } from '../../src/store/canonical.ts'
import { type ResourceName, resources, settingGroups } from '../../src/store/resources.ts'
import type { TestDatabase } from '../database.ts'
import { recordings } from '../recordings.ts'

export interface Given {
  resource: ResourceName
  raw: Raw
  parent?: string
}

/** Every record of a shop's lists, as the shop keeps it. */
export function recordsOf(shop: Shop): Given[] {
  const { small } = shop
  const plain = (resource: ResourceName, list: readonly Raw[]) => list.map((raw) => ({ resource, raw }))
  const under = (resource: ResourceName, lists: Iterable<[unknown, readonly Raw[]]>) =>
    [...lists].flatMap(([parent, list]) => list.map((raw) => ({ resource, raw, parent: String(parent) })))
  const tables = ['orders', 'refunds', 'products', 'variations', 'coupons'] as const
  return [
    ...tables.flatMap((name) =>
      plain(
        name,
        shop[name].sorted('id').map((row) => shop[name].body(row)),
      ),
    ),
    ...plain('customers', small.customers),
    ...plain('reviews', small.reviews),
    ...plain('categories', small.categories),
    ...plain('tags', small.tags),
    ...plain('attributes', small.attributes),
    ...under('attribute_terms', small.terms),
    ...plain('shipping_classes', small.shippingClasses),
    ...plain('tax_rates', small.taxes),
    ...plain('tax_classes', small.taxClasses),
    ...plain('shipping_zones', small.zones),
    ...under('shipping_methods', small.zoneMethods),
    ...plain('payment_gateways', small.gateways),
    ...under(
      'settings',
      settingGroups.map((group) => [group, small.settings.get(group) ?? []]),
    ),
    ...under('order_notes', notesOf(shop)),
  ]
}

/** A shop made from a seed makes notes only when they are asked for. */
function notesOf(shop: Shop): [number, Raw[]][] {
  return shop.orders.sorted('id').map((row): [number, Raw[]] => [row.id, shop.small.notes.get(row.id) ?? []])
}

const PAGES: readonly [RegExp, ResourceName][] = [
  [/^orders-(p|trash-p|checkout-draft-p)\d+\.json$/, 'orders'],
  [/^refunds-global-p\d+\.json$/, 'refunds'],
  [/^products-(p|edit-p|trash-p)\d+\.json$/, 'products'],
  [/^variations-(edit|global)-p\d+\.json$/, 'variations'],
  [/^customers-(role-all-)?p\d+\.json$/, 'customers'],
  [/^coupons-(edit-)?p\d+\.json$/, 'coupons'],
  [/^reviews-(edit-)?p\d+\.json$/, 'reviews'],
  [/^categories-p\d+\.json$/, 'categories'],
  [/^tags-p\d+\.json$/, 'tags'],
  [/^attributes-p\d+\.json$/, 'attributes'],
  [/^shipping-classes-p\d+\.json$/, 'shipping_classes'],
  [/^taxes-p\d+\.json$/, 'tax_rates'],
  [/^taxes-classes\.json$/, 'tax_classes'],
  [/^shipping-zones\.json$/, 'shipping_zones'],
  [/^payment-gateways\.json$/, 'payment_gateways'],
]

const NESTED: readonly [RegExp, ResourceName][] = [
  [/^refunds-of-(\d+)\.json$/, 'refunds'],
  [/^variations-of-(\d+)\.json$/, 'variations'],
  [/^notes-of-(\d+)\.json$/, 'order_notes'],
  [/^settings-(general|products|tax)\.json$/, 'settings'],
  [/^shipping-zone-(\d+)-methods\.json$/, 'shipping_methods'],
]

/** Every record of every recorded list, as it came over the wire; call it only where `recordings` is not null. */
export function recordedRecords(): Given[] {
  const folder = join(recordings as string, 'api')
  return readdirSync(folder).flatMap((file): Given[] => {
    const plain = PAGES.find(([pattern]) => pattern.test(file))
    const nested = NESTED.find(([pattern]) => pattern.test(file))
    const terms = file.startsWith('attribute-terms-')
    if (!plain && !nested && !terms) return []
    const list: Raw[] = JSON.parse(readFileSync(join(folder, file), 'utf8'))
    if (plain) return list.map((raw) => ({ resource: plain[1], raw }))
    if (nested) {
      const parent = nested[0].exec(file)?.[1] ?? ''
      return list.map((raw) => ({ resource: nested[1], raw, parent }))
    }
    return list.map((raw) => {
      const parent = /attributes\/(\d+)\/terms/.exec(JSON.stringify(raw._links))?.[1] ?? ''
      return { resource: 'attribute_terms', raw, parent }
    })
  })
}

/** A small order; what is given replaces or adds fields. */
export function order(id: number, fields: Raw = {}): Raw {
  return {
    id,
    number: String(id),
    status: 'processing',
    currency: 'RON',
    total: '120.50',
    date_created: '2026-05-01T12:00:00',
    date_created_gmt: '2026-05-01T09:00:00',
    date_modified_gmt: '2026-05-01T09:00:00',
    billing: { first_name: 'Ana', last_name: 'Pop', email: 'ana@example.com', country: 'RO' },
    line_items: [
      { id: id * 10, name: 'Vin', product_id: 7, variation_id: 0, sku: 'VIN', quantity: 2, total: '100.00' },
    ],
    refunds: [],
    meta_data: [],
    ...fields,
  }
}

export interface Arriving {
  seenAt: number
  source?: Source
  parent?: string
}

/** A record in canonical form, as it arrived. */
export function seen(resource: ResourceName, raw: unknown, arriving: Arriving): SeenRecord {
  const { seenAt, source = 'answer', parent } = arriving
  return { ...canonicalize(resources[resource], raw, parent), seenAt, source }
}

/** Writes a batch of store 1 in a transaction of its own. */
export function write(
  database: TestDatabase,
  resource: ResourceName,
  records: readonly SeenRecord[],
  more: Partial<Batch> = {},
): Promise<Written> {
  return database.transaction((client) =>
    writeRecords(client, { storeId: 1, resource, way: 'follow', records, ...more }),
  )
}

/** All rows of a table in a fixed order, every column; `without` leaves columns out. */
export async function rowsOf(
  database: TestDatabase,
  table: string,
  without: readonly string[] = [],
): Promise<unknown[]> {
  const { rows } = await database.pool.query(
    `SELECT to_jsonb(t) - $1::text[] AS row FROM mirror.${table} t ORDER BY 1`,
    [without],
  )
  return rows.map(({ row }) => row)
}

export interface FeedRow {
  id: string
  change: string
  way: string
  note: string | null
}

export async function feedOf(database: TestDatabase, storeId = 1): Promise<FeedRow[]> {
  const { rows } = await database.pool.query<FeedRow>(
    `SELECT id, change, way, note FROM mirror.changes WHERE store_id = $1 ORDER BY xid, seq`,
    [storeId],
  )
  return rows
}
