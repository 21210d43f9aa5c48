/** Everyone who ordered, guests included, and accounts that never did, page by page. */
import { z } from 'zod'
import { aggregateOf } from '../facts.ts'
import { isOrder } from '../orders/paid.ts'
import { type KeysetRow, keyset, nextCursor, pageInput, type Sorts, toPage } from '../page.ts'
import { defineQuestion } from '../question.ts'
import { customerSums, readSummed } from '../summed.ts'
import { addCustomerFacts, customerRowSchema, describeCustomers } from './fields.ts'
import { countWithoutEmail, ordersWithoutEmail } from './sums.ts'

const sorts = {
  last_order_at: { by: 'c.last_order_at', type: 'timestamptz' },
  first_order_at: { by: 'c.first_order_at', type: 'timestamptz' },
  orders: { by: 'c.orders', type: 'bigint' },
  paid_orders: { by: 'c.paid_orders', type: 'bigint' },
  net_total: { by: 'c.net_total', type: 'numeric' },
} as const satisfies Sorts

/**
 * Everyone, from `customer_sums`; accounts have minus their id. The first order's id tells customers of equal value
 * apart; no two have the same.
 */
const everyone = `
  without_sums AS MATERIALIZED (
    SELECT a.id, a.key
    FROM mirror.customers a
    WHERE a.store_id = $1 AND a.deleted_at IS NULL
      AND NOT EXISTS (SELECT FROM customer_sums s WHERE s.key = a.key)
  ),
  people (key, account, id, orders, paid_orders, first_order_at, last_order_at, net_total) AS (
    SELECT key, NULL::bigint, min(first_order_id), sum(orders)::bigint, sum(paid_orders)::bigint,
           coalesce(min(first_at), '-infinity'), coalesce(max(last_at), '-infinity'),
           coalesce(sum(total - refunded) FILTER (WHERE currency = $2), 0)
    FROM customer_sums
    GROUP BY key
    UNION ALL
    -- An account with another e-mail than its orders has ordered all the same.
    SELECT w.key, w.id, -w.id, 0, 0, '-infinity', '-infinity', 0
    FROM without_sums w
    WHERE NOT EXISTS (SELECT FROM mirror.orders o
                      WHERE o.store_id = $1 AND o.deleted_at IS NULL AND ${isOrder} AND o.customer_id = w.id)
  )`

const WHO = {
  all: 'true',
  buyers: 'c.paid_orders > 0',
  'without-orders': 'c.orders = 0',
} as const

export const listCustomers = defineQuestion({
  name: 'customers.list',
  summary: 'Customers, guests included: first and last order, orders, net totals by currency.',
  http: 'GET /customers',
  list: 'customers',
  resources: ['orders', 'refunds', 'customers'],
  input: z.strictObject({
    who: z
      .enum(['all', 'buyers', 'without-orders'])
      .default('all')
      .describe('buyers: with a paid order. without-orders: accounts that never ordered.'),
    ...pageInput(sorts, '-last_order_at'),
  }),
  output: z.object({
    customers: z
      .array(customerRowSchema)
      .describe(
        'The customers of this page; sorted by net_total, the one in the shop’s own currency counts.',
      ),
    ordersWithoutEmail,
    nextCursor,
  }),
  run: async ({ store, facts, personal, inSnapshot }, given) =>
    inSnapshot(async (client) => {
      const values: unknown[] = [store.id, store.currency]
      const page = keyset(sorts, 'c.id', given, values)
      const sums = customerSums(await readSummed(client, store.id), values)
      const { rows } = await client.query<KeysetRow & { key: string | null; account: number | null }>(
        `WITH ${sums}, ${everyone}
         SELECT c.key, c.account, ${page.columns}
         FROM people c
         WHERE ${WHO[given.who]} AND ${page.where}
         ORDER BY ${page.orderBy}
         LIMIT ${page.limit}`,
        values,
      )
      const shown = toPage(rows, given)
      const whom = shown.rows.map(({ key, account }) => ({ key, accountId: account }))
      const customers = await describeCustomers(client, store, whom)
      for (const customer of customers) addCustomerFacts(facts, customer, personal)
      if (customers.length === 0) {
        facts.add({
          subject: { kind: 'customer', id: null, name: null },
          attribute: 'customers',
          filter: { who: given.who },
          value: 0,
          type: 'count',
          unit: 'customers',
          source: aggregateOf('orders', 0),
        })
      }
      const withoutEmail = await countWithoutEmail(client, store.id, facts)
      return { customers, ordersWithoutEmail: withoutEmail, nextCursor: shown.nextCursor }
    }),
})
