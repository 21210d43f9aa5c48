/** What customers have brought so far: no prediction. */
import { z } from 'zod'
import { amount, roundedAmount } from '../../money.ts'
import { PAID_STATUSES } from '../definitions.ts'
import { aggregateOf, type FactBook } from '../facts.ts'
import { meanings, ownFirst } from '../orders/paid.ts'
import { defineQuestion } from '../question.ts'
import { countWithoutEmail, ordersWithoutEmail, sumsOfCustomers } from './sums.ts'

const tenthSchema = z.object({
  tenth: z.int().describe('1: those who brought least; 10: those who brought most.'),
  customers: z.int().describe('Customers in it.'),
  from: z.string().describe('Least net total among them.'),
  to: z.string().describe('Greatest net total among them.'),
  net_total: z.string().describe('Their net total together.'),
})

const valueSchema = z.object({
  currency: z.string().nullable().describe('Currency of the amounts.'),
  customers: z.int().describe('Customers with paid orders in it.'),
  paid_orders: z.int().describe('Their paid orders.'),
  net_total: z.string().describe('Net total of all of them.'),
  mean: z.string().describe('Net total by customer on average, rounded to the currency’s decimals.'),
  median: z.string().describe('Net total of the customer in the middle; between two, their mean, rounded.'),
  smallest: z.string().describe('Least net total of a customer.'),
  greatest: z.string().describe('Greatest net total of a customer.'),
  orders_per_customer: z.number().describe('Paid orders by customer on average, two decimals.'),
  distribution: z
    .array(tenthSchema)
    .describe('Tenths of the customers by net total, the least first; below ten customers some are missing.'),
})

interface Row {
  currency: string | null
  tenth: number
  customers: number
  orders: number
  net: string
  least: string
  greatest: string
  median: string
}

interface Whole extends Omit<Row, 'tenth'> {
  tenth: null
  mean: string
}

export const lifetimeValue = defineQuestion({
  name: 'customers.lifetime-value',
  summary:
    'What customers have brought so far: mean, median and distribution of net totals, by currency; no prediction.',
  http: 'GET /customers/lifetime-value',
  resources: ['orders', 'refunds'],
  input: z.strictObject({}),
  output: z.object({
    ordersWithoutEmail,
    currencies: z.array(valueSchema).describe('One for each currency, the shop’s own first.'),
  }),
  run: async ({ store, facts, inSnapshot }) =>
    inSnapshot(async (client) => {
      const values: unknown[] = [store.id]
      const sums = await sumsOfCustomers(client, store.id, values)
      const { rows } = await client.query<Row | Whole>(
        `WITH ${sums},
         placed AS (
           SELECT currency, orders, net, row_number() OVER by_net AS place, count(*) OVER (PARTITION BY currency) AS n
           FROM sums
           WINDOW by_net AS (PARTITION BY currency ORDER BY net)
         ),
         tenths AS (SELECT *, 1 + 10 * (place - 1) / n AS tenth FROM placed)
         SELECT currency, tenth, count(*) AS customers, sum(orders)::bigint AS orders, sum(net) AS net,
                min(net) AS least, max(net) AS greatest, avg(net) AS mean,
                avg(net) FILTER (WHERE place IN ((n + 1) / 2, (n + 2) / 2)) AS median
         FROM tenths
         GROUP BY GROUPING SETS ((currency), (currency, tenth))
         ORDER BY tenth NULLS FIRST`,
        values,
      )
      const wholes = rows.filter((row): row is Whole => row.tenth === null)
      const tenths = rows.filter((row): row is Row => row.tenth !== null)
      const currencies = ownFirst(wholes, store.currency).map((whole) =>
        inCurrency(
          facts,
          whole,
          tenths.filter(({ currency }) => currency === whole.currency),
        ),
      )
      return { ordersWithoutEmail: await countWithoutEmail(client, store.id, facts), currencies }
    }),
})

function inCurrency(facts: FactBook, whole: Whole, tenths: readonly Row[]) {
  const { currency } = whole
  const shown = (value: string) => amount(value, currency) ?? value
  const value = {
    currency,
    customers: whole.customers,
    paid_orders: whole.orders,
    net_total: shown(whole.net),
    mean: roundedAmount(whole.mean, currency),
    median: roundedAmount(whole.median, currency),
    smallest: shown(whole.least),
    greatest: shown(whole.greatest),
    orders_per_customer: Math.round((whole.orders / whole.customers) * 100) / 100,
  }
  const common = {
    subject: { kind: 'customer', id: null, name: null },
    filter: { ...(currency !== null && { currency }), status: [...PAID_STATUSES] },
    source: aggregateOf('orders', whole.orders),
    definition: meanings.netOfCustomer,
  } as const
  for (const attribute of ['net_total', 'mean', 'median', 'smallest', 'greatest'] as const) {
    facts.add({ ...common, attribute, value: value[attribute], type: 'money', unit: currency })
  }
  facts.add({
    ...common,
    attribute: 'customers',
    value: value.customers,
    type: 'count',
    unit: 'customers',
  })
  const distribution = tenths.map((row) => ({
    tenth: row.tenth,
    customers: row.customers,
    from: shown(row.least),
    to: shown(row.greatest),
    net_total: shown(row.net),
  }))
  for (const { tenth, net_total } of distribution) {
    const filter = { ...common.filter, tenth }
    facts.add({ ...common, filter, attribute: 'net_total', value: net_total, type: 'money', unit: currency })
  }
  return { ...value, distribution }
}
