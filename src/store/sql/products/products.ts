/** Products from a shop's database, as REST shows them with `context=edit` (42). */
import type { Fields } from '../../canonical.ts'
import { postList } from '../post-list.ts'
import type { SqlReader, SqlShop } from '../reader.ts'
import { defaultAttributes, type ProductAttribute, productAttributes, shownAttributes } from './attributes.ts'
import { productCost } from './costs.ts'
import { galleryImages, type Image, mainImage, productImage, readImages } from './images.ts'
import { arrayMembers, hiddenMetas, idList, type Metas, readMetas, shownMetas } from './metas.ts'
import {
  isVariable,
  readObjectTerms,
  readTermPlaces,
  type Term,
  type TermsOf,
  typeOf,
} from './object-terms.ts'
import { type Child, type Post, readChildren, readPosts, STATUSES } from './posts.ts'
import { pricesOf } from './prices.ts'
import { allowsBackorders, commonFields, stockQuantity, taxClass, taxStatus } from './record.ts'
import { readSales } from './sales.ts'
import { readSurroundings, type Surroundings } from './surroundings.ts'
import { isYes, positive } from './values.ts'

export const productReader: SqlReader = { ...postList('product', STATUSES), read }

interface Parts {
  around: Surroundings
  metas: (id: string) => Metas
  terms: TermsOf
  places: ReadonlyMap<number, number>
  children: ReadonlyMap<string, readonly Child[]>
  images: ReadonlyMap<number, Image>
  isOnSale: (id: string) => boolean
}

async function read(shop: SqlShop, ids: readonly string[]): Promise<Fields[]> {
  const posts = await readPosts(shop, 'product', ids)
  const found = [...posts.keys()]
  if (found.length === 0) return []
  const around = await readSurroundings(shop)
  const metas = await readMetas(shop, found)
  const terms = await readObjectTerms(shop, found)
  const variable = found.filter((id) => isVariable(typeOf(id, terms)))
  const grouped = new Map(
    found
      .filter((id) => typeOf(id, terms) === 'grouped')
      .map((id) => [id, idList(metas(id).text('_children')).map(String)]),
  )
  const attributes = new Map(
    found.map((id) => [id, productAttributes(metas(id).text('_product_attributes'), around.taxonomies)]),
  )
  const children = await readChildren(shop, variable)
  const parts: Parts = {
    around,
    metas,
    terms,
    places: await readTermPlaces(shop, placedTerms(attributes, terms)),
    children,
    images: await readImages(
      shop,
      new Set(found.flatMap((id) => imagesOf(metas(id))).filter((id) => id > 0)),
    ),
    isOnSale: await readSales(shop, { found, metas, terms, children, grouped }, around),
  }
  return [...posts.values()].map((post) =>
    makeProduct(shop, post, attributes.get(post.id) ?? [], grouped.get(post.id) ?? [], parts),
  )
}

/** Terms whose place matters: those of attributes that the shop's owner sorts by hand. */
function placedTerms(
  attributes: ReadonlyMap<string, readonly ProductAttribute[]>,
  terms: TermsOf,
): ReadonlySet<number> {
  const placed = new Set<number>()
  for (const [id, list] of attributes) {
    for (const { taxonomy, name } of list) {
      if (taxonomy?.orderBy !== 'menu_order') continue
      for (const term of terms(id, name)) placed.add(term.id)
    }
  }
  return placed
}

function imagesOf(metas: Metas): number[] {
  return [mainImage(metas.text('_thumbnail_id')), ...galleryImages(metas.text('_product_image_gallery'))]
}

function makeProduct(
  shop: SqlShop,
  post: Post,
  attributes: readonly ProductAttribute[],
  grouped: readonly string[],
  { around, metas: metasOf, terms, places, children, images, isOnSale }: Parts,
): Fields {
  const { id } = post
  const metas = metasOf(id)
  const type = typeOf(id, terms)
  const hasVariations = isVariable(type)
  const prices = pricesOf(metas, around.decimal)
  // A variable product has none of its own, whatever was kept when it was a simple one.
  if (hasVariations) Object.assign(prices, { regular: '', sale: '' })
  const common = commonFields(post, metas, prices, around)
  const price = around.decimal(metas.text('_price'))
  const backorders = metas.text('_backorders') ?? 'no'
  const managesStock = around.managesStock && isYes(metas.text('_manage_stock'))
  const quantity = stockQuantity(metas.text('_stock'))
  const status = taxStatus(metas.text('_tax_status'))
  const visibility = terms(id, 'product_visibility').map((term) => term.name)
  const shippingClass = terms(id, 'product_shipping_class')[0]
  const isExternal = type === 'external'
  return {
    ...common,
    name: post.title,
    slug: post.slug,
    type,
    featured: visibility.includes('featured'),
    catalog_visibility: catalogVisibility(visibility),
    description: post.content,
    short_description: post.excerpt,
    price,
    sale_price: prices.sale === '0' ? '' : prices.sale,
    on_sale: isOnSale(id),
    purchasable: price !== '' && !isExternal && type !== 'grouped',
    // WooCommerce's own default is a text.
    total_sales: metas.text('total_sales') === undefined ? '0' : positive(metas.text('total_sales')),
    external_url: isExternal ? (metas.text('_product_url') ?? '') : '',
    button_text: isExternal ? (metas.text('_button_text') ?? '') : '',
    tax_status: status,
    tax_class: taxClass(metas.text('_tax_class'), around),
    manage_stock: managesStock,
    stock_quantity: quantity,
    backorders,
    backorders_allowed: allowsBackorders(backorders),
    backordered:
      common.stock_status === 'onbackorder' ||
      (managesStock && allowsBackorders(backorders) && (quantity ?? 0) < 0),
    sold_individually: isYes(metas.text('_sold_individually')),
    shipping_required: !common.virtual,
    shipping_taxable: !common.virtual && status !== 'none',
    shipping_class: shippingClass?.slug ?? '',
    shipping_class_id: shippingClass?.id ?? 0,
    reviews_allowed: post.commentStatus === 'open',
    average_rating: metas.text('_wc_average_rating') ?? 0,
    rating_count: ratingCount(metas.text('_wc_rating_count')),
    upsell_ids: idList(metas.text('_upsell_ids')),
    cross_sell_ids: idList(metas.text('_crosssell_ids')),
    parent_id: Number(post.parent),
    purchase_note: metas.text('_purchase_note') ?? '',
    categories: terms(id, 'product_cat').map(shownTerm),
    brands: terms(id, 'product_brand').map(shownTerm),
    tags: terms(id, 'product_tag').map(shownTerm),
    images: imagesOf(metas).flatMap((image) => {
      const known = images.get(image)
      return known === undefined ? [] : [productImage(known, shop.timezone)]
    }),
    attributes: shownAttributes(attributes, (taxonomy) => terms(id, taxonomy), places),
    default_attributes: hasVariations
      ? defaultAttributes(metas.text('_default_attributes'), attributes, around.taxonomies)
      : [],
    variations: hasVariations ? (children.get(id) ?? []).map((child) => Number(child.id)) : [],
    grouped_products: grouped.map(Number),
    meta_data: shownMetas(metas, hiddenMetas(type)),
    has_options: hasVariations,
    ...productCost(metas, around),
  }
}

function catalogVisibility(terms: readonly string[]): string {
  const inSearch = !terms.includes('exclude-from-search')
  const inCatalog = !terms.includes('exclude-from-catalog')
  if (inSearch) return inCatalog ? 'visible' : 'search'
  return inCatalog ? 'catalog' : 'hidden'
}

function shownTerm({ id, name, slug }: Term): Fields {
  return { id, name, slug }
}

/** @param text how many of each rating */
function ratingCount(text: string | undefined): number {
  return arrayMembers(text).reduce((sum, [, count]) => sum + (Number(count) || 0), 0)
}
