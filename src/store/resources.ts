/**
 * One row for each resource of a shop: where its list is, how the list can be asked, how one record is read.
 * Adding a resource is adding a row here, a table in a migration and its columns in `mirror/tables/`.
 * Numbers in brackets are rows of the facts in docs/woocommerce.md.
 */
export type ResourceName =
  | 'orders'
  | 'refunds'
  | 'products'
  | 'variations'
  | 'customers'
  | 'coupons'
  | 'reviews'
  | 'categories'
  | 'tags'
  | 'attributes'
  | 'attribute_terms'
  | 'shipping_classes'
  | 'tax_rates'
  | 'tax_classes'
  | 'shipping_zones'
  | 'shipping_methods'
  | 'payment_gateways'
  | 'settings'
  | 'order_notes'
  | 'tickets'

export interface Resource {
  name: ResourceName
  /** One of them, in a sentence. */
  singular: string
  /** Path of the list under `/wp-json/wc/v3/`, '' where there is none. Per parent: of the parents' own list. */
  path: string
  /** Type of the id in the shop. */
  key: 'number' | 'text'
  /**
   * pages: a paged list that sorts by id. whole: one answer holds everything.
   * per_parent: one such list for each record of the parent. on_demand: no list at all, read when asked for.
   * database: REST does not have it; only the shop's own database does.
   */
  list: 'pages' | 'whole' | 'per_parent' | 'on_demand' | 'database'
  parent?: {
    resource: ResourceName | 'setting_groups'
    /** The list of one parent. */
    path: (parent: string) => string
    /** The field that says in each record whose it is; put there when the shop leaves it out. */
    field: string
  }
  /** Path of one record; null where only a list has it. */
  one: ((id: string, parent: string) => string) | null
  /** The parameter that names statuses in lists, and those to name where the shop does not say (6). */
  statuses?: { parameter: 'status' | 'include_status'; names: readonly string[] }
  /** Parameters that each list needs. */
  query?: Readonly<Record<string, string>>
  /** `modified_after` and `after` are worth a probe (1). */
  dated: boolean
  /** Fields that some keys or the database do not show: absent then, which deletes nothing. */
  hidden?: readonly string[]
  /** The field with the shop's date of the last change; refunds never change, so theirs is the creation (9). */
  modifiedField: string | null
  createdField: string | null
  /** Order of the date filters and sorting: posts sort by local time but filter by GMT (2). */
  sortsByLocalTime: boolean
  /** often: orders and products, every minute. seldom: what changes by the week. */
  pace: 'often' | 'seldom'
  /** Topic of its webhooks, if there is one (20). */
  topic?: 'order' | 'product' | 'customer' | 'coupon'
}

const ORDER_STATUSES =
  'pending processing on-hold completed cancelled refunded failed checkout-draft trash'.split(' ')
const POST_STATUSES = ['publish', 'draft', 'pending', 'private', 'future', 'trash'] as const

const undated = { dated: false, modifiedField: null, createdField: null, sortsByLocalTime: false } as const
const dated = {
  dated: true,
  modifiedField: 'date_modified_gmt',
  createdField: 'date_created_gmt',
} as const

/** A list of small things that know no dates: terms, rates, zones. */
function plainList(
  name: ResourceName,
  singular: string,
  path: string,
  { list = 'pages', key = 'number', hidden = [] }: Partial<Pick<Resource, 'list' | 'key' | 'hidden'>> = {},
): Resource {
  return {
    name,
    singular,
    path,
    key,
    list,
    hidden,
    one: (id) => `${path}/${id}`,
    ...undated,
    pace: 'seldom',
  }
}

export const resources: Readonly<Record<ResourceName, Resource>> = {
  orders: {
    name: 'orders',
    singular: 'order',
    path: 'orders',
    key: 'number',
    list: 'pages',
    one: (id) => `orders/${id}`,
    statuses: {
      parameter: 'status',
      names: ORDER_STATUSES,
    },
    ...dated,
    sortsByLocalTime: false,
    pace: 'often',
    topic: 'order',
  },
  refunds: {
    name: 'refunds',
    singular: 'refund',
    path: 'refunds',
    key: 'number',
    list: 'pages',
    parent: { resource: 'orders', path: (order) => `orders/${order}/refunds`, field: 'parent_id' },
    one: (id, order) => `orders/${order}/refunds/${id}`,
    dated: true,
    modifiedField: 'date_created_gmt',
    createdField: 'date_created_gmt',
    sortsByLocalTime: false,
    pace: 'often',
  },
  products: {
    name: 'products',
    singular: 'product',
    path: 'products',
    key: 'number',
    list: 'pages',
    one: (id) => `products/${id}`,
    statuses: { parameter: 'include_status', names: POST_STATUSES },
    ...dated,
    sortsByLocalTime: true,
    pace: 'often',
    topic: 'product',
  },
  variations: {
    name: 'variations',
    singular: 'variation',
    path: 'variations',
    key: 'number',
    list: 'pages',
    parent: { resource: 'products', path: (product) => `products/${product}/variations`, field: 'parent_id' },
    one: (id, product) => `products/${product}/variations/${id}`,
    statuses: { parameter: 'include_status', names: POST_STATUSES },
    ...dated,
    sortsByLocalTime: true,
    pace: 'often',
  },
  customers: {
    name: 'customers',
    singular: 'customer',
    path: 'customers',
    key: 'number',
    list: 'pages',
    one: (id) => `customers/${id}`,
    query: { role: 'all' },
    ...undated,
    // Only an administrator's key sees it.
    hidden: ['meta_data'],
    modifiedField: 'date_modified_gmt',
    createdField: 'date_created_gmt',
    pace: 'seldom',
    topic: 'customer',
  },
  coupons: {
    name: 'coupons',
    singular: 'coupon',
    path: 'coupons',
    key: 'number',
    list: 'pages',
    one: (id) => `coupons/${id}`,
    statuses: { parameter: 'status', names: POST_STATUSES },
    ...dated,
    sortsByLocalTime: true,
    pace: 'seldom',
    topic: 'coupon',
  },
  reviews: {
    name: 'reviews',
    singular: 'review',
    path: 'products/reviews',
    key: 'number',
    list: 'pages',
    one: (id) => `products/reviews/${id}`,
    query: { status: 'all' },
    ...undated,
    createdField: 'date_created_gmt',
    pace: 'seldom',
  },
  categories: plainList('categories', 'category', 'products/categories'),
  tags: plainList('tags', 'tag', 'products/tags'),
  attributes: plainList('attributes', 'attribute', 'products/attributes', { list: 'whole' }),
  attribute_terms: {
    name: 'attribute_terms',
    singular: 'attribute term',
    path: 'products/attributes',
    key: 'number',
    list: 'per_parent',
    parent: {
      resource: 'attributes',
      path: (attribute) => `products/attributes/${attribute}/terms`,
      field: 'attribute_id',
    },
    one: (id, attribute) => `products/attributes/${attribute}/terms/${id}`,
    ...undated,
    pace: 'seldom',
  },
  shipping_classes: plainList('shipping_classes', 'shipping class', 'products/shipping_classes'),
  tax_rates: plainList('tax_rates', 'tax rate', 'taxes'),
  tax_classes: {
    ...plainList('tax_classes', 'tax class', 'taxes/classes', {
      list: 'whole',
      key: 'text',
      hidden: ['name'],
    }),
    one: null,
  },
  shipping_zones: plainList('shipping_zones', 'shipping zone', 'shipping/zones', {
    list: 'whole',
    hidden: ['name'],
  }),
  shipping_methods: {
    name: 'shipping_methods',
    singular: 'shipping method',
    path: 'shipping/zones',
    key: 'number',
    list: 'per_parent',
    hidden: ['title'],
    parent: {
      resource: 'shipping_zones',
      path: (zone) => `shipping/zones/${zone}/methods`,
      field: 'zone_id',
    },
    one: (id, zone) => `shipping/zones/${zone}/methods/${id}`,
    ...undated,
    pace: 'seldom',
  },
  payment_gateways: plainList('payment_gateways', 'payment gateway', 'payment_gateways', {
    list: 'whole',
    key: 'text',
    hidden: ['title', 'description'],
  }),
  settings: {
    name: 'settings',
    singular: 'setting',
    path: 'settings',
    key: 'text',
    list: 'per_parent',
    parent: { resource: 'setting_groups', path: (group) => `settings/${group}`, field: 'group_id' },
    one: null,
    ...undated,
    pace: 'seldom',
  },
  order_notes: {
    name: 'order_notes',
    singular: 'order note',
    path: 'orders',
    key: 'number',
    list: 'on_demand',
    parent: { resource: 'orders', path: (order) => `orders/${order}/notes`, field: 'order_id' },
    one: null,
    ...undated,
    createdField: 'date_created_gmt',
    pace: 'seldom',
  },
  tickets: {
    name: 'tickets',
    singular: 'ticket',
    path: '',
    key: 'number',
    list: 'database',
    one: null,
    ...dated,
    sortsByLocalTime: true,
    pace: 'often',
  },
}

/** Groups of settings that are read; the others may hold secrets (37). */
export const settingGroups = ['general', 'products', 'tax'] as const
export const resourceNames = Object.keys(resources) as ResourceName[]
