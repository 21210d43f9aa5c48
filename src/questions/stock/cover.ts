/** For how many days the stock lasts at the speed at which it really sells. */
import { z } from 'zod'
import { PAID_STATUSES } from '../definitions.ts'
import { pageInput, type Sorts } from '../page.ts'
import { resolvePeriod } from '../period.ts'
import { defineQuestion } from '../question.ts'
import { addDays, sqlZone } from '../zone.ts'
import { listUnits, unitList } from './list.ts'
import { soldPieces } from './sold.ts'
import { aboutUnit, unitRow, unitSorts } from './units.ts'

const WINDOWS = [7, 30, 90] as const
type Window = (typeof WINDOWS)[number]

const sold = (days: Window) =>
  z.number().describe(`Pieces on paid orders of the last ${days} days, minus those of them refunded since.`)
const cover = (days: Window) =>
  z
    .number()
    .nullable()
    .describe(
      `Days that the stock lasts at the speed of the last ${days} days; null: nothing was sold in them.`,
    )

const coverRow = unitRow.extend({
  sold7: sold(7),
  sold30: sold(30),
  sold90: sold(90),
  cover7: cover(7),
  cover30: cover(30),
  cover90: cover(90),
  reason: z
    .enum(['nothing_sold', 'out_of_stock'])
    .nullable()
    .describe(
      'nothing_sold: there is no speed in any of the three periods. out_of_stock: nothing is left to last.',
    ),
})

/** Days with one decimal. */
const coverSql = (days: Window) =>
  `CASE WHEN s.sold${days} > 0 THEN round(greatest(u.stock_quantity, 0) * ${days} / s.sold${days}, 1) END`

/** What never runs out at its speed comes after all that does. */
const byCover = (days: Window) =>
  ({ by: `coalesce(${coverSql(days)}, 1000000000)`, type: 'numeric' }) as const
const bySold = (days: Window) => ({ by: `coalesce(s.sold${days}, 0)`, type: 'numeric' }) as const

const sorts = {
  ...unitSorts,
  cover7: byCover(7),
  cover30: byCover(30),
  cover90: byCover(90),
  sold7: bySold(7),
  sold30: bySold(30),
  sold90: bySold(90),
} as const satisfies Sorts

type Sold = { [W in Window as `sold${W}`]: string } & { [W in Window as `cover${W}`]: string | null }

const definition =
  `Days of cover: stock divided by the pieces that sold in a day, on average over the last 7, 30 and 90 days of the shop, ` +
  `today included: pieces on paid orders (${PAID_STATUSES.join(', ')}) of these days minus those of them refunded since.`

export const stockCover = defineQuestion({
  name: 'stock.cover',
  summary: 'For how many days the stock of products and variations lasts at their real sales speed.',
  http: 'GET /stock/cover',
  list: 'products',
  resources: ['products', 'variations', 'orders', 'refunds'],
  input: z.strictObject({
    sku: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .optional()
      .describe('Only this one: SKU of a product or variation, case ignored.'),
    id: z
      .int()
      .positive()
      .optional()
      .describe('Only this one: id of a product, with its variations, or of a variation.'),
    ...pageInput(sorts, 'cover30'),
  }),
  output: z.object({
    ...unitList,
    products: z
      .array(coverRow)
      .describe('The products and variations of this page whose pieces are counted.'),
    from: z.iso.date().describe('First of the 90 days, the shop’s own.'),
    to: z.iso.date().describe('Last day: today.'),
  }),
  async run(asked, { sku, id, ...page }) {
    const { store, now, facts } = asked
    const period = resolvePeriod({ days: 90 }, 90, store, now)
    const values: unknown[] = [store.id, period.from, period.to, sqlZone(store.timezone)]
    const conditions = ['u.stock_quantity IS NOT NULL']
    if (sku !== undefined) conditions.push(`lower(u.sku) = lower($${values.push(sku)})`)
    if (id !== undefined) conditions.push(`$${values.push(id)}::bigint IN (u.unit_id, u.product_id)`)
    const within = (days: Window) => `line.created_at >= ($3::date - ${days - 1})::timestamp AT TIME ZONE $4`
    const net = (days: Window) =>
      `coalesce(sum(pieces - refunded) FILTER (WHERE ${within(days)}), 0) AS sold${days}`
    const { list, ...rest } = await listUnits<Sold>(
      asked,
      {
        attribute: 'products_with_stock_count',
        definition,
        counts: 'Products and variations whose pieces are counted.',
        filter: { status: 'publish', ...(sku !== undefined && { sku }), ...(id !== undefined && { id }) },
        ctes: `sold AS MATERIALIZED (
          SELECT unit_id, ${WINDOWS.map(net).join(', ')}
          FROM (${soldPieces(
            '($2::date)::timestamp AT TIME ZONE $4',
            '($3::date + 1)::timestamp AT TIME ZONE $4',
          )}) line
          GROUP BY unit_id
        )`,
        join: 'LEFT JOIN sold s ON s.unit_id = u.unit_id',
        columns: WINDOWS.map(
          (days) => `coalesce(s.sold${days}, 0) AS sold${days}, ${coverSql(days)} AS cover${days}`,
        ).join(', '),
        where: conditions.join(' AND '),
        values,
        sorts,
      },
      page,
    )
    const products = list.map(({ row, unit }) => {
      for (const days of WINDOWS) {
        const about = {
          ...aboutUnit(unit),
          period: { ...period, from: addDays(period.to, 1 - days) },
          definition,
        }
        const speed = {
          ...about,
          value: Number(row[`sold${days}`]),
          type: 'quantity',
          unit: 'pieces',
        } as const
        facts.add({ ...speed, attribute: 'net_sold' })
        const lasts = {
          ...about,
          value: numberOf(row[`cover${days}`]),
          type: 'duration',
          unit: 'days',
        } as const
        facts.add({ ...lasts, attribute: 'days_of_cover' })
      }
      return {
        ...unit,
        sold7: Number(row.sold7),
        sold30: Number(row.sold30),
        sold90: Number(row.sold90),
        cover7: numberOf(row.cover7),
        cover30: numberOf(row.cover30),
        cover90: numberOf(row.cover90),
        reason: reasonOf(unit.stock_quantity, row),
      }
    })
    return { products, ...rest, from: period.from, to: period.to }
  },
})

const numberOf = (value: string | null) => (value === null ? null : Number(value))

function reasonOf(quantity: number | null, row: Sold): 'nothing_sold' | 'out_of_stock' | null {
  if (row.cover7 === null && row.cover30 === null && row.cover90 === null) return 'nothing_sold'
  return quantity !== null && quantity <= 0 ? 'out_of_stock' : null
}
