/** What plugins and WooCommerce itself keep beside a post. */
import { metaValue, PhpValueError, unserialize } from '../php.ts'
import type { SqlShop } from '../reader.ts'
import { groupRows, idCondition } from '../rows.ts'
import { tableName } from '../tables.ts'

export interface Meta {
  id: number
  key: string
  text: string
}

/** Metas of one post, the oldest first. Those of NULL are no metas, as WordPress sees it. */
export interface Metas {
  all: readonly Meta[]
  /** The text of the first one with this key: what WooCommerce reads. */
  text(key: string): string | undefined
}

const NONE: Metas = { all: [], text: () => undefined }

/** @param keys only these; all of them where left out */
export async function readMetas(
  shop: SqlShop,
  ids: readonly string[],
  keys?: readonly string[],
): Promise<(id: string) => Metas> {
  if (ids.length === 0) return () => NONE
  const wanted = idCondition('post_id', ids)
  const rows = await shop.database.query(
    `
    SELECT post_id, meta_id, meta_key, meta_value
    FROM ${tableName(shop, 'postmeta')}
    WHERE ${wanted.sql}${keys === undefined ? '' : ' AND meta_key IN ?'}
    ORDER BY post_id, meta_id`,
    keys === undefined ? wanted.values : [...wanted.values, keys],
  )
  const metas = new Map<string, Metas>()
  for (const [id, group] of groupRows(rows, ids)) {
    const all: Meta[] = []
    for (const [, meta, key, text] of group) {
      if (key != null && text != null) all.push({ id: Number(meta), key, text })
    }
    metas.set(id, metasOf(all))
  }
  return (id) => metas.get(id) ?? NONE
}

function metasOf(all: readonly Meta[]): Metas {
  const first = new Map<string, string>()
  for (const { key, text } of all) if (!first.has(key)) first.set(key, text)
  return { all, text: (key) => first.get(key) }
}

/** The members of a serialised array; none where the text is anything else. */
export function arrayMembers(text: string | undefined): [key: string, value: unknown][] {
  if (text === undefined || text === '') return []
  try {
    const value = unserialize(text.trim())
    return value !== null && typeof value === 'object' ? Object.entries(value) : []
  } catch (thrown) {
    if (thrown instanceof PhpValueError) return []
    throw thrown
  }
}

/** Ids of a serialised list, without those that are none. */
export function idList(text: string | undefined): number[] {
  return arrayMembers(text)
    .map(([, value]) => Math.abs(Math.trunc(Number(value))))
    .filter((id) => id > 0)
}

/** What REST shows as `meta_data`. */
export function shownMetas(
  metas: Metas,
  isHidden: (key: string) => boolean,
): { id: number; key: string; value: unknown }[] {
  const shown = []
  for (const { id, key, text } of metas.all) {
    if (isHidden(key)) continue
    const value = metaValue(text)
    // A serialised null is a deleted meta to WooCommerce.
    if (value !== null) shown.push({ id, key, value })
  }
  return shown
}

/** Keys that are fields of every product, as `WC_Product_Data_Store_CPT` of 11.0 names them. */
const FIELD_KEYS: ReadonlySet<string> = new Set([
  '_visibility',
  '_sku',
  '_global_unique_id',
  '_price',
  '_regular_price',
  '_sale_price',
  '_sale_price_dates_from',
  '_sale_price_dates_to',
  'total_sales',
  '_tax_status',
  '_tax_class',
  '_manage_stock',
  '_stock',
  '_stock_status',
  '_backorders',
  '_low_stock_amount',
  '_sold_individually',
  '_weight',
  '_length',
  '_width',
  '_height',
  '_upsell_ids',
  '_crosssell_ids',
  '_purchase_note',
  '_default_attributes',
  '_product_attributes',
  '_virtual',
  '_downloadable',
  '_download_limit',
  '_download_expiry',
  '_featured',
  '_downloadable_files',
  '_wc_rating_count',
  '_wc_average_rating',
  '_wc_review_count',
  '_variation_description',
  '_thumbnail_id',
  '_file_paths',
  '_product_image_gallery',
  '_product_version',
  '_wp_old_slug',
  '_edit_last',
  '_edit_lock',
  '_cogs_total_value',
  // Names of a product's properties, which WooCommerce hides with an underscore before them.
  ...[
    'name slug date_created date_modified status catalog_visibility description short_description',
    'date_on_sale_from date_on_sale_to total_sales stock_quantity cross_sell_ids parent_id reviews_allowed',
    'attributes menu_order post_password category_ids tag_ids brand_ids shipping_class_id downloads image_id',
    'gallery_image_ids rating_counts average_rating review_count cogs_value',
  ].flatMap((line) => line.split(' ').map((name) => `_${name}`)),
])

/** Properties that only one type of product has. */
const TYPE_KEYS: Readonly<Record<string, readonly string[]>> = {
  external: ['_product_url', '_button_text'],
  grouped: ['_children'],
  variation: ['_attribute_summary', '_cogs_value_is_additive'],
}

/** Tells which metas of a type of product are fields of it, and so not shown as metas. */
export function hiddenMetas(type: string): (key: string) => boolean {
  const own = Object.hasOwn(TYPE_KEYS, type) ? (TYPE_KEYS[type] as readonly string[]) : []
  const isVariation = type === 'variation'
  return (key) =>
    FIELD_KEYS.has(key) || own.includes(key) || INTERNAL.test(key) || (isVariation && ATTRIBUTE.test(key))
}

const INTERNAL = /^wp_/i
const ATTRIBUTE = /^attribute_/i
