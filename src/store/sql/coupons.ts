/** Coupons: posts of type `shop_coupon` and their meta. */
import { Decimal } from 'decimal.js'
import { decodeHTML } from 'entities'
import type { Fields } from '../canonical.ts'
import { resources } from '../resources.ts'
import { localMoment } from '../timezone.ts'
import type { Cell } from './database.ts'
import { metaValue } from './php.ts'
import { postList } from './post-list.ts'
import type { SqlReader, SqlShop } from './reader.ts'
import { dateText, groupRows, idCondition, wantedRows } from './rows.ts'
import { tableName } from './tables.ts'

const TYPE = 'shop_coupon'

/** Shown as fields of the coupon, or not at all. */
const INTERNAL: ReadonlySet<string> = new Set([
  'discount_type',
  'coupon_amount',
  'expiry_date',
  'date_expires',
  'usage_count',
  'individual_use',
  'product_ids',
  'exclude_product_ids',
  'usage_limit',
  'usage_limit_per_user',
  'limit_usage_to_x_items',
  'free_shipping',
  'product_categories',
  'exclude_product_categories',
  'exclude_sale_items',
  'minimum_amount',
  'maximum_amount',
  'customer_email',
  '_used_by',
  '_edit_lock',
  '_edit_last',
])

export const couponReader: SqlReader = {
  ...postList(TYPE, resources.coupons.statuses?.names ?? []),

  async read(shop, ids) {
    const posts = idCondition('ID', ids)
    const found = wantedRows(
      await shop.database.query(
        `SELECT ID, post_title, post_excerpt, post_status, post_date_gmt, post_modified_gmt
         FROM ${tableName(shop, 'posts')} WHERE ${posts.sql} AND post_type = ?`,
        [...posts.values, TYPE],
      ),
      ids,
    )
    const metas = idCondition('post_id', [...found.keys()])
    const metaRows = groupRows(
      await shop.database.query(
        `SELECT post_id, meta_id, meta_key, meta_value FROM ${tableName(shop, 'postmeta')}
         WHERE ${metas.sql} ORDER BY post_id, meta_id`,
        metas.values,
      ),
      ids,
    )
    return [...found].map(([id, row]) => coupon(shop, row, metaRows.get(id) ?? []))
  },
}

function coupon(
  shop: SqlShop,
  [id, title, excerpt, status, created, modified]: Cell[],
  metaRows: readonly Cell[][],
): Fields {
  const first = new Map<string, string>()
  for (const [, , key, value] of metaRows) if (key != null && !first.has(key)) first.set(key, value ?? '')
  const meta = (key: string) => first.get(key) ?? ''
  return {
    id: Number(id),
    // As `wc_format_coupon_code` makes it.
    code: decodeHTML(title ?? '').toLowerCase(),
    amount: money(meta('coupon_amount')),
    status,
    date_created_gmt: dateText(created),
    date_modified_gmt: dateText(modified),
    discount_type: meta('discount_type') || 'fixed_cart',
    description: excerpt,
    // Coupons of older versions have a local date.
    date_expires_gmt: expiry(first.has('date_expires') ? meta('date_expires') : meta('expiry_date'), shop),
    usage_count: count(meta('usage_count')),
    individual_use: meta('individual_use') === 'yes',
    product_ids: idList(meta('product_ids')),
    excluded_product_ids: idList(meta('exclude_product_ids')),
    usage_limit: count(meta('usage_limit')) || null,
    usage_limit_per_user: count(meta('usage_limit_per_user')) || null,
    limit_usage_to_x_items: count(meta('limit_usage_to_x_items')) || null,
    free_shipping: meta('free_shipping') === 'yes',
    product_categories: idList(meta('product_categories')),
    excluded_product_categories: idList(meta('exclude_product_categories')),
    exclude_sale_items: meta('exclude_sale_items') === 'yes',
    minimum_amount: money(meta('minimum_amount')),
    maximum_amount: money(meta('maximum_amount')),
    email_restrictions: list(meta('customer_email')).map((email) => String(email).toLowerCase()),
    used_by: metaRows.filter(([, , key, value]) => key === '_used_by' && value).map(([, , , value]) => value),
    meta_data: metaRows
      .filter(([, , key]) => key != null && !INTERNAL.has(key) && !key.toLowerCase().startsWith('wp_'))
      .map(([, metaId, key, value]) => ({ id: Number(metaId), key, value: metaValue(value ?? null) })),
  }
}

/** Always with two decimals, whatever the shop's prices have. */
function money(text: string): string {
  const digits = text.replace(/[^\d.-]/g, '')
  return NUMBER.test(digits) ? new Decimal(digits).toFixed(2, Decimal.ROUND_HALF_UP) : '0.00'
}

const NUMBER = /^-?(\d+\.?\d*|\.\d+)$/

function count(text: string): number {
  const number = Math.abs(Math.trunc(Number(text)))
  return Number.isSafeInteger(number) ? number : 0
}

/** Ids with commas between them, or what plugins make of it: an array. Each once, none that is 0. */
function idList(text: string): number[] {
  const value = metaValue(text)
  const ids = typeof value === 'string' ? value.split(/[\s,]+/) : members(value)
  return [...new Set(ids.map((id) => count(String(id))))].filter((id) => id !== 0)
}

/** The values of an array that are not empty; a value alone counts as an array of itself. */
function list(text: string): unknown[] {
  return members(metaValue(text)).filter((value) => value !== '' && value !== '0' && value !== null)
}

function members(value: unknown): unknown[] {
  if (value === null || typeof value !== 'object') return [value]
  return Object.values(value)
}

function expiry(text: string, shop: SqlShop): string | null {
  if (text === '' || text === '0') return null
  const moment = /^\d{1,12}$/.test(text) ? Number(text) * 1000 : localMoment(text, shop.timezone)
  return moment === null ? null : new Date(moment).toISOString().slice(0, 19)
}
