/** An order of the demo shop as WooCommerce's REST record, put together from its life and its cart. */
import type { ShopInfo } from '../shop.ts'
import type { Raw } from '../table.ts'
import type { Cart, Line } from './cart.ts'
import type { Clock } from './clock.ts'
import { couponInfo } from './coupons.ts'
import type { Life, Method } from './life.ts'
import { itemRecord, LINE_IDS, META_IDS, taxLineRecords, totalsOf } from './line-records.ts'
import { amount } from './money.ts'
import { noShipping, billing as toBilling, shipping as toShipping } from './people.ts'
import { between, chance, pick, type Random, token } from './random.ts'
import type { RefundFacts } from './refunds.ts'
import { slugOf } from './terms.ts'
import { attendeeMeta, orderTickets } from './tickets.ts'

const TITLES: Record<Method, string> = {
  '': '',
  bacs: 'Transfer bancar',
  cod: 'Ramburs',
  stripe: 'Card (Stripe)',
  netopia: 'Card online (Netopia)',
}
const NOTES = [
  'Sunați înainte de livrare, vă rog!',
  'Lăsați la vecini.\nEtaj 3, interfon 12',
  'Factură pe firmă – „urgent”',
  'Mulțumesc ☺',
]

export interface OrderFacts {
  /** The order's place in the shop's history, which its line and meta ids come from. */
  index: number
  id: number
  life: Life
  cart: Cart
  refunds: readonly RefundFacts[]
}

export function orderRecord(info: ShopInfo, clock: Clock, order: OrderFacts): Raw {
  const { id, life, cart } = order
  const { random } = cart
  const totals = totalsOf(cart)
  const status = life.before === '' ? life.status : life.before
  const draft = status === 'checkout-draft'
  const key = `wc_order_${token(random, 13)}`
  const atHome =
    draft || chance(random, 0.9)
      ? cart.buyer.person
      : { ...cart.buyer.person, street: 'Parcul Industrial, Hala 3' }
  let line = order.index * LINE_IDS
  let metaRow = order.index * META_IDS
  const lineId = () => ++line
  const meta = (key: string, value: unknown) => ({ id: ++metaRow, key, value })
  const tickets = draft ? null : orderTickets(random, id, cart)
  const orderMeta = draft ? [] : orderMetaOf(random, cart, life, meta)
  if (tickets) orderMeta.push(meta('WooCommerceEventsOrderTickets', tickets.byLine))
  const items = cart.lines.map((each, at) => itemRecord(each, lineId(), metaLines(each, at)))

  function metaLines(each: Line, at: number): Raw[] {
    const list: [string, unknown, string, unknown][] = []
    for (const value of each.item.variation?.attributes ?? []) {
      const stored = value.id === 0 ? value.value : slugOf(value.value)
      list.push([value.slug, stored, value.name, value.value])
    }
    if (tickets) list.push(...attendeeMeta(tickets, at))
    else if (chance(random, 0.06)) {
      const text = `La mulți ani, ${cart.buyer.person.first}!`
      list.push(['Gravură', text, 'Gravură', text])
    }
    if (['processing', 'completed', 'on-hold'].includes(status) && each.item.product.stock.managed) {
      list.push(['_reduced_stock', String(each.quantity), '_reduced_stock', String(each.quantity)])
    }
    return list.map(([key, value, shownKey, shown]) => ({
      ...meta(key, value),
      display_key: shownKey,
      display_value: shown,
    }))
  }

  const freight = cart.shipping
  const shippingLines = freight
    ? [
        {
          id: lineId(),
          method_title: freight.title,
          method_id: freight.method,
          instance_id: freight.instance,
          total: amount(freight.net),
          total_tax: amount(freight.tax),
          taxes:
            freight.method === 'local_pickup' ? [] : [{ id: 1, total: amount(freight.tax), subtotal: '' }],
          tax_status: 'taxable',
          meta_data:
            status === 'completed'
              ? [shown(meta('AWB', `AWB${between(random, 10_000_000, 99_999_999)}`))]
              : [],
        },
      ]
    : []
  const feeLines = cart.fees.map((fee) => ({
    id: lineId(),
    name: fee.title,
    tax_class: '',
    tax_status: 'taxable',
    amount: '',
    total: amount(fee.net),
    total_tax: amount(fee.tax),
    taxes: [{ id: 1, total: amount(fee.tax), subtotal: '' }],
    meta_data: [],
  }))
  const { coupon } = cart
  const couponLines = coupon
    ? [
        {
          id: lineId(),
          code: coupon.code,
          discount: amount(totals.discount),
          discount_tax: amount(totals.discountTax),
          meta_data: [shown(meta('coupon_info', couponInfo(coupon)))],
          discount_type: coupon.type,
          nominal_amount: coupon.amount / 100,
          free_shipping: coupon.freeShipping,
        },
      ]
    : []
  const taxLines = taxLineRecords(totals.taxByRate, totals.shippingTax, lineId)
  const local = (moment: number | null) => (moment === null ? null : clock.local(moment))
  const gmt = (moment: number | null) => (moment === null ? null : clock.gmt(moment))

  return {
    id,
    parent_id: 0,
    status: life.status,
    currency: cart.currency,
    version: info.version,
    prices_include_tax: true,
    date_created: clock.local(life.created),
    date_modified: clock.local(life.modified),
    discount_total: amount(totals.discount),
    discount_tax: amount(totals.discountTax),
    shipping_total: amount(totals.shipping),
    shipping_tax: amount(totals.shippingTax),
    cart_tax: amount(totals.cartTax),
    total: amount(totals.total),
    total_tax: amount(totals.cartTax + totals.shippingTax),
    customer_id: draft ? 0 : cart.buyer.customerId,
    order_key: key,
    billing: draft ? { ...noShipping(), email: '' } : toBilling(cart.buyer.person),
    shipping: draft || !freight ? noShipping() : toShipping(atHome),
    payment_method: life.method,
    payment_method_title: TITLES[life.method],
    transaction_id: transaction(random, life),
    customer_ip_address: draft ? '' : `10.0.0.${between(random, 1, 254)}`,
    customer_user_agent: draft ? '' : 'Mozilla/5.0 (X11; Linux x86_64)',
    created_via: draft
      ? 'store-api'
      : pick(random, ['checkout', 'checkout', 'checkout', 'store-api', 'admin', 'rest-api']),
    customer_note: !draft && chance(random, 0.08) ? pick(random, NOTES) : '',
    date_completed: local(life.completed),
    date_paid: local(life.paid),
    cart_hash: '',
    number: String(id),
    meta_data: orderMeta,
    line_items: items,
    tax_lines: taxLines,
    shipping_lines: shippingLines,
    fee_lines: feeLines,
    coupon_lines: couponLines,
    // The newest first, as WooCommerce embeds them.
    refunds: order.refunds
      .map((each) => ({
        id: each.id,
        reason: each.reason,
        total: amount(-each.amount),
        total_tax: amount(-each.tax),
      }))
      .reverse(),
    payment_url: `${info.url}/checkout/order-pay/${id}/?pay_for_order=true&key=${key}`,
    is_editable: life.status === 'pending' || life.status === 'on-hold',
    needs_payment: ['pending', 'failed', 'checkout-draft'].includes(life.status) && totals.total > 0,
    needs_processing: true,
    date_created_gmt: clock.gmt(life.created),
    date_modified_gmt: clock.gmt(life.modified),
    date_completed_gmt: gmt(life.completed),
    date_paid_gmt: gmt(life.paid),
    currency_symbol: cart.currency === 'EUR' ? '€' : info.currencySymbol,
  }
}

type Meta = { id: number; key: string; value: unknown }

function shown(meta: Meta): Raw {
  return { ...meta, display_key: meta.key, display_value: meta.value }
}

function orderMetaOf(
  random: Random,
  cart: Cart,
  life: Life,
  meta: (key: string, value: unknown) => Meta,
): Raw[] {
  const [type, source] = pick(random, SOURCES)
  const list = [
    meta('_wc_order_attribution_source_type', type),
    meta('_wc_order_attribution_utm_source', source),
  ]
  const { person } = cart.buyer
  if (person.company !== '') {
    list.push(meta('_billing_cui', person.taxId), meta('_billing_nr_reg_com', person.register))
  }
  if (life.status === 'trash') {
    list.push(
      meta('_wp_trash_meta_status', `wc-${life.before}`),
      meta('_wp_trash_meta_time', String(life.modified)),
    )
  }
  if (life.completed !== null && chance(random, 0.35)) {
    const invoice = {
      serie: 'DEM',
      numar: between(random, 1000, 9999),
      linii: { țară: 'RO', ok: true, rest: null },
    }
    list.push(meta('factura', invoice))
  }
  return list
}

const SOURCES = [
  ['typein', '(direct)'],
  ['organic', 'google'],
  ['organic', 'google'],
  ['utm', 'facebook'],
  ['utm', 'newsletter'],
  ['referral', 'facebook'],
] as const

function transaction(random: Random, life: Life): string {
  if (life.paid === null) return ''
  if (life.method === 'stripe') return `pi_${token(random, 10)}`
  return life.method === 'netopia' ? `NTP${between(random, 10_000_000, 99_999_999)}` : ''
}
