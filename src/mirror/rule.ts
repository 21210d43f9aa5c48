/**
 * What to do with a record that arrived, given what the mirror holds: the one rule that lets answers,
 * deliveries and both ways in come in any order. An answer asked for earlier never replaces one asked for later.
 */

/** answer: from a list. fetched: asked for by id because something was unclear. delivery: a webhook's body. */
export type Source = 'answer' | 'fetched' | 'delivery'

export interface Held {
  hash: string
  /** Epoch milliseconds, the shop's date; null where it has none. */
  modifiedAt: number | null
  /** Epoch milliseconds on the database's clock: when the read that brought it was sent. */
  seenAt: number
  deleted: boolean
}

export interface Arrived {
  hash: string
  modifiedAt: number | null
  seenAt: number
  source: Source
}

export type Decision =
  /** Not held: write it. */
  | 'insert'
  /** Held with other content: replace it. */
  | 'update'
  /** As update, though the shop's date went back: it was asked for once more and says so. */
  | 'update_went_back'
  /** Held as a tombstone, and the shop showed it after that. */
  | 'restore'
  /** Same content, asked for later: counters may have moved. */
  | 'refresh'
  /** Same content or older: nothing. */
  | 'unchanged'
  /** Asked for before what is held, and not newer. */
  | 'ignore'
  /** The order of the two cannot be known: ask the shop for this one record. */
  | 'fetch'

export function decide(held: Held | undefined, arrived: Arrived): Decision {
  if (held === undefined) return 'insert'
  const askedLater = arrived.seenAt > held.seenAt
  const dateNewer =
    arrived.modifiedAt !== null && (held.modifiedAt === null || arrived.modifiedAt > held.modifiedAt)
  const dateOlder =
    arrived.modifiedAt !== null && held.modifiedAt !== null && arrived.modifiedAt < held.modifiedAt

  if (held.deleted) {
    // A delivery was built by the shop at a moment we do not know: only an answer undoes a tombstone.
    if (askedLater) return arrived.source === 'delivery' ? 'fetch' : 'restore'
    return dateNewer || arrived.source === 'delivery' ? 'fetch' : 'ignore'
  }
  if (arrived.hash === held.hash) return askedLater ? 'refresh' : 'unchanged'
  // A delivery is a hint: applied where its date is newer, and otherwise a reason to ask (24).
  if (arrived.source === 'delivery') return askedLater && dateNewer ? 'update' : 'fetch'
  if (!askedLater) return dateNewer ? 'fetch' : 'ignore'
  if (dateOlder) return arrived.source === 'fetched' ? 'update_went_back' : 'fetch'
  return 'update'
}
