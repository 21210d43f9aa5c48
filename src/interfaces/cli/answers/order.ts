/** One order as a page: who, what, how much, what was given back, what was noted. */
import { priceText } from '../price.ts'
import { renderTable } from '../table.ts'
import { cleanLine, cut } from '../terminal.ts'
import { type Look, momentText, NONE, pairs } from '../values.ts'
import type { AnswerTo, Operations } from './answer-to.ts'

export function orderText({ order }: AnswerTo<Operations['orders']['get']>, look: Look): string | null {
  if (order === null) return null
  const { currency } = order
  const money = (value: string | null) => (value === null ? NONE : priceText(value, currency))
  const day = (at: string | null) => (at === null ? null : momentText(at, look.timezone))
  const isNone = (value: string | null) => value === null || Number(value) === 0
  const parts = [
    `Order ${cleanLine(order.number ?? String(order.id))}: ${cleanLine(order.status ?? NONE)}, ${money(order.total)}`,
    pairs(
      known([
        ['created', day(order.created_at)],
        ['paid', day(order.paid_at)],
        ['completed', day(order.completed_at)],
        ['payment', order.payment_method_title],
        ['coupons', order.coupons.join(', ')],
        [
          'customer',
          [order.billing_name, order.billing_email, order.billing_phone].filter(Boolean).join(', '),
        ],
        ['billing', addressText(order.billing)],
        ['delivery', addressText(order.shipping_address)],
        ['wrote', order.customer_note],
      ]),
      look.columns,
    ),
    renderTable(
      [
        { title: 'item' },
        { title: 'sku' },
        { title: 'pieces', align: 'right' },
        { title: 'total', align: 'right' },
      ],
      order.lines.map((line) => [
        cut(cleanLine(line.name ?? NONE), Math.max(20, look.columns - 44)),
        cut(cleanLine(line.sku ?? '') || NONE, 16),
        `${line.quantity}${line.refunded_quantity > 0 ? ` (−${line.refunded_quantity})` : ''}`,
        money(line.total),
      ]),
    ),
    pairs(
      known([
        ['discounts', isNone(order.discount_total) ? null : money(order.discount_total)],
        ['shipping', isNone(order.shipping_total) ? null : money(order.shipping_total)],
        ['tax', money(order.total_tax)],
        ['total', money(order.total)],
        ['refunded', isNone(order.refunded_total) ? null : money(order.refunded_total)],
        ['net', isNone(order.refunded_total) ? null : money(order.net)],
      ]),
      look.columns,
    ),
    ...order.refunds.map(
      (refund) =>
        `Refund ${refund.id}, ${day(refund.created_at) ?? NONE}: ${money(refund.amount)}${refund.reason ? `, ${cleanLine(refund.reason)}` : ''}`,
    ),
    ...order.notes.map((note) => {
      const to = note.customer_note ? ', sent to the customer' : ''
      const head = `Note ${day(note.created_at) ?? NONE}${to}`
      return note.note ? `${head}\n${pairs([['', cleanLine(note.note)]], look.columns)}` : head
    }),
  ]
  if (order.sameNumber > 1) parts.push(`${order.sameNumber} orders have this number; this is the newest.`)
  return parts.filter((part) => part !== '').join('\n\n')
}

function known(lines: readonly (readonly [string, string | null | undefined])[]): [string, string][] {
  return lines.flatMap(([label, value]) => (value ? [[label, cleanLine(value)]] : []))
}

type Address = NonNullable<AnswerTo<Operations['orders']['get']>['order']>['billing']

function addressText(address: Address): string {
  if (!address) return ''
  const { first_name, last_name, phone: _phone, ...rest } = address
  const name = [first_name, last_name].filter(Boolean).join(' ')
  return [name, ...Object.values(rest)].filter(Boolean).join(', ')
}
