/** `/coupons`: created, changed, trashed, deleted; and their counters, which move by themselves (row 4a). */
import { DemoError } from '../errors.ts'
import type { Raw } from '../table.ts'
import { type Call, dates, existing, givenMoment, keep, touched } from './call.ts'
import { mergeMeta } from './meta.ts'
import { fixed, parseMoney } from './money.ts'
import { alreadyTrashed, notFound, notThere } from './refusals.ts'

/** A date of creation in the input is the modification date too (row 4). */
export function createCoupon(call: Call, input: Raw): Raw {
  const code = String(input.code ?? '').toLowerCase()
  if (!code)
    throw new DemoError(400, 'woocommerce_rest_empty_coupon_code', 'The coupon code cannot be empty.')
  const { coupons } = call.shop
  if (coupons.sorted('id').some((row) => row.status !== 'trash' && coupons.body(row).code === code)) {
    throw new DemoError(400, 'woocommerce_rest_coupon_code_already_exists', 'The coupon code already exists')
  }
  const created = givenMoment(call, input, 'date_created') ?? call.second
  const body: Raw = {
    id: call.shop.nextId(),
    code,
    amount: '0.00',
    status: 'publish',
    ...dates(call, 'date_created', created),
    ...dates(call, 'date_modified', created),
    discount_type: 'fixed_cart',
    description: '',
    date_expires: null,
    date_expires_gmt: null,
    usage_count: 0,
    individual_use: false,
    product_ids: [],
    excluded_product_ids: [],
    usage_limit: null,
    usage_limit_per_user: null,
    limit_usage_to_x_items: null,
    free_shipping: false,
    product_categories: [],
    excluded_product_categories: [],
    exclude_sale_items: false,
    minimum_amount: '0.00',
    maximum_amount: '0.00',
    email_restrictions: [],
    used_by: [],
    meta_data: [],
  }
  const saved = keep(coupons, { ...body, ...given(call, body, input) })
  call.changed('coupon.created', saved.id as number)
  return saved
}

export function updateCoupon(call: Call, id: number, input: Raw): Raw {
  const { body } = existing(call.shop.coupons, id, () => notThere('shop_coupon'))
  const saved = keep(call.shop.coupons, touched(call, { ...body, ...given(call, body, input) }))
  call.changed('coupon.updated', id)
  return saved
}

/** To the trash. WooCommerce's fault of row 24b works both ways: a product.deleted goes out as well. */
export function trashCoupon(call: Call, id: number): Raw {
  const { row, body } = existing(call.shop.coupons, id, () => notFound('shop_coupon'))
  if (row.status === 'trash') throw alreadyTrashed('shop_coupon')
  const saved = keep(call.shop.coupons, touched(call, { ...body, status: 'trash' }))
  call.changed('coupon.deleted', id)
  call.changed('product.deleted', id)
  return saved
}

/** For good; nobody is told (row 7). */
export function deleteCoupon(call: Call, id: number): Raw {
  const { body } = existing(call.shop.coupons, id, () => notFound('shop_coupon'))
  call.shop.coupons.remove(id)
  return body
}

function given(call: Call, body: Raw, input: Raw): Raw {
  const own = Object.keys(body).filter((key) => key in input && !DERIVED.has(key))
  const fields = Object.fromEntries(own.map((key) => [key, MONEY.has(key) ? money(input[key]) : input[key]]))
  if ('code' in fields) fields.code = String(fields.code).toLowerCase()
  const expires = givenMoment(call, input, 'date_expires')
  const expiry = expires === null ? {} : dates(call, 'date_expires', expires)
  return { ...fields, ...expiry, meta_data: mergeMeta(call.shop, body.meta_data as Raw[], input.meta_data) }
}

function money(value: unknown): string {
  return fixed(parseMoney(value))
}

const MONEY = new Set(['amount', 'minimum_amount', 'maximum_amount'])
const DERIVED = new Set(['id', 'usage_count', 'used_by', 'meta_data'])

/** The counters after an order began or ceased to count; no date moves, nobody is told. */
export function countCoupons(call: Call, order: Raw, by: 1 | -1): void {
  const who = order.customer_id ? String(order.customer_id) : String((order.billing as Raw).email ?? '')
  for (const line of order.coupon_lines as Raw[]) {
    const { coupons } = call.shop
    const row = coupons.sorted('id').find((each) => coupons.body(each).code === line.code)
    if (!row) continue
    const body = coupons.body(row)
    const used = [...(body.used_by as string[])]
    if (by === 1) used.push(who)
    else if (used.includes(who)) used.splice(used.lastIndexOf(who), 1)
    keep(coupons, { ...body, usage_count: Math.max(0, (body.usage_count as number) + by), used_by: used })
  }
}
