/** Orders and refunds from the shop's database, from whichever storage counts (40). */
import type { SqlReader, SqlShop } from '../reader.ts'
import { classic } from './classic.ts'
import { hpos } from './hpos.ts'
import { noLines, readLines } from './lines.ts'
import { type OrderStorage, type OrderType, orderFields, type RefundHead, refundFields } from './storage.ts'

const storageOf = (shop: SqlShop): OrderStorage => (shop.storage === 'hpos' ? hpos : classic)

const lists = (type: OrderType): Required<Pick<SqlReader, 'list' | 'changed'>> => ({
  list: (shop, after, limit) => storageOf(shop).list(shop, type, after, limit),
  changed: (shop, since, after, limit) => storageOf(shop).changed(shop, type, since, after, limit),
})

/** Orders of every status that REST can list; `currency_symbol` is not brought. */
export const orderReader: SqlReader = {
  ...lists('shop_order'),
  async read(shop, ids) {
    if (ids.length === 0) return []
    const storage = storageOf(shop)
    const [heads, lines, refunds, plugins] = await Promise.all([
      storage.orders(shop, ids),
      readLines(shop, ids),
      storage.refunds(shop, { orders: ids }),
      shop.option('active_plugins'),
    ])
    const ofOrder = byOrder(refunds)
    const settings = {
      decimals: shop.decimals,
      // All that do it have this in their folder's name; the metas stay behind when one is switched off.
      ownNumbers: plugins?.includes('sequential-order-number') ?? false,
    }
    return heads.map((head) =>
      orderFields(head, lines.get(head.id) ?? noLines(), ofOrder.get(head.id) ?? [], settings),
    )
  },
}

/** Refunds, with their lines; their date is that of their creation (9). */
export const refundReader: SqlReader = {
  ...lists('shop_order_refund'),
  async read(shop, ids) {
    if (ids.length === 0) return []
    const [heads, lines] = await Promise.all([
      storageOf(shop).refunds(shop, { refunds: ids }),
      readLines(shop, ids),
    ])
    const wanted = new Set(ids)
    return heads
      .filter(({ id }) => wanted.has(id))
      .map((head) => refundFields(head, lines.get(head.id) ?? noLines(), shop.decimals))
  },
}

/** Newest first, as an order shows its refunds. */
function byOrder(refunds: readonly RefundHead[]): Map<string, RefundHead[]> {
  const groups = new Map<string, RefundHead[]>()
  for (const refund of refunds) {
    const order = refund.order ?? ''
    const known = groups.get(order)
    if (known === undefined) groups.set(order, [refund])
    else known.push(refund)
  }
  for (const group of groups.values()) group.sort(newestFirst)
  return groups
}

function newestFirst(a: RefundHead, b: RefundHead): number {
  const x = a.created ?? ''
  const y = b.created ?? ''
  return x === y ? Number(b.id) - Number(a.id) : x < y ? 1 : -1
}
