/** What was sold in a period: the figures of each currency, by status, and beside earlier periods. */
import type pg from 'pg'
import { z } from 'zod'
import { amount } from '../../money.ts'
import { definitions } from '../definitions.ts'
import type { FactBook, Period } from '../facts.ts'
import { periodInput, resolvePeriod } from '../period.ts'
import { type Asked, defineQuestion } from '../question.ts'
import {
  addComparison,
  type Comparison,
  type ComparisonName,
  compare,
  comparisonNames,
  comparisonSchema,
  earlier,
} from './compare.ts'
import { countCustomers } from './customers.ts'
import { ALL_SALES, addFigures } from './facts.ts'
import { addUp, currenciesInOrder, type Figures, figuresShape, toFigures } from './figures.ts'
import { type Chosen, choose, type Filters, filterInput, shownFilter } from './filters.ts'
import { addFirstOrder, readFirstOrder } from './first-order.ts'
import { type Group, sumByStatus } from './totals.ts'

const DEFAULT_DAYS = 30

const statusSchema = z.object({
  status: z.string().nullable().describe('Status as the shop has it.'),
  orders: z.int().describe(definitions.orders_by_status.definition),
  total: z.string().describe('Their totals, before refunds.'),
})

const salesSchema = z.object({
  currency: z.string().nullable().describe('Currency of every amount here; null: the shop did not say.'),
  ...figuresShape,
  statuses: z
    .array(statusSchema)
    .describe('Orders of the period in every status, most first; the filter status does not count here.'),
  comparisons: z.array(comparisonSchema).describe('Beside the earlier periods that were asked for.'),
})

type Sales = z.output<typeof salesSchema>

const customersSchema = z.object({
  new_customers: z.int().describe(definitions.new_customers.definition),
  returning_customers: z.int().describe(definitions.returning_customers.definition),
  orders_without_email: z.int().describe(definitions.orders_without_email.definition),
})

export const stats = defineQuestion({
  name: 'sales.stats',
  summary:
    'Sales of a period in the shop’s own days: orders, gross, refunds, net, tax, shipping, discounts, average, by status, compared with earlier periods.',
  http: 'GET /sales/stats',
  resources: ['orders', 'refunds'],
  input: z.strictObject({
    ...periodInput(DEFAULT_DAYS),
    ...filterInput,
    compare: z
      .array(z.enum(comparisonNames).describe('Earlier period.'))
      .max(comparisonNames.length)
      .default([])
      .describe(
        'previous: beside as many days directly before. year_before: beside the same days of the year before.',
      ),
    customers: z
      .enum(['counted', 'left_out'])
      .default('left_out')
      .describe(
        'counted: new and returning customers too. It takes longer: each customer’s history is looked at.',
      ),
  }),
  output: z.object({
    from: z.iso.date().describe('First day, the shop’s own.'),
    to: z.iso.date().describe('Last day, included.'),
    timezone: z.string().describe('The shop’s time zone, in which the days are meant.'),
    sales: z
      .array(salesSchema)
      .describe('One for each currency, the shop’s own first; amounts of different ones are never added.'),
    customers: customersSchema.nullable().describe('Over all currencies; null: not asked for.'),
  }),
  async run(asked, { days, from, to, compare: wanted, customers, ...filter }) {
    const { store, now, facts } = asked
    const period = resolvePeriod({ days, from, to }, DEFAULT_DAYS, store, now)
    const before = [...new Set(wanted)].map((name) => ({ name, period: earlier(period, name) }))
    const read = await asked.inSnapshot((client) => readAll(client, asked, filter, period, before, customers))
    const groups = [read.now, ...read.before.map((one) => one.totals)].flatMap((totals) => totals.groups)
    const found = groups.map(({ currency }) => currency)
    const firstDay = read.first?.day ?? null
    const sales = currenciesInOrder(found, store.currency, filter.currency).map((currency) => {
      const shown = figuresOf(read.now, currency)
      return {
        ...shown,
        statuses: statusesOf(read.now.groups, currency),
        comparisons: read.before.map(({ name, totals }) => {
          const then = figuresOf(totals, currency)
          return {
            refundRows: then.refundRows,
            comparison: compare(name, totals.period, shown.figures, then.figures, currency, firstDay),
          }
        }),
      }
    })
    for (const one of sales) addFacts(facts, period, filter, one)
    if (before.length > 0) addFirstOrder(facts, store, read.first)
    if (read.customers !== null) {
      const rows = sales.reduce((sum, { figures }) => sum + figures.orders, 0)
      addFigures(
        facts,
        { subject: ALL_SALES, period, filter: shownFilter(filter), currency: null, rows, refundRows: null },
        read.customers,
      )
    }
    return {
      ...period,
      sales: sales.map(({ currency, figures, statuses, comparisons }) => ({
        currency,
        ...figures,
        statuses,
        comparisons: comparisons.map(({ comparison }) => comparison),
      })),
      customers: read.customers,
    }
  },
})

/** The groups of one period by status, of every status. */
interface Totals {
  period: Period
  chosen: Chosen
  groups: Group[]
}

interface Earlier {
  name: ComparisonName
  period: Period
}

/** Everything of one answer from one snapshot, so that its figures agree. */
async function readAll(
  client: pg.PoolClient,
  { store }: Asked,
  filter: Filters,
  period: Period,
  before: readonly Earlier[],
  customers: 'counted' | 'left_out',
) {
  const read = async (of: Period): Promise<Totals> => {
    const chosen = await choose(client, store, of, filter)
    return { period: of, chosen, groups: await sumByStatus(client, chosen) }
  }
  const now = await read(period)
  const others = []
  for (const { name, period: of } of before) others.push({ name, totals: await read(of) })
  return {
    now,
    before: others,
    first: before.length > 0 ? await readFirstOrder(client, store) : null,
    customers: customers === 'counted' ? await countCustomers(client, now.chosen) : null,
  }
}

function figuresOf({ groups, chosen }: Totals, currency: string | null) {
  const counted = groups.filter(
    (group) => group.currency === currency && group.key !== null && chosen.statuses.includes(group.key),
  )
  const sums = addUp(counted.map((group) => group.sums))
  return { currency, figures: toFigures(sums, currency), refundRows: Number(sums.refund_rows) }
}

function statusesOf(groups: readonly Group[], currency: string | null): Sales['statuses'] {
  return groups
    .filter((group) => group.currency === currency && group.sums.orders !== undefined)
    .map(({ key, sums }) => ({
      status: key,
      orders: Number(sums.orders),
      total: amount(sums.gross_sales ?? '0', currency) ?? '0',
    }))
    .sort((one, other) => other.orders - one.orders || (one.status ?? '').localeCompare(other.status ?? ''))
}

interface Shown {
  currency: string | null
  figures: Figures
  refundRows: number
  statuses: Sales['statuses']
  comparisons: { comparison: Comparison; refundRows: number }[]
}

function addFacts(facts: FactBook, period: Period, filter: Filters, shown: Shown): void {
  const { currency, figures, refundRows, statuses, comparisons } = shown
  const about = {
    subject: ALL_SALES,
    period,
    filter: shownFilter(filter),
    currency,
    rows: figures.orders,
    refundRows,
  }
  addFigures(facts, about, figures)
  const { status: _every, ...others } = about.filter
  for (const { status, orders } of statuses) {
    const ofStatus = { ...about, filter: { ...others, ...(status !== null && { status }) }, rows: orders }
    addFigures(facts, ofStatus, { orders_by_status: orders })
  }
  for (const { comparison, refundRows: then } of comparisons) addComparison(facts, about, comparison, then)
}
