/** Finding what an order line names: a product or a variation, by id or by SKU. */
import type { Shop } from '../shop.ts'
import type { Raw } from '../table.ts'

/** Something that can be sold: a product by itself, or a variation with its parent. */
export interface Item {
  product: Raw
  variation: Raw | null
}

export function itemById(shop: Shop, id: number): Item | null {
  const variation = shop.variations.get(id)
  if (variation) {
    const parent = shop.products.get(variation.parent)
    return parent ? { product: shop.products.body(parent), variation: shop.variations.body(variation) } : null
  }
  const product = shop.products.get(id)
  return product ? { product: shop.products.body(product), variation: null } : null
}

/** The id that has this SKU; what lies in the trash does not count (wc_get_product_id_by_sku). */
export function idBySku(shop: Shop, sku: string): number | null {
  for (const table of [shop.products, shop.variations]) {
    for (const row of table.sorted('id')) {
      if (row.status !== 'trash' && table.body(row).sku === sku) return row.id
    }
  }
  return null
}

/** The item of an order line, null when it is gone. */
export function itemOfLine(shop: Shop, line: Raw): Item | null {
  const id = (line.variation_id as number) || (line.product_id as number)
  return id ? itemById(shop, id) : null
}

/** The tax class of an item: '' for standard; a variation usually has its parent's. */
export function taxClassOf(item: Item): string {
  const own = String(item.variation?.tax_class ?? item.product.tax_class ?? '')
  return own === 'parent' ? String(item.product.tax_class ?? '') : own
}

/** What is sold: the variation, or the product. */
export function sold(item: Item): Raw {
  return item.variation ?? item.product
}

export function nameOf(item: Item): string {
  return item.variation ? `${item.product.name} - ${item.variation.name}` : String(item.product.name)
}

/** `image` of an order line; WordPress gives a product without one '' and a variation 0. */
export function imageOf(item: Item): Raw {
  const images = item.product.images as Raw[] | undefined
  const image = (item.variation?.image as Raw | null | undefined) ?? images?.[0]
  if (image) return { id: String(image.id), src: image.src }
  return { id: item.variation ? 0 : '', src: '' }
}

/** A variation's attributes as meta of an order line: key, value and what a person sees. */
export function attributeMeta(shop: Shop, variation: Raw): Raw[] {
  return (variation.attributes as Raw[]).map((attribute) => {
    const terms = shop.small.terms.get(attribute.id as number) ?? []
    const term = terms.find((each) => each.name === attribute.option)
    return {
      id: shop.nextRowId('meta'),
      key: attribute.slug ?? String(attribute.name).toLowerCase(),
      value: term?.slug ?? attribute.option,
      display_key: attribute.name,
      display_value: attribute.option,
    }
  })
}
