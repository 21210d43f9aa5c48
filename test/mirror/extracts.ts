/** How SQL alone reads each typed column out of `doc` (record and volatile as one), or of `line`. */
import type { ResourceName } from '../../src/store/resources.ts'

const text = (path: string) => `doc #>> '{${path}}'`
const number = (path: string) => `nullif(${text(path)}, '')::numeric`
const whole = (path: string) => `nullif(${text(path)}, '')::bigint`
const id = (path: string) => `nullif(${whole(path)}, 0)`
const flag = (path: string) => `nullif(${text(path)}, '')::boolean`
const date = (path: string) => `(${text(path)} || 'Z')::timestamptz`
const idsOf = (path: string) =>
  `(SELECT coalesce(array_agg((e->>'id')::bigint ORDER BY n), '{}')
    FROM jsonb_array_elements(doc->'${path}') WITH ORDINALITY AS e(e, n))`

const sumOf = (list: string, field: string) =>
  `(SELECT coalesce(sum((e->>'${field}')::numeric), 0) FROM jsonb_array_elements(doc->'${list}') AS e)`

type Way = (path: string) => string

/** Columns whose names are those of their fields. */
const same = (way: Way, ...names: string[]) => Object.fromEntries(names.map((name) => [name, way(name)]))

const sale = {
  ...same(number, 'price', 'regular_price', 'sale_price', 'stock_quantity', 'low_stock_amount', 'weight'),
  ...same(text, 'stock_status', 'backorders', 'tax_class', 'name', 'status', 'sku', 'permalink'),
  on_sale: flag('on_sale'),
  gtin: text('global_unique_id'),
  sale_from: date('date_on_sale_from_gmt'),
  sale_to: date('date_on_sale_to_gmt'),
  created_at: date('date_created_gmt'),
}

const term = { ...same(text, 'name', 'slug'), count: whole('count') }

export const extracts: Record<ResourceName, Record<string, string>> = {
  orders: {
    ...same(text, 'number', 'status', 'currency', 'payment_method', 'payment_method_title', 'created_via'),
    ...same(number, 'total', 'total_tax', 'shipping_total', 'shipping_tax', 'discount_total', 'discount_tax'),
    refunded_total: `(SELECT coalesce(-sum((e->>'total')::numeric), 0) FROM jsonb_array_elements(doc->'refunds') AS e)`,
    fee_total: `nullif(${sumOf('fee_lines', 'total')}, 0)`,
    item_count: sumOf('line_items', 'quantity'),
    customer_id: id('customer_id'),
    billing_email: text('billing,email'),
    billing_name: `concat_ws(' ', nullif(${text('billing,first_name')}, ''), nullif(${text('billing,last_name')}, ''))`,
    billing_country: text('billing,country'),
    shipping_country: text('shipping,country'),
    created_at: date('date_created_gmt'),
    paid_at: date('date_paid_gmt'),
    completed_at: date('date_completed_gmt'),
  },
  refunds: {
    order_id: id('parent_id'),
    amount: number('amount'),
    total_tax: `-(${sumOf('tax_lines', 'tax_total')} + ${sumOf('tax_lines', 'shipping_tax_total')})`,
    item_count: `-${sumOf('line_items', 'quantity')}`,
    reason: text('reason'),
    refunded_by: id('refunded_by'),
    created_at: date('date_created_gmt'),
  },
  products: {
    ...sale,
    ...same(text, 'slug', 'type', 'catalog_visibility', 'tax_status'),
    ...same(flag, 'manage_stock', 'featured'),
    ...same(number, 'total_sales', 'average_rating'),
    rating_count: whole('rating_count'),
    category_ids: idsOf('categories'),
    tag_ids: idsOf('tags'),
  },
  variations: {
    ...sale,
    product_id: id('parent_id'),
    manage_stock: text('manage_stock'),
    attributes: `doc->'attributes'`,
  },
  customers: {
    ...same(text, 'email', 'username', 'first_name', 'last_name', 'role'),
    is_paying_customer: flag('is_paying_customer'),
    billing_country: text('billing,country'),
    billing_city: text('billing,city'),
    created_at: date('date_created_gmt'),
  },
  coupons: {
    ...same(text, 'code', 'status', 'discount_type', 'description'),
    ...same(number, 'amount', 'minimum_amount', 'maximum_amount'),
    ...same(whole, 'usage_limit', 'usage_count'),
    free_shipping: flag('free_shipping'),
    expires_at: date('date_expires_gmt'),
    created_at: date('date_created_gmt'),
  },
  reviews: {
    ...same(text, 'status', 'reviewer', 'reviewer_email', 'review'),
    product_id: id('product_id'),
    rating: whole('rating'),
    verified: flag('verified'),
    created_at: date('date_created_gmt'),
  },
  categories: {
    ...term,
    parent_id: id('parent'),
    description: text('description'),
    menu_order: whole('menu_order'),
  },
  tags: { ...term, description: text('description') },
  attributes: same(text, 'name', 'slug', 'type', 'order_by'),
  attribute_terms: { ...term, attribute_id: id('attribute_id'), menu_order: whole('menu_order') },
  shipping_classes: { ...term, description: text('description') },
  tax_rates: {
    ...same(text, 'name', 'country', 'state', 'class'),
    rate: number('rate'),
    priority: whole('priority'),
    ...same(flag, 'compound', 'shipping'),
  },
  tax_classes: { name: text('name') },
  shipping_zones: { name: text('name'), position: whole('order') },
  shipping_methods: {
    zone_id: whole('zone_id'),
    method: text('method_id'),
    title: text('title'),
    enabled: flag('enabled'),
    cost: text('settings,cost,value'),
    minimum_amount: number('settings,min_amount,value'),
  },
  payment_gateways: {
    ...same(text, 'title', 'description', 'method_title'),
    enabled: flag('enabled'),
  },
  settings: {
    ...same(text, 'group_id', 'label'),
    option: text('id'),
    value: `nullif(doc->'value', 'null')`,
  },
  order_notes: {
    ...same(text, 'author', 'note'),
    order_id: id('order_id'),
    customer_note: flag('customer_note'),
    created_at: date('date_created_gmt'),
  },
  tickets: {
    ...same(text, 'ticket_id', 'status', 'post_status', 'ticket_type'),
    ...same(id, 'product_id', 'variation_id', 'order_id', 'customer_id'),
    ...Object.fromEntries(
      ['first_name', 'last_name', 'email', 'telephone', 'company'].map((name) => [
        name,
        text(`attendee,${name}`),
      ]),
    ),
    ...Object.fromEntries(
      ['first_name', 'last_name', 'email', 'telephone'].map((name) => [
        `purchaser_${name}`,
        text(`purchaser,${name}`),
      ]),
    ),
    questions: `nullif(doc->'questions', 'null')`,
    check_ins: `nullif(doc->'check_ins', 'null')`,
    created_at: date('date_created_gmt'),
  },
}

const lineText = (name: string) => `line->>'${name}'`
const lineNumber = (name: string) => `nullif(${lineText(name)}, '')::numeric`
const lineId = (name: string) => `nullif((${lineText(name)})::bigint, 0)`

const line = {
  line_id: `(line->>'id')::bigint`,
  ...same(lineText, 'name', 'sku'),
  ...same(lineId, 'product_id', 'variation_id'),
  ...same(lineNumber, 'quantity', 'total', 'total_tax'),
}

export const lineExtracts: Record<string, Record<string, string>> = {
  order_lines: { ...line, ...same(lineNumber, 'subtotal', 'subtotal_tax'), tax_class: lineText('tax_class') },
  refund_lines: {
    ...line,
    order_id: `(t.record->>'parent_id')::bigint`,
    order_line_id: `(SELECT (m->>'value')::bigint FROM jsonb_array_elements(line->'meta_data') AS m
      WHERE m->>'key' = '_refunded_item_id' LIMIT 1)`,
  },
}
