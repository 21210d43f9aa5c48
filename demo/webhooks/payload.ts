/** What a delivery says: the record as a reader sees it, built when it is delivered (row 24). */
import { DemoError } from '../errors.ts'
import type { Kind } from '../links.ts'
import { phpJson } from '../php-json.ts'
import { createPresenter } from '../present.ts'
import type { Shop, Topic } from '../shop.ts'
import type { Raw, Table } from '../table.ts'
import { priceHtml } from '../writes/prices.ts'

/** The raw body for a topic and a record's id; `{"id":N}` for what was deleted (row 25). */
export type Payloads = (topic: Topic, id: number) => string

export function createPayloads(shop: Shop): Payloads {
  const presenter = createPresenter(shop, () => undefined)
  const show = (kind: Kind, raw: Raw) => presenter.record(raw, { kind, context: 'view' })

  function from(table: Table, kind: Kind, id: number, code: string): Raw {
    const row = table.get(id)
    return row ? show(kind, table.body(row)) : gone(`woocommerce_rest_${code}_invalid_id`, 'Invalid ID.')
  }

  function product(id: number): Raw {
    const row = shop.variations.get(id)
    const parent = row && shop.products.get(row.parent)
    if (!row || !parent) return from(shop.products, 'product', id, 'product')
    return show('product', variationAsProduct(shop, shop.variations.body(row), shop.products.body(parent)))
  }

  function customer(id: number): Raw {
    const found = shop.small.customers.find((each) => each.id === id)
    return found ? show('customer', found) : gone('wc_user_invalid_id', 'Invalid user ID.')
  }

  return (topic, id) => {
    const [resource, event] = topic.split('.')
    if (event === 'deleted') return phpJson({ id })
    if (resource === 'order') return phpJson(from(shop.orders, 'order', id, 'shop_order'))
    if (resource === 'coupon') return phpJson(from(shop.coupons, 'coupon', id, 'shop_coupon'))
    return phpJson(resource === 'customer' ? customer(id) : product(id))
  }
}

/** A record that went before its delivery came: WooCommerce delivers the refusal of its own API. */
function gone(code: string, message: string): Raw {
  return { ...new DemoError(404, code, message).body() }
}

/** `/products/{id}` of a variation: all fields of a product (24a), most of them empty, in the product's order. */
function variationAsProduct(shop: Shop, variation: Raw, parent: Raw): Raw {
  const name = `${parent.name} - ${variation.name}`
  const taxClass = variation.tax_class === 'parent' ? parent.tax_class : variation.tax_class
  const own: Raw = {
    ...variation,
    name,
    slug: slug(parent, variation),
    tax_class: taxClass,
    total_sales: '0',
    shipping_required: variation.virtual !== true,
    shipping_taxable: variation.virtual !== true,
    price_html: priceHtml(shop, { ...variation, tax_class: taxClass }, []),
    images: variation.image ? [variation.image] : [],
    parent_id: parent.id,
  }
  return Object.fromEntries(
    Object.entries(parent).map(([field, value]) => [field, field in own ? own[field] : empty(field, value)]),
  )
}

function slug(parent: Raw, variation: Raw): string {
  const options = String(variation.name)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
  return `${parent.slug}-${options}`
}

function empty(field: string, value: unknown): unknown {
  if (field in FIXED) return FIXED[field]
  if (Array.isArray(value)) return []
  return typeof value === 'string' ? '' : value
}

const FIXED: Raw = {
  featured: false,
  catalog_visibility: 'visible',
  sold_individually: false,
  reviews_allowed: false,
  average_rating: '0',
  rating_count: 0,
  has_options: false,
}
