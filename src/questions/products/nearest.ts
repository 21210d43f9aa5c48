/** What somebody may have meant who asked for a product that is not there. */
import { z } from 'zod'
import { aggregateOf } from '../facts.ts'
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

/** That there is none such, as a fact: count 0 with what it was looked for by. */
export function addMissing({ facts }: Pick<Asked, 'facts'>, wanted: { sku: string } | { id: number }): void {
  facts.add({
    subject: { kind: 'product', id: 'id' in wanted ? String(wanted.id) : null, name: null },
    attribute: 'products',
    filter: wanted,
    value: 0,
    type: 'count',
    unit: 'products',
    source: aggregateOf('products', 0),
  })
}

/** Also tells, as a fact, that there is no such product. */
export async function findNearest(asked: Asked, wanted: { sku: string } | { id: number }): Promise<Nearest> {
  const { db, store } = asked
  const text = 'sku' in wanted ? wanted.sku : String(wanted.id)
  addMissing(asked, wanted)
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
