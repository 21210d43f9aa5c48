/** The lines of orders and refunds (41): two statements for the rows, and what a line shows of products and terms. */
import type { Fields } from '../../canonical.ts'
import type { Cell } from '../database.ts'
import { metaValue } from '../php.ts'
import type { SqlShop } from '../reader.ts'
import { groupRows, idCondition } from '../rows.ts'
import { tableName } from '../tables.ts'
import { rawUrlDecode } from '../wordpress-text.ts'
import { type LineMeta, readLabels } from './labels.ts'
import { type Draft, type LineShop, lineMakers } from './line-makers.ts'
import { isWordPressOwn, type LineKeys } from './meta-keys.ts'
import { readLineProducts } from './products.ts'

/** `line_items`, `tax_lines`, `shipping_lines`, `fee_lines`, `coupon_lines`. */
export type Lines = Record<string, Fields[]>

/** An order without a line. */
export function noLines(): Lines {
  return { line_items: [], tax_lines: [], shipping_lines: [], fee_lines: [], coupon_lines: [] }
}

/**
 * Lines by the order or refund they belong to; those without lines are not in the map.
 * @param ids of orders or refunds
 */
export async function readLines(shop: SqlShop, ids: readonly string[]): Promise<Map<string, Lines>> {
  const items = await readItems(shop, ids)
  const lines = new Map<string, Lines>()
  if (items.size === 0) return lines
  const metas = await readItemMetas(shop, items)
  const drafts: [order: string, draft: Draft][] = []
  for (const [order, rows] of items) {
    for (const row of rows) {
      const maker = lineMakers[row[2] as string]
      // Plugins have types of lines that REST does not show.
      if (maker !== undefined) drafts.push([order, draftOf(row, maker.keys, metas.get(row[1] as string))])
    }
  }
  const known = await readLineShop(
    shop,
    drafts.map(([, draft]) => draft),
  )
  for (const [order, draft] of drafts) {
    const maker = lineMakers[draft.type]
    if (maker === undefined) continue
    let own = lines.get(order)
    if (own === undefined) {
      own = noLines()
      lines.set(order, own)
    }
    own[maker.field]?.push(maker.make(draft, known))
  }
  return lines
}

async function readItems(shop: SqlShop, ids: readonly string[]): Promise<Map<string, Cell[][]>> {
  const { sql, values } = idCondition('order_id', ids)
  const rows = await shop.database.query(
    `SELECT order_id, order_item_id, order_item_type, order_item_name
     FROM ${tableName(shop, 'woocommerce_order_items')} WHERE ${sql} ORDER BY order_id, order_item_id`,
    values,
  )
  return groupRows(rows, ids)
}

/** Sums that WooCommerce makes anew from the taxes by rate are left where they are: a fifth of the rows. */
async function readItemMetas(
  shop: SqlShop,
  items: ReadonlyMap<string, Cell[][]>,
): Promise<Map<string, Cell[][]>> {
  const ids: string[] = []
  for (const rows of items.values()) for (const row of rows) ids.push(row[1] as string)
  const { sql, values } = idCondition('order_item_id', ids)
  const rows = await shop.database.query(
    `SELECT order_item_id, meta_id, meta_key, meta_value
     FROM ${tableName(shop, 'woocommerce_order_itemmeta')}
     WHERE ${sql} AND meta_key NOT IN ('_line_subtotal_tax', '_line_tax')
     ORDER BY order_item_id, meta_id`,
    values,
  )
  return groupRows(rows, ids)
}

function draftOf(row: readonly Cell[], keys: LineKeys, metas: readonly Cell[][] = []): Draft {
  const values = new Array<Cell | undefined>(keys.size)
  const shown: LineMeta[] = []
  for (const meta of metas) {
    const key = meta[2]
    if (key == null) continue
    const slot = keys.slots.get(key)
    if (slot === undefined) {
      if (!isWordPressOwn(key)) shown.push(lineMeta(meta[1] as string, key, meta[3] as Cell))
    } else if (slot >= 0 && values[slot] === undefined) {
      // The first row of a key counts, as in WordPress.
      values[slot] = meta[3]
    }
  }
  return { id: Number(row[1]), type: row[2] as string, name: row[3] ?? '', values, metas: shown }
}

/** Where it can be displayed, WooCommerce makes text of a value, and decodes it: of the value itself too. */
function lineMeta(id: string, key: string, cell: Cell): LineMeta {
  const value = metaValue(cell)
  if (value === null || value === '' || typeof value === 'object') {
    return { id: Number(id), key, value, text: null }
  }
  const text = rawUrlDecode(typeof value === 'boolean' ? (value ? '1' : '') : String(value))
  return { id: Number(id), key: rawUrlDecode(key), value: text, text }
}

/** What lines need of the shop beside their own rows. */
async function readLineShop(shop: SqlShop, drafts: readonly Draft[]): Promise<LineShop> {
  const products = new Set<string>()
  let hasTaxClass = false
  for (const draft of drafts) {
    const maker = lineMakers[draft.type]
    for (const id of maker?.products(draft) ?? []) products.add(id)
    if (maker?.hasTaxClass(draft)) hasTaxClass = true
  }
  const [known, labels, taxClasses, includesTax, roundsSums] = await Promise.all([
    readLineProducts(shop, [...products]),
    readLabels(shop, drafts),
    hasTaxClass ? readTaxClasses(shop) : new Set<string>(),
    shop.option('woocommerce_prices_include_tax'),
    shop.option('woocommerce_tax_round_at_subtotal'),
  ])
  return {
    products: known,
    labels,
    taxClasses,
    rounding: {
      decimals: shop.decimals,
      half: includesTax === 'yes' ? 'down' : 'up',
      atSubtotal: roundsSums === 'yes',
    },
  }
}

async function readTaxClasses(shop: SqlShop): Promise<Set<string>> {
  const rows = await shop.database.query(`SELECT slug FROM ${tableName(shop, 'wc_tax_rate_classes')}`)
  return new Set(rows.map(([slug]) => slug ?? ''))
}
