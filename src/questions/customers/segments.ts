/** RFM segments: how lately, how often and for how much customers bought, each scored from 1 to 5. */
import { z } from 'zod'
import { amount } from '../../money.ts'
import { PAID_STATUSES } from '../definitions.ts'
import { aggregateOf, type FactBook } from '../facts.ts'
import { meanings, ownFirst } from '../orders/paid.ts'
import { defineQuestion } from '../question.ts'
import { localDay, sqlZone } from '../zone.ts'
import { countWithoutEmail, ordersWithoutEmail, sumsOfCustomers } from './sums.ts'

/** Five for each score: fewer, and a fifth of them is chance. */
const FEWEST_CUSTOMERS = 25

/** In the order in which they are tried; every customer falls into exactly one. */
const SEGMENTS = [
  ['champions', 'Recency, frequency and value 4 or 5.', 'r >= 4 AND f >= 4 AND m >= 4'],
  ['loyal', 'Recency 3 to 5 and frequency 4 or 5, not champions.', 'r >= 3 AND f >= 4'],
  ['potential_loyal', 'Recency 4 or 5, frequency 2 or 3.', 'r >= 4 AND f >= 2'],
  ['new', 'Recency 4 or 5, frequency 1.', 'r >= 4'],
  ['need_attention', 'Recency 3, frequency 2 or 3.', 'r = 3 AND f >= 2'],
  ['promising', 'Recency 3, frequency 1.', 'r = 3'],
  ['cannot_lose', 'Recency 1 or 2, frequency and value 4 or 5.', 'f >= 4 AND m >= 4'],
  ['at_risk', 'Recency 1 or 2, frequency 3 to 5, not among those one cannot lose.', 'f >= 3'],
  ['hibernating', 'Recency 2, frequency 1 or 2.', 'r = 2'],
  ['lost', 'Recency 1, frequency 1 or 2.', 'true'],
] as const

const segmentNames = SEGMENTS.map(([name]) => name) as [SegmentName, ...SegmentName[]]
type SegmentName = (typeof SEGMENTS)[number][0]

const METHOD =
  'Each customer (a billing e-mail, guests included) with paid orders (processing, completed, refunded) in the currency is ranked by the day of the last one, by their number, and by their net total. ' +
  'A score is 1 plus the number of whole fifths of the customers that stand below: 5 is the best. Equal values have equal scores, those of the lowest among them, so that fifths may be of unequal size: where most ordered once, all of these have frequency 1. ' +
  `Days are the shop’s own. Below ${FEWEST_CUSTOMERS} customers there are no scores.`

const segmentSchema = z.object({
  segment: z.enum(segmentNames).describe('Name of the segment.'),
  rule: z.string().describe('Who is in it, by the three scores.'),
  customers: z.int().describe('Customers in it.'),
  share: z.number().describe('Of all customers of this currency, per cent, two decimals.'),
  orders: z.int().describe('Their paid orders.'),
  net_total: z.string().describe('Their paid orders minus refunds, in this currency.'),
  recency_days: z
    .int()
    .nullable()
    .describe('Days since the last paid order of the one in the middle; null when nobody is in it.'),
})

interface Row {
  currency: string | null
  segment: SegmentName
  customers: number
  orders: number
  net: string
  recency_days: number | null
}

export const customerSegments = defineQuestion({
  name: 'customers.segments',
  summary:
    'Customers in groups by how lately, how often and for how much they bought (RFM), with counts and net totals.',
  http: 'GET /customers/segments',
  resources: ['orders', 'refunds'],
  input: z.strictObject({}),
  output: z.object({
    method: z.string().describe('How customers are scored, how equal values and few customers are treated.'),
    today: z.iso.date().describe('The day from which recency is counted, the shop’s own.'),
    minimumCustomers: z.int().describe('Below so many customers no segments are made.'),
    ordersWithoutEmail,
    currencies: z
      .array(
        z.object({
          currency: z.string().nullable().describe('Currency; customers are scored in each by themselves.'),
          customers: z.int().describe('Customers with paid orders in it.'),
          tooFew: z.boolean().describe('There are too few customers for segments; the list is empty then.'),
          segments: z.array(segmentSchema).describe('All segments, empty ones too.'),
        }),
      )
      .describe('One for each currency, the shop’s own first.'),
  }),
  async run({ store, now, facts, inSnapshot }) {
    const today = localDay(now, store.timezone)
    return inSnapshot(async (client) => {
      const values: unknown[] = [store.id, sqlZone(store.timezone), today]
      const sums = await sumsOfCustomers(client, store.id, values)
      const { rows } = await client.query<Row>(
        `WITH ${sums},
         ranked AS (
           SELECT s.*, (s.last_at AT TIME ZONE $2)::date AS last_day, count(*) OVER all_of_them AS n
           FROM sums s
           WINDOW all_of_them AS (PARTITION BY s.currency)
         ),
         scored AS (
           SELECT currency, orders, net, n, $3::date - last_day AS days,
                  1 + 5 * (rank() OVER (PARTITION BY currency ORDER BY last_day NULLS FIRST) - 1) / n AS r,
                  1 + 5 * (rank() OVER (PARTITION BY currency ORDER BY orders) - 1) / n AS f,
                  1 + 5 * (rank() OVER (PARTITION BY currency ORDER BY net) - 1) / n AS m
           FROM ranked
         )
         SELECT currency, CASE ${SEGMENTS.map(([name, , sql]) => `WHEN ${sql} THEN '${name}'`).join(' ')} END AS segment,
                count(*) AS customers, sum(orders)::bigint AS orders, sum(net) AS net,
                percentile_disc(0.5) WITHIN GROUP (ORDER BY days) AS recency_days
         FROM scored
         GROUP BY 1, 2`,
        values,
      )
      const withoutEmail = await countWithoutEmail(client, store.id, facts)
      const byCurrency = [...Map.groupBy(rows, ({ currency }) => currency)].map(([currency, found]) =>
        inCurrency(facts, currency, found),
      )
      return {
        method: METHOD,
        today,
        minimumCustomers: FEWEST_CUSTOMERS,
        ordersWithoutEmail: withoutEmail,
        currencies: ownFirst(byCurrency, store.currency),
      }
    })
  },
})

function inCurrency(facts: FactBook, currency: string | null, rows: readonly Row[]) {
  const all = rows.reduce((sum, { customers }) => sum + customers, 0)
  const orders = rows.reduce((sum, row) => sum + row.orders, 0)
  const filter = { ...(currency !== null && { currency }), status: [...PAID_STATUSES] }
  facts.add({
    subject: { kind: 'segment', id: null, name: 'customers' },
    attribute: 'customers',
    filter,
    value: all,
    type: 'count',
    unit: 'customers',
    source: aggregateOf('orders', orders),
  })
  const tooFew = all < FEWEST_CUSTOMERS
  const segments = SEGMENTS.map(([segment, rule]) => {
    const row = rows.find((one) => one.segment === segment)
    return {
      segment,
      rule,
      customers: row?.customers ?? 0,
      share: Math.round(((row?.customers ?? 0) / all) * 10_000) / 100,
      orders: row?.orders ?? 0,
      net_total: amount(row?.net ?? '0', currency) ?? '0',
      recency_days: row?.recency_days ?? null,
    }
  })
  if (tooFew) return { currency, customers: all, tooFew, segments: [] }
  for (const { segment, rule, customers, net_total, ...one } of segments) {
    const common = {
      subject: { kind: 'segment', id: segment, name: segment },
      filter,
      source: aggregateOf('orders', one.orders),
    } as const
    facts.add({
      ...common,
      attribute: 'customers',
      value: customers,
      type: 'count',
      unit: 'customers',
      definition: rule,
    })
    facts.add({ ...common, attribute: 'share', value: one.share, type: 'percentage', unit: 'customers' })
    const definition = meanings.netOfCustomer
    facts.add({
      ...common,
      attribute: 'net_total',
      value: net_total,
      type: 'money',
      unit: currency,
      definition,
    })
  }
  return { currency, customers: all, tooFew, segments }
}
