/** Coupons on an order: what each takes off each line, in cents of the price the customer sees. */
import { DemoError } from '../errors.ts'
import type { Raw } from '../table.ts'
import type { Call } from './call.ts'
import type { Draft } from './lines.ts'
import { mergeLineMeta } from './meta.ts'
import { fixed, type Micro, parseMoney, sum, toNumber } from './money.ts'
import { inside, on, type Taxation } from './taxes.ts'
import type { Basket } from './totals.ts'

/** One line as a coupon sees it; cents, with tax where prices include it. */
interface Candidate {
  draft: Draft
  full: bigint
  left: bigint
  quantity: bigint
}

const CENT = 10_000n
const MICRO = 1_000_000n

/**
 * Applies the coupons in `coupon_lines` of a request to the basket, which it changes, and gives the order's
 * `coupon_lines`. Unknown, expired and used-up coupons are refused with 400.
 */
export function applyCoupons(call: Call, posted: readonly Raw[], basket: Basket, taxes: Taxation): Raw[] {
  const candidates = basket.items.map((draft) => candidate(draft, taxes))
  return posted.map((each) => {
    const coupon = findCoupon(call, each.code)
    const apply = candidates.filter((one) => eligible(coupon, one.draft.raw) && one.left > 0n)
    const off = takeOff(coupon, apply)
    let net = 0n
    let tax = 0n
    for (const [one, amount] of off) {
      const rates = taxes.rates(String(one.draft.raw.tax_class))
      const within = taxes.inclusive ? sum(inside(amount * CENT, rates).values()) : 0n
      const part = amount * CENT - within
      one.left -= amount
      one.draft.total = one.draft.total > part ? one.draft.total - part : 0n
      net += part
      tax += taxes.inclusive ? within : sum(on(part, rates).values())
    }
    return couponLine(call, coupon, net, tax)
  })
}

function candidate(draft: Draft, taxes: Taxation): Candidate {
  const rates = draft.taxable ? taxes.rates(String(draft.raw.tax_class)) : []
  const tax = taxes.inclusive ? sum(on(draft.subtotal, rates).values()) : 0n
  const full = (draft.subtotal + tax + CENT / 2n) / CENT
  return { draft, full, left: full, quantity: BigInt(Math.max(1, Number(draft.raw.quantity))) }
}

function findCoupon(call: Call, code: unknown): Raw {
  if (!code) throw refused('invalid_coupon', 'Coupon code is required.')
  const wanted = String(code).toLowerCase()
  const { coupons } = call.shop
  const row = coupons.sorted('id').find((each) => coupons.body(each).code === wanted)
  if (row?.status !== 'publish') {
    throw refused('invalid_coupon', `Coupon "${wanted}" cannot be applied because it does not exist.`)
  }
  const coupon = coupons.body(row)
  const expires = coupon.date_expires_gmt
  if (typeof expires === 'string' && Date.parse(`${expires}Z`) / 1000 < call.second) {
    throw refused('invalid_coupon', `Coupon "${wanted}" has expired.`)
  }
  const limit = coupon.usage_limit as number | null
  if (limit && (coupon.usage_count as number) >= limit) {
    throw refused('invalid_coupon', `Usage limit for coupon "${wanted}" has been reached.`)
  }
  return coupon
}

function refused(code: string, message: string): DemoError {
  return new DemoError(400, `woocommerce_rest_${code}`, message)
}

function eligible(coupon: Raw, line: Raw): boolean {
  const ids = [line.product_id, line.variation_id]
  const only = (coupon.product_ids as number[] | undefined) ?? []
  const never = (coupon.excluded_product_ids as number[] | undefined) ?? []
  return (only.length === 0 || only.some((id) => ids.includes(id))) && !never.some((id) => ids.includes(id))
}

function takeOff(coupon: Raw, lines: readonly Candidate[]): Map<Candidate, bigint> {
  const amount = parseMoney(coupon.amount)
  if (coupon.discount_type === 'percent') {
    return capped(lines, (line) => (line.full * amount) / (100n * MICRO))
  }
  if (coupon.discount_type === 'fixed_product')
    return capped(lines, (line) => (amount / CENT) * line.quantity)
  return spread(lines, amount / CENT)
}

function capped(lines: readonly Candidate[], wanted: (line: Candidate) => bigint): Map<Candidate, bigint> {
  return new Map(lines.map((line) => [line, least(wanted(line), line.left)]))
}

/** A fixed cart discount: the same for each piece, the rest cent by cent. */
function spread(lines: readonly Candidate[], amount: bigint): Map<Candidate, bigint> {
  const off = new Map(lines.map((line) => [line, 0n]))
  let rest = least(amount, sum(lines.map((line) => line.left)))
  while (rest > 0n) {
    const open = lines.filter((line) => line.left > (off.get(line) ?? 0n))
    const pieces = sum(open.map((line) => line.quantity))
    const each = rest / pieces || 1n
    for (const line of open) {
      const room = line.left - (off.get(line) ?? 0n)
      const part = least(least(each === 1n ? line.quantity : each * line.quantity, room), rest)
      off.set(line, (off.get(line) ?? 0n) + part)
      rest -= part
    }
  }
  return off
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function couponLine(call: Call, coupon: Raw, net: Micro, tax: Micro): Raw {
  const nominal = toNumber(parseMoney(coupon.amount))
  const kind = coupon.discount_type === 'fixed_cart' ? null : coupon.discount_type
  const info = [coupon.id, coupon.code, kind, nominal, ...(coupon.free_shipping ? [true] : [])]
  return {
    id: call.shop.nextRowId('line'),
    code: coupon.code,
    discount: net === 0n ? '0' : fixed(net),
    discount_tax: tax === 0n ? '0' : fixed(tax),
    meta_data: mergeLineMeta(call.shop, [], [{ key: 'coupon_info', value: JSON.stringify(info) }]),
    discount_type: coupon.discount_type,
    nominal_amount: nominal,
    free_shipping: coupon.free_shipping === true,
  }
}
