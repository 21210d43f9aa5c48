/** Notes of orders: they move no date and send nothing (rows 4 and 24b). */
import type { Raw } from '../table.ts'
import { type Call, dates } from './call.ts'

/** Adds a note; `customerNote` is one the customer sees. */
export function note(call: Call, orderId: number, text: string, given: Raw = {}): Raw {
  const added: Raw = {
    id: call.shop.nextRowId('note'),
    author: given.author ?? 'WooCommerce',
    ...dates(call, 'date_created', call.second),
    note: text,
    customer_note: given.customer_note === true,
  }
  const { notes } = call.shop.small
  notes.set(orderId, [...(notes.get(orderId) ?? []), added])
  return added
}
