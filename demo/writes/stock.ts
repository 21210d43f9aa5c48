/** Stock and sales counters as orders move them. */
import type { Shop } from '../shop.ts'
import type { Raw } from '../table.ts'
import { type Call, keep, touched } from './call.ts'
import { type Item, itemOfLine, nameOf } from './catalog.ts'
import { lineMeta, setLineMetaKey } from './meta.ts'
import { note } from './notes.ts'
import { noStockAmount } from './options.ts'
import { syncParent } from './parents.ts'

/** `stock_status`, `backordered` and `backorders_allowed` by the other stock fields. */
export function stockFields(shop: Shop, body: Raw): Raw {
  const allowed = body.backorders === 'yes' || body.backorders === 'notify'
  const managed = body.manage_stock === true
  const empty = Number(body.stock_quantity ?? 0) <= noStockAmount(shop)
  const status = !managed ? body.stock_status : !empty ? 'instock' : allowed ? 'onbackorder' : 'outofstock'
  return { stock_status: status, backorders_allowed: allowed, backordered: status === 'onbackorder' }
}

/** Takes the lines' quantities from the stock, once per line, and gives the lines with `_reduced_stock`. */
export function reduceStock(call: Call, orderId: number, lines: readonly Raw[]): Raw[] {
  const moved: string[] = []
  const after = lines.map((line) => {
    const item = itemOfLine(call.shop, line)
    if (!item || lineMeta(line, '_reduced_stock')) return line
    const quantity = Number(line.quantity)
    const now = changeStock(call, item, -quantity)
    if (now === null) return line
    moved.push(`${nameOf(item)} (${now + quantity}&rarr;${now})`)
    return setLineMetaKey(call.shop, line, '_reduced_stock', String(quantity))
  })
  if (moved.length > 0) note(call, orderId, `Stock levels reduced: ${moved.join(', ')}`)
  return after
}

/** Gives back what `_reduced_stock` says was taken. */
export function restoreStock(call: Call, orderId: number, lines: readonly Raw[]): Raw[] {
  const moved: string[] = []
  const after = lines.map((line) => {
    const item = itemOfLine(call.shop, line)
    const taken = Number(lineMeta(line, '_reduced_stock'))
    const now = item && taken ? changeStock(call, item, taken) : null
    if (!item || now === null) return line
    moved.push(`${nameOf(item)} ${now - taken}&rarr;${now}`)
    return setLineMetaKey(call.shop, line, '_reduced_stock', null)
  })
  if (moved.length > 0) note(call, orderId, `Stock levels increased: ${moved.join(', ')}`)
  return after
}

/** A line whose quantity was changed after its stock was taken: the difference is taken or given back. */
export function adjustStock(call: Call, line: Raw): Raw {
  const taken = Number(lineMeta(line, '_reduced_stock'))
  const wanted = Number(line.quantity)
  const item = taken && taken !== wanted ? itemOfLine(call.shop, line) : null
  if (!item || changeStock(call, item, taken - wanted) === null) return line
  return setLineMetaKey(call.shop, line, '_reduced_stock', String(wanted))
}

/**
 * Changes the stock of an item where it is managed: its own, or its parent's. The record's date moves, a
 * variation's parent too (row 4). Gives the new stock, null where none is managed.
 */
export function changeStock(call: Call, item: Item, by: number): number | null {
  const own = item.variation?.manage_stock === true
  if (!own && item.product.manage_stock !== true) return null
  const { shop } = call
  const table = own ? shop.variations : shop.products
  const body = own ? (item.variation as Raw) : item.product
  const stock = Number(body.stock_quantity ?? 0) + by
  const changed = { ...body, stock_quantity: stock }
  const parent = item.product.id as number
  keep(table, touched(call, { ...changed, ...stockFields(shop, changed) }), own ? parent : 0)
  call.changed('product.updated', body.id as number)
  if (own) syncParent(call, parent)
  return stock
}

/** `total_sales` of the products of an order; no date moves, nobody is told (row 4a). */
export function countSales(call: Call, order: Raw, by: 1 | -1): void {
  const { products } = call.shop
  for (const line of order.line_items as Raw[]) {
    const row = products.get(line.product_id as number)
    if (!row) continue
    const body = products.body(row)
    const sales = Number(body.total_sales) + by * Math.abs(Number(line.quantity))
    keep(products, { ...body, total_sales: Math.max(0, sales) })
  }
}
