/** What a change of an order's status brings about: dates, stock, counters, notes. */
import type { Shop } from '../shop.ts'
import type { Raw } from '../table.ts'
import { type Call, dates } from './call.ts'
import { itemOfLine, sold } from './catalog.ts'
import { countCoupons } from './coupons.ts'
import { becomesPayingCustomer } from './customers.ts'
import { parseMoney } from './money.ts'
import { note } from './notes.ts'
import { notInEnum } from './refusals.ts'
import { countSales, reduceStock, restoreStock } from './stock.ts'

/**
 * The order after its status went from `from` to what its body says. A new order comes from `pending`, and
 * one created as `processing` gets no date of payment (recorded): that takes `set_paid`.
 */
export function moved(call: Call, body: Raw, from: string, isNew: boolean): Raw {
  const to = String(body.status)
  if (to === from && !isNew) return body
  const was = isNew ? '' : from
  const id = body.id as number
  let after = body
  const paid = to === 'completed' || (to === 'processing' && !isNew)
  if (paid && after.date_paid === null) after = { ...after, ...dates(call, 'date_paid', call.second) }
  if (to === 'completed') after = { ...after, ...dates(call, 'date_completed', call.second) }
  const lines = after.line_items as Raw[]
  if (TAKES_STOCK.has(to)) after = { ...after, line_items: reduceStock(call, id, lines) }
  if (GIVES_STOCK.has(to)) after = { ...after, line_items: restoreStock(call, id, lines) }
  if (TAKES_STOCK.has(to)) book(call, 'sales', after, true, was)
  if (to === 'cancelled' || to === 'trash') book(call, 'sales', after, false, was)
  if (COUNTS_COUPONS.has(to)) book(call, 'coupons', after, true, was)
  if (DROPS_COUPONS.has(to)) book(call, 'coupons', after, false, was)
  if (to === 'completed') becomesPayingCustomer(call, after.customer_id as number)
  if (to !== 'trash' && to !== from) {
    note(call, id, `Order status changed from ${label(call.shop, from)} to ${label(call.shop, to)}.`)
  }
  return { ...after, ...flags(call.shop, after) }
}

/** Takes an order that is deleted for good out of the counters it is in; its stock does not come back. */
export function unbooked(call: Call, body: Raw): void {
  book(call, 'sales', body, false, String(body.status))
  call.books.sales.delete(body.id as number)
  call.books.coupons.delete(body.id as number)
}

function book(call: Call, what: 'sales' | 'coupons', body: Raw, wanted: boolean, from: string): void {
  const id = body.id as number
  const held = what === 'sales' ? SOLD : COUNTS_COUPONS
  const counted = call.books[what].get(id) ?? held.has(from)
  call.books[what].set(id, wanted)
  if (counted === wanted) return
  const by = wanted ? 1 : -1
  if (what === 'sales') countSales(call, body, by)
  else countCoupons(call, body, by)
}

/** `is_editable`, `needs_payment` and `needs_processing`. */
export function flags(shop: Shop, body: Raw): Raw {
  const status = String(body.status)
  return {
    is_editable: ['pending', 'on-hold', 'auto-draft'].includes(status),
    needs_payment: ['pending', 'failed', 'checkout-draft'].includes(status) && parseMoney(body.total) > 0n,
    needs_processing: (body.line_items as Raw[]).some((line) => {
      const item = itemOfLine(shop, line)
      return item !== null && !(sold(item).virtual === true && sold(item).downloadable === true)
    }),
  }
}

/** Refuses a status the shop does not have. */
export function refuseBadStatus(shop: Shop, status: unknown): void {
  if (status === undefined) return
  const own = shop.small.orderStatuses.map((each) => String(each.slug))
  const allowed = [...new Set([...CORE, ...own, 'checkout-draft'])]
  if (!allowed.includes(String(status))) throw notInEnum('status', allowed)
}

function label(shop: Shop, status: string): string {
  const known = shop.small.orderStatuses.find((each) => each.slug === status)
  return String(known?.name ?? LABELS[status] ?? status)
}

const CORE = [
  'auto-draft',
  'pending',
  'processing',
  'on-hold',
  'completed',
  'cancelled',
  'refunded',
  'failed',
]
const LABELS: Record<string, string> = {
  pending: 'Pending payment',
  processing: 'Processing',
  'on-hold': 'On hold',
  completed: 'Completed',
  cancelled: 'Cancelled',
  refunded: 'Refunded',
  failed: 'Failed',
  'checkout-draft': 'Draft',
  trash: 'Trash',
}
const TAKES_STOCK = new Set(['processing', 'completed', 'on-hold'])
const GIVES_STOCK = new Set(['cancelled', 'pending'])
/** Orders in these are in the sales counters already when the demo begins. */
const SOLD = new Set(['processing', 'completed', 'on-hold', 'refunded'])
const COUNTS_COUPONS = new Set(['pending', 'processing', 'completed', 'on-hold'])
const DROPS_COUPONS = new Set(['cancelled', 'failed', 'trash'])
