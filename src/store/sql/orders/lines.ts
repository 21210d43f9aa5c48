/** The lines of orders and refunds (41): two statements for the rows, and what a line shows of products and terms. */
import type { Fields } from '../../canonical.ts'
import type { Cell } from '../database.ts'
import { onceInSnapshot } from '../kept.ts'
import { metaValue } from '../php.ts'
import type { SqlShop } from '../reader.ts'
import { idCondition } from '../rows.ts'
import { tableName } from '../tables.ts'
import { rawUrlDecode } from '../wordpress-text.ts'
import { type LineMeta, readLabels } from './labels.ts'
import { type Draft, type LineShop, lineMakers } from './line-makers.ts'
import { isWordPressOwn } from './meta-keys.ts'
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
  const orders = await readItems(shop, ids)
  const lines = new Map<string, Lines>()
  if (orders.size === 0) return lines
  const drafts = [...orders.values()].flat()
  await readItemMetas(shop, drafts)
  const known = await readLineShop(shop, drafts)
  for (const [order, own] of orders) {
    const made = noLines()
    for (const draft of own) {
      const { field, make } = draft.maker
      made[field]?.push(make(draft, known))
    }
    lines.set(order, made)
  }
  return lines
}

/** Lines by their order, without their metas; plugins have types of lines that REST does not show. */
async function readItems(shop: SqlShop, ids: readonly string[]): Promise<Map<string, Draft[]>> {
  const { sql, values } = idCondition('order_id', ids)
  const wanted = new Set(ids)
  const orders = new Map<string, Draft[]>()
  await shop.database.each(
    `SELECT order_id, order_item_id, order_item_type, order_item_name
     FROM ${tableName(shop, 'woocommerce_order_items')} WHERE ${sql} ORDER BY order_id, order_item_id`,
    values,
    ([order, item, type, name]) => {
      const maker = lineMakers[type as string]
      if (maker === undefined || order == null || !wanted.has(order)) return
      const draft: Draft = {
        id: Number(item),
        maker,
        name: name ?? '',
        values: new Array<Cell | undefined>(maker.keys.size).fill(undefined),
        metas: [],
      }
      const known = orders.get(order)
      if (known === undefined) orders.set(order, [draft])
      else known.push(draft)
    },
  )
  return orders
}

/**
 * Puts the metas of lines where they belong, as they come: what a line does not need is not held. Sums that
 * WooCommerce makes anew from the taxes by rate are left where they are: a fifth of the rows.
 */
async function readItemMetas(shop: SqlShop, drafts: readonly Draft[]): Promise<void> {
  const byId = new Map(drafts.map((draft) => [String(draft.id), draft]))
  const { sql, values } = idCondition('order_item_id', [...byId.keys()])
  let current: Draft | undefined
  let currentId: Cell | undefined
  await shop.database.each(
    `SELECT order_item_id, meta_id, meta_key, meta_value
     FROM ${tableName(shop, 'woocommerce_order_itemmeta')}
     WHERE ${sql} AND meta_key NOT IN ('_line_subtotal_tax', '_line_tax')
     ORDER BY order_item_id, meta_id`,
    values,
    ([item, id, key, value = null]) => {
      if (item !== currentId) {
        currentId = item
        current = byId.get(item as string)
      }
      if (current !== undefined && key != null) addMeta(current, id as string, key, value)
    },
  )
}

function addMeta({ maker, values, metas }: Draft, id: string, key: string, value: Cell): void {
  const slot = maker.keys.slots.get(key)
  if (slot === undefined) {
    if (!isWordPressOwn(key)) metas.push(lineMeta(id, key, value))
  } else if (slot >= 0 && values[slot] === undefined) {
    // The first row of a key counts, as in WordPress.
    values[slot] = value
  }
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
    for (const id of draft.maker.products(draft)) products.add(id)
    hasTaxClass ||= draft.maker.hasTaxClass(draft)
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

const readTaxClasses = onceInSnapshot(async (shop): Promise<Set<string>> => {
  const rows = await shop.database.query(`SELECT slug FROM ${tableName(shop, 'wc_tax_rate_classes')}`)
  return new Set(rows.map(([slug]) => slug ?? ''))
})
