import { json, type MirrorTable, member, moment, reference, text } from './column.ts'

const of =
  (who: 'attendee' | 'purchaser', field: string) =>
  (ticket: Record<string, unknown>): unknown =>
    member(ticket[who], field)

export const tickets: MirrorTable = {
  table: 'tickets',
  columns: [
    text('ticket_id'),
    text('status'),
    text('post_status'),
    text('ticket_type'),
    reference('product_id'),
    reference('variation_id'),
    reference('order_id'),
    reference('customer_id'),
    text('first_name', of('attendee', 'first_name')),
    text('last_name', of('attendee', 'last_name')),
    text('email', of('attendee', 'email')),
    text('telephone', of('attendee', 'telephone')),
    text('company', of('attendee', 'company')),
    text('purchaser_first_name', of('purchaser', 'first_name')),
    text('purchaser_last_name', of('purchaser', 'last_name')),
    text('purchaser_email', of('purchaser', 'email')),
    text('purchaser_telephone', of('purchaser', 'telephone')),
    json('questions'),
    json('check_ins'),
    moment('created_at', 'date_created_gmt'),
  ],
}
