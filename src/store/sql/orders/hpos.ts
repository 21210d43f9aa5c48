/** Orders and refunds in tables of their own (40, 42a): their dates are GMT. */
import type { Cell } from '../database.ts'
import type { SqlShop } from '../reader.ts'
import { dateText, idCondition, wantedRows } from '../rows.ts'
import { tableName } from '../tables.ts'
import { orderLists } from './lists.ts'
import { isShownOrderMeta, isShownRefundMeta } from './meta-keys.ts'
import {
  type Address,
  hiddenStatuses,
  type Meta,
  type OrderHead,
  type OrderStorage,
  type RefundHead,
} from './storage.ts'

export const hpos: OrderStorage = {
  ...orderLists({
    table: 'wc_orders',
    id: 'id',
    type: 'type',
    status: 'status',
    date: { shop_order: 'date_updated_gmt', shop_order_refund: 'date_created_gmt' },
  }),

  async orders(shop, ids) {
    const heads = await readHeads(shop, ids)
    await readAddresses(shop, ids, heads)
    const metas = await readMetas(shop, ids, isShownOrderMeta)
    for (const [id, head] of heads) head.metas = metas.get(id) ?? []
    return [...heads.values()]
  },

  async refunds(shop, of) {
    const { sql, values } =
      'refunds' in of ? idCondition('o.id', of.refunds) : idCondition('o.parent_order_id', of.orders)
    const rows = await shop.database.query(
      `SELECT o.id, o.parent_order_id, o.date_created_gmt, o.tax_amount, d.shipping_tax_amount
       FROM ${tableName(shop, 'wc_orders')} o
       LEFT JOIN ${tableName(shop, 'wc_order_operational_data')} d ON d.order_id = o.id
       WHERE ${sql} AND o.type = 'shop_order_refund' AND o.status NOT IN ?`,
      [...values, hiddenStatuses.shop_order_refund],
    )
    const ids = rows.map(([id]) => id as string)
    const metas = ids.length > 0 ? await readMetas(shop, ids, () => true) : new Map<string, Meta[]>()
    return [...wantedRows(rows, ids)].map(([id, row]) => refundOf(id, row, metas.get(id) ?? []))
  },
}

/** Without their addresses and metas. */
async function readHeads(shop: SqlShop, ids: readonly string[]): Promise<Map<string, OrderHead>> {
  const { sql, values } = idCondition('o.id', ids)
  const wanted = new Set(ids)
  const heads = new Map<string, OrderHead>()
  await shop.database.each(
    `SELECT o.id, o.status, o.currency, o.tax_amount, o.total_amount, o.customer_id, o.billing_email,
       o.date_created_gmt, o.date_updated_gmt, o.parent_order_id, o.payment_method, o.payment_method_title,
       o.transaction_id, o.customer_note, d.created_via, d.woocommerce_version, d.prices_include_tax,
       d.cart_hash, d.date_paid_gmt, d.date_completed_gmt, d.shipping_tax_amount, d.shipping_total_amount,
       d.discount_tax_amount, d.discount_total_amount
     FROM ${tableName(shop, 'wc_orders')} o
     LEFT JOIN ${tableName(shop, 'wc_order_operational_data')} d ON d.order_id = o.id
     WHERE ${sql} AND o.type = 'shop_order' AND o.status NOT IN ?`,
    [...values, hiddenStatuses.shop_order],
    (row) => {
      const id = row[0] as string
      if (wanted.has(id) && !heads.has(id)) heads.set(id, headOf(row))
    },
  )
  return heads
}

async function readAddresses(
  shop: SqlShop,
  ids: readonly string[],
  heads: ReadonlyMap<string, OrderHead>,
): Promise<void> {
  const { sql, values } = idCondition('order_id', ids)
  await shop.database.each(
    `SELECT order_id, address_type, first_name, last_name, company, address_1, address_2, city, state,
       postcode, country, email, phone
     FROM ${tableName(shop, 'wc_order_addresses')} WHERE ${sql} ORDER BY order_id`,
    values,
    (row) => {
      const head = heads.get(row[0] as string)
      if (head === undefined) return
      if (row[1] === 'billing') head.billing = billingOf(row, head.billing.email)
      else if (row[1] === 'shipping') head.shipping = addressOf(row)
    },
  )
}

/** Those that are wanted, in the order of their ids. */
async function readMetas(
  shop: SqlShop,
  ids: readonly string[],
  isWanted: (key: string) => boolean,
): Promise<Map<string, Meta[]>> {
  const { sql, values } = idCondition('order_id', ids)
  const metas = new Map<string, NumberedMeta[]>(ids.map((id) => [id, []]))
  await shop.database.each(
    `SELECT order_id, id, meta_key, meta_value FROM ${tableName(shop, 'wc_orders_meta')} WHERE ${sql}`,
    values,
    ([order, id, key, value = null]) => {
      if (key != null && isWanted(key)) metas.get(order as string)?.push({ id: Number(id), key, value })
    },
  )
  // The index that finds them sorts by key; sorting by id on the server would cost it a copy of them all.
  for (const group of metas.values()) group.sort((a, b) => a.id - b.id)
  return metas
}

interface NumberedMeta extends Meta {
  id: number
}

const NO_ROW: readonly Cell[] = []

/** What billing and shipping have in common. */
function addressOf(row: readonly Cell[]): Address {
  return {
    first_name: row[2] ?? '',
    last_name: row[3] ?? '',
    company: row[4] ?? '',
    address_1: row[5] ?? '',
    address_2: row[6] ?? '',
    city: row[7] ?? '',
    state: row[8] ?? '',
    postcode: row[9] ?? '',
    country: row[10] ?? '',
    phone: row[12] ?? '',
  }
}

/** @param email stands in both tables; an order that came without an address has it only in the first */
function billingOf(row: readonly Cell[], email: string | undefined): Address {
  const billing = addressOf(row)
  billing.email = row[11] ?? email ?? ''
  return billing
}

function headOf(row: readonly Cell[]): OrderHead {
  const cell = (column: number): Cell => row[column] ?? null
  return {
    id: row[0] as string,
    status: cell(1),
    currency: cell(2),
    cartTax: cell(3),
    total: cell(4),
    customer: cell(5),
    created: dateText(row[7]),
    modified: dateText(row[8]),
    parent: cell(9),
    paymentMethod: cell(10),
    paymentMethodTitle: cell(11),
    transaction: cell(12),
    customerNote: cell(13),
    createdVia: cell(14),
    version: cell(15),
    pricesIncludeTax: row[16] === '1',
    cartHash: cell(17),
    paid: dateText(row[18]),
    completed: dateText(row[19]),
    shippingTax: cell(20),
    shippingTotal: cell(21),
    discountTax: cell(22),
    discountTotal: cell(23),
    billing: billingOf(NO_ROW, row[6] ?? undefined),
    shipping: addressOf(NO_ROW),
    metas: [],
  }
}

function refundOf(id: string, row: readonly Cell[], metas: readonly Meta[]): RefundHead {
  const [, order = null, created, cartTax = null, shippingTax = null] = row
  const first = (wanted: string) => metas.find(({ key }) => key === wanted)?.value ?? null
  return {
    id,
    order,
    created: dateText(created),
    amount: first('_refund_amount'),
    reason: first('_refund_reason'),
    cartTax,
    shippingTax,
    refundedBy: first('_refunded_by'),
    refundedPayment: first('_refunded_payment'),
    metas: metas.filter(({ key }) => isShownRefundMeta(key)),
  }
}
