/** What lies on the shelf and is not sold. */
import { z } from 'zod'
import { PAID_STATUSES } from '../definitions.ts'
import { pageInput, type Sorts } from '../page.ts'
import { resolvePeriod } from '../period.ts'
import { defineQuestion } from '../question.ts'
import { sqlZone } from '../zone.ts'
import { listUnits, unitList } from './list.ts'
import { lastSold, soldPieces } from './sold.ts'
import { aboutUnit, unitRow, unitSorts } from './units.ts'

const sorts = {
  ...unitSorts,
  created_at: { by: `coalesce(u.created_at, '-infinity')`, type: 'timestamptz' },
} as const satisfies Sorts

export const dead = defineQuestion({
  name: 'stock.dead',
  summary: 'Dead stock: products and variations in stock of which nothing was sold for a time.',
  http: 'GET /stock/dead',
  list: 'products',
  resources: ['products', 'variations', 'orders'],
  input: z.strictObject({
    days: z
      .int()
      .min(1)
      .max(3660)
      .default(90)
      .describe('For how many days nothing was sold; the shop’s own days, today included.'),
    ...pageInput(sorts, '-stock_quantity'),
  }),
  output: z.object({
    ...unitList,
    products: z
      .array(
        unitRow.extend({
          created_at: z.iso
            .datetime()
            .nullable()
            .describe('When it was made: a new one may not be dead (UTC).'),
          lastSoldAt: z.iso
            .datetime()
            .nullable()
            .describe('When the last paid order of it came in (UTC); null: never.'),
        }),
      )
      .describe('The products and variations of this page.'),
    from: z.iso.date().describe('First day of the time without a sale, the shop’s own.'),
    to: z.iso.date().describe('Last day.'),
  }),
  async run(asked, { days, ...page }) {
    const { store, now, facts } = asked
    const period = resolvePeriod({ days }, days, store, now)
    const values: unknown[] = [store.id, period.from, period.to, sqlZone(store.timezone)]
    const { list, ...rest } = await listUnits<{ created_at: Date | null; last_sold: Date | null }>(
      asked,
      {
        attribute: 'products_dead',
        definition: `In stock, and on no line of a paid order (${PAID_STATUSES.join(', ')}) from ${period.from} to ${period.to}.`,
        filter: { status: 'publish', stock_status: 'instock', days },
        period,
        ctes: `sold AS MATERIALIZED (
          SELECT DISTINCT unit_id FROM (${soldPieces(
            '($2::date)::timestamp AT TIME ZONE $4',
            '($3::date + 1)::timestamp AT TIME ZONE $4',
          )}) line
        )`,
        where: `u.stock_status = 'instock' AND coalesce(u.stock_quantity > 0, true)
          AND NOT EXISTS (SELECT FROM sold WHERE sold.unit_id = u.unit_id)`,
        values,
        sorts,
        shown: `${lastSold} AS last_sold`,
      },
      page,
    )
    const products = list.map(({ row, unit }) => {
      const lastSoldAt = row.last_sold?.toISOString() ?? null
      facts.add({ ...aboutUnit(unit), attribute: 'last_sold_at', value: lastSoldAt, type: 'moment' })
      return { ...unit, created_at: row.created_at?.toISOString() ?? null, lastSoldAt }
    })
    return { products, ...rest, from: period.from, to: period.to }
  },
})
