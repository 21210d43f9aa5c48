/** A variable product follows its variations: its price, its stock status, its date (row 4). */
import type { Shop } from '../shop.ts'
import type { Raw } from '../table.ts'
import { type Call, keep, touched } from './call.ts'
import { cheapest, priceHtml } from './prices.ts'

/** The variations of a product, in the order of their ids. */
function variationsOf(shop: Shop, parent: Raw): Raw[] {
  return (parent.variations as number[]).flatMap((id) => {
    const row = shop.variations.get(id)
    return row ? [shop.variations.body(row)] : []
  })
}

/** What a product's price range goes over: its variations, or the products of a group. */
export function childrenOf(shop: Shop, product: Raw): Raw[] {
  if (product.type !== 'grouped') return variationsOf(shop, product)
  return (product.grouped_products as number[]).flatMap((id) => {
    const row = shop.products.get(id)
    return row ? [shop.products.body(row)] : []
  })
}

/** Brings the parent up to date and moves its date; no webhook tells of it (row 24a names the variation). */
export function syncParent(call: Call, parentId: number): void {
  const row = call.shop.products.get(parentId)
  if (!row) return
  const body = call.shop.products.body(row)
  const children = variationsOf(call.shop, body)
  const price = cheapest(children)
  const statuses = children.map((child) => child.stock_status)
  const best = ['instock', 'onbackorder', 'outofstock'].find((status) => statuses.includes(status))
  const synced = {
    ...body,
    price,
    on_sale: children.some((child) => child.on_sale === true),
    purchasable: price !== '',
    stock_status: body.manage_stock === true ? body.stock_status : (best ?? body.stock_status),
  }
  keep(call.shop.products, touched(call, { ...synced, price_html: priceHtml(call.shop, synced, children) }))
}
