/** The `_links` of each kind of record, as WooCommerce 11 writes them. */
import type { Raw } from './table.ts'

export type Kind =
  | 'order'
  | 'product'
  | 'variation'
  | 'refund'
  | 'coupon'
  | 'customer'
  | 'review'
  | 'category'
  | 'tag'
  | 'shippingClass'
  | 'attribute'
  | 'term'
  | 'tax'
  | 'taxClass'
  | 'zone'
  | 'zoneMethod'
  | 'gateway'
  | 'settingGroup'
  | 'setting'
  | 'note'
  | 'currency'
  | 'webhook'
  | 'plain'

/** `nested`: asked under its parent. An object names parents that the record itself does not. */
export type Place = 'global' | 'nested' | { parent: number | string }

export function linksOf(kind: Kind, record: Raw, url: string, place: Place = 'global'): Raw | undefined {
  const build = LINKS[kind]
  const parent = typeof place === 'object' ? place.parent : place
  return build ? resolve(build(record, parent), `${url}/wp-json/wc/v3`) : undefined
}

interface Target {
  path: string
  allow?: readonly string[]
  embeddable?: true
}

type Targets = Record<string, Target | string>
type Build = (record: Raw, parent: number | string) => Targets

const READ = ['GET']
const READ_DELETE = ['GET', 'DELETE']
const KEEP = ['GET', 'POST', 'PUT', 'PATCH']
const ALL = [...KEEP, 'DELETE']

function plain(collection: string, allow: readonly string[] = ALL): Build {
  return (record) => ({ self: { path: `${collection}/${record.id}`, allow }, collection })
}

const LINKS: Record<Kind, Build | undefined> = {
  order: (record) => ({
    ...plain('/orders')(record, 0),
    email_templates: { path: `/orders/${record.id}/actions/email_templates`, embeddable: true },
    ...(record.customer_id ? { customer: `/customers/${record.customer_id}` } : {}),
  }),
  product: (record) => ({
    ...plain('/products')(record, 0),
    ...(record.parent_id ? { up: `/products/${record.parent_id}` } : {}),
  }),
  // The global list names addresses that no route answers, and no parent: so recorded.
  variation: (record, place): Targets =>
    place === 'global'
      ? { self: `/variations/${record.id}`, collection: '/variations', up: '/products/0' }
      : {
          ...plain(`/products/${record.parent_id}/variations`)(record, 0),
          up: `/products/${record.parent_id}`,
        },
  refund: (record) => ({
    ...plain(`/orders/${record.parent_id}/refunds`, READ_DELETE)(record, 0),
    up: `/orders/${record.parent_id}`,
  }),
  coupon: plain('/coupons'),
  customer: (record) => plain('/customers', record.role === 'administrator' ? KEEP : ALL)(record, 0),
  review: (record) => ({ ...plain('/products/reviews')(record, 0), up: `/products/${record.product_id}` }),
  category: (record) => ({
    ...plain('/products/categories')(record, 0),
    ...(record.parent ? { up: `/products/categories/${record.parent}` } : {}),
  }),
  tag: plain('/products/tags'),
  shippingClass: plain('/products/shipping_classes'),
  attribute: plain('/products/attributes'),
  term: (record, parent) => plain(`/products/attributes/${parent}/terms`)(record, 0),
  tax: plain('/taxes'),
  taxClass: () => ({ collection: '/taxes/classes' }),
  zone: (record) => ({
    ...plain('/shipping/zones')(record, 0),
    describedby: `/shipping/zones/${record.id}/locations`,
  }),
  zoneMethod: (record, parent) => ({
    ...plain(`/shipping/zones/${parent}/methods`)(record, 0),
    describes: `/shipping/zones/${parent}`,
  }),
  gateway: plain('/payment_gateways', KEEP),
  settingGroup: (record) => ({ options: `/settings/${record.id}` }),
  setting: (record, parent) => plain(`/settings/${parent}`, KEEP)(record, 0),
  note: (record, parent) => ({
    ...plain(`/orders/${parent}/notes`, READ_DELETE)(record, 0),
    up: `/orders/${parent}`,
  }),
  currency: (record) => ({
    self: { path: `/data/currencies/${record.code}`, allow: READ },
    collection: '/data/currencies',
  }),
  webhook: plain('/webhooks'),
  plain: undefined,
}

function resolve(targets: Targets, base: string): Raw {
  const links: Raw = {}
  for (const [name, target] of Object.entries(targets)) {
    const { path, allow, embeddable } = typeof target === 'string' ? ({ path: target } as Target) : target
    links[name] = [
      {
        ...(embeddable ? { embeddable } : {}),
        href: `${base}${path}`,
        ...(allow ? { targetHints: { allow } } : {}),
      },
    ]
  }
  return links
}
