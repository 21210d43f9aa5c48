/** What can happen in a shop, one thing at a time. */
import { DemoError } from '../errors.ts'
import { chance, pick, type Random } from '../generate/random.ts'
import type { Shop } from '../shop.ts'
import type { Raw } from '../table.ts'
import type { Writes } from '../writes.ts'
import { createCheckout } from './checkout.ts'
import { createStockroom } from './stockroom.ts'

export type What =
  | 'order'
  | 'paid'
  | 'completed'
  | 'cancelled'
  | 'failed'
  | 'refunded'
  | 'trashed'
  | 'note'
  | 'price'
  | 'restocked'
  /** Nobody was there, or the shop refused. */
  | 'nothing'

export interface Happening {
  what: What
  /** The order's or product's id; 0 for nothing. */
  id: number
}

/** Only the newest orders still change. */
const RECENT = 300
/** When more than this wait to be sent, somebody sends them first. */
const WAITING = 25
/** So many are always being packed. */
const AT_HAND = 8

const NOTHING: Happening = { what: 'nothing', id: 0 }

/** Each call makes one thing happen. What the shop refuses (a sold-out bottle) is `nothing`; other errors are thrown. */
export function createEvents(shop: Shop, writes: Writes, random: Random): () => Happening {
  const checkout = createCheckout(shop, random)
  const stockroom = createStockroom(shop, writes, random)

  /** The newest orders with one of these statuses, the oldest of them first. */
  function recent(...statuses: string[]): number[] {
    return shop.orders
      .sorted('created')
      .slice(-RECENT)
      .filter((row) => statuses.includes(row.status))
      .map((row) => row.id)
  }

  function buy(): Happening {
    const input = checkout()
    if (!input) return NOTHING
    return { what: 'order', id: writes.createOrder(input).id as number }
  }

  function progress(): Happening {
    const sending = recent('processing')
    const unpaid = recent('pending', 'on-hold')
    const next = sending.length > AT_HAND ? sending[0] : undefined
    const id =
      sending.length > WAITING || chance(random, 0.5) ? (next ?? pick(random, unpaid)) : pick(random, unpaid)
    const status = id === undefined ? undefined : shop.orders.get(id)?.status
    if (id === undefined || status === undefined) return NOTHING
    if (status === 'processing') return set(id, 'completed', { status: 'completed' })
    const luck = random()
    if (status === 'on-hold') return set(id, 'paid', { status: 'processing' })
    if (luck < 0.08) return set(id, 'failed', { status: 'failed' })
    if (luck < 0.2) return set(id, 'cancelled', { status: 'cancelled' })
    return set(id, 'paid', { set_paid: true, transaction_id: `demo_${id}` })
  }

  function set(id: number, what: What, input: Raw): Happening {
    writes.updateOrder(id, input)
    return { what, id }
  }

  function giveBack(): Happening {
    const id = pick(random, recent('completed'))
    const row = id === undefined ? undefined : shop.orders.get(id)
    if (!row) return NOTHING
    const order = shop.orders.body(row)
    if ((order.refunds as Raw[]).length > 0) return NOTHING
    const lines = order.line_items as Raw[]
    const given = chance(random, 0.3) ? wholeOrder(order) : [wholeLine(pick(random, lines))]
    writes.createRefund(row.id, {
      reason: pick(random, ['Sticlă spartă la transport', 'Client răzgândit', '']),
      line_items: given,
      api_refund: false,
    })
    return { what: 'refunded', id: row.id }
  }

  function discard(): Happening {
    const id = pick(random, recent('cancelled', 'failed'))
    if (id === undefined) return NOTHING
    writes.trashOrder(id)
    return { what: 'trashed', id }
  }

  function say(): Happening {
    const id = pick(random, recent('processing', 'completed'))
    if (id === undefined) return NOTHING
    writes.addNote(id, { note: 'Clientul a sunat: livrare după ora 17.', customer_note: false })
    return { what: 'note', id }
  }

  return () => {
    const luck = random()
    try {
      if (luck < 0.3) return buy()
      if (luck < 0.82) return progress()
      if (luck < 0.84) return giveBack()
      if (luck < 0.85) return discard()
      if (luck < 0.88) return say()
      return luck < 0.93 ? stockroom.reprice() : stockroom.refill()
    } catch (error) {
      if (error instanceof DemoError) return NOTHING
      throw error
    }
  }
}

function wholeLine(line: Raw): Raw {
  return {
    id: line.id,
    quantity: line.quantity ?? 0,
    refund_total: line.total,
    refund_tax: (line.taxes as Raw[]).map((tax) => ({ id: tax.id, refund_total: tax.total })),
  }
}

function wholeOrder(order: Raw): Raw[] {
  return ['line_items', 'shipping_lines', 'fee_lines'].flatMap((field) =>
    (order[field] as Raw[]).map(wholeLine),
  )
}
