/** The demo shop's coupons. */
import type { Raw } from '../table.ts'
import { type Clock, DAY } from './clock.ts'
import { amount } from './money.ts'

export interface CouponFacts {
  id: number
  code: string
  type: 'percent' | 'fixed_cart' | 'fixed_product'
  /** Bani, or hundredths of a percent. */
  amount: number
  freeShipping: boolean
  /** Given out to everybody, so that orders use it. */
  usual: boolean
  status: 'publish' | 'draft' | 'trash'
  created: number
  expires: number | null
  usageLimit: number | null
  email: string | null
}

/** Ids from `firstId` on; `now` in Unix seconds. */
export function createCoupons(firstId: number, now: number): CouponFacts[] {
  const plain = {
    freeShipping: false,
    usual: false,
    status: 'publish',
    expires: null,
    usageLimit: null,
  } as const
  const all = [
    { ...plain, code: 'bunvenit10', type: 'percent', amount: 1000, usual: true, email: null },
    { ...plain, code: 'minus20', type: 'fixed_cart', amount: 2000, usual: true, email: null },
    { ...plain, code: 'bere-2lei', type: 'fixed_product', amount: 200, usual: true, email: null },
    {
      ...plain,
      code: 'transport0',
      type: 'fixed_cart',
      amount: 0,
      usual: true,
      freeShipping: true,
      email: null,
    },
    { ...plain, code: 'expirat', type: 'percent', amount: 5000, expires: now - 40 * DAY, email: null },
    {
      ...plain,
      code: 'vip-ana',
      type: 'percent',
      amount: 1500,
      usageLimit: 5,
      email: 'ana.popescu@example.test',
    },
    { ...plain, code: 'sarbatori', type: 'percent', amount: 1200, status: 'draft', email: null },
    { ...plain, code: 'greseala', type: 'percent', amount: 9000, status: 'trash', email: null },
  ] as const
  return all.map((each, at) => ({ ...each, id: firstId + at, created: now - (420 - at * 3) * DAY }))
}

/** `orders` gives a plausible `usage_count`; the counter is no sum over the orders (row 4a). */
export function couponRecord(coupon: CouponFacts, clock: Clock, orders: number): Raw {
  const used = coupon.usual ? Math.round(orders * 0.022) : 0
  return {
    id: coupon.id,
    code: coupon.code,
    amount: amount(coupon.amount),
    status: coupon.status,
    date_created: clock.local(coupon.created),
    date_created_gmt: clock.gmt(coupon.created),
    date_modified: clock.local(coupon.created),
    date_modified_gmt: clock.gmt(coupon.created),
    discount_type: coupon.type,
    description: `Cupon ${coupon.code}`,
    date_expires: coupon.expires === null ? null : clock.local(coupon.expires),
    date_expires_gmt: coupon.expires === null ? null : clock.gmt(coupon.expires),
    usage_count: used,
    individual_use: false,
    product_ids: [],
    excluded_product_ids: [],
    usage_limit: coupon.usageLimit,
    usage_limit_per_user: null,
    limit_usage_to_x_items: null,
    free_shipping: coupon.freeShipping,
    product_categories: [],
    excluded_product_categories: [],
    exclude_sale_items: false,
    minimum_amount: '0.00',
    maximum_amount: '0.00',
    email_restrictions: coupon.email === null ? [] : [coupon.email],
    used_by: used === 0 ? [] : ['2', '3'],
    meta_data: [],
  }
}

/** What WooCommerce notes of the coupon in the order: id, code, type (none for a fixed cart), amount, free shipping. */
export function couponInfo(coupon: CouponFacts): string {
  const info: unknown[] = [
    coupon.id,
    coupon.code,
    coupon.type === 'fixed_cart' ? null : coupon.type,
    coupon.amount / 100,
  ]
  if (coupon.freeShipping) info.push(true)
  return JSON.stringify(info)
}
