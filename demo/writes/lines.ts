/** The lines of an order on their way to being saved: what was asked for, in exact money, before taxes. */
import { DemoError } from '../errors.ts'
import type { Raw } from '../table.ts'
import type { Call } from './call.ts'
import { attributeMeta, idBySku, imageOf, itemById, nameOf, sold, taxClassOf } from './catalog.ts'
import { mergeLineMeta } from './meta.ts'
import { fixed, type Micro, parseMoney, toNumber } from './money.ts'
import type { Taxation } from './taxes.ts'

/** A line with its unrounded net amounts; shipping and fees have no subtotal of their own. */
export interface Draft {
  raw: Raw
  total: Micro
  subtotal: Micro
  taxable: boolean
}

/**
 * A saved line taken up again. It shows two decimals of six: the exact net total is the unit price times the
 * quantity, the exact subtotal that of the gross price.
 */
export function reopened(line: Raw, taxes: Taxation): Draft {
  const exact = typeof line.price === 'number' ? parseMoney(line.price * Number(line.quantity)) : null
  const total = agreeing(line.total, exact)
  const gross = parseMoney(line.subtotal) + parseMoney(line.subtotal_tax)
  const before = taxes.inclusive ? taxes.net(gross, String(line.tax_class)) : null
  const subtotal = line.subtotal === line.total ? total : agreeing(line.subtotal, before)
  return { raw: line, total, subtotal, taxable: line.tax_status !== 'none' }
}

/** The exact amount if it shows as the recorded one, else that. */
function agreeing(shown: unknown, exact: Micro | null): Micro {
  return exact !== null && fixed(exact) === shown ? exact : parseMoney(shown)
}

/** A new product line from `{product_id, variation_id | sku, quantity, name, total, subtotal, meta_data}`. */
export function newLine(call: Call, posted: Raw, taxes: Taxation): Draft {
  const { shop } = call
  const id = posted.sku
    ? idBySku(shop, String(posted.sku))
    : (((posted.variation_id as number) || (posted.product_id as number)) ?? 0)
  if (!posted.sku && !id) {
    throw new DemoError(400, 'woocommerce_rest_required_product_reference', 'Product ID or SKU is required.')
  }
  const item = id ? itemById(shop, id) : null
  const quantity = Number(posted.quantity ?? 1)
  const taxClass = String(posted.tax_class ?? (item ? taxClassOf(item) : ''))
  const price = item ? parseMoney(sold(item).price) : 0n
  const net = taxes.net(price * BigInt(quantity), taxClass)
  const total = posted.total === undefined ? net : parseMoney(posted.total)
  const meta = item?.variation ? attributeMeta(shop, item.variation) : []
  const raw: Raw = {
    id: shop.nextRowId('line'),
    name: posted.name ?? (item ? nameOf(item) : ''),
    product_id: item?.product.id ?? 0,
    variation_id: item?.variation?.id ?? 0,
    quantity,
    tax_class: taxClass,
    subtotal: '',
    subtotal_tax: '',
    total: '',
    total_tax: '',
    taxes: [],
    meta_data: mergeLineMeta(shop, meta, posted.meta_data),
    sku: item ? sold(item).sku : null,
    global_unique_id: item ? sold(item).global_unique_id : null,
    price: 0,
    image: item ? imageOf(item) : { id: 0, src: '' },
    parent_name: item?.variation ? item.product.name : null,
  }
  const subtotal = posted.subtotal === undefined ? net : parseMoney(posted.subtotal)
  return { raw, total, subtotal, taxable: item?.product.tax_status !== 'none' }
}

/** A line after `{id, quantity?, total?, subtotal?, name?, meta_data?}`: amounts stay unless they are given. */
export function changedLine(call: Call, draft: Draft, posted: Raw): Draft {
  const meta_data = mergeLineMeta(call.shop, draft.raw.meta_data as Raw[], posted.meta_data)
  const given = ['name', 'quantity', 'tax_class', 'method_id', 'method_title', 'instance_id', 'tax_status']
  const changes = Object.fromEntries(given.filter((key) => key in posted).map((key) => [key, posted[key]]))
  return {
    raw: { ...draft.raw, ...changes, meta_data },
    total: posted.total === undefined ? draft.total : parseMoney(posted.total),
    subtotal: posted.subtotal === undefined ? draft.subtotal : parseMoney(posted.subtotal),
    taxable: draft.taxable,
  }
}

/** A new shipping line; `total` is without tax. */
export function newShipping(call: Call, posted: Raw): Draft {
  if (!posted.method_id) {
    throw new DemoError(400, 'woocommerce_rest_invalid_shipping_item', 'Shipping method ID is required.')
  }
  const raw: Raw = {
    id: call.shop.nextRowId('line'),
    method_title: posted.method_title ?? '',
    method_id: posted.method_id,
    instance_id: String(posted.instance_id ?? ''),
    total: '',
    total_tax: '',
    taxes: [],
    tax_status: 'taxable',
    meta_data: mergeLineMeta(call.shop, [], posted.meta_data),
  }
  const total = parseMoney(posted.total)
  return { raw, total, subtotal: total, taxable: true }
}

/** A new fee; `total` is without tax and may be negative. */
export function newFee(call: Call, posted: Raw): Draft {
  if (!posted.name) throw new DemoError(400, 'woocommerce_rest_invalid_fee_item', 'Fee name is required.')
  const raw: Raw = {
    id: call.shop.nextRowId('line'),
    name: posted.name,
    tax_class: posted.tax_class ?? '',
    tax_status: posted.tax_status ?? 'taxable',
    amount: '',
    total: '',
    total_tax: '',
    taxes: [],
    meta_data: mergeLineMeta(call.shop, [], posted.meta_data),
  }
  const total = parseMoney(posted.total)
  return { raw, total, subtotal: total, taxable: raw.tax_status === 'taxable' }
}

/** `price` of a product line: the exact net total by the quantity, a float (row 12). */
export function unitPrice(total: Micro, quantity: number): number {
  return quantity === 0 ? 0 : toNumber(total) / quantity
}
