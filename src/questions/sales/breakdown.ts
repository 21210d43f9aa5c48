/** Sales of a period in groups: by day, status, product … */
import { z } from 'zod'
import { definitions } from '../definitions.ts'
import type { FactBook, Period, Subject } from '../facts.ts'
import { periodInput, resolvePeriod } from '../period.ts'
import { defineQuestion } from '../question.ts'
import { ALL_SALES, addFigures } from './facts.ts'
import { currenciesInOrder, figuresShape } from './figures.ts'
import { choose, type Filters, filterInput, shownFilter } from './filters.ts'
import { type Grouping, groupings, overlapping } from './groups.ts'
import { lineFiguresShape } from './lines.ts'
import { readLineRows, readOrderRows } from './rows.ts'
import { cut, type Row, sorts } from './top.ts'

const DEFAULT_DAYS = 30
/** As many days as a period may have. */
const MOST_ROWS = 3700

const { orders, ...otherFigures } = figuresShape

/** Which figures a row has follows from the grouping. */
const figuresOfRow = {
  ...z.object(otherFigures).partial().shape,
  ...z.object(lineFiguresShape).partial().shape,
}

const rowSchema = z.object({
  key: z
    .string()
    .nullable()
    .describe(
      'The group: a day, a Monday, 2026-11, an hour 00 to 23, a weekday 1 (Monday) to 7, a status, a product’s id, a category’s slug, a country, a method’s id, a coupon’s code; new, returning or no_email. null: orders or lines without one.',
    ),
  name: z.string().nullable().describe('Its name in the shop, where it has one besides the key.'),
  from: z.iso.date().optional().describe('Of a day, week or month: its first day in the period.'),
  to: z.iso.date().optional().describe('Its last day in the period.'),
  orders: z
    .int()
    .optional()
    .describe(
      `${definitions.orders.definition} Of a product or category those with a line of it. Not in others where they cannot be added up.`,
    ),
  ...figuresOfRow,
})

const currencySchema = z.object({
  currency: z.string().nullable().describe('Currency of every amount here; null: the shop did not say.'),
  total: rowSchema.describe('All groups together: each order or line once. Its key is null.'),
  rows: z.array(rowSchema).describe('The groups in the order asked for; days without orders have zeros.'),
  others: rowSchema
    .nullable()
    .describe(
      'What limit left out, as one; null: nothing, or it cannot be added up as orders or products count in several groups.',
    ),
  left_out: z.int().describe('How many groups limit left out.'),
})

export const breakdown = defineQuestion({
  name: 'sales.breakdown',
  summary:
    'Sales of a period in groups: by day, week, month, hour, weekday, status, product, category, country, payment method, coupon, or new and returning customers.',
  http: 'GET /sales/breakdown',
  positional: ['by'],
  resources: ['orders', 'refunds', 'products', 'categories'],
  input: z.strictObject({
    by: z
      .enum(groupings)
      .default('day')
      .describe(
        'By what. A product in two categories counts in both, an order with two coupons too; hours, days and weeks are the shop’s own, weeks begin on Monday; countries are those billed to.',
      ),
    ...periodInput(DEFAULT_DAYS),
    ...filterInput,
    sort: z
      .enum(sorts)
      .optional()
      .describe(
        'Order of the groups, with a minus downwards; by key for times, else by net sales downwards (of products without tax).',
      ),
    limit: z
      .int()
      .min(1)
      .max(MOST_ROWS)
      .optional()
      .describe('Most groups of a currency; all for times, else 20. The rest is in others.'),
  }),
  output: z.object({
    by: z.enum(groupings).describe('By what.'),
    from: z.iso.date().describe('First day, the shop’s own.'),
    to: z.iso.date().describe('Last day, included.'),
    timezone: z.string().describe('The shop’s time zone, in which the days are meant.'),
    overlapping: z
      .boolean()
      .describe(
        'Whether an order may count in several groups: then their orders add up to more than the total.',
      ),
    sales: z.array(currencySchema).describe('One for each currency, the shop’s own first.'),
  }),
  async run({ store, now, facts, inSnapshot }, { by, days, from, to, sort, limit, ...filter }) {
    const period = resolvePeriod({ days, from, to }, DEFAULT_DAYS, store, now)
    const read = await inSnapshot(async (client) => {
      const chosen = await choose(client, store, period, filter)
      return by === 'product' || by === 'category'
        ? readLineRows(client, chosen, by)
        : readOrderRows(client, chosen, by, period)
    })
    const sales = currenciesInOrder(read.currencies, store.currency, filter.currency).map((currency) => {
      const { total, rows } = read.of(currency)
      return { currency, total, ...cut(rows, by, { sort, limit }, currency) }
    })
    for (const { currency, total, rows } of sales) {
      addRows(facts, by, period, filter, currency, [total], 'total')
      addRows(facts, by, period, filter, currency, rows, 'groups')
    }
    return {
      by,
      ...period,
      overlapping: overlapping.has(by),
      sales: sales.map(({ total, rows, others, ...one }) => ({
        ...one,
        total: shown(total),
        rows: rows.map(shown),
        others: others && shown(others),
      })),
    }
  },
})

function shown({ figures, sums: _sums, ...row }: Row) {
  return { ...row, ...figures }
}

/** Of each row the figures that are asked for most; the total has all of them. */
function addRows(
  facts: FactBook,
  by: Grouping,
  period: Period,
  filter: Filters,
  currency: string | null,
  rows: readonly Row[],
  of: 'total' | 'groups',
): void {
  for (const row of rows) {
    const { figures } = row
    const { orders, net_sales, product_items, net_product_sales } = figures
    const chosen = shownFilter(filter)
    const ofLines = by === 'product' || by === 'category'
    const counted = ofLines ? { product_orders: orders } : { orders }
    const { orders: _counted, ...amounts } = figures
    addFigures(
      facts,
      {
        subject: of === 'total' ? ALL_SALES : subjectOf(by, row),
        period:
          row.from !== undefined && row.to !== undefined ? { ...period, from: row.from, to: row.to } : period,
        filter: of === 'total' ? chosen : { ...chosen, [by]: row.key ?? 'none' },
        currency,
        rows: orders ?? 0,
        refundRows: 'refund_rows' in row.sums ? Number(row.sums.refund_rows) : null,
      },
      {
        ...counted,
        ...(of === 'total' ? amounts : { net_sales, product_items, net_product_sales }),
      },
    )
  }
}

function subjectOf(by: Grouping, { key, name }: Row): Subject {
  if (by === 'product' || by === 'category') return { kind: by, id: key, name }
  if (by === 'coupon') return { kind: 'coupon', id: null, name: key }
  return ALL_SALES
}
