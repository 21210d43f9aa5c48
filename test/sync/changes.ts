/** Changes as a living shop sees them, the same for the same seed, one at a time. */
import { randomFrom } from '../../demo/faults.ts'
import type { Shop } from '../../demo/shop.ts'
import type { Raw, Row, Table } from '../../demo/table.ts'
import { createWrites } from '../../demo/writes.ts'

export interface Changes {
  /** Makes one change of a random kind to a random record. */
  next(): void
  /** How often each kind was made. */
  made: Record<string, number>
}

export function createChanges(shop: Shop, seed: number): Changes {
  const random = randomFrom(seed)
  const writes = createWrites(shop)
  const made: Record<string, number> = {}
  let serial = 0

  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)]
  /** Tried at random a few times: making every record to choose among them would take long. */
  const row = (table: Table, fits: (row: Row) => boolean = () => true): Row | undefined => {
    for (let tries = 0; tries < 20; tries++) {
      const found = pick(table.sorted('id'))
      if (found && fits(found)) return found
    }
    return undefined
  }
  const body = (table: Table, found: Row): Raw => table.body(found)
  const live = (found: Row) => found.status !== 'trash'
  const orderable = () => row(shop.products, (one) => one.status === 'publish' && isSimple(one))
  const isSimple = (one: Row) => body(shop.products, one).type === 'simple'
  const paid = () => row(shop.orders, (one) => ['processing', 'completed'].includes(one.status))

  const kinds: Record<string, () => boolean> = {
    insertOrder: () => {
      const product = orderable()
      const line_items = product ? [{ product_id: product.id, quantity: 1 + Math.floor(random() * 3) }] : []
      writes.createOrder({ status: pick(['pending', 'processing', 'completed']), line_items })
      return true
    },
    updateOrder: () =>
      on(row(shop.orders, live), ({ id }) => writes.updateOrder(id, { customer_note: text() })),
    payOrder: () => on(row(shop.orders, live), ({ id }) => writes.updateOrder(id, { status: 'completed' })),
    trashOrder: () => on(row(shop.orders, live), ({ id }) => writes.trashOrder(id)),
    untrashOrder: () =>
      on(
        row(shop.orders, (one) => one.status === 'trash'),
        ({ id }) => writes.untrashOrder(id),
      ),
    deleteOrder: () => on(row(shop.orders), ({ id }) => writes.deleteOrder(id)),
    addNote: () => on(row(shop.orders, live), ({ id }) => writes.addNote(id, { note: text() })),
    refund: () =>
      on(paid(), ({ id }) => {
        const left = Number(body(shop.orders, shop.orders.get(id) as Row).total) - refunded(id)
        if (left > 0.02)
          writes.createRefund(id, { amount: Math.max(0.01, left / 3).toFixed(2), reason: text() })
      }),
    deleteRefund: () => on(row(shop.refunds), (one) => writes.deleteRefund(one.parent, one.id)),
    insertProduct: () => {
      writes.createProduct({ name: text(), regular_price: '12.50' })
      return true
    },
    importProduct: () => {
      writes.insertProduct({ name: text(), regular_price: '9', date_created_gmt: '2019-05-06T07:08:09' })
      return true
    },
    updateProduct: () =>
      on(row(shop.products, live), ({ id }) => writes.updateProduct(id, { short_description: text() })),
    trashProduct: () => on(row(shop.products, live), ({ id }) => writes.trashProduct(id)),
    deleteProduct: () => on(row(shop.products, isSimple), ({ id }) => writes.deleteProduct(id)),
    updateVariation: () =>
      on(row(shop.variations), ({ id }) => writes.updateVariation(id, { regular_price: price() })),
    deleteVariation: () => on(row(shop.variations), ({ id }) => writes.deleteVariation(id)),
    createCustomer: () => {
      writes.createCustomer({ email: `nou-${seed}-${++serial}@example.test`, first_name: text() })
      return true
    },
    updateCustomer: () =>
      on(pick(shop.small.customers), ({ id }) => writes.updateCustomer(Number(id), { first_name: text() })),
    deleteCustomer: () => on(pick(shop.small.customers), ({ id }) => writes.deleteCustomer(Number(id))),
    createCoupon: () => {
      writes.createCoupon({ code: `cod-${seed}-${++serial}`, amount: '5' })
      return true
    },
    updateCoupon: () =>
      on(row(shop.coupons, live), ({ id }) => writes.updateCoupon(id, { description: text() })),
    deleteCoupon: () => on(row(shop.coupons), ({ id }) => writes.deleteCoupon(id)),
  }
  // Orders change the most, as in life.
  const weighted = Object.keys(kinds).flatMap((kind) => (/Order|refund/.test(kind) ? [kind, kind] : [kind]))

  function on<T>(found: T | undefined, act: (found: T) => unknown): boolean {
    if (found === undefined) return false
    act(found)
    return true
  }
  function text() {
    return `schimbat ${seed}-${++serial}`
  }
  function price() {
    return (1 + Math.floor(random() * 9000) / 100).toFixed(2)
  }
  function refunded(orderId: number): number {
    const order = shop.orders.get(orderId)
    const refunds = (order ? body(shop.orders, order).refunds : []) as Raw[]
    return -refunds.reduce((sum, refund) => sum + Number(refund.total), 0)
  }

  return {
    made,
    next() {
      for (;;) {
        const kind = pick(weighted) as string
        if (!kinds[kind]?.()) continue
        made[kind] = (made[kind] ?? 0) + 1
        return
      }
    },
  }
}
