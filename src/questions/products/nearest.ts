/** What somebody may have meant who asked for a product that is not there. */
import { z } from 'zod'
import type { Asked } from '../question.ts'
import { alternatives, fold, mostWords } from './words.ts'

const MOST = 5

export const nearest = z
  .array(
    z.object({
      id: z.int().describe('Id of the product.'),
      name: z.string().nullable().describe('Its name.'),
      sku: z.string().nullable().describe('Its SKU.'),
    }),
  )
  .describe(
    'Where there is no such product: published ones whose name or SKU is most like what was asked for.',
  )

export type Nearest = z.output<typeof nearest>

export async function findNearest({ db, store }: Asked, text: string): Promise<Nearest> {
  const groups = await alternatives(db, store.id, await fold(db, text))
  if (groups.length === 0) return []
  const values: unknown[] = [store.id]
  const found = mostWords(groups, `p.status = 'publish'`, values)
  const { rows } = await db.query<Nearest[number]>(
    `SELECT p.id, p.name, nullif(p.sku, '') AS sku
     FROM (${found}) found
     JOIN mirror.products p ON p.store_id = $1 AND p.id = found.id
     ORDER BY found.hits DESC, coalesce(p.total_sales, 0) DESC, p.id
     LIMIT ${MOST}`,
    values,
  )
  return rows
}
