/** What runs low, what ran out, what is sold on backorder, and what is not counted (A6). */
import { z } from 'zod'
import { pageInput } from '../page.ts'
import { type Asked, defineQuestion } from '../question.ts'
import { plainUnits, unitList } from './list.ts'
import { unitSorts } from './units.ts'

const output = z.object(unitList)
const resources = ['products', 'variations'] as const
const list = 'products'

export const low = defineQuestion({
  name: 'stock.low',
  summary: 'Products and variations that run low: some are left, but no more than the threshold.',
  http: 'GET /stock/low',
  list,
  resources: [...resources, 'settings'],
  input: z.strictObject({
    threshold: z
      .int()
      .min(0)
      .max(1_000_000)
      .optional()
      .describe(
        'From how many pieces on it is low; without it each one’s own, its product’s, or the shop’s.',
      ),
    ...pageInput(unitSorts, 'stock_quantity'),
  }),
  output,
  async run(asked, { threshold, ...page }) {
    const values: unknown[] = [asked.store.id]
    if (threshold !== undefined) values.push(threshold)
    const least =
      threshold === undefined
        ? 'the threshold of the variation, else of its product, else of the shop'
        : String(threshold)
    return plainUnits(
      asked,
      {
        attribute: 'products_low',
        definition: `Stock above 0 and not above ${least}; what is on backorder is a list of its own.`,
        filter: { status: 'publish', ...(threshold !== undefined && { threshold }) },
        where: `u.stock_quantity > 0 AND u.stock_quantity <= u.low_stock_amount
          AND u.stock_status IS DISTINCT FROM 'onbackorder'`,
        threshold: threshold === undefined ? null : '$2::numeric',
        values,
        sorts: unitSorts,
      },
      page,
    )
  },
})

type Choice = Parameters<typeof plainUnits>[1]

/** A list whose filter takes nothing from the input. */
function plainly(choice: Omit<Choice, 'values' | 'sorts'>) {
  return (asked: Asked, page: Parameters<typeof plainUnits>[2]) =>
    plainUnits(asked, { ...choice, values: [asked.store.id], sorts: unitSorts }, page)
}

export const out = defineQuestion({
  name: 'stock.out',
  summary: 'Products and variations that are out of stock.',
  http: 'GET /stock/out',
  list,
  resources,
  input: z.strictObject(pageInput(unitSorts, 'name')),
  output,
  run: plainly({
    attribute: 'products_out_of_stock',
    definition:
      'Stock of 0 or below; where pieces are not counted, what the shop says is out of stock. What is on backorder is a list of its own.',
    filter: { status: 'publish' },
    where: `u.stock_status IS DISTINCT FROM 'onbackorder'
      AND (u.stock_quantity <= 0 OR (u.stock_quantity IS NULL AND u.stock_status = 'outofstock'))`,
  }),
})

export const backordered = defineQuestion({
  name: 'stock.backordered',
  summary: 'Products and variations that are sold on backorder: no stock, but they can be ordered.',
  http: 'GET /stock/backordered',
  list,
  resources,
  input: z.strictObject(pageInput(unitSorts, 'stock_quantity')),
  output,
  run: plainly({
    attribute: 'products_on_backorder',
    definition: 'What the shop says is on backorder; below 0 are pieces that are owed.',
    filter: { status: 'publish', stock_status: 'onbackorder' },
    where: `u.stock_status = 'onbackorder'`,
  }),
})

export const unmanaged = defineQuestion({
  name: 'stock.unmanaged',
  summary: 'Products and variations whose pieces the shop does not count.',
  http: 'GET /stock/unmanaged',
  list,
  resources,
  input: z.strictObject(pageInput(unitSorts, 'name')),
  output,
  run: plainly({
    attribute: 'products_without_stock_count',
    definition: 'Stock management is off: how many are left is not known.',
    filter: { status: 'publish', manage_stock: false },
    where: 'NOT u.managed',
  }),
})
