/** Rows that come, go and change while somebody turns the pages (row 5). */
import { type Fault, randomFrom } from './faults.ts'
import type { Shop } from './shop.ts'
import type { Writes } from './writes.ts'

export type DriftFault = Fault & { kind: 'drift' }

/** Makes one change of the wanted sort; nothing where no row is left to change. */
export function createDrift(shop: Shop, writes: Writes): (fault: DriftFault) => void {
  const chances = new WeakMap<Fault, () => number>()

  return (fault) => {
    const chance = chances.get(fault) ?? randomFrom(fault.seed ?? 1)
    chances.set(fault, chance)
    const actions = ACTIONS[fault.resource]
    if (fault.change === 'insert') {
      actions.insert(writes)
      return
    }
    const rows = shop[fault.resource].sorted('id')
    const row = rows[Math.floor(chance() * rows.length)]
    if (!row || (fault.change === 'trash' && row.status === 'trash')) return
    actions[fault.change](writes, row.id)
  }
}

interface Actions {
  insert(writes: Writes): void
  remove(writes: Writes, id: number): void
  update(writes: Writes, id: number): void
  trash(writes: Writes, id: number): void
}

const ACTIONS: Record<DriftFault['resource'], Actions> = {
  orders: {
    insert: (writes) => writes.createOrder({ status: 'processing' }),
    remove: (writes, id) => writes.deleteOrder(id),
    update: (writes, id) => writes.updateOrder(id, {}),
    trash: (writes, id) => writes.trashOrder(id),
  },
  products: {
    insert: (writes) => writes.createProduct({ name: 'Produs nou', regular_price: '10' }),
    remove: (writes, id) => writes.deleteProduct(id),
    update: (writes, id) => writes.updateProduct(id, {}),
    trash: (writes, id) => writes.trashProduct(id),
  },
}
