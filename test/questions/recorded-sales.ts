/** Sales of the recorded shop, asked of its own database in plain SQL that shares nothing with the mirror. */
import { Decimal } from 'decimal.js'
import type { Mariadb } from '../mariadb.ts'

/** One order with everything that is summed up, and what it is grouped and filtered by. */
export interface RecordedOrder {
  id: number
  /** Without the prefix. */
  status: string
  currency: string
  createdAt: Date
  email: string
  country: string
  paymentMethod: string
  coupons: string[]
  products: number[]
  amounts: Amounts
}

const amountNames = [
  'gross_sales',
  'refunds',
  'tax',
  'refunded_tax',
  'shipping',
  'discounts',
  'fees',
  'items',
  'refunded_items',
] as const

export type Amounts = Record<(typeof amountNames)[number], Decimal>

/** A value of all items of an order or refund that are of a type. */
const ofItems = (order: string, type: string, key: string) =>
  `(SELECT coalesce(sum(cast(m.meta_value AS decimal(26,8))), 0)
    FROM wp_woocommerce_order_items i
    JOIN wp_woocommerce_order_itemmeta m ON m.order_item_id = i.order_item_id AND m.meta_key = '${key}'
    WHERE i.order_id = ${order} AND i.order_item_type = '${type}')`

const ofRefunds = (value: string) =>
  `(SELECT -coalesce(sum(${value}), 0) FROM wp_wc_orders r
    LEFT JOIN wp_wc_order_operational_data e ON e.order_id = r.id
    WHERE r.type = 'shop_order_refund' AND r.parent_order_id = o.id)`

export async function recordedOrders(mariadb: Mariadb): Promise<RecordedOrder[]> {
  const rows = await mariadb.ask(
    'woocommerce_small',
    `SELECT o.id, o.status, o.currency, date_format(o.date_created_gmt, '%Y-%m-%dT%H:%i:%sZ'),
            coalesce(o.billing_email, ''),
            coalesce((SELECT a.country FROM wp_wc_order_addresses a
                      WHERE a.order_id = o.id AND a.address_type = 'billing'), ''),
            coalesce(o.payment_method, ''),
            (SELECT group_concat(i.order_item_name SEPARATOR '|') FROM wp_woocommerce_order_items i
             WHERE i.order_id = o.id AND i.order_item_type = 'coupon'),
            (SELECT group_concat(m.meta_value SEPARATOR '|') FROM wp_woocommerce_order_items i
             JOIN wp_woocommerce_order_itemmeta m ON m.order_item_id = i.order_item_id AND m.meta_key = '_product_id'
             WHERE i.order_id = o.id AND i.order_item_type = 'line_item'),
            o.total_amount, ${ofRefunds('r.total_amount')},
            -- 42a: the tax on shipping stands apart.
            o.tax_amount + coalesce(d.shipping_tax_amount, 0),
            ${ofRefunds('r.tax_amount + coalesce(e.shipping_tax_amount, 0)')},
            coalesce(d.shipping_total_amount, 0), coalesce(d.discount_total_amount, 0),
            ${ofItems('o.id', 'fee', '_line_total')}, ${ofItems('o.id', 'line_item', '_qty')},
            ${ofRefunds(ofItems('r.id', 'line_item', '_qty'))}
     FROM wp_wc_orders o LEFT JOIN wp_wc_order_operational_data d ON d.order_id = o.id
     WHERE o.type = 'shop_order'`,
  )
  return rows.map((row) => {
    const [id, status, currency, createdAt, email, country, paymentMethod, coupons, products, ...amounts] =
      row
    return {
      id: Number(id),
      status: String(status).replace(/^wc-/, ''),
      currency: String(currency),
      createdAt: new Date(String(createdAt)),
      email: String(email).trim().toLowerCase(),
      country: String(country),
      paymentMethod: String(paymentMethod),
      coupons: coupons === null ? [] : String(coupons).split('|'),
      products: products === null ? [] : String(products).split('|').map(Number),
      amounts: Object.fromEntries(
        amountNames.map((name, at) => [name, new Decimal(String(amounts[at]))]),
      ) as Amounts,
    }
  })
}

/** The figures of these orders as an answer has them, numbers as plain text. */
export function figuresOf(orders: readonly RecordedOrder[]): Record<string, string | null> {
  const sums = Object.fromEntries(
    amountNames.map((name) => [
      name,
      orders.reduce((sum, { amounts }) => sum.plus(amounts[name]), new Decimal(0)),
    ]),
  ) as Amounts
  const net = sums.gross_sales.minus(sums.refunds)
  return {
    ...Object.fromEntries(amountNames.map((name) => [name, sums[name].toFixed()])),
    orders: String(orders.length),
    net_sales: net.toFixed(),
    average_order_value:
      orders.length === 0 ? null : net.div(orders.length).toDecimalPlaces(2, Decimal.ROUND_HALF_UP).toFixed(),
  }
}

/** The same of a row of an answer. */
export function plain(row: object): Record<string, string | null> {
  const names = [...amountNames, 'orders', 'net_sales', 'average_order_value']
  return Object.fromEntries(
    names.map((name) => {
      const value: unknown = Reflect.get(row, name)
      return [name, value === null ? null : new Decimal(String(value)).toFixed()]
    }),
  )
}

export interface RecordedLine {
  order: number
  product: number
  sold: Decimal
  pieces: Decimal
}

/** Product lines of orders, or of the refunds of orders. A product that is gone is 0, as REST has it. */
export async function recordedLines(
  mariadb: Mariadb,
  of: 'shop_order' | 'shop_order_refund',
): Promise<RecordedLine[]> {
  const value = (key: string) =>
    `(SELECT m.meta_value FROM wp_woocommerce_order_itemmeta m
      WHERE m.order_item_id = i.order_item_id AND m.meta_key = '${key}' LIMIT 1)`
  const rows = await mariadb.ask(
    'woocommerce_small',
    `SELECT ${of === 'shop_order' ? 'o.id' : 'o.parent_order_id'},
            coalesce((SELECT p.ID FROM wp_posts p WHERE p.ID = ${value('_product_id')} AND p.post_type = 'product'), 0),
            ${value('_line_total')}, ${value('_qty')}
     FROM wp_wc_orders o JOIN wp_woocommerce_order_items i ON i.order_id = o.id AND i.order_item_type = 'line_item'
     WHERE o.type = '${of}'`,
  )
  return rows.map(([order, product, sold, pieces]) => ({
    order: Number(order),
    product: Number(product),
    // The database holds six decimals of a line; REST gives the currency's, which is what the shop says.
    sold: new Decimal(String(sold)).toDecimalPlaces(2, Decimal.ROUND_HALF_UP),
    pieces: new Decimal(String(pieces)),
  }))
}

/** The slugs of each product's categories, and the parent of each slug. */
export async function recordedCategories(mariadb: Mariadb) {
  const rows = await mariadb.ask(
    'woocommerce_small',
    `SELECT t.slug, p.slug FROM wp_term_taxonomy x JOIN wp_terms t ON t.term_id = x.term_id
     LEFT JOIN wp_terms p ON p.term_id = x.parent WHERE x.taxonomy = 'product_cat'`,
  )
  const links = await mariadb.ask(
    'woocommerce_small',
    `SELECT r.object_id, t.slug FROM wp_term_relationships r
     JOIN wp_term_taxonomy x ON x.term_taxonomy_id = r.term_taxonomy_id AND x.taxonomy = 'product_cat'
     JOIN wp_terms t ON t.term_id = x.term_id`,
  )
  const parents = new Map(
    rows.map(([slug, parent]) => [String(slug), parent === null ? null : String(parent)]),
  )
  const of = new Map<number, string[]>()
  for (const [product, slug] of links) {
    of.set(Number(product), [...(of.get(Number(product)) ?? []), String(slug)])
  }
  return { parents, of }
}
