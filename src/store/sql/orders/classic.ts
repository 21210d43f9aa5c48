/** Orders and refunds as posts with metas (40): both dates stand there, only the GMT ones are moments (3). */
import { localMoment } from '../../timezone.ts'
import type { Cell } from '../database.ts'
import type { SqlShop } from '../reader.ts'
import { dateText, idCondition, wantedRows } from '../rows.ts'
import { tableName } from '../tables.ts'
import { orderLists } from './lists.ts'
import { isShownOrderMeta, isShownRefundMeta } from './meta-keys.ts'
import {
  addressOf,
  BILLING_FIELDS,
  hiddenStatuses,
  type Meta,
  type OrderHead,
  type OrderStorage,
  type RefundHead,
  SHIPPING_FIELDS,
} from './storage.ts'

export const classic: OrderStorage = {
  // WordPress has no index on this date: the index on the type finds the orders, and all of them are looked at.
  ...orderLists({
    table: 'posts',
    id: 'ID',
    type: 'post_type',
    status: 'post_status',
    date: { shop_order: 'post_modified_gmt', shop_order_refund: 'post_date_gmt' },
  }),

  async orders(shop, ids) {
    const [rows, metas, includesTax] = await Promise.all([
      readPosts(shop, ids),
      readMetas(shop, ids, isShownOrderMeta),
      shop.option('woocommerce_prices_include_tax'),
    ])
    return [...rows].map(([id, row]) => headOf(id, row, metas.get(id) ?? noMetas(), shop, includesTax))
  },

  async refunds(shop, of) {
    const { sql, values } =
      'refunds' in of ? idCondition('ID', of.refunds) : idCondition('post_parent', of.orders)
    const rows = await shop.database.query(
      `SELECT ID, post_parent, post_date_gmt, post_excerpt FROM ${tableName(shop, 'posts')}
       WHERE ${sql} AND post_type = 'shop_order_refund' AND post_status NOT IN ?`,
      [...values, hiddenStatuses.shop_order_refund],
    )
    const ids = rows.map(([id]) => id as string)
    const metas =
      ids.length > 0 ? await readMetas(shop, ids, isShownRefundMeta) : new Map<string, PostMetas>()
    return rows.map((row) => refundOf(row, metas.get(row[0] as string) ?? noMetas()))
  },
}

async function readPosts(shop: SqlShop, ids: readonly string[]): Promise<Map<string, Cell[]>> {
  const { sql, values } = idCondition('ID', ids)
  const rows = await shop.database.query(
    `SELECT ID, post_status, post_parent, post_date_gmt, post_modified_gmt, post_excerpt
     FROM ${tableName(shop, 'posts')} WHERE ${sql} AND post_type = 'shop_order' AND post_status NOT IN ?`,
    [...values, hiddenStatuses.shop_order],
  )
  return wantedRows(rows, ids)
}

interface PostMetas {
  /** WooCommerce's own fields; the first row of a key counts, as in WordPress. */
  fields: Map<string, Cell>
  shown: Meta[]
}

const noMetas = (): PostMetas => ({ fields: new Map(), shown: [] })

async function readMetas(
  shop: SqlShop,
  ids: readonly string[],
  isShown: (key: string) => boolean,
): Promise<Map<string, PostMetas>> {
  const { sql, values } = idCondition('post_id', ids)
  const metas = new Map<string, PostMetas>(ids.map((id) => [id, noMetas()]))
  await shop.database.each(
    `SELECT post_id, meta_key, meta_value FROM ${tableName(shop, 'postmeta')}
     WHERE ${sql} ORDER BY post_id, meta_id`,
    values,
    ([post, key, value = null]) => {
      const own = metas.get(post as string)
      if (own === undefined || key == null) return
      if (isShown(key)) own.shown.push({ key, value })
      else if (!own.fields.has(key)) own.fields.set(key, value)
    },
  )
  return metas
}

function headOf(
  id: string,
  row: readonly Cell[],
  { fields, shown }: PostMetas,
  shop: SqlShop,
  includesTax: string | null,
): OrderHead {
  const [, status = null, parent = null, created, modified, excerpt = null] = row
  const field = (key: string): Cell => fields.get(key) ?? null
  return {
    id,
    parent,
    status,
    currency: field('_order_currency'),
    version: field('_order_version'),
    // Orders of old versions do not say it: then the shop's setting counts.
    pricesIncludeTax: (fields.get('_prices_include_tax') ?? includesTax) === 'yes',
    created: dateText(created),
    modified: dateText(modified),
    completed: metaDate(field('_date_completed'), field('_completed_date'), shop.timezone),
    paid: metaDate(field('_date_paid'), field('_paid_date'), shop.timezone),
    discountTotal: field('_cart_discount'),
    discountTax: field('_cart_discount_tax'),
    shippingTotal: field('_order_shipping'),
    shippingTax: field('_order_shipping_tax'),
    cartTax: field('_order_tax'),
    total: field('_order_total'),
    customer: field('_customer_user'),
    billing: addressOf(BILLING_FIELDS, (name) => field(`_billing_${name}`)),
    shipping: addressOf(SHIPPING_FIELDS, (name) => field(`_shipping_${name}`)),
    paymentMethod: field('_payment_method'),
    paymentMethodTitle: field('_payment_method_title'),
    transaction: field('_transaction_id'),
    createdVia: field('_created_via'),
    customerNote: excerpt,
    cartHash: field('_cart_hash'),
    metas: shown,
  }
}

/** Seconds since WooCommerce 3.0; before, a date in the shop's zone. */
function metaDate(seconds: Cell, local: Cell, zone: string): string | null {
  const isSeconds = seconds !== null && /^[1-9]\d{0,11}$/.test(seconds)
  const moment = isSeconds
    ? Number(seconds) * 1000
    : dateText(local) === null
      ? null
      : localMoment(local ?? '', zone)
  return moment === null ? null : new Date(moment).toISOString().slice(0, 19)
}

function refundOf(row: readonly Cell[], { fields, shown }: PostMetas): RefundHead {
  const [id = null, order = null, created, excerpt = null] = row
  const field = (key: string): Cell => fields.get(key) ?? null
  return {
    id: id as string,
    order,
    created: dateText(created),
    amount: field('_refund_amount'),
    reason: fields.has('_refund_reason') ? field('_refund_reason') : excerpt,
    cartTax: field('_order_tax'),
    shippingTax: field('_order_shipping_tax'),
    refundedBy: field('_refunded_by'),
    refundedPayment: field('_refunded_payment'),
    metas: shown,
  }
}
