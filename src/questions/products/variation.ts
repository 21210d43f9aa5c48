/** One variation, as lists and its product show it. */
import { z } from 'zod'
import type { Store } from '../../mirror/stores.ts'
import { type ItemColumns, itemShape, toItem, variationColumns } from './row.ts'

export const variationRow = z.object({
  id: z.int().describe('Id of the variation.'),
  product_id: z.int().describe('Id of its product.'),
  name: z.string().nullable().describe('Name in the shop, with its product’s before it.'),
  ...itemShape,
  stock_of: z
    .enum(['variation', 'product'])
    .nullable()
    .describe('Whose pieces are counted: its own, or those of its product; null: none.'),
  attributes: z
    .array(
      z.object({
        name: z.string().describe('Name of the attribute.'),
        option: z.string().describe('Its value; empty: any.'),
      }),
    )
    .describe('What makes it this variation.'),
})

export interface VariationColumns extends ItemColumns {
  product_id: number
  product_name: string | null
  stock_of: 'variation' | 'product' | null
  attributes: unknown
}

/** Columns of mirror.variations as `v`, beside their product as `p`. */
export const columnsOfVariation = `${variationColumns}, v.product_id, p.name AS product_name, v.attributes,
  CASE v.manage_stock WHEN 'true' THEN 'variation' WHEN 'parent' THEN 'product' END AS stock_of`

export function toVariation(row: VariationColumns, store: Store): z.output<typeof variationRow> {
  return {
    id: row.id,
    product_id: row.product_id,
    name: [row.product_name, row.name].filter(Boolean).join(' – ') || null,
    ...toItem(row, store.currency),
    manage_stock: row.stock_of !== null,
    stock_of: row.stock_of,
    attributes: listOf(row.attributes).map((attribute) => ({
      name: textOf(attribute.name),
      option: textOf(attribute.option),
    })),
  }
}

/** The objects of a list in a record, whatever a plugin made of it. */
export function listOf(value: unknown): Record<string, unknown>[] {
  if (!Array.isArray(value)) return []
  return value.filter((one): one is Record<string, unknown> => one !== null && typeof one === 'object')
}

export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
