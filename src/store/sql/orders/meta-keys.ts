/** Meta keys that are fields of WooCommerce's own, by what they belong to: REST does not show them as meta data. */

/** As WooCommerce puts its fields' names: `_order_id`. */
const prefixed = (names: string): string[] => names.split(' ').map((name) => `_${name}`)

const ORDER_FIELDS = [
  ...prefixed(
    'parent_id status currency version prices_include_tax date_created date_modified discount_total discount_tax',
  ),
  ...prefixed('shipping_total shipping_tax cart_tax total total_tax'),
  ...prefixed(
    'order_currency cart_discount cart_discount_tax order_shipping order_shipping_tax order_tax order_total',
  ),
  ...prefixed('order_version prices_include_tax payment_tokens edit_lock edit_last'),
  // Of WordPress, and only for posts in its trash: classic storage has it, HPOS does not.
  '_wp_desired_post_slug',
]

const ADDRESS_FIELDS = 'first_name last_name company address_1 address_2 city state postcode country phone'

const ORDER_KEYS: ReadonlySet<string> = new Set([
  ...ORDER_FIELDS,
  ...prefixed('customer_id customer_user order_key billing shipping payment_method payment_method_title'),
  ...prefixed('transaction_id customer_ip_address customer_user_agent created_via customer_note'),
  ...prefixed('date_completed date_paid completed_date paid_date cart_hash'),
  ...ADDRESS_FIELDS.split(' ').flatMap((field) => [`_billing_${field}`, `_shipping_${field}`]),
  '_billing_email',
  ...prefixed('billing_address_index shipping_address_index order_stock_reduced new_order_email_sent'),
  ...prefixed('download_permissions_granted recorded_sales recorded_coupon_usage_counts'),
])

const REFUND_KEYS: ReadonlySet<string> = new Set([
  ...ORDER_FIELDS,
  ...prefixed('amount reason refunded_by refunded_payment refund_amount refund_reason'),
])

/** A meta of an order that REST shows. */
export const isShownOrderMeta = (key: string): boolean => !ORDER_KEYS.has(key) && !isWordPressOwn(key)

/** A meta of a refund that REST shows. */
export const isShownRefundMeta = (key: string): boolean => !REFUND_KEYS.has(key) && !isWordPressOwn(key)

/** WooCommerce leaves out what begins with `wp_`, in any case. */
export function isWordPressOwn(key: string): boolean {
  return (key.charCodeAt(0) | 0x20) === 0x77 && key.slice(0, 3).toLowerCase() === 'wp_'
}

/** A line's fields by the meta key that holds each; those named in `hidden` are fields too, but read elsewhere. */
export interface LineKeys {
  slots: ReadonlyMap<string, number>
  size: number
}

function lineKeys(read: readonly string[], hidden: string): LineKeys {
  const slots = new Map(hidden.split(' ').map((key) => [key, -1]))
  read.forEach((key, index) => {
    slots.set(key, index)
  })
  return { slots, size: read.length }
}

export const PRODUCT_LINE = lineKeys(
  ['_product_id', '_variation_id', '_qty', '_tax_class', '_line_subtotal', '_line_total', '_line_tax_data'],
  '_order_id _name _quantity _subtotal _subtotal_tax _total _total_tax _taxes _line_subtotal_tax _line_tax _cogs_value',
)

export const FEE_LINE = lineKeys(
  ['_tax_class', '_tax_status', '_fee_amount', '_line_total', '_line_tax_data'],
  '_order_id _name _amount _total _total_tax _taxes _line_subtotal _line_subtotal_tax _line_tax',
)

export const SHIPPING_LINE = lineKeys(
  ['method_id', 'instance_id', 'cost', 'taxes', 'tax_status'],
  '_order_id _name _method_title _method_id _instance_id _total _total_tax _taxes _tax_status total_tax',
)

export const TAX_LINE = lineKeys(
  ['rate_id', 'label', 'compound', 'tax_amount', 'shipping_tax_amount', 'rate_percent'],
  '_order_id _name _rate_code _rate_id _label _compound _tax_total _shipping_tax_total _rate_percent',
)

export const COUPON_LINE = lineKeys(
  ['discount_amount', 'discount_amount_tax'],
  '_order_id _name _code _discount _discount_tax',
)
