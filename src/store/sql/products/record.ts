/** Fields that products and variations have in common, as REST shows them with `context=edit`. */
import type { Fields } from '../../canonical.ts'
import { dateText } from '../rows.ts'
import { arrayMembers, type Metas } from './metas.ts'
import type { Post } from './posts.ts'
import type { Prices } from './prices.ts'
import type { Surroundings } from './surroundings.ts'
import { gmtText, isYes, limit, positive, whole } from './values.ts'

export function commonFields(post: Post, metas: Metas, prices: Prices, around: Surroundings) {
  const dimension = (key: string) => around.decimal(metas.text(key))
  return {
    id: Number(post.id),
    date_created_gmt: dateText(post.createdGmt),
    date_modified_gmt: dateText(post.modifiedGmt),
    status: post.status,
    sku: metas.text('_sku') ?? '',
    global_unique_id: metas.text('_global_unique_id') ?? '',
    regular_price: prices.regular,
    sale_price: prices.sale,
    date_on_sale_from_gmt: gmtText(prices.from),
    date_on_sale_to_gmt: gmtText(prices.to),
    virtual: isYes(metas.text('_virtual')),
    downloadable: isYes(metas.text('_downloadable')),
    downloads: downloadsOf(metas.text('_downloadable_files')),
    download_limit: limit(metas.text('_download_limit')),
    download_expiry: limit(metas.text('_download_expiry')),
    stock_status: metas.text('_stock_status') || 'instock',
    low_stock_amount: lowStock(metas.text('_low_stock_amount')),
    weight: dimension('_weight'),
    dimensions: {
      length: dimension('_length'),
      width: dimension('_width'),
      height: dimension('_height'),
    },
    menu_order: post.menuOrder,
  }
}

/** Files without their addresses, which are secrets (37). */
function downloadsOf(text: string | undefined): Fields[] {
  const downloads: Fields[] = []
  for (const [id, member] of arrayMembers(text)) {
    const { name, file } = (member !== null && typeof member === 'object' ? member : {}) as Fields
    if (typeof name !== 'string' || typeof file !== 'string') continue
    downloads.push({ id, name: name || (file.split(/[?#]/)[0]?.split('/').at(-1) ?? '') })
  }
  return downloads
}

function lowStock(text: string | undefined): number | null {
  return text === undefined || text === '' ? null : positive(text)
}

/** Pieces in stock, null where they are not counted. */
export function stockQuantity(text: string | undefined): number | null {
  return text === undefined || text === '' ? null : whole(text)
}

export function allowsBackorders(backorders: string): boolean {
  return backorders === 'yes' || backorders === 'notify'
}

/** @param text a class, or its absence; one that the shop no longer has is the usual one */
export function taxClass(text: string | undefined, around: Surroundings): string {
  return text !== undefined && around.taxClasses.has(text) ? text : ''
}

export function taxStatus(text: string | undefined): string {
  const status = (text ?? '').toLowerCase()
  return status === 'shipping' || status === 'none' ? status : 'taxable'
}
