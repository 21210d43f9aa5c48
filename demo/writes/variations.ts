/** `/products/{id}/variations`: each change moves the parent's date too (row 4), each event names the variation (24a). */
import type { Shop } from '../shop.ts'
import type { Raw } from '../table.ts'
import { type Call, dates, existing, keep, touched } from './call.ts'
import { mergeMeta } from './meta.ts'
import { syncParent } from './parents.ts'
import { activePrice } from './prices.ts'
import { notFound, notThere } from './refusals.ts'
import { refuseTakenSku } from './skus.ts'
import { slugOf } from './slugs.ts'
import { stockFields } from './stock.ts'

/** `attributes` are `{id | name, option}`; the variation's name is made of the options. */
export function createVariation(call: Call, productId: number, input: Raw): Raw {
  const { shop } = call
  const { body: parent } = existing(shop.products, productId, () => notFound('product'))
  const id = shop.nextId()
  refuseTakenSku(shop, input.sku, id)
  const blank = { ...blankVariation(productId, id), ...dates(call, 'date_created', call.second) }
  const attributes = namedAttributes(parent, input.attributes)
  const made = { ...blank, ...given(call, blank, input), attributes, parent_id: productId }
  const saved = keep(shop.variations, touched(call, settled(call, made, parent)), productId)
  const children = [...(parent.variations as number[]), id]
  keep(shop.products, { ...parent, type: 'variable', has_options: true, variations: children })
  syncParent(call, productId)
  call.changed('product.created', id)
  return saved
}

export function updateVariation(call: Call, id: number, input: Raw): Raw {
  const { shop } = call
  const { row, body } = existing(shop.variations, id, () => notThere('product_variation'))
  const productId = row.parent
  refuseTakenSku(shop, input.sku, id)
  const { body: parent } = existing(shop.products, productId, () => notFound('product'))
  const attributes = input.attributes ? { attributes: namedAttributes(parent, input.attributes) } : {}
  const changed = { ...body, ...given(call, body, input), ...attributes }
  const saved = keep(shop.variations, touched(call, settled(call, changed, parent)), productId)
  syncParent(call, productId)
  call.changed('product.updated', id)
  return saved
}

/** For good: nobody is told, the parent's date moves, order lines name the parent only. */
export function deleteVariation(call: Call, id: number): Raw {
  const { shop } = call
  const { row, body } = existing(shop.variations, id, () => notFound('product_variation'))
  const productId = row.parent
  shop.variations.remove(id)
  shop.deleted.add(id)
  const { body: parent } = existing(shop.products, productId, () => notFound('product'))
  const variations = (parent.variations as number[]).filter((child) => child !== id)
  keep(shop.products, { ...parent, variations })
  syncParent(call, productId)
  return body
}

function settled(call: Call, body: Raw, parent: Raw): Raw {
  const options = body.attributes as Raw[]
  const query = options.map((each) => `attribute_${each.slug}=${asQuery(call.shop, each)}`).join('&')
  const priced: Raw = { ...body, ...activePrice(body, call.second), ...stockFields(call.shop, body) }
  return {
    ...priced,
    permalink: `${call.shop.info.url}/product/${parent.slug}/${query ? `?${query}` : ''}`,
    purchasable: priced.price !== '',
    name: options.map((each) => each.option).join(', '),
  }
}

function asQuery(shop: Shop, attribute: Raw): string {
  const term = shop.small.terms.get(attribute.id as number)?.find((each) => each.name === attribute.option)
  return term ? String(term.slug) : encodeURIComponent(String(attribute.option)).replace(/%20/g, '+')
}

function namedAttributes(parent: Raw, given: unknown): Raw[] {
  if (!Array.isArray(given)) return []
  return (given as Raw[]).flatMap((each) => {
    const found = (parent.attributes as Raw[]).find((one) =>
      each.id ? one.id === each.id : one.name === each.name,
    )
    if (!found) return []
    const slug = found.id ? found.slug : slugOf(String(found.name))
    return [{ id: found.id, name: found.name, slug, option: each.option }]
  })
}

function given(call: Call, body: Raw, input: Raw): Raw {
  const own = Object.keys(body).filter((key) => key in input && !DERIVED.has(key))
  const fields = Object.fromEntries(own.map((key) => [key, input[key]]))
  for (const key of ['regular_price', 'sale_price', 'weight']) {
    if (key in fields) fields[key] = String(fields[key] ?? '')
  }
  if (fields.stock_quantity != null) fields.stock_quantity = Number(fields.stock_quantity)
  return { ...fields, meta_data: mergeMeta(call.shop, body.meta_data as Raw[], input.meta_data) }
}

const DERIVED = new Set([
  'id',
  'type',
  'date_created',
  'date_created_gmt',
  'date_modified',
  'date_modified_gmt',
  'permalink',
  'price',
  'on_sale',
  'purchasable',
  'attributes',
  'meta_data',
  'name',
  'parent_id',
])

/** The order of the keys is the recorded one. */
function blankVariation(parentId: number, id: number): Raw {
  return {
    id,
    type: 'variation',
    date_created: null,
    date_created_gmt: null,
    date_modified: null,
    date_modified_gmt: null,
    description: '',
    permalink: '',
    sku: '',
    global_unique_id: '',
    price: '',
    regular_price: '',
    sale_price: '',
    date_on_sale_from: null,
    date_on_sale_from_gmt: null,
    date_on_sale_to: null,
    date_on_sale_to_gmt: null,
    on_sale: false,
    status: 'publish',
    purchasable: true,
    virtual: false,
    downloadable: false,
    downloads: [],
    download_limit: -1,
    download_expiry: -1,
    tax_status: 'taxable',
    tax_class: 'parent',
    manage_stock: false,
    stock_quantity: null,
    stock_status: 'instock',
    backorders: 'no',
    backorders_allowed: false,
    backordered: false,
    low_stock_amount: null,
    weight: '',
    dimensions: { length: '', width: '', height: '' },
    shipping_class: '',
    shipping_class_id: 0,
    image: null,
    gallery_image_ids: [],
    attributes: [],
    menu_order: 0,
    meta_data: [],
    name: '',
    parent_id: parentId,
  }
}
