/** What happens in a shop that is soaked: a customer's day, random changes, and what moves no date. */
import { type Alive, keepAlive } from '../demo/alive.ts'
import { DemoError } from '../demo/errors.ts'
import { randomFrom } from '../demo/faults.ts'
import type { Shop } from '../demo/shop.ts'
import type { Raw } from '../demo/table.ts'
import type { Writes } from '../demo/writes.ts'
import { createChanges } from '../test/sync/changes.ts'

export interface SoakChanges {
  /** Makes one change; what the shop refuses is none. */
  next(): void
  made: Record<string, number>
}

/** Never so many of a list that the mirror would ask a person whether it is true: that has its own tests. */
const FEWEST = 40

export function createSoakChanges(shop: Shop, writes: Writes, seed: number): SoakChanges {
  const random = randomFrom(seed)
  const changes = createChanges(shop, seed)
  const alive: Alive = keepAlive(shop, writes, { ordersPerMinute: 1, seed })
  // Its own clock is not wanted: it makes a step when it is told to.
  alive.stop()
  const made = changes.made
  let serial = 0

  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)]
  const text = () => `înmuiat ${seed}-${++serial}`
  const customer = () => pick(shop.small.customers)

  const further: Record<string, () => unknown> = {
    renameProduct: () => {
      const found = pick(shop.products.sorted('id'))
      return found && found.status !== 'trash' && writes.updateProduct(found.id, { name: text() })
    },
    moveStock: () => {
      const found = pick(shop.products.sorted('id'))
      if (!found || shop.products.body(found).manage_stock !== true) return undefined
      return writes.updateProduct(found.id, { stock_quantity: Math.floor(random() * 60) })
    },
    addVariation: () => {
      const sister = pick(shop.variations.sorted('id'))
      if (!sister) return undefined
      const { attributes } = shop.variations.body(sister)
      return writes.createVariation(sister.parent, { attributes, regular_price: '19.90' })
    },
    renameCategory: () => {
      const found = pick(shop.small.categories)
      return found && writes.updateCategory(Number(found.id), { name: text() })
    },
    /** Two accounts of one person become one, as plugins for it do. */
    mergeCustomers: () => {
      const [kept, gone] = [customer(), customer()]
      if (!kept || !gone || kept.id === gone.id || shop.small.customers.length < FEWEST) return undefined
      const orders = shop.orders
        .sorted('id')
        .filter((row) => row.status !== 'trash' && shop.orders.body(row).customer_id === gone.id)
      for (const { id } of orders.slice(0, 20)) writes.updateOrder(id, { customer_id: kept.id })
      return writes.deleteCustomer(Number(gone.id))
    },
    bulkUpdate: () => {
      const rows = shop.orders.sorted('id').filter((row) => row.status !== 'trash')
      const from = Math.floor(random() * Math.max(1, rows.length - 30))
      const update = rows.slice(from, from + 30).map(({ id }): Raw => ({ id, customer_note: text() }))
      return writes.batch('orders', { update })
    },
  }

  function attempt(kind: string, act: () => unknown) {
    try {
      if (act()) made[kind] = (made[kind] ?? 0) + 1
    } catch (thrown) {
      if (!(thrown instanceof DemoError)) throw thrown
    }
  }

  return {
    made,
    next() {
      const luck = random()
      if (luck < 0.45) attempt('day', () => alive.step().what !== 'nothing')
      else if (luck < 0.65) {
        const kind = pick(Object.keys(further)) as string
        attempt(kind, further[kind] as () => unknown)
      } else attempt('refused', () => void changes.next())
    },
  }
}
