/** The notes WooCommerce writes on an order as it moves along; made when somebody asks for them. */
import type { Raw } from '../table.ts'
import type { Clock } from './clock.ts'
import type { Life } from './life.ts'

/** At most this many ids belong to one order. */
const NOTE_IDS = 8

const NAMES: Record<string, string> = {
  pending: 'Pending payment',
  processing: 'Processing',
  'on-hold': 'On hold',
  completed: 'Completed',
  cancelled: 'Cancelled',
  refunded: 'Refunded',
  failed: 'Failed',
}

/** Oldest first, as their ids. */
export function notesOf(index: number, life: Life, clock: Clock): Raw[] {
  const notes: Raw[] = []
  const add = (moment: number, note: string, author = 'WooCommerce', forCustomer = false) =>
    notes.push({
      id: index * NOTE_IDS + notes.length + 1,
      author,
      date_created: clock.local(moment),
      date_created_gmt: clock.gmt(moment),
      note,
      customer_note: forCustomer,
    })
  let status = 'pending'
  const move = (to: string, moment: number) => {
    add(moment, `Order status changed from ${NAMES[status]} to ${NAMES[to]}.`)
    status = to
  }
  const final = life.before === '' ? life.status : life.before
  if (final === 'checkout-draft') return notes
  const bank = life.method === 'bacs' && final !== 'pending'
  if (bank && final !== 'cancelled' && final !== 'failed') move('on-hold', life.created + 3)
  if (['cancelled', 'failed'].includes(final))
    move(final, life.before === '' ? life.modified : life.created + 300)
  if (['processing', 'completed', 'refunded'].includes(final)) {
    const paid = life.method === 'cod' ? life.created + 60 : (life.paid ?? life.created)
    move('processing', paid)
    if (life.completed !== null) {
      move('completed', life.completed)
      if (index % 3 === 0)
        add(life.completed, 'Coletul a plecat spre dumneavoastră. Poftă bună!', 'magazin', true)
    }
    if (final === 'refunded') move('refunded', life.refunds.at(-1)?.at ?? life.modified)
  }
  return notes
}
