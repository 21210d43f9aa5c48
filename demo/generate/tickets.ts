/** The people behind event tickets, in the two places where shops with FooEvents keep them (row 45). */
import type { Raw } from '../table.ts'
import type { Cart } from './cart.ts'
import { personOf } from './people.ts'
import { between, int, type Random, token } from './random.ts'
import { slugOf } from './terms.ts'

export interface Tickets {
  /** The order meta: lines and tickets by number, counted from one. */
  byLine: Record<string, Record<string, Raw>>
  /** By the place of the line in the order. */
  attendees: Map<number, Attendee[]>
}

interface Attendee {
  name: string
  email: string
  ticket_code: string
  checked_in: boolean
}

/** null when the order has no ticket. */
export function orderTickets(random: Random, orderId: number, cart: Cart): Tickets | null {
  if (cart.lines.every((line) => !line.item.product.event)) return null
  const tickets: Tickets = { byLine: {}, attendees: new Map() }
  cart.lines.forEach((line, at) => {
    const { product, variation } = line.item
    if (!product.event || !variation) return
    const people = Array.from({ length: line.quantity }, () => personOf(orderId, int(random, 5000)))
    const kind = slugOf(variation.attributes[0]?.value ?? '')
    const buyer = cart.buyer.person
    tickets.byLine[Object.keys(tickets.byLine).length + 1] = Object.fromEntries(
      people.map((person, number) => [
        number + 1,
        {
          WooCommerceEventsProductID: product.id,
          WooCommerceEventsOrderID: orderId,
          WooCommerceEventsTicketType: kind,
          WooCommerceEventsStatus: 'Unpaid',
          WooCommerceEventsCustomerID: cart.buyer.customerId,
          WooCommerceEventsAttendeeName: person.first,
          WooCommerceEventsAttendeeLastName: person.last,
          WooCommerceEventsAttendeeEmail: person.email,
          WooCommerceEventsAttendeeTelephone: `+40 700${between(random, 100_000, 999_999)}`,
          WooCommerceEventsAttendeeCompany: '',
          WooCommerceEventsVariations: { 'attribute_pa_tip-bilet': kind },
          WooCommerceEventsVariationID: variation.id,
          WooCommerceEventsPurchaserFirstName: buyer.first,
          WooCommerceEventsPurchaserLastName: buyer.last,
          WooCommerceEventsPurchaserEmail: buyer.email,
        },
      ]),
    )
    tickets.attendees.set(
      at,
      people.map((person) => ({
        name: `${person.first} ${person.last}`,
        email: person.email,
        ticket_code: token(random, 10).toUpperCase(),
        checked_in: false,
      })),
    )
  })
  return tickets
}

/** The line's metas: key, value, shown key, shown value. */
export function attendeeMeta(tickets: Tickets, at: number): [string, unknown, string, unknown][] {
  const people = tickets.attendees.get(at)
  if (!people) return []
  const rows: [string, unknown][] = people.flatMap((each, number): [string, unknown][] => [
    [`attendee_${number + 1}_name`, each.name],
    [`attendee_${number + 1}_email`, each.email],
  ])
  rows.push(['_attendees', people], ['_ticket_codes', people.map((each) => each.ticket_code).join(',')])
  return rows.map(([key, value]) => [key, value, key, value])
}
