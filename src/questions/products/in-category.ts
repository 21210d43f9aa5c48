/** The products of a category and of all below it (A8). */
import { z } from 'zod'
import { pageInput } from '../page.ts'
import { defineQuestion } from '../question.ts'
import { filterCondition, statusInput } from './filters.ts'
import { filterOf, listProducts, productList, sorts } from './list.ts'
import { categoryRef } from './row.ts'

export const inCategory = defineQuestion({
  name: 'products.in-category',
  summary: 'The products of a category, by its slug, with those of the categories below it.',
  http: 'GET /categories/{slug}/products',
  positional: ['slug'],
  list: 'products',
  resources: ['products', 'categories'],
  input: z.strictObject({
    slug: z.string().trim().min(1).max(200).describe('Slug of the category, case ignored.'),
    status: statusInput,
    ...pageInput(sorts, 'name'),
  }),
  output: z.object({
    category: categoryRef.nullable().describe('The category; null: the shop has none such.'),
    ...productList,
  }),
  async run(asked, { slug, status, ...page }) {
    const { rows } = await asked.db.query<z.output<typeof categoryRef>>(
      `SELECT id, name, slug FROM mirror.categories
       WHERE store_id = $1 AND lower(slug) = lower($2) AND deleted_at IS NULL
       ORDER BY id LIMIT 1`,
      [asked.store.id, slug],
    )
    const values: unknown[] = [asked.store.id]
    const where = await filterCondition(asked.db, { category: slug, status }, values)
    const filter = filterOf({ category: slug, status })
    return {
      category: rows[0] ?? null,
      ...(await listProducts(asked, { where, values, sorts, filter }, page)),
    }
  },
})
