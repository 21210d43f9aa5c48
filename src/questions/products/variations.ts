/** The variations of a product. */
import { z } from 'zod'
import { aggregateOf } from '../facts.ts'
import { type KeysetRow, keyset, nextCursor, pageInput, type Sorts, toPage } from '../page.ts'
import { defineQuestion } from '../question.ts'
import { statusInput } from './filters.ts'
import { addMissing } from './nearest.ts'
import { addItemFacts } from './row.ts'
import { columnsOfVariation, toVariation, type VariationColumns, variationRow } from './variation.ts'

const sorts = {
  id: { by: 'v.id', type: 'bigint' },
  price: { by: 'coalesce(v.price, 0)', type: 'numeric' },
} as const satisfies Sorts

export const variations = defineQuestion({
  name: 'products.variations',
  summary: 'The variations of a product with their prices and stock.',
  http: 'GET /products/{id}/variations',
  positional: ['id'],
  list: 'variations',
  resources: ['products', 'variations'],
  input: z.strictObject({
    id: z.int().positive().describe('Id of the product.'),
    status: statusInput,
    ...pageInput(sorts, 'id'),
  }),
  output: z.object({
    product: z
      .object({
        id: z.int().describe('Id of the product.'),
        name: z.string().nullable().describe('Its name.'),
        type: z.string().nullable().describe('variable, where it has variations.'),
      })
      .nullable()
      .describe('The product; null: the shop has none such.'),
    variations: z.array(variationRow).describe('Its variations on this page; empty for other products.'),
    total: z.int().describe('How many there are in all pages.'),
    nextCursor,
  }),
  async run({ db, store, facts }, given) {
    const { id, status } = given
    const values: unknown[] = [store.id, id, status]
    const page = keyset(sorts, 'v.id', given, values)
    const chosen = `v.store_id = $1 AND v.product_id = $2 AND v.deleted_at IS NULL
      AND CASE $3 WHEN 'any' THEN v.status <> 'trash' ELSE v.status = $3 END`
    const { rows: products } = await db.query<{
      id: number
      name: string | null
      type: string | null
      total: number
    }>(
      `SELECT p.id, p.name, p.type, (SELECT count(*)::int FROM mirror.variations v WHERE ${chosen}) AS total
       FROM mirror.products p
       WHERE p.store_id = $1 AND p.id = $2 AND p.deleted_at IS NULL`,
      values.slice(0, 3),
    )
    const [found] = products
    if (!found) {
      addMissing({ facts }, { id })
      return { product: null, variations: [], total: 0, nextCursor: null }
    }
    const { rows } = await db.query<VariationColumns & KeysetRow>(
      `SELECT ${columnsOfVariation}, ${page.columns}
       FROM mirror.variations v
       JOIN mirror.products p ON p.store_id = v.store_id AND p.id = v.product_id
       WHERE ${chosen} AND ${page.where}
       ORDER BY ${page.orderBy}
       LIMIT ${page.limit}`,
      values,
    )
    const { rows: shown, nextCursor } = toPage(rows, given)
    const { total, ...product } = found
    facts.add({
      subject: { kind: 'product', id: String(id), name: product.name },
      attribute: 'variations',
      filter: { status },
      value: total,
      type: 'count',
      unit: 'variations',
      source: aggregateOf('variations', total),
    })
    const list = shown.map((row) => toVariation(row, store))
    for (const variation of list) addItemFacts(facts, 'variation', variation)
    return { product, variations: list, total, nextCursor }
  },
})
