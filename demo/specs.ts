/** What each list declares, in WooCommerce's order (rows 1, 6, 10, 11). */
import type { Spec, Specs } from './params.ts'
import type { Shop } from './shop.ts'

const CONTEXT: Spec = { type: 'string', enum: ['view', 'edit'], default: 'view' }

export const ITEM: Specs = { context: CONTEXT }

const PAGING: Specs = {
  context: CONTEXT,
  page: { type: 'integer', minimum: 1, default: 1 },
  per_page: { type: 'integer', minimum: 1, maximum: 100, default: 10 },
  search: { type: 'string' },
}

const DATES: Specs = {
  after: { type: 'date' },
  before: { type: 'date' },
  modified_after: { type: 'date' },
  modified_before: { type: 'date' },
  dates_are_gmt: { type: 'boolean', default: false },
}

const CHOICE: Specs = {
  exclude: { type: 'integers' },
  include: { type: 'integers' },
  offset: { type: 'integer', minimum: 0 },
}

function sorting(orderby: readonly string[], first: string, order: string): Specs {
  return {
    order: { type: 'string', enum: ['asc', 'desc'], default: order },
    orderby: { type: 'string', enum: orderby, default: first },
  }
}

const META: Specs = { include_meta: { type: 'strings' }, exclude_meta: { type: 'strings' } }

const POST_ORDERBY = ['date', 'id', 'include', 'title', 'slug', 'modified']
const POSTS: Specs = { ...PAGING, ...DATES, ...CHOICE, ...sorting(POST_ORDERBY, 'date', 'desc') }

export function orderSpecs(shop: Shop): Specs {
  return {
    ...POSTS,
    status: {
      type: 'strings',
      // A plugin may bring another one at any time.
      get enum() {
        return ['any', 'trash', 'auto-draft', ...shop.small.orderStatuses.map(({ slug }) => String(slug))]
      },
      default: ['any'],
    },
    customer: { type: 'integer' },
    product: { type: 'integer' },
    parent: { type: 'integers' },
    dp: { type: 'integer', default: 2 },
    ...META,
  }
}

export const REFUNDS: Specs = { ...POSTS, parent: { type: 'integers' }, dp: { type: 'integer', default: 2 } }

const PRODUCT_STATUSES = ['any', 'future', 'trash', 'draft', 'pending', 'private', 'publish']
const PRODUCT_TYPES = ['simple', 'grouped', 'external', 'variable']
const STOCK = ['instock', 'outofstock', 'onbackorder']

export const PRODUCTS: Specs = {
  ...POSTS,
  ...sorting([...POST_ORDERBY, 'price', 'popularity', 'rating', 'menu_order'], 'date', 'desc'),
  parent: { type: 'integers' },
  slug: { type: 'string' },
  status: { type: 'string', enum: PRODUCT_STATUSES, default: 'any' },
  include_status: { type: 'strings', enum: PRODUCT_STATUSES },
  exclude_status: { type: 'strings', enum: PRODUCT_STATUSES.slice(1) },
  type: { type: 'string', enum: PRODUCT_TYPES },
  sku: { type: 'string' },
  featured: { type: 'boolean' },
  category: { type: 'integers' },
  tag: { type: 'integers' },
  on_sale: { type: 'boolean' },
  stock_status: { type: 'string', enum: STOCK },
  ...META,
}

export const VARIATIONS: Specs = {
  ...POSTS,
  ...sorting([...POST_ORDERBY, 'menu_order'], 'date', 'desc'),
  parent: { type: 'integers' },
  slug: { type: 'string' },
  status: { type: 'string', enum: PRODUCT_STATUSES, default: 'any' },
  include_status: { type: 'strings', enum: PRODUCT_STATUSES },
  exclude_status: { type: 'strings', enum: PRODUCT_STATUSES.slice(1) },
  sku: { type: 'string' },
  on_sale: { type: 'boolean' },
  stock_status: { type: 'string', enum: STOCK },
}

/** `status` is not declared for coupons and works all the same, unchecked (row 6). */
export const COUPONS: Specs = { ...POSTS, code: { type: 'string' }, status: { type: 'strings' } }

const ROLES = [
  'all',
  'administrator',
  'editor',
  'author',
  'contributor',
  'subscriber',
  'customer',
  'shop_manager',
]

/** No dates here: `modified_after` is silently ignored (row 1). */
export const CUSTOMERS: Specs = {
  ...PAGING,
  ...CHOICE,
  ...sorting(['id', 'include', 'name', 'registered_date'], 'name', 'asc'),
  email: { type: 'string' },
  role: { type: 'string', enum: ROLES, default: 'customer' },
}

export const REVIEWS: Specs = {
  ...PAGING,
  after: { type: 'date' },
  before: { type: 'date' },
  ...CHOICE,
  ...sorting(['date', 'date_gmt', 'id', 'include', 'product'], 'date_gmt', 'desc'),
  product: { type: 'integers' },
  status: { type: 'string', enum: ['all', 'hold', 'approved', 'spam', 'trash'], default: 'approved' },
}

export const TERMS: Specs = {
  ...PAGING,
  ...CHOICE,
  ...sorting(['id', 'include', 'name', 'slug', 'term_group', 'description', 'count'], 'name', 'asc'),
  hide_empty: { type: 'boolean', default: false },
  parent: { type: 'integer' },
  product: { type: 'integer' },
  slug: { type: 'string' },
}

export const TAXES: Specs = {
  ...PAGING,
  ...CHOICE,
  ...sorting(['id', 'order', 'priority'], 'order', 'asc'),
  class: { type: 'string' },
}

export const NOTES: Specs = {
  ...ITEM,
  type: { type: 'string', enum: ['any', 'customer', 'internal'], default: 'any' },
}

export const WEBHOOKS: Specs = {
  ...PAGING,
  ...CHOICE,
  ...sorting(['date', 'id', 'title'], 'date', 'desc'),
  status: { type: 'string', enum: ['all', 'active', 'paused', 'disabled'], default: 'all' },
}
