/** What became of an order up to now: paid, sent, cancelled, given back. All from the seed and the order's index. */
import { DAY, HOUR } from './clock.ts'
import { between, createRandom, mix, type Random } from './random.ts'

export type Method = '' | 'bacs' | 'cod' | 'stripe' | 'netopia'

export interface PlannedRefund {
  /** Unix seconds. */
  at: number
  /** Everything, some of one line, or a sum of money with no line. */
  kind: 'full' | 'line' | 'amount'
}

export interface Life {
  status: string
  /** The status it had when it went to the trash; '' outside it. */
  before: string
  created: number
  modified: number
  paid: number | null
  completed: number | null
  method: Method
  refunds: readonly PlannedRefund[]
}

const NONE: readonly PlannedRefund[] = []

/**
 * `created` and `now` in Unix seconds; nothing in the answer is later than `now`, and the same order asked with
 * a later `now` has lived on. `draft`: an unfinished checkout, as the block checkout leaves them for a day.
 */
export function lifeOf(seed: number, index: number, created: number, now: number, draft: boolean): Life {
  const life: Life = {
    status: 'pending',
    before: '',
    created,
    modified: created,
    paid: null,
    completed: null,
    method: '',
    refunds: NONE,
  }
  if (draft) return { ...life, status: 'checkout-draft' }
  const random = createRandom(mix(seed, index, 51))
  const luck = random()
  life.method = methodOf(random)
  const step = (status: string, moment: number) => {
    if (moment > now) return false
    life.status = status
    life.modified = moment
    return true
  }
  // Of a hundred orders four are never paid for, three fail at the bank, and one stays where it is.
  if (luck < 0.045) step('cancelled', created + HOUR + between(random, 0, 2 * DAY))
  else if (luck < 0.075) step('failed', created + between(random, 30, 300))
  else if (luck < 0.082) step('on-hold', created + 5)
  else if (luck >= 0.088) fulfil(life, random, now)
  if (luck > 0.982) discard(life, random, now)
  return life
}

function fulfil(life: Life, random: Random, now: number) {
  const { created, method } = life
  const online = method === 'stripe' || method === 'netopia'
  const paid =
    method === 'bacs' ? created + between(random, 3 * HOUR, 60 * HOUR) : created + between(random, 40, 400)
  const completed = paid + between(random, 8 * HOUR, 4 * DAY)
  const wish = random()
  const givenBack = completed + between(random, DAY, 14 * DAY)
  if (method === 'bacs' && created + 3 <= now)
    Object.assign(life, { status: 'on-hold', modified: created + 3 })
  if (paid > now) return
  // Cash on delivery is money only when the parcel has arrived.
  Object.assign(life, { status: 'processing', modified: paid, paid: method === 'cod' ? null : paid })
  if (completed > now) return
  Object.assign(life, { status: 'completed', modified: completed, completed, paid: life.paid ?? completed })
  if (givenBack > now) return
  if (wish < 0.03) {
    life.refunds = [{ at: givenBack, kind: 'full' }]
    Object.assign(life, { status: 'refunded', modified: givenBack })
  } else if (wish < 0.065) {
    life.refunds = [{ at: givenBack, kind: online && wish < 0.04 ? 'amount' : 'line' }]
    const again = givenBack + between(random, HOUR, 3 * DAY)
    if (wish > 0.058 && again <= now) life.refunds = [...life.refunds, { at: again, kind: 'amount' }]
    life.modified = life.refunds.at(-1)?.at ?? givenBack
  }
}

/** To the trash, some days later; orders with refunds are kept. */
function discard(life: Life, random: Random, now: number) {
  const moment = life.modified + between(random, HOUR, 20 * DAY)
  if (moment > now || life.refunds.length > 0) return
  life.before = life.status
  life.status = 'trash'
  life.modified = moment
}

function methodOf(random: Random): Method {
  const luck = random()
  return luck < 0.36 ? 'cod' : luck < 0.64 ? 'netopia' : luck < 0.86 ? 'stripe' : 'bacs'
}
