/** `/orders/{id}/refunds`: negative lines, the summary in the order, stock given back. */
import { DemoError } from '../errors.ts'
import type { Raw } from '../table.ts'
import { type Call, dates, existing, keep, touched } from './call.ts'
import { itemOfLine } from './catalog.ts'
import { lineMeta, mergeLineMeta, mergeMeta, setLineMetaKey } from './meta.ts'
import { fixed, type Micro, parseMoney, sum, toNumber } from './money.ts'
import { note } from './notes.ts'
import { moved } from './statuses.ts'
import { changeStock } from './stock.ts'
import { shown, type Taxes, taxation } from './taxes.ts'
import { taxLines } from './totals.ts'

/**
 * `{amount?, reason?, line_items?: [{id, quantity, refund_total, refund_tax: [{id, refund_total}]}], api_restock?}`.
 * The amount is the sum of the lines unless given; more than is left is refused with 500, as WooCommerce does.
 * The order's date moves and order.updated goes out; what refunds all makes the order `refunded`.
 */
export function createRefund(call: Call, orderId: number, input: Raw): Raw {
  const { shop } = call
  const { body: order } = existing(
    shop.orders,
    orderId,
    () => new DemoError(404, 'woocommerce_rest_invalid_order_id', 'Invalid order ID.'),
  )
  const posted = (Array.isArray(input.line_items) ? input.line_items : []) as Raw[]
  const drafts = posted.flatMap((each) => draftLine(order, each))
  const lineSum = sum(drafts.map((draft) => draft.total + sum(draft.taxes.values())))
  const amount = input.amount === undefined ? lineSum : parseMoney(input.amount)
  if (amount < 0n) {
    const sentence = 'Refund amount must be greater than zero.'
    throw new DemoError(400, 'woocommerce_rest_invalid_order_refund', sentence)
  }
  const left = parseMoney(order.total) - refunded(order)
  if (amount > left) {
    throw new DemoError(500, 'woocommerce_rest_cannot_create_order_refund', 'Invalid refund amount.')
  }
  const type = amount === left ? 'full' : 'partial'
  const refund = refundBody(call, orderId, drafts, { ...input, amount: fixed(amount), type })
  keep(shop.refunds, refund, orderId)
  const taxSum = sum(drafts.flatMap((draft) => [...draft.taxes.values()]))
  const summary = {
    id: refund.id,
    reason: refund.reason,
    total: negative(amount),
    total_tax: taxSum === 0n ? '0.00' : negative(taxSum),
  }
  const after: Raw = { ...order, refunds: [summary, ...(order.refunds as Raw[])] }
  const restocked = input.api_restock === false ? after : restock(call, after, drafts)
  const status = type === 'full' ? 'refunded' : restocked.status
  const done = moved(call, { ...restocked, status }, String(order.status), false)
  call.changed('order.updated', orderId)
  keep(shop.orders, touched(call, done))
  return refund
}

/** For good. The order's list loses it; no date moves, nothing is sent, no stock comes or goes (rows 4, 9, 24b). */
export function deleteRefund(call: Call, orderId: number, refundId: number): Raw {
  const { shop } = call
  const missing = () => new DemoError(404, 'woocommerce_rest_shop_order_refund_invalid_id', 'Invalid ID.')
  const { row, body } = existing(shop.refunds, refundId, missing)
  if (row.parent !== orderId) throw missing()
  shop.refunds.remove(refundId)
  const order = shop.orders.get(orderId)
  if (order) {
    const held = shop.orders.body(order)
    keep(shop.orders, { ...held, refunds: (held.refunds as Raw[]).filter((each) => each.id !== refundId) })
  }
  return body
}

interface RefundDraft {
  field: 'line_items' | 'shipping_lines' | 'fee_lines'
  line: Raw
  quantity: number
  /** Positive amounts; the refund shows them negative. */
  total: Micro
  taxes: Taxes
}

function draftLine(order: Raw, posted: Raw): RefundDraft[] {
  for (const field of ['line_items', 'shipping_lines', 'fee_lines'] as const) {
    const line = (order[field] as Raw[]).find((each) => each.id === posted.id)
    if (!line) continue
    const taxes: Taxes = new Map()
    for (const tax of (Array.isArray(posted.refund_tax) ? posted.refund_tax : []) as Raw[]) {
      taxes.set(tax.id as number, parseMoney(tax.refund_total))
    }
    const quantity = Number(posted.quantity ?? 0)
    return [{ field, line, quantity, total: parseMoney(posted.refund_total), taxes }]
  }
  throw new DemoError(400, 'woocommerce_rest_invalid_line_item', 'Refund line item not found in order.')
}

function refunded(order: Raw): Micro {
  return -sum((order.refunds as Raw[]).map((refund) => parseMoney(refund.total)))
}

function refundBody(call: Call, orderId: number, drafts: readonly RefundDraft[], input: Raw): Raw {
  const { shop } = call
  const lines = (field: RefundDraft['field']) =>
    drafts.filter((draft) => draft.field === field).map((draft) => refundLine(call, draft))
  const cart = taxSums(drafts.filter((draft) => draft.field !== 'shipping_lines'))
  const shipped = taxSums(drafts.filter((draft) => draft.field === 'shipping_lines'))
  return {
    id: shop.nextId(),
    parent_id: orderId,
    ...dates(call, 'date_created', call.second),
    amount: input.amount,
    reason: input.reason ?? '',
    refunded_by: 1,
    refunded_payment: input.api_refund === true,
    meta_data: mergeMeta(
      shop,
      [{ id: shop.nextRowId('meta'), key: '_refund_type', value: input.type }],
      input.meta_data,
    ),
    line_items: lines('line_items'),
    shipping_lines: lines('shipping_lines'),
    tax_lines: taxLines(call, cart, shipped, taxation(shop, {}, {}), []),
    fee_lines: lines('fee_lines'),
  }
}

function refundLine(call: Call, draft: RefundDraft): Raw {
  const { line, quantity, total } = draft
  const taxes: Taxes = new Map([...draft.taxes].map(([id, tax]) => [id, -tax]))
  const common = {
    id: call.shop.nextRowId('line'),
    total: negative(total),
    total_tax: negative(sum(draft.taxes.values())),
    meta_data: mergeLineMeta(call.shop, [], [{ key: '_refunded_item_id', value: line.id }]),
  }
  if (draft.field !== 'line_items') return { ...line, ...common, taxes: shown(taxes, null) }
  return {
    ...line,
    ...common,
    quantity: quantity === 0 ? 0 : -quantity,
    subtotal: common.total,
    subtotal_tax: common.total_tax,
    taxes: shown(taxes, taxes),
    price: quantity === 0 ? 0 : toNumber(total) / quantity,
  }
}

function taxSums(drafts: readonly RefundDraft[]): Taxes {
  const sums: Taxes = new Map()
  for (const draft of drafts) {
    for (const [id, tax] of draft.taxes) sums.set(id, (sums.get(id) ?? 0n) - tax)
  }
  return sums
}

function negative(amount: Micro): string {
  return fixed(-amount)
}

/** Gives back the stock of refunded pieces whose stock was taken, and notes it on the line. */
function restock(call: Call, order: Raw, drafts: readonly RefundDraft[]): Raw {
  const line_items = (order.line_items as Raw[]).map((line) => {
    const quantity = drafts.find((draft) => draft.line.id === line.id)?.quantity ?? 0
    const taken = Number(lineMeta(line, '_reduced_stock'))
    const item = taken && quantity ? itemOfLine(call.shop, line) : null
    const now = item && changeStock(call, item, quantity)
    if (now === null) return line
    const id = (line.variation_id as number) || line.product_id
    note(call, order.id as number, `Item #${id} stock increased from ${now - quantity} to ${now}.`)
    const back = Number(lineMeta(line, '_restock_refunded_items')) + quantity
    const counted = setLineMetaKey(call.shop, line, '_reduced_stock', String(taken - quantity))
    return setLineMetaKey(call.shop, counted, '_restock_refunded_items', String(back))
  })
  return { ...order, line_items }
}
