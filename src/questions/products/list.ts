/** A page of products, whatever chose them. */
import { z } from 'zod'
import { aggregateOf, type Fact } from '../facts.ts'
import { type KeysetRow, keyset, nextCursor, type Sorts, toPage } from '../page.ts'
import type { Asked } from '../question.ts'
import { addItemFacts, type ProductColumns, productColumns, productRow, toProductRow } from './row.ts'
import { termsOf } from './terms.ts'

export const sorts = {
  name: { by: 'left(p.search_name, 100)', type: 'text' },
  price: { by: 'coalesce(p.price, 0)', type: 'numeric' },
  created_at: { by: `coalesce(p.created_at, '-infinity')`, type: 'timestamptz' },
  modified_at: { by: `coalesce(p.modified_at, '-infinity')`, type: 'timestamptz' },
  stock_quantity: {
    by: 'coalesce(CASE WHEN p.manage_stock THEN p.stock_quantity END, 0)',
    type: 'numeric',
  },
  total_sales: { by: 'coalesce(p.total_sales, 0)', type: 'numeric' },
} as const satisfies Sorts

export const productList = {
  products: z.array(productRow).describe('The products of this page.'),
  total: z.int().describe('How many products there are in all pages.'),
  nextCursor,
}

interface Choice {
  /** Joined to `mirror.products p`, where the condition or the sort need it. */
  join?: string
  /** A condition on `p`. */
  where: string
  values: unknown[]
  sorts: Sorts
  /** What the caller asked for, as facts say it. */
  filter: Fact['filter']
}

interface Given {
  limit: number
  cursor?: string | undefined
  sort: string
}

type Row = { total: number } & Partial<ProductColumns & KeysetRow>

/** @throws cursor_invalid */
export async function listProducts({ db, store, facts }: Asked, choice: Choice, given: Given) {
  const { join = '', where, values } = choice
  const page = keyset(choice.sorts, 'p.id', given, values)
  // The page is cut first, with its ids alone: what is shown is read for its rows only.
  const { rows } = await db.query<Row>(
    `WITH chosen AS MATERIALIZED (
       SELECT p.id, ${page.columns}, ${page.where} AS ahead
       FROM mirror.products p ${join}
       WHERE p.store_id = $1 AND ${where}
       ORDER BY ${page.orderBy}
     ),
     page AS MATERIALIZED (
       SELECT id, sort_value, sort_id, row_number() OVER () AS place FROM chosen WHERE ahead LIMIT ${page.limit}
     )
     SELECT counted.total, shown.*
     FROM (SELECT count(*)::int AS total FROM chosen) counted
     LEFT JOIN (
       SELECT page.place, page.sort_value, page.sort_id, ${productColumns}
       FROM page
       JOIN mirror.products p ON p.store_id = $1 AND p.id = page.id
     ) shown ON true
     ORDER BY shown.place`,
    values,
  )
  const total = rows[0]?.total ?? 0
  const found = rows.filter((row): row is Row & ProductColumns & KeysetRow => typeof row.id === 'number')
  const { rows: shown, nextCursor } = toPage(found, given)
  const terms = await termsOf(db, store.id)
  const products = shown.map((row) => toProductRow(row, store, terms))
  facts.add({
    subject: { kind: 'store', id: null, name: store.name },
    attribute: 'products',
    filter: choice.filter,
    value: total,
    type: 'count',
    unit: 'products',
    source: aggregateOf('products', total),
  })
  for (const product of products) addItemFacts(facts, 'product', product)
  return { products, total, nextCursor }
}

/** What was asked for, without the page, as a fact's filter. */
export function filterOf(given: Record<string, unknown>): Fact['filter'] {
  return Object.fromEntries(
    Object.entries(given).filter(
      (entry): entry is [string, string | number | boolean] =>
        !['limit', 'cursor', 'sort'].includes(entry[0]) &&
        ['string', 'number', 'boolean'].includes(typeof entry[1]),
    ),
  )
}
