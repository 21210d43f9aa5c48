/**
 * One request to the shop that writes: its moment, and the events it will send. Like WooCommerce, a request
 * sends each topic once per record, however often it was saved (row 24a), and nothing when it fails.
 */
import type { Shop, Topic } from '../shop.ts'
import type { Raw, Row, Table } from '../table.ts'
import { createZone, fromIso, isoSeconds, type Zone } from '../zone.ts'

/** What WooCommerce keeps beside an order and shows nobody: whether its sale and coupons were counted. */
export interface Books {
  sales: Map<number, boolean>
  coupons: Map<number, boolean>
}

export interface Call {
  shop: Shop
  zone: Zone
  books: Books
  /** The shop's time, Unix seconds. */
  second: number
  /** A webhook topic for a record, sent when the request is over; twice the same counts once. */
  changed(topic: Topic, id: number): void
}

/** Runs requests one after the other against a shop. */
export function createCalls(shop: Shop): <T>(work: (call: Call) => T) => T {
  const zone = createZone(shop.info.timezone)
  const books: Books = { sales: new Map(), coupons: new Map() }
  return (work) => {
    const events = new Map<string, { topic: Topic; id: number }>()
    const call: Call = {
      shop,
      zone,
      books,
      second: Math.floor(shop.now() / 1000),
      changed: (topic, id) => events.set(`${topic} ${id}`, { topic, id }),
    }
    const result = work(call)
    for (const event of events.values()) shop.emit(event)
    return result
  }
}

/** `{date_x, date_x_gmt}` for a moment in Unix seconds, or nulls. */
export function dates(call: Call, field: string, second: number | null): Raw {
  return {
    [field]: second === null ? null : isoSeconds(call.zone.toWall(second)),
    [`${field}_gmt`]: second === null ? null : isoSeconds(second),
  }
}

/** The record with its modification date moved to now (row 4). */
export function touched(call: Call, body: Raw): Raw {
  return { ...body, ...dates(call, 'date_modified', call.second) }
}

/** A record's moment in Unix seconds from its `_gmt` field; null without one. */
export function moment(body: Raw, field: 'date_created' | 'date_modified'): number | null {
  return fromIso(body[`${field}_gmt`])
}

/** Unix seconds from `date_created_gmt` or, in the shop's time, `date_created`; null when neither is given. */
export function givenMoment(call: Call, input: Raw, field: string): number | null {
  const gmt = input[`${field}_gmt`]
  if (typeof gmt === 'string' && gmt !== '') return fromIso(gmt.replace(/Z$/, ''))
  const local = input[field]
  if (typeof local !== 'string' || local === '') return null
  return call.zone.fromWall(fromIso(local) as number)
}

/** Puts a record into its table with the dates and status it says. */
export function keep(table: Table, body: Raw, parent = 0): Raw {
  table.put({
    id: body.id as number,
    // Refunds show no status; in the database theirs is completed.
    status: (body.status as string | undefined) ?? 'completed',
    created: moment(body, 'date_created'),
    modified: moment(body, 'date_modified'),
    parent,
    body,
  })
  return body
}

/** The record with that id, or what `missing` throws. */
export function existing(table: Table, id: number, missing: () => Error): { row: Row; body: Raw } {
  const row = table.get(id)
  if (!row) throw missing()
  return { row, body: table.body(row) }
}
