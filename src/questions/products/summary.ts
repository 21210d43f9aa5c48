/** The catalogue on one page of Markdown (A9). */
import { z } from 'zod'
import { aggregateOf } from '../facts.ts'
import { LARGEST_PAGE } from '../page.ts'
import { defineQuestion } from '../question.ts'
import { languageInput, productLine, WORDS } from './markdown.ts'
import { addItemFacts, type ProductColumns, productColumns, toProductRow } from './row.ts'
import { termsOf } from './terms.ts'

type Row = ProductColumns & { price_from: string | null; price_to: string | null }

export const summary = defineQuestion({
  name: 'products.summary',
  summary: 'How many products there are and a list of those that can be bought, as Markdown.',
  http: 'GET /products/summary',
  resources: ['products', 'variations'],
  input: z.strictObject({
    language: languageInput,
    limit: z.int().min(1).max(LARGEST_PAGE).default(50).describe('Most products to list.'),
  }),
  output: z.object({
    markdown: z.string().describe('The summary; names are escaped.'),
    total: z.int().describe('Published products.'),
    available: z.int().describe('Those of them that can be bought: in stock or on backorder.'),
    listed: z.int().describe('Those of them that are listed.'),
  }),
  async run({ db, store, facts, inSnapshot }, { language, limit }) {
    const { counts, rows } = await inSnapshot(async (client) => {
      const published = `p.store_id = $1 AND p.deleted_at IS NULL AND p.status = 'publish'`
      const counted = await client.query<{ total: number; available: number }>(
        `SELECT count(*)::int AS total,
                (count(*) FILTER (WHERE p.stock_status IS DISTINCT FROM 'outofstock'))::int AS available
         FROM mirror.products p
         WHERE ${published}`,
        [store.id],
      )
      const listed = await client.query<Row>(
        `SELECT ${productColumns}, range.price_from, range.price_to
         FROM (
           SELECT p.store_id, p.id FROM mirror.products p
           WHERE ${published} AND p.stock_status IS DISTINCT FROM 'outofstock'
           ORDER BY p.search_name, p.id
           LIMIT $2
         ) page
         JOIN mirror.products p ON p.store_id = page.store_id AND p.id = page.id
         LEFT JOIN LATERAL (
           SELECT min(v.price)::text AS price_from, max(v.price)::text AS price_to
           FROM mirror.variations v
           WHERE v.store_id = p.store_id AND v.product_id = p.id AND v.deleted_at IS NULL AND v.status = 'publish'
         ) range ON p.type LIKE '%variable%'
         ORDER BY p.search_name, p.id`,
        [store.id, limit],
      )
      return { counts: counted.rows[0] ?? { total: 0, available: 0 }, rows: listed.rows }
    })
    const terms = await termsOf(db, store.id)
    const { total, available } = counts
    const subject = { kind: 'store', id: null, name: store.name } as const
    const count = { subject, type: 'count', unit: 'products' } as const
    facts.add({
      ...count,
      attribute: 'products',
      filter: { status: 'publish' },
      value: total,
      source: aggregateOf('products', total),
    })
    facts.add({
      ...count,
      attribute: 'products_available',
      filter: { status: 'publish', stock_status: ['instock', 'onbackorder'] },
      value: available,
      source: aggregateOf('products', available),
    })
    const lines = rows.map((row) => {
      const product = toProductRow(row, store, terms)
      addItemFacts(facts, 'product', product)
      return productLine({ ...product, ...rangeOf(row) }, language)
    })
    if (available > rows.length) lines.push(WORDS[language].more(available - rows.length))
    const words = WORDS[language]
    const markdown = `📊 **${words.total}:** ${total}\n\n### ${words.available}:\n\n${lines.join('\n')}\n`
    return { markdown, total, available, listed: rows.length }
  },
})

function rangeOf({ price_from, price_to }: Row) {
  return price_from === null || price_from === price_to ? {} : { price_from, price_to }
}
