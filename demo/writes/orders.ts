/** `/orders`: created, changed, trashed, brought back, deleted; lines computed from products, to the cent. */
import { randomBytes } from 'node:crypto'
import { DemoError } from '../errors.ts'
import type { Shop } from '../shop.ts'
import type { Raw } from '../table.ts'
import { type Call, dates, existing, keep, touched } from './call.ts'
import { applyCoupons } from './discounts.ts'
import { changedLine, type Draft, newFee, newLine, newShipping, reopened } from './lines.ts'
import { mergeLineMeta, mergeMeta } from './meta.ts'
import { note } from './notes.ts'
import { currencySymbol, pricesIncludeTax } from './options.ts'
import { alreadyTrashed, notFound, notThere } from './refusals.ts'
import { flags, moved, refuseBadStatus, unbooked } from './statuses.ts'
import { adjustStock } from './stock.ts'
import { type Taxation, taxation } from './taxes.ts'
import { type Basket, totalled } from './totals.ts'

/**
 * A new order as `POST /orders` makes it. `set_paid: true` pays it (pending becomes processing). Refuses an
 * unknown status, customer, coupon and a line that names no product.
 */
export function createOrder(call: Call, input: Raw): Raw {
  const { shop } = call
  refuseBadStatus(shop, input.status)
  refuseUnknownCustomer(shop, input.customer_id)
  const id = shop.nextId()
  const billing = address(BILLING, input.billing)
  const shipping = address(SHIPPING, input.shipping)
  const taxes = taxation(shop, billing, shipping)
  const basket = changedBasket(call, { items: [], shipping: [], fees: [] }, input, taxes)
  const coupons = applyCoupons(call, list(input.coupon_lines), basket, taxes)
  const status = input.set_paid === true ? (input.status ?? 'processing') : (input.status ?? 'pending')
  const key = `wc_order_${randomKey()}`
  const currency = String(input.currency ?? shop.info.currency)
  const blank = blankOrder(call, id, key)
  const paid = input.set_paid === true ? dates(call, 'date_paid', call.second) : {}
  const body: Raw = {
    ...blank,
    ...plainFields(blank, input),
    ...paid,
    status,
    currency,
    currency_symbol: currencySymbol(shop, currency),
    billing,
    shipping,
    ...totalled(call, basket, taxes, []),
    coupon_lines: coupons,
    meta_data: mergeMeta(shop, [], input.meta_data),
  }
  call.changed('order.created', id)
  call.changed('order.updated', id)
  return keep(shop.orders, moved(call, body, 'pending', true))
}

/**
 * `PUT /orders/{id}`: the date moves, with a change or without (row 4). Money is reckoned again only when
 * addresses or lines are given. Out of the trash by a status: the date moves, nothing is sent (row 24b).
 */
export function updateOrder(call: Call, id: number, input: Raw): Raw {
  const { shop } = call
  const { body: before } = existing(shop.orders, id, () => notThere('shop_order'))
  refuseBadStatus(shop, input.status)
  refuseUnknownCustomer(shop, input.customer_id)
  let body: Raw = { ...before, ...plainFields(before, input) }
  body.billing = { ...(before.billing as Raw), ...(input.billing as Raw | undefined) }
  body.shipping = { ...(before.shipping as Raw), ...(input.shipping as Raw | undefined) }
  body.meta_data = mergeMeta(shop, before.meta_data as Raw[], input.meta_data)
  if (input.currency) body.currency_symbol = currencySymbol(shop, String(input.currency))
  if (REPRICING.some((key) => input[key] !== undefined)) body = { ...body, ...repriced(call, body, input) }
  if (input.set_paid === true && before.date_paid === null) {
    body = { ...body, ...dates(call, 'date_paid', call.second), status: input.status ?? 'processing' }
  } else if (input.status !== undefined) body.status = input.status
  body = moved(call, body, String(before.status), false)
  if (before.status !== 'trash') call.changed('order.updated', id)
  return keep(shop.orders, touched(call, { ...body, ...flags(shop, body) }))
}

/** To the trash: the order stays, with status `trash`; a second time is 410. */
export function trashOrder(call: Call, id: number): Raw {
  const { row, body } = existing(call.shop.orders, id, () => notFound('shop_order'))
  if (row.status === 'trash') throw alreadyTrashed('shop_order')
  const marks = [
    { key: '_wp_trash_meta_status', value: `wc-${body.status}` },
    { key: '_wp_trash_meta_time', value: call.second },
  ]
  const meta_data = mergeMeta(call.shop, body.meta_data as Raw[], marks)
  const gone = moved(call, { ...body, status: 'trash', meta_data }, row.status, false)
  call.changed('order.deleted', id)
  return keep(call.shop.orders, touched(call, gone))
}

/** Brought back as wp-admin does it, with the status it had: order.restored. */
export function untrashOrder(call: Call, id: number): Raw {
  const { row, body } = existing(call.shop.orders, id, () => notFound('shop_order'))
  const meta = body.meta_data as Raw[]
  const was = meta.find((each) => each.key === '_wp_trash_meta_status')?.value ?? 'wc-pending'
  const meta_data = meta.filter((each) => !String(each.key).startsWith('_wp_trash_meta_'))
  const back = moved(call, { ...body, status: String(was).replace(/^wc-/, ''), meta_data }, row.status, false)
  call.changed('order.restored', id)
  return keep(call.shop.orders, touched(call, back))
}

/** For good, with its refunds and notes; nobody is told (rows 7 and 24b). */
export function deleteOrder(call: Call, id: number): Raw {
  const { shop } = call
  const { body } = existing(shop.orders, id, () => notFound('shop_order'))
  unbooked(call, body)
  for (const refund of body.refunds as Raw[]) shop.refunds.remove(refund.id as number)
  shop.orders.remove(id)
  shop.small.notes.delete(id)
  return body
}

/** `POST /orders/{id}/notes`: `{note, customer_note}`. */
export function addNote(call: Call, orderId: number, input: Raw): Raw {
  existing(
    call.shop.orders,
    orderId,
    () => new DemoError(404, 'woocommerce_rest_order_invalid_id', 'Invalid order ID.'),
  )
  return note(call, orderId, String(input.note ?? ''), input)
}

/** A ticket's check-in and the like: meta written to a line past the order. No date moves, nothing is sent (row 4). */
export function setLineMeta(call: Call, orderId: number, lineId: number, meta: readonly Raw[]): Raw {
  const { body } = existing(call.shop.orders, orderId, () => notFound('shop_order'))
  const lines = body.line_items as Raw[]
  if (!lines.some((line) => line.id === lineId)) throw badItem()
  const line_items = lines.map((line) =>
    line.id === lineId
      ? { ...line, meta_data: mergeLineMeta(call.shop, line.meta_data as Raw[], meta) }
      : line,
  )
  return keep(call.shop.orders, { ...body, line_items })
}

function repriced(call: Call, body: Raw, input: Raw): Raw {
  const taxes = taxation(call.shop, body.billing as Raw, body.shipping as Raw)
  const reopen = (line: Raw) => reopened(line, taxes)
  const held: Basket = {
    items: list(body.line_items).map(reopen),
    shipping: list(body.shipping_lines).map(reopen),
    fees: list(body.fee_lines).map(reopen),
  }
  const basket = changedBasket(call, held, input, taxes)
  if (input.coupon_lines === undefined) return totalled(call, basket, taxes, list(body.tax_lines))
  for (const draft of basket.items) draft.total = draft.subtotal
  const coupon_lines = applyCoupons(call, list(input.coupon_lines), basket, taxes)
  return { ...totalled(call, basket, taxes, list(body.tax_lines)), coupon_lines }
}

function changedBasket(call: Call, held: Basket, input: Raw, taxes: Taxation): Basket {
  const change = (drafts: Draft[], posted: unknown, make: (each: Raw) => Draft) => {
    const after = [...drafts]
    for (const each of list(posted)) {
      if (!each.id) {
        after.push(make(each))
        continue
      }
      const at = after.findIndex((draft) => draft.raw.id === each.id)
      const draft = after[at]
      if (!draft) throw badItem()
      if (isRemoval(each)) after.splice(at, 1)
      else after[at] = changedLine(call, draft, each)
    }
    return after
  }
  const items = change(held.items, input.line_items, (each) => newLine(call, each, taxes))
  return {
    items: items.map((draft) => ({ ...draft, raw: adjustStock(call, draft.raw) })),
    shipping: change(held.shipping, input.shipping_lines, (each) => newShipping(call, each)),
    fees: change(held.fees, input.fee_lines, (each) => newFee(call, each)),
  }
}

/** A line is removed by a null where it names what it is, or by quantity 0. */
function isRemoval(posted: Raw): boolean {
  return (
    posted.quantity === 0 ||
    ['product_id', 'method_id', 'method_title', 'name'].some((key) => posted[key] === null)
  )
}

function badItem(): DemoError {
  const sentence = 'Order item ID provided is not associated with order.'
  return new DemoError(400, 'woocommerce_rest_invalid_item_id', sentence)
}

function refuseUnknownCustomer(shop: Shop, id: unknown): void {
  if (!id || shop.small.customers.some((customer) => customer.id === id)) return
  throw new DemoError(400, 'woocommerce_rest_invalid_customer_id', 'Customer ID is invalid.')
}

function list(value: unknown): Raw[] {
  return Array.isArray(value) ? (value as Raw[]) : []
}

function address(keys: readonly string[], given: unknown): Raw {
  const from = (given ?? {}) as Raw
  return Object.fromEntries(keys.map((key) => [key, String(from[key] ?? '')]))
}

function plainFields(body: Raw, input: Raw): Raw {
  return Object.fromEntries(
    PLAIN.filter((key) => key in input && key in body).map((key) => [key, input[key]]),
  )
}

function randomKey(): string {
  return randomBytes(24)
    .toString('base64')
    .replace(/[^A-Za-z0-9]/g, '')
    .padEnd(13, '0')
    .slice(0, 13)
}

const SHIPPING = [
  'first_name',
  'last_name',
  'company',
  'address_1',
  'address_2',
  'city',
  'state',
  'postcode',
  'country',
  'phone',
]
const BILLING = [...SHIPPING.slice(0, -1), 'email', 'phone']
const PLAIN = [
  'parent_id',
  'currency',
  'customer_id',
  'customer_note',
  'payment_method',
  'payment_method_title',
  'transaction_id',
  'created_via',
]
const REPRICING = ['billing', 'shipping', 'line_items', 'shipping_lines', 'fee_lines', 'coupon_lines']

/** The order of the keys is the recorded one. */
function blankOrder(call: Call, id: number, key: string): Raw {
  const { info } = call.shop
  const created = dates(call, 'date_created', call.second)
  const modified = dates(call, 'date_modified', call.second)
  const money = [
    'discount_total',
    'discount_tax',
    'shipping_total',
    'shipping_tax',
    'cart_tax',
    'total',
    'total_tax',
  ]
  return {
    id,
    parent_id: 0,
    status: '',
    currency: '',
    version: info.version,
    prices_include_tax: pricesIncludeTax(call.shop),
    date_created: created.date_created,
    date_modified: modified.date_modified,
    ...Object.fromEntries(money.map((field) => [field, '0.00'])),
    customer_id: 0,
    order_key: key,
    billing: {},
    shipping: {},
    payment_method: '',
    payment_method_title: '',
    transaction_id: '',
    customer_ip_address: '',
    customer_user_agent: '',
    created_via: 'rest-api',
    customer_note: '',
    date_completed: null,
    date_paid: null,
    cart_hash: '',
    number: String(id),
    meta_data: [],
    line_items: [],
    tax_lines: [],
    shipping_lines: [],
    fee_lines: [],
    coupon_lines: [],
    refunds: [],
    payment_url: `${info.url}/checkout/order-pay/${id}/?pay_for_order=true&key=${key}`,
    is_editable: false,
    needs_payment: false,
    needs_processing: false,
    date_created_gmt: created.date_created_gmt,
    date_modified_gmt: modified.date_modified_gmt,
    date_completed_gmt: null,
    date_paid_gmt: null,
    currency_symbol: '',
  }
}
