/** `/products`: created, changed, trashed, brought back, deleted. */
import { DemoError } from '../errors.ts'
import type { Shop } from '../shop.ts'
import type { Raw } from '../table.ts'
import { type Call, dates, existing, givenMoment, keep, moment, touched } from './call.ts'
import { mergeMeta } from './meta.ts'
import { childrenOf } from './parents.ts'
import { activePrice, priceHtml } from './prices.ts'
import { alreadyTrashed, notFound, notInEnum, notThere } from './refusals.ts'
import { refuseTakenSku } from './skus.ts'
import { decodedSlug, uniqueSlug } from './slugs.ts'
import { stockFields } from './stock.ts'
import { countTerms, namedTerms } from './terms.ts'

/**
 * A new product. A creation date in the input is its modification date too, past or future (row 4); with one
 * in the future a product to publish waits as `future`.
 */
export function createProduct(call: Call, input: Raw): Raw {
  const saved = addProduct(call, input)
  call.changed('product.created', saved.id as number)
  return saved
}

/** As an importer does it: nobody is told, only the count of rows shows it (row 7); `date_created: null` for none. */
export function insertProduct(call: Call, input: Raw): Raw {
  return addProduct(call, input)
}

function addProduct(call: Call, input: Raw): Raw {
  refuseBadStatus(input)
  const id = call.shop.nextId()
  refuseTakenSku(call.shop, input.sku, id)
  const undated = input.date_created === null
  const created = undated ? null : (givenMoment(call, input, 'date_created') ?? call.second)
  const modified = givenMoment(call, input, 'date_modified') ?? created
  const blank = { ...blankProduct(call.shop, id), ...dates(call, 'date_created', created) }
  const named = { ...blank, ...dates(call, 'date_modified', modified), ...given(call, blank, input) }
  const status = named.status === 'publish' && (created ?? 0) > call.second ? 'future' : named.status
  const saved = keep(call.shop.products, settled(call, { ...named, status }, input))
  countTerms(call.shop, saved, 1)
  return saved
}

/** Any PUT moves the date, with a change or without (row 4). */
export function updateProduct(call: Call, id: number, input: Raw): Raw {
  const { body } = existing(call.shop.products, id, () => notThere('product'))
  refuseBadStatus(input)
  refuseTakenSku(call.shop, input.sku, id)
  const changed = { ...body, ...given(call, body, input) }
  const restored = body.status === 'trash' && changed.status !== 'trash' ? outOfTrash(changed) : changed
  countTerms(call.shop, body, -1)
  const saved = keep(call.shop.products, touched(call, settled(call, restored, input)))
  countTerms(call.shop, saved, 1)
  call.changed('product.updated', id)
  return saved
}

/** To the trash: it keeps its SKU, its slug ends in `__trashed`; by a fault a coupon.deleted goes out (24b). */
export function trashProduct(call: Call, id: number): Raw {
  const { row, body } = existing(call.shop.products, id, () => notFound('product'))
  if (row.status === 'trash') throw alreadyTrashed('product')
  const marks = [
    { key: '_wp_trash_meta_status', value: body.status },
    { key: '_wp_trash_meta_time', value: call.second },
    { key: '_wp_desired_post_slug', value: body.slug },
  ]
  const gone = {
    ...body,
    status: 'trash',
    slug: `${body.slug}__trashed`,
    permalink: plainPermalink(call.shop, id),
    meta_data: mergeMeta(call.shop, body.meta_data as Raw[], marks),
  }
  countTerms(call.shop, body, -1)
  const saved = keep(call.shop.products, touched(call, gone))
  call.changed('coupon.deleted', id)
  call.changed('product.deleted', id)
  return saved
}

/** Brought back as wp-admin does it, with the status it had: product.restored. */
export function untrashProduct(call: Call, id: number): Raw {
  const { body } = existing(call.shop.products, id, () => notFound('product'))
  const meta = body.meta_data as Raw[]
  const status = meta.find((each) => each.key === '_wp_trash_meta_status')?.value ?? 'draft'
  const back = outOfTrash({ ...body, status, meta_data: meta.filter((each) => !isTrashMark(each)) })
  const saved = keep(call.shop.products, touched(call, settled(call, back, {})))
  countTerms(call.shop, saved, 1)
  call.changed('product.restored', id)
  return saved
}

/** For good, with its variations; nobody is told (row 7), and order lines no longer know it. */
export function deleteProduct(call: Call, id: number): Raw {
  const { body } = existing(call.shop.products, id, () => notFound('product'))
  for (const child of body.variations as number[]) {
    call.shop.variations.remove(child)
    call.shop.deleted.add(child)
  }
  countTerms(call.shop, body, -1)
  call.shop.products.remove(id)
  call.shop.deleted.add(id)
  return body
}

/** What follows from the other fields: slug, address, price, stock status. */
function settled(call: Call, body: Raw, input: Raw): Raw {
  const { shop } = call
  const id = body.id as number
  const children = childrenOf(shop, body)
  const price = OWN_PRICE.has(String(body.type)) ? activePrice(body, call.second) : {}
  const unseen = UNSEEN.has(String(body.status))
  const wanted = String(input.slug || body.slug || (unseen ? '' : body.name))
  const slug = wanted && (input.slug || !body.slug) ? uniqueSlug(shop, wanted, id) : wanted
  const priced: Raw = { ...body, ...price, ...stockFields(shop, body), slug }
  return {
    ...priced,
    permalink:
      unseen || body.status === 'future' ? plainPermalink(shop, id) : `${shop.info.url}/product/${slug}/`,
    purchasable: priced.price !== '' && !['grouped', 'external'].includes(String(body.type)),
    shipping_required: body.virtual !== true,
    shipping_taxable: body.virtual !== true,
    has_options: body.type === 'variable',
    price_html: priceHtml(shop, priced, children),
    permalink_template: `${shop.info.url}/product/%pagename%/`,
    generated_slug: decodedSlug(slug) || uniqueSlug(shop, String(body.name), id),
  }
}

/** The fields of the input a person may set, in the types they are kept in. */
function given(call: Call, body: Raw, input: Raw): Raw {
  const { shop } = call
  const fields: Raw = {}
  for (const key of Object.keys(body)) if (key in input && !DERIVED.has(key)) fields[key] = input[key]
  for (const key of ['price', 'regular_price', 'sale_price', 'weight']) {
    if (key in fields) fields[key] = String(fields[key] ?? '')
  }
  if ('stock_quantity' in fields && fields.stock_quantity !== null) {
    fields.stock_quantity = Number(fields.stock_quantity)
  }
  if (fields.manage_stock === false) fields.stock_quantity = null
  if (input.categories) fields.categories = namedTerms(shop.small.categories, input.categories)
  if (input.tags) fields.tags = namedTerms(shop.small.tags, input.tags)
  for (const field of ['date_on_sale_from', 'date_on_sale_to']) {
    const at = givenMoment(call, input, field)
    if (at !== null) Object.assign(fields, dates(call, field, at))
  }
  const created = moment(body, 'date_created')
  const wanted = givenMoment(call, input, 'date_created')
  if (wanted !== null && wanted !== created) Object.assign(fields, dates(call, 'date_created', wanted))
  fields.meta_data = mergeMeta(shop, body.meta_data as Raw[], input.meta_data)
  return fields
}

function outOfTrash(body: Raw): Raw {
  const meta = body.meta_data as Raw[]
  const slug = meta.find((each) => each.key === '_wp_desired_post_slug')?.value
  const own = slug ?? String(body.slug).replace(/__trashed$/, '')
  return { ...body, slug: own, meta_data: meta.filter((each) => each.key !== '_wp_desired_post_slug') }
}

function isTrashMark(meta: Raw): boolean {
  return String(meta.key).startsWith('_wp_trash_meta_')
}

function plainPermalink(shop: Shop, id: number): string {
  return `${shop.info.url}/?post_type=product&p=${id}`
}

function refuseBadStatus(input: Raw): void {
  if (input.status !== undefined && !STATUSES.includes(String(input.status)))
    throw notInEnum('status', STATUSES)
  if (input.type !== undefined && !TYPES.includes(String(input.type))) throw notInEnum('type', TYPES)
  const price = input.regular_price
  if (price !== undefined && price !== null && typeof price !== 'string') {
    throw new DemoError(400, 'rest_invalid_param', 'Invalid parameter(s): regular_price', {
      params: { regular_price: 'regular_price is not of type string.' },
      details: {
        regular_price: {
          code: 'rest_invalid_type',
          message: 'regular_price is not of type string.',
          data: { param: 'regular_price' },
        },
      },
    })
  }
}

const STATUSES = ['draft', 'pending', 'private', 'publish', 'future', 'auto-draft', 'trash']
const TYPES = ['simple', 'grouped', 'external', 'variable']
/** Variable and grouped products have the prices of others. */
const OWN_PRICE = new Set(['simple', 'external'])
/** Statuses in which a product has no address of its own yet. */
const UNSEEN = new Set(['draft', 'pending', 'auto-draft', 'trash'])
const DERIVED = new Set([
  'id',
  'slug',
  'permalink',
  'date_created',
  'date_created_gmt',
  'date_modified',
  'date_modified_gmt',
  'price',
  'price_html',
  'on_sale',
  'purchasable',
  'total_sales',
  'related_ids',
  'variations',
  'meta_data',
  'categories',
  'tags',
  'permalink_template',
  'generated_slug',
])

/** The order of the keys is the recorded one. */
function blankProduct(shop: Shop, id: number): Raw {
  const standard =
    shop.small.categories.find((each) => each.slug === 'uncategorized') ?? shop.small.categories[0]
  return {
    id,
    name: 'Product',
    slug: '',
    permalink: '',
    date_created: null,
    date_created_gmt: null,
    date_modified: null,
    date_modified_gmt: null,
    type: 'simple',
    status: 'publish',
    featured: false,
    catalog_visibility: 'visible',
    description: '',
    short_description: '',
    sku: '',
    price: '',
    regular_price: '',
    sale_price: '',
    date_on_sale_from: null,
    date_on_sale_from_gmt: null,
    date_on_sale_to: null,
    date_on_sale_to_gmt: null,
    on_sale: false,
    purchasable: true,
    total_sales: 0,
    virtual: false,
    downloadable: false,
    downloads: [],
    download_limit: -1,
    download_expiry: -1,
    external_url: '',
    button_text: '',
    tax_status: 'taxable',
    tax_class: '',
    manage_stock: false,
    stock_quantity: null,
    backorders: 'no',
    backorders_allowed: false,
    backordered: false,
    low_stock_amount: null,
    sold_individually: false,
    weight: '',
    dimensions: { length: '', width: '', height: '' },
    shipping_required: true,
    shipping_taxable: true,
    shipping_class: '',
    shipping_class_id: 0,
    reviews_allowed: true,
    average_rating: '0',
    rating_count: 0,
    upsell_ids: [],
    cross_sell_ids: [],
    parent_id: 0,
    purchase_note: '',
    categories: standard ? [{ id: standard.id, name: standard.name, slug: standard.slug }] : [],
    brands: [],
    tags: [],
    images: [],
    attributes: [],
    default_attributes: [],
    variations: [],
    grouped_products: [],
    menu_order: 0,
    price_html: '',
    related_ids: [],
    meta_data: [],
    stock_status: 'instock',
    has_options: false,
    post_password: '',
    global_unique_id: '',
    permalink_template: '',
    generated_slug: '',
  }
}
