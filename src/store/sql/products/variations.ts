/** Variations from a shop's database, as REST shows them with `context=edit` (8, 42). */
import type { Fields } from '../../canonical.ts'
import { postList } from '../post-list.ts'
import type { SqlReader, SqlShop } from '../reader.ts'
import {
  choicesOf,
  choicesText,
  type ProductAttribute,
  productAttributes,
  shownChoices,
} from './attributes.ts'
import { COST_KEY, variationCost } from './costs.ts'
import { galleryImages, type Image, mainImage, productImage, readImages } from './images.ts'
import { hiddenMetas, type Metas, readMetas, shownMetas } from './metas.ts'
import { readObjectTerms, readTermNames, type TermsOf } from './object-terms.ts'
import { type Post, readPosts, readProductIds, STATUSES } from './posts.ts'
import { activePrice, isOnSale, pricesOf } from './prices.ts'
import { allowsBackorders, commonFields, stockQuantity, taxClass, taxStatus } from './record.ts'
import { readSurroundings, type Surroundings } from './surroundings.ts'
import { isYes, whole } from './values.ts'

export const variationReader: SqlReader = { ...postList('product_variation', STATUSES), read }

/** What a variation takes from its product. */
const PARENT_KEYS = [
  '_product_attributes',
  '_sku',
  '_manage_stock',
  '_backorders',
  '_stock',
  '_tax_status',
  '_weight',
  '_length',
  '_width',
  '_height',
  COST_KEY,
] as const

interface Parts {
  around: Surroundings
  metas: (id: string) => Metas
  /** Products among the posts that variations say they belong to. */
  parents: ReadonlySet<string>
  parentMetas: (id: string) => Metas
  parentAttributes: ReadonlyMap<string, readonly ProductAttribute[]>
  terms: TermsOf
  images: ReadonlyMap<number, Image>
  termName: (taxonomy: string, slug: string) => string | undefined
}

async function read(shop: SqlShop, ids: readonly string[]): Promise<Fields[]> {
  const posts = await readPosts(shop, 'product_variation', ids)
  const found = [...posts.keys()]
  if (found.length === 0) return []
  const around = await readSurroundings(shop)
  const metas = await readMetas(shop, found)
  const parentIds = [...new Set([...posts.values()].map((post) => post.parent))]
  const images = new Set(found.map((id) => mainImage(metas(id).text('_thumbnail_id'))).filter((id) => id > 0))
  const parentMetas = await readMetas(shop, parentIds, PARENT_KEYS)
  const parts: Parts = {
    around,
    metas,
    parents: await readProductIds(shop, parentIds),
    parentMetas,
    parentAttributes: new Map(
      parentIds.map((id) => [
        id,
        productAttributes(parentMetas(id).text('_product_attributes'), around.taxonomies),
      ]),
    ),
    terms: await readObjectTerms(shop, [...found, ...parentIds]),
    images: await readImages(shop, images),
    termName: await readTermNames(shop, new Set(around.taxonomies.keys()), slugsIn(found, metas)),
  }
  return [...posts.values()].map((post) => makeVariation(shop, post, parts))
}

/** Slugs of terms that variations stand for. */
function slugsIn(ids: readonly string[], metas: (id: string) => Metas): ReadonlySet<string> {
  const slugs = new Set<string>()
  for (const id of ids) {
    for (const { key, text } of metas(id).all) {
      if (key.startsWith('attribute_pa_') && text !== '') slugs.add(text)
    }
  }
  return slugs
}

function makeVariation(
  shop: SqlShop,
  post: Post,
  { around, metas: metasOf, parents, parentMetas, parentAttributes, terms, images, termName }: Parts,
): Fields {
  const metas = metasOf(post.id)
  const parent = parentMetas(post.parent)
  const prices = pricesOf(metas, around.decimal)
  const common = commonFields(post, metas, prices, around)
  const price = activePrice(prices, around.now)
  const stock = stockOf(metas, parent, around)
  const shippingClass = [post.id, post.parent].flatMap((id) => terms(id, 'product_shipping_class'))[0]
  // Even with `context=edit`, REST shows these of the product where the variation has none.
  const inherited = (own: string, key: string) => (own === '' || own === '0' ? (parent.text(key) ?? '') : own)
  const { length, width, height } = common.dimensions
  const attributes = parentAttributes.get(post.parent) ?? []
  const choices = choicesOf(attributes, metas.text)
  const image = images.get(mainImage(metas.text('_thumbnail_id')))
  return {
    ...common,
    sku: inherited(common.sku, '_sku'),
    weight: inherited(common.weight, '_weight'),
    dimensions: {
      length: inherited(length, '_length'),
      width: inherited(width, '_width'),
      height: inherited(height, '_height'),
    },
    type: 'variation',
    name: choicesText(choices, termName),
    parent_id: parents.has(post.parent) ? Number(post.parent) : 0,
    description: metas.text('_variation_description') ?? '',
    price,
    on_sale: isOnSale(prices, around.now),
    purchasable: post.status === 'publish' && price !== '',
    tax_status: taxStatus(parent.text('_tax_status')),
    tax_class: variationTaxClass(metas.text('_tax_class'), around),
    manage_stock: stock.managedBy,
    stock_quantity: stock.quantity,
    backorders: stock.backorders,
    backorders_allowed: allowsBackorders(stock.backorders),
    backordered:
      common.stock_status === 'onbackorder' ||
      (stock.managedBy !== false && allowsBackorders(stock.backorders) && (stock.quantity ?? 0) < 0),
    shipping_class: shippingClass?.slug ?? '',
    shipping_class_id: shippingClass?.id ?? 0,
    image: image === undefined ? null : productImage(image, shop.timezone),
    ...(hasGalleries(shop) && { gallery_image_ids: galleryImages(metas.text('_product_image_gallery')) }),
    attributes: shownChoices(choices, attributes, around.taxonomies, termName),
    meta_data: shownMetas(metas, hiddenMetas('variation')),
    ...variationCost(metas, parent, around),
  }
}

/** Variations have galleries of their own in REST since 11.0. */
function hasGalleries({ woocommerce }: SqlShop): boolean {
  return Number.parseInt(woocommerce, 10) >= 11
}

/** A variation without a class of its own has that of its product. */
function variationTaxClass(text: string | undefined, around: Surroundings): string {
  return text === undefined || text === 'parent' ? 'parent' : taxClass(text, around)
}

/** Stock as it counts: that of the product where the variation has none of its own. */
function stockOf(
  metas: Metas,
  parent: Metas,
  around: Surroundings,
): { managedBy: boolean | 'parent'; quantity: number | null; backorders: string } {
  const isOwn = isYes(metas.text('_manage_stock'))
  if (isOwn || !isYes(parent.text('_manage_stock'))) {
    return {
      managedBy: around.managesStock && isOwn,
      quantity: stockQuantity(metas.text('_stock')),
      backorders: metas.text('_backorders') ?? '',
    }
  }
  return {
    managedBy: around.managesStock && 'parent',
    quantity: whole(parent.text('_stock')),
    backorders: parent.text('_backorders') ?? '',
  }
}
