/** Who buys: a tenth of them have an account, the rest are guests, and some of both come back. */
import { createHash } from 'node:crypto'
import type { Raw } from '../table.ts'
import { type Clock, DAY } from './clock.ts'
import { billing, noShipping, type Person, personOf, plain, shipping } from './people.ts'
import { chance, createRandom, int, mix, type Random } from './random.ts'

export interface Buyer {
  person: Person
  /** 0 for a guest. */
  customerId: number
}

export interface Buyers {
  pick(random: Random, moment: number): Buyer
  /** The REST list of customers, the administrator first. */
  customers: Raw[]
}

/** The administrator is 1, so customers begin with 2. */
const FIRST_CUSTOMER = 2
const MOST_CUSTOMERS = 2000

/** `from` and `to`: the time the orders are spread over (Unix seconds). */
export function createBuyers(options: {
  seed: number
  clock: Clock
  orders: number
  from: number
  to: number
}): Buyers {
  const { seed, clock, from, to } = options
  const everyone = Math.max(10, Math.round(options.orders * 0.55))
  const registered = Math.max(3, Math.min(MOST_CUSTOMERS, Math.round(everyone / 10)))
  const guests = everyone - registered + MOST_CUSTOMERS

  /** More than half of the accounts are older than the oldest order, the others came along the way. */
  function joined(index: number): number {
    const place = index / registered
    if (place < 0.6) return Math.floor(from - (0.6 - place) * 1200 * DAY) - 60
    return Math.floor(from + ((place - 0.6) / 0.4) * (to - from))
  }

  function customer(index: number): Raw {
    const person = personOf(seed, index)
    const random = createRandom(mix(seed, index, 61))
    const created = joined(index)
    const modified = chance(random, 0.9) ? Math.min(to, created + int(random, 200 * DAY)) : null
    return {
      id: FIRST_CUSTOMER + index,
      ...dates(clock, created, modified),
      email: person.email,
      first_name: person.first,
      last_name: person.last,
      role: 'customer',
      username: `${plain(person.first)}${index}`,
      billing: billing(person),
      shipping: chance(random, 0.7) ? shipping(person) : noShipping(),
      is_paying_customer: modified !== null,
      avatar_url: avatar(person.email, 96),
      meta_data: [{ id: index + 1, key: 'newsletter', value: chance(random, 0.4) ? 'yes' : 'no' }],
    }
  }

  const opened = from - 900 * DAY
  const admin: Raw = {
    id: 1,
    ...dates(clock, opened, null),
    email: 'admin@example.test',
    first_name: '',
    last_name: '',
    role: 'administrator',
    username: 'admin',
    billing: { ...noShipping(), email: '' },
    shipping: noShipping(),
    is_paying_customer: false,
    avatar_url: avatar('admin@example.test', 96),
    meta_data: [],
  }

  return {
    customers: [admin, ...Array.from({ length: registered }, (_, index) => customer(index))],
    pick(random, moment) {
      if (chance(random, 0.12)) {
        const known = 0.6 + (0.4 * (moment - from)) / Math.max(1, to - from)
        // Squared: the first ones are the regulars.
        const index = Math.floor(random() ** 2 * Math.max(1, registered * Math.min(1, known) - 1))
        return { person: personOf(seed, index), customerId: FIRST_CUSTOMER + index }
      }
      const index = MOST_CUSTOMERS + Math.floor(random() ** 1.5 * (guests - MOST_CUSTOMERS))
      return { person: personOf(seed, index), customerId: 0 }
    },
  }
}

function dates(clock: Clock, created: number, modified: number | null): Raw {
  return {
    date_created: clock.local(created),
    date_created_gmt: clock.gmt(created),
    date_modified: modified === null ? null : clock.local(modified),
    date_modified_gmt: modified === null ? null : clock.gmt(modified),
  }
}

/** The address WooCommerce gives for a picture: a hash of the e-mail, nothing is fetched. */
export function avatar(email: string, size: number): string {
  const hash = createHash('sha256').update(email).digest('hex')
  return `https://secure.gravatar.com/avatar/${hash}?s=${size}&d=mm&r=g`
}
