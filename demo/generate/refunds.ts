/** Refunds of generated orders: facts for the order's embedded list, and their own records. */
import type { Raw } from '../table.ts'
import type { Cart, Extra, Line } from './cart.ts'
import type { Clock } from './clock.ts'
import type { Life } from './life.ts'
import { itemRecord, LINE_IDS, META_IDS, rateId, taxLineRecords, totalsOf } from './line-records.ts'
import { amount } from './money.ts'
import { createRandom, int, mix, pick } from './random.ts'

export interface RefundFacts {
  id: number
  at: number
  reason: string
  /** Bani given back, tax included; and the tax in it. */
  amount: number
  tax: number
  full: boolean
  /** What is given back, positive; `at` is the place of the line in the order. */
  lines: { at: number; line: Line }[]
  /** All of the shipping and fees: only in a full refund. */
  extras: boolean
}

const REASONS = ['Sticlă spartă la transport', 'Client răzgândit', 'Produs greșit', '']

/** `ids`: the refunds' own ids, as many as the life plans. Refunds of one order never exceed it. */
export function refundsOf(
  seed: number,
  index: number,
  life: Life,
  cart: Cart,
  ids: readonly number[],
): RefundFacts[] {
  const random = createRandom(mix(seed, index, 81))
  const total = totalsOf(cart).total
  let left = total
  return life.refunds.map((planned, at) => {
    const reason = pick(random, REASONS)
    const facts = { id: ids[at] ?? 0, at: planned.at, reason, full: false, extras: false, lines: [] }
    const part = planned.kind === 'line' ? partOf(random, cart) : null
    let refund: RefundFacts
    if (planned.kind === 'full') {
      const totals = totalsOf(cart)
      const lines = cart.lines.map((line, place) => ({ at: place, line: paidOnly(line) }))
      refund = {
        ...facts,
        full: true,
        extras: true,
        lines,
        amount: total,
        tax: totals.cartTax + totals.shippingTax,
      }
    } else if (part && part.line.paid < left) {
      refund = { ...facts, lines: [part], amount: part.line.paid, tax: part.line.paidTax }
    } else {
      const sum = Math.min(500, Math.floor(left / 2))
      refund = { ...facts, reason: 'Compensație (doar sumă)', amount: sum, tax: 0 }
    }
    left -= refund.amount
    return refund
  })
}

/** Some or all of one line, never the whole order; null when the order is too small for that. */
function partOf(random: () => number, cart: Cart): { at: number; line: Line } | null {
  const at = int(random, cart.lines.length)
  const line = cart.lines[at] as Line
  const most = cart.lines.length > 1 ? line.quantity : line.quantity - 1
  if (most < 1 || line.paid === 0) return null
  const quantity = 1 + int(random, most)
  const paid = Math.round((line.paid * quantity) / line.quantity)
  const paidTax = Math.round((line.paidTax * quantity) / line.quantity)
  return { at, line: paidOnly({ ...line, quantity, paid, paidTax }) }
}

/** A refund gives back what was paid: its subtotal is its total. */
function paidOnly(line: Line): Line {
  return { ...line, full: line.paid, fullTax: line.paidTax }
}

function negative(line: Line): Line {
  return {
    ...line,
    quantity: -line.quantity,
    full: -line.full,
    fullTax: -line.fullTax,
    paid: -line.paid,
    paidTax: -line.paidTax,
  }
}

/** `place`: which refund of its order it is, counted from 0; its line ids follow from that. */
export function refundRecord(
  clock: Clock,
  order: { id: number; index: number; cart: Cart },
  refund: RefundFacts,
  place: number,
): Raw {
  const { cart } = order
  const first = order.index * LINE_IDS
  const half = LINE_IDS / 4
  let line = first + LINE_IDS / 2 + place * half
  let meta = order.index * META_IDS + META_IDS / 2 + (place * META_IDS) / 4
  const lineId = () => ++line
  // The order's own line ids: items first, then shipping, then fees, as the order's record gives them out.
  const refers = (id: number): Raw => {
    const value = String(id)
    const key = '_refunded_item_id'
    return { id: ++meta, key, value, display_key: key, display_value: value }
  }
  const byRate = new Map<1 | 2, number>()
  const tax = (rate: 1 | 2, bani: number) => byRate.set(rate, (byRate.get(rate) ?? 0) - bani)
  const items = refund.lines.map(({ at, line: given }) => {
    tax(rateId(given), given.paidTax)
    return itemRecord(negative(given), lineId(), [refers(first + 1 + at)])
  })
  const freight = refund.extras ? cart.shipping : null
  const shippingId = first + cart.lines.length + 1
  const extra = (given: Extra, id: number) => ({
    total: amount(-given.net),
    total_tax: amount(-given.tax),
    taxes: [{ id: 1, total: amount(-given.tax), subtotal: '' }],
    meta_data: [refers(id)],
  })
  const shippingLines = freight
    ? [
        {
          id: lineId(),
          method_title: freight.title,
          method_id: freight.method,
          instance_id: freight.instance,
          ...extra(freight, shippingId),
          ...(freight.tax === 0 ? { taxes: [] } : {}),
          tax_status: 'taxable',
        },
      ]
    : []
  if (freight && freight.tax !== 0) tax(1, 0)
  const feeLines = (refund.extras ? cart.fees : []).map((fee, at) => {
    tax(1, fee.tax)
    return {
      id: lineId(),
      name: fee.title,
      tax_class: '',
      tax_status: 'taxable',
      amount: '',
      ...extra(fee, shippingId + (cart.shipping ? 1 : 0) + at),
    }
  })
  return {
    id: refund.id,
    parent_id: order.id,
    date_created: clock.local(refund.at),
    date_created_gmt: clock.gmt(refund.at),
    amount: amount(refund.amount),
    reason: refund.reason,
    refunded_by: 1,
    refunded_payment: false,
    meta_data: [{ id: ++meta, key: '_refund_type', value: refund.full ? 'full' : 'partial' }],
    line_items: items,
    shipping_lines: shippingLines,
    tax_lines: taxLineRecords(byRate, freight ? -freight.tax : 0, lineId),
    fee_lines: feeLines,
  }
}
