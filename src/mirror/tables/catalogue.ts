import { boolean, ids, integer, json, type MirrorTable, moment, numeric, reference, text } from './column.ts'

const prices = [
  numeric('price'),
  numeric('regular_price'),
  numeric('sale_price'),
  boolean('on_sale'),
  moment('sale_from', 'date_on_sale_from_gmt'),
  moment('sale_to', 'date_on_sale_to_gmt'),
] as const

const stock = [
  numeric('stock_quantity'),
  text('stock_status'),
  text('backorders'),
  numeric('low_stock_amount'),
] as const

export const products: MirrorTable = {
  table: 'products',
  columns: [
    text('name'),
    text('slug'),
    text('type'),
    text('status'),
    text('sku'),
    text('gtin', 'global_unique_id'),
    ...prices,
    boolean('manage_stock'),
    ...stock,
    text('catalog_visibility'),
    boolean('featured'),
    text('tax_status'),
    text('tax_class'),
    numeric('weight'),
    ids('category_ids', 'categories'),
    ids('tag_ids', 'tags'),
    numeric('total_sales'),
    numeric('average_rating'),
    integer('rating_count'),
    text('permalink'),
    moment('created_at', 'date_created_gmt'),
  ],
}

export const variations: MirrorTable = {
  table: 'variations',
  columns: [
    reference('product_id', 'parent_id'),
    text('name'),
    text('status'),
    text('sku'),
    text('gtin', 'global_unique_id'),
    ...prices,
    text('manage_stock'),
    ...stock,
    text('tax_class'),
    numeric('weight'),
    json('attributes'),
    text('permalink'),
    moment('created_at', 'date_created_gmt'),
  ],
}

const term = [text('name'), text('slug')] as const

export const categories: MirrorTable = {
  table: 'categories',
  columns: [
    ...term,
    reference('parent_id', 'parent'),
    text('description'),
    integer('menu_order'),
    integer('count'),
  ],
}

export const tags: MirrorTable = {
  table: 'tags',
  columns: [...term, text('description'), integer('count')],
}

export const attributes: MirrorTable = {
  table: 'attributes',
  columns: [...term, text('type'), text('order_by')],
}

export const attribute_terms: MirrorTable = {
  table: 'attribute_terms',
  columns: [...term, reference('attribute_id'), integer('menu_order'), integer('count')],
}

export const shipping_classes: MirrorTable = {
  table: 'shipping_classes',
  columns: [...term, text('description'), integer('count')],
}

export const reviews: MirrorTable = {
  table: 'reviews',
  columns: [
    reference('product_id'),
    text('status'),
    integer('rating'),
    boolean('verified'),
    text('reviewer'),
    text('reviewer_email'),
    text('review'),
    moment('created_at', 'date_created_gmt'),
  ],
}
