/** What counts as an order, as a paid one, and whose it is; and words about it. */
export { customerKey, isOrder, isPaid, NOT_ORDERS } from '../../mirror/paid.ts'

/** What was given back of an order, from its refunds; 0 where there are none. */
export const refundedOfOrder = `(
  SELECT coalesce(sum(r.amount), 0) FROM mirror.refunds r
  WHERE r.store_id = o.store_id AND r.order_id = o.id AND r.deleted_at IS NULL
)`

/** Words for facts. */
export const meanings = {
  net: 'Total of the order minus all its refunds.',
  netOfCustomer: 'Totals of paid orders (processing, completed, refunded) minus all refunds of those orders.',
} as const

/** The shop’s own currency first, then by name. */
export function ownFirst<Row extends { currency: string | null }>(
  rows: readonly Row[],
  own: string | null,
): Row[] {
  const rank = ({ currency }: Row) => (currency === own ? '' : `1${currency ?? ''}`)
  return [...rows].sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0))
}
