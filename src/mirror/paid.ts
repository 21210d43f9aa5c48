/** What counts as an order, as a paid one, and whose it is, in SQL. */

/** Statuses of orders that count as sold. */
export const PAID_STATUSES = ['processing', 'completed', 'refunded'] as const

/** Not orders yet, or no more; staff see them when they ask for these statuses. */
export const NOT_ORDERS = ['trash', 'checkout-draft', 'auto-draft'] as const

const listed = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ')

/** Condition on an order; `o` is its alias. */
export const isPaid = `o.status IN (${listed(PAID_STATUSES)})`

/** Condition on an order: neither in the trash nor a draft. */
export const isOrder = `o.status NOT IN (${listed(NOT_ORDERS)})`

/** Names a customer and tells nobody who it is; null for an order without an e-mail. */
export const customerKey = 'mirror.customer_key(o.store_id, o.billing_email)'
