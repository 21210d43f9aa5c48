/** Everyone who ordered, guests included, and accounts that never did, page by page. */
import { z } from 'zod'
import { aggregateOf } from '../facts.ts'
import { customerKey, isOrder, isPaid } from '../orders/paid.ts'
import { type KeysetRow, keyset, nextCursor, pageInput, type Sorts, toPage } from '../page.ts'
import { defineQuestion } from '../question.ts'
import { addCustomerFacts, customerRowSchema, describeCustomers } from './fields.ts'
import { countWithoutEmail, ordersWithoutEmail } from './sums.ts'

const sorts = {
  last_order_at: { by: 'c.last_order_at', type: 'timestamptz' },
  first_order_at: { by: 'c.first_order_at', type: 'timestamptz' },
  orders: { by: 'c.orders', type: 'bigint' },
  paid_orders: { by: 'c.paid_orders', type: 'bigint' },
  net_total: { by: 'c.net_total', type: 'numeric' },
} as const satisfies Sorts

/** What an account has whose e-mail and id are in no order. */
const accountsWithoutOrders = `
  SELECT mirror.customer_key(a.store_id, a.email), a.id, -a.id, 0::bigint, 0::bigint, '-infinity'::timestamptz,
         '-infinity'::timestamptz, 0::numeric
  FROM mirror.customers a
  WHERE a.store_id = $1 AND a.deleted_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM mirror.orders o
                    WHERE o.store_id = $1 AND o.deleted_at IS NULL AND ${isOrder}
                      AND ${customerKey} = mirror.customer_key(a.store_id, a.email))
    AND NOT EXISTS (SELECT 1 FROM mirror.orders o
                    WHERE o.store_id = $1 AND o.deleted_at IS NULL AND ${isOrder} AND o.customer_id = a.id)`

/** The first order's id tells customers of equal value apart; no two have the same. */
const everyone = `
  orderers AS (
    SELECT ${customerKey} AS key, min(o.id) AS id, count(*) AS orders, count(*) FILTER (WHERE ${isPaid}) AS paid_orders,
           coalesce(min(o.created_at), '-infinity') AS first_order_at,
           coalesce(max(o.created_at), '-infinity') AS last_order_at,
           coalesce(sum(o.total) FILTER (WHERE ${isPaid} AND o.currency = $2), 0) AS total
    FROM mirror.orders o
    WHERE o.store_id = $1 AND o.deleted_at IS NULL AND ${isOrder} AND ${customerKey} IS NOT NULL
    GROUP BY 1
  ),
  given_back AS (
    SELECT ${customerKey} AS key, sum(r.amount) AS amount
    FROM mirror.refunds r
    JOIN mirror.orders o ON o.store_id = r.store_id AND o.id = r.order_id
    WHERE r.store_id = $1 AND r.deleted_at IS NULL AND o.deleted_at IS NULL AND ${isPaid} AND o.currency = $2
    GROUP BY 1
  ),
  people (key, account, id, orders, paid_orders, first_order_at, last_order_at, net_total) AS (
    SELECT p.key, NULL::bigint, p.id, p.orders, p.paid_orders, p.first_order_at, p.last_order_at,
           p.total - coalesce(g.amount, 0)
    FROM orderers p
    LEFT JOIN given_back g ON g.key = p.key
    UNION ALL
    ${accountsWithoutOrders}
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
      const { rows } = await client.query<KeysetRow & { key: string | null; account: number | null }>(
        `WITH ${everyone}
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
