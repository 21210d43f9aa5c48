/** Orders and refunds in tables of their own (40, 42a): their dates are GMT. */
import type { Cell } from '../database.ts'
import type { SqlShop } from '../reader.ts'
import { dateText, groupRows, idCondition, wantedRows } from '../rows.ts'
import { tableName } from '../tables.ts'
import { orderLists } from './lists.ts'
import { isShownOrderMeta, isShownRefundMeta } from './meta-keys.ts'
import {
  addressOf,
  BILLING_FIELDS,
  hiddenStatuses,
  type OrderHead,
  type OrderStorage,
  type RefundHead,
  SHIPPING_FIELDS,
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
    const [rows, addresses, metas] = await Promise.all([
      readOrderRows(shop, ids),
      readAddresses(shop, ids),
      readMetas(shop, ids),
    ])
    return [...rows].map(([id, row]) => headOf(id, row, addresses.get(id) ?? [], metas.get(id) ?? []))
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
    const metas = ids.length > 0 ? await readMetas(shop, ids) : new Map<string, Cell[][]>()
    return [...wantedRows(rows, ids)].map(([id, row]) => refundOf(id, row, metas.get(id) ?? []))
  },
}

async function readOrderRows(shop: SqlShop, ids: readonly string[]): Promise<Map<string, Cell[]>> {
  const { sql, values } = idCondition('o.id', ids)
  const rows = await shop.database.query(
    `SELECT o.id, o.status, o.currency, o.tax_amount, o.total_amount, o.customer_id, o.billing_email,
       o.date_created_gmt, o.date_updated_gmt, o.parent_order_id, o.payment_method, o.payment_method_title,
       o.transaction_id, o.customer_note, d.created_via, d.woocommerce_version, d.prices_include_tax,
       d.cart_hash, d.date_paid_gmt, d.date_completed_gmt, d.shipping_tax_amount, d.shipping_total_amount,
       d.discount_tax_amount, d.discount_total_amount
     FROM ${tableName(shop, 'wc_orders')} o
     LEFT JOIN ${tableName(shop, 'wc_order_operational_data')} d ON d.order_id = o.id
     WHERE ${sql} AND o.type = 'shop_order' AND o.status NOT IN ?`,
    [...values, hiddenStatuses.shop_order],
  )
  return wantedRows(rows, ids)
}

async function readAddresses(shop: SqlShop, ids: readonly string[]): Promise<Map<string, Cell[][]>> {
  const { sql, values } = idCondition('order_id', ids)
  const rows = await shop.database.query(
    `SELECT order_id, address_type, first_name, last_name, company, address_1, address_2, city, state,
       postcode, country, email, phone
     FROM ${tableName(shop, 'wc_order_addresses')} WHERE ${sql} ORDER BY order_id`,
    values,
  )
  return groupRows(rows, ids)
}

/** Order, key and value. */
async function readMetas(shop: SqlShop, ids: readonly string[]): Promise<Map<string, Cell[][]>> {
  const { sql, values } = idCondition('order_id', ids)
  const rows = await shop.database.query(
    `SELECT order_id, id, meta_key, meta_value FROM ${tableName(shop, 'wc_orders_meta')} WHERE ${sql}`,
    values,
  )
  const groups = groupRows(rows, ids)
  // The index that finds them sorts by key; sorting by id on the server would cost it a copy of them all.
  for (const group of groups.values()) group.sort((a, b) => Number(a[1]) - Number(b[1]))
  return groups
}

const ADDRESS_COLUMN = new Map<string, number>(BILLING_FIELDS.map((field, index) => [field, index + 2]))

function headOf(id: string, row: readonly Cell[], addresses: readonly Cell[][], metas: readonly Cell[][]) {
  const billing = addresses.find(([, type]) => type === 'billing')
  const shipping = addresses.find(([, type]) => type === 'shipping')
  const cell = (address: readonly Cell[] | undefined, field: string) =>
    address?.[ADDRESS_COLUMN.get(field) as number]
  const [, status, currency, cartTax, total, customer, email, created, modified, parent] = row
  const [method, methodTitle, transaction, customerNote, createdVia, version, includesTax] = row.slice(10)
  const [cartHash, paid, completed, shippingTax, shippingTotal, discountTax, discountTotal] = row.slice(17)
  return {
    id,
    parent,
    status,
    currency,
    version,
    pricesIncludeTax: includesTax === '1',
    created: dateText(created),
    modified: dateText(modified),
    completed: dateText(completed),
    paid: dateText(paid),
    discountTotal,
    discountTax,
    shippingTotal,
    shippingTax,
    cartTax,
    total,
    customer,
    // The e-mail stands in both tables; an order that came without an address has it only in the first.
    billing: addressOf(
      BILLING_FIELDS,
      (field) => cell(billing, field) ?? (field === 'email' ? email : undefined),
    ),
    shipping: addressOf(SHIPPING_FIELDS, (field) => cell(shipping, field)),
    paymentMethod: method,
    paymentMethodTitle: methodTitle,
    transaction,
    createdVia,
    customerNote,
    cartHash,
    metas: shown(metas, isShownOrderMeta),
  } as OrderHead
}

function refundOf(id: string, row: readonly Cell[], metas: readonly Cell[][]): RefundHead {
  const [, order = null, created, cartTax = null, shippingTax = null] = row
  const first = (key: string) => metas.find((meta) => meta[2] === key)?.[3] ?? null
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
    metas: shown(metas, isShownRefundMeta),
  }
}

function shown(metas: readonly Cell[][], isShown: (key: string) => boolean): Cell[][] {
  const kept: Cell[][] = []
  for (const [, , key, value = null] of metas) if (key != null && isShown(key)) kept.push([key, value])
  return kept
}
