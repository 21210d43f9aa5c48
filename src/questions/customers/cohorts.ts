/** Cohorts: customers by the month of their first paid order, and who of them came back in the months after it. */
import { z } from 'zod'
import { amount } from '../../money.ts'
import { aggregateOf, type FactBook } from '../facts.ts'
import { customerKey, isPaid, ownFirst } from '../orders/paid.ts'
import { defineQuestion } from '../question.ts'
import { customerSums, readSummed } from '../summed.ts'
import { localDay, sqlZone } from '../zone.ts'
import { countWithoutEmail, ordersWithoutEmail } from './sums.ts'

const monthSchema = z
  .string()
  .regex(/^\d{4,6}-\d{2}$/)
  .describe('Month, the shop’s own: 2026-11.')

const cohortSchema = z.object({
  month: monthSchema,
  customers: z.int().describe('Customers whose first paid order was in this month.'),
  months: z
    .array(
      z.object({
        monthsSince: z.int().describe('Months after the first one; 0: the month itself.'),
        month: monthSchema,
        customers: z.int().describe('Customers of the cohort with a paid order in this month.'),
        retention: z.number().describe('Of the cohort, per cent, two decimals.'),
        net_sales: z
          .array(
            z.object({
              currency: z.string().nullable().describe('Currency of the amount.'),
              amount: z
                .string()
                .describe('Their paid orders of this month minus all refunds of those orders.'),
            }),
          )
          .describe('One for each currency they paid in, the shop’s own first.'),
      }),
    )
    .describe(
      'Every month up to now, those without a returning customer too; of later ones, by a clock that is wrong, those with an order.',
    ),
})

interface Cell {
  cohort: string
  month: string
  customers: number
  orders: number
  sales: { currency: string | null; net: string }[]
}

export const customerCohorts = defineQuestion({
  name: 'customers.cohorts',
  summary:
    'Customers by the month of their first paid order, and how many came back in the months after, with net sales.',
  http: 'GET /customers/cohorts',
  resources: ['orders', 'refunds'],
  input: z.strictObject({
    months: z.int().min(1).max(36).default(12).describe('The last so many months, this one included.'),
  }),
  output: z.object({
    ordersWithoutEmail,
    cohorts: z
      .array(cohortSchema)
      .describe('Cohorts of these months, the oldest first; months without a new customer have none.'),
  }),
  async run({ store, now, facts, inSnapshot }, { months }) {
    const thisMonth = localDay(now, store.timezone).slice(0, 7)
    const first = addMonths(thisMonth, 1 - months)
    return inSnapshot(async (client) => {
      const values: unknown[] = [store.id, sqlZone(store.timezone), first]
      const sums = customerSums(await readSummed(client, store.id), values)
      const { rows } = await client.query<Cell>(
        `WITH ${sums},
         fresh AS MATERIALIZED (
           SELECT key, date_trunc('month', min(first_paid_at) AT TIME ZONE $2)::date AS cohort
           FROM customer_sums
           GROUP BY key
           HAVING min(first_paid_at) >= ($3 || '-01')::timestamp AT TIME ZONE $2
         ),
         shown AS MATERIALIZED (
           SELECT f.key, f.cohort, date_trunc('month', o.created_at AT TIME ZONE $2)::date AS month, o.currency,
                  count(*) AS orders, sum(o.total) AS total
           FROM fresh f
           JOIN mirror.orders o ON o.store_id = $1 AND ${customerKey} = f.key
           WHERE o.deleted_at IS NULL AND ${isPaid} AND o.created_at IS NOT NULL
           GROUP BY 1, 2, 3, 4
         ),
         given_back AS (
           SELECT ${customerKey} AS key, date_trunc('month', o.created_at AT TIME ZONE $2)::date AS month,
                  o.currency, sum(r.amount) AS amount
           FROM mirror.refunds r
           JOIN mirror.orders o ON o.store_id = r.store_id AND o.id = r.order_id
           WHERE r.store_id = $1 AND r.deleted_at IS NULL AND o.deleted_at IS NULL AND ${isPaid}
             AND o.created_at >= ($3 || '-01')::timestamp AT TIME ZONE $2
           GROUP BY 1, 2, 3
         ),
         sales AS (
           SELECT s.cohort, s.month, s.currency, sum(s.orders)::bigint AS orders,
                  coalesce(sum(s.total), 0) - coalesce(sum(g.amount), 0) AS net
           FROM shown s
           LEFT JOIN given_back g ON g.key = s.key AND g.month = s.month
             AND coalesce(g.currency, '') = coalesce(s.currency, '')
           GROUP BY 1, 2, 3
         ),
         people AS (
           SELECT cohort, month, count(*) AS customers
           FROM (SELECT DISTINCT cohort, month, key FROM shown) AS one
           GROUP BY 1, 2
         )
         SELECT to_char(p.cohort, 'YYYY-MM') AS cohort, to_char(p.month, 'YYYY-MM') AS month, p.customers,
                sum(s.orders)::bigint AS orders,
                jsonb_agg(jsonb_build_object('currency', s.currency, 'net', s.net::text)) AS sales
         FROM people p
         JOIN sales s ON s.cohort = p.cohort AND s.month = p.month
         GROUP BY p.cohort, p.month, p.customers
         ORDER BY p.cohort, p.month`,
        values,
      )
      const cohorts = [...Map.groupBy(rows, ({ cohort }) => cohort)].map(([month, cells]) =>
        toCohort(month, cells, thisMonth, store.currency),
      )
      const orders = new Map(rows.map((cell) => [`${cell.cohort} ${cell.month}`, cell.orders]))
      for (const cohort of cohorts) {
        addCohortFacts(facts, cohort, (month) => orders.get(`${cohort.month} ${month}`) ?? 0)
      }
      return { ordersWithoutEmail: await countWithoutEmail(client, store.id, facts), cohorts }
    })
  },
})

type Cohort = z.input<typeof cohortSchema>

function toCohort(month: string, cells: readonly Cell[], until: string, own: string | null): Cohort {
  const byMonth = new Map(cells.map((cell) => [cell.month, cell]))
  const customers = byMonth.get(month)?.customers ?? 0
  const upToNow = Array.from({ length: Math.max(0, monthsBetween(month, until) + 1) }, (_, at) =>
    addMonths(month, at),
  )
  // An order of the shop's future is not hidden, but the years before it are not filled in.
  const later = cells.filter((cell) => monthsBetween(until, cell.month) > 0).map((cell) => cell.month)
  const months = [...upToNow, ...later].map((at) => {
    const cell = byMonth.get(at)
    const returned = cell?.customers ?? 0
    return {
      monthsSince: monthsBetween(month, at),
      month: at,
      customers: returned,
      retention: Math.round((returned / customers) * 10_000) / 100,
      net_sales: ownFirst(cell?.sales ?? [], own).map(({ currency, net }) => ({
        currency,
        amount: amount(net, currency) ?? net,
      })),
    }
  })
  return { month, customers, months }
}

function addCohortFacts(facts: FactBook, cohort: Cohort, ordersIn: (month: string) => number): void {
  for (const { month, customers, retention, net_sales } of cohort.months) {
    const common = {
      subject: { kind: 'segment', id: `cohort ${cohort.month}`, name: cohort.month },
      filter: { first_paid_order: cohort.month, month },
      source: aggregateOf('orders', ordersIn(month)),
    } as const
    facts.add({ ...common, attribute: 'customers', value: customers, type: 'count', unit: 'customers' })
    facts.add({ ...common, attribute: 'retention', value: retention, type: 'percentage', unit: 'customers' })
    for (const { currency, amount: value } of net_sales) {
      facts.add({ ...common, attribute: 'net_sales', value, type: 'money', unit: currency })
    }
  }
}

/** `2026-11` and `2027-01` → 2. */
function monthsBetween(from: string, to: string): number {
  const [number, other] = [from, to].map((month) => {
    const [year, of] = month.split('-').map(Number) as [number, number]
    return year * 12 + of
  }) as [number, number]
  return other - number
}

/** `2026-11` and 2 → `2027-01`. */
function addMonths(month: string, months: number): string {
  const [year, number] = month.split('-').map(Number) as [number, number]
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7)
}
