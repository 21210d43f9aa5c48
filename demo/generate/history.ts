/** The generated orders and refunds as rows, and the way from a row back to its record. */
import type { ShopInfo } from '../shop.ts'
import { createTable, type Raw, type Row, type Table } from '../table.ts'
import type { Carts } from './cart.ts'
import type { Clock } from './clock.ts'
import { type Life, lifeOf } from './life.ts'
import { notesOf } from './notes.ts'
import { orderRecord } from './order-records.ts'
import { refundRecord, refundsOf } from './refunds.ts'

export interface History {
  orders: Table
  refunds: Table
  highestId: number
  /** Undefined for an order that is not one of the generated. */
  notes(orderId: number): Raw[] | undefined
}

/** `times`: when each order was made, rising; all moments Unix seconds. */
export function createHistory(options: {
  info: ShopInfo
  seed: number
  clock: Clock
  carts: Carts
  times: Uint32Array
  now: number
  firstId: number
}): History {
  const { info, seed, clock, carts, times, now } = options
  const count = times.length
  const ids = new Uint32Array(count)
  const refundIds = new Map<number, number[]>()
  const orders = createTable(renderOrder)
  const refunds = createTable(renderRefund)

  function life(index: number): Life {
    const created = times[index] as number
    // Unfinished checkouts are swept away after a day, so only the newest orders can be one.
    const draft = index === count - 2 || (index > count - 40 && index % 23 === 0 && created > now - 86_400)
    return lifeOf(seed, index, created, now, draft && count > 20)
  }

  function indexOf(orderId: number): number {
    let low = 0
    let high = count
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((ids[middle] as number) < orderId) low = middle + 1
      else high = middle
    }
    return ids[low] === orderId ? low : -1
  }

  function factsOf(orderId: number) {
    const index = indexOf(orderId)
    if (index < 0) throw new Error(`order ${orderId} was not generated`)
    const lived = life(index)
    const cart = carts.of(index, lived)
    return {
      index,
      id: orderId,
      life: lived,
      cart,
      refunds: refundsOf(seed, index, lived, cart, refundIds.get(index) ?? []),
    }
  }

  function renderOrder(row: Row): Raw {
    return orderRecord(info, clock, factsOf(row.id))
  }

  function renderRefund(row: Row): Raw {
    const order = factsOf(row.parent)
    const place = order.refunds.findIndex((each) => each.id === row.id)
    const refund = order.refunds[place]
    if (!refund) throw new Error(`refund ${row.id} was not generated`)
    return refundRecord(clock, order, refund, place)
  }

  let id = options.firstId - 1
  // Refunds still to come, the nearest last: they take their ids when their moment is reached.
  const coming: { at: number; index: number }[] = []
  const settle = (until: number) => {
    for (let next = coming.at(-1); next && next.at <= until; next = coming.at(-1)) {
      coming.pop()
      const refundId = ++id
      const list = refundIds.get(next.index)
      if (list) list.push(refundId)
      else refundIds.set(next.index, [refundId])
      const parent = ids[next.index] as number
      refunds.put({
        id: refundId,
        status: 'completed',
        created: next.at,
        modified: next.at,
        parent,
        body: null,
      })
    }
  }
  for (let index = 0; index < count; index++) {
    const created = times[index] as number
    settle(created)
    const lived = life(index)
    ids[index] = ++id
    orders.put({ id, status: lived.status, created, modified: lived.modified, parent: 0, body: null })
    for (const { at } of lived.refunds) insertByTime(coming, { at, index })
  }
  settle(Number.POSITIVE_INFINITY)
  orders.sorted('modified')

  return {
    orders,
    refunds,
    highestId: id,
    notes(orderId) {
      const index = indexOf(orderId)
      return index < 0 ? undefined : notesOf(index, life(index), clock)
    },
  }
}

function insertByTime(list: { at: number; index: number }[], item: { at: number; index: number }) {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((list[middle]?.at ?? 0) > item.at) low = middle + 1
    else high = middle
  }
  list.splice(low, 0, item)
}
