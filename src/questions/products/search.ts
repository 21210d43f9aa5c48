/** The catalogue: by words, by what products are, or whole. */
import { z } from 'zod'
import { WooSyncError } from '../../errors.ts'
import { pageInput, type Sorts } from '../page.ts'
import { type Asked, defineQuestion } from '../question.ts'
import { filterCondition, filterInput, statusCondition } from './filters.ts'
import { filterOf, listProducts, productList, sorts } from './list.ts'
import { allWords, alternatives, fold, mostWords, type Words } from './words.ts'

/** What sold more comes first among equals; it never outweighs a better match. */
const popularity =
  'greatest(coalesce(p.total_sales, 0), 0) / (greatest(coalesce(p.total_sales, 0), 0) + 1000)'

/** Best first when upwards, as names are. */
const relevanceOf = (rank: string): Sorts => ({
  ...sorts,
  relevance: { by: `-round(${rank} + ${popularity}, 9)`, type: 'numeric' },
})
/** Of a list that holds similar ones; other names, so that a cursor says which of both lists it is of. */
const similarSorts: Sorts = Object.fromEntries(
  Object.entries(relevanceOf('found.hits')).map(([name, sort]) => [`similar ${name}`, sort]),
)

const { sort: _sort, ...pages } = pageInput(sorts, 'name')
const names = [...Object.keys(sorts), 'relevance'].flatMap((name) => [name, `-${name}`])

const input = z.strictObject({
  text: z
    .string()
    .max(200)
    .optional()
    .describe('Words of the name, a SKU or a GTIN; diacritics, case and typing errors do not matter.'),
  ...filterInput,
  ...pages,
  sort: z
    .enum(names)
    .optional()
    .describe('Order; with a minus downwards. With text: relevance, the best first; else name.'),
})

type Given = z.output<typeof input>

export const search = defineQuestion({
  name: 'products.search',
  summary:
    'Products by words, SKU, GTIN, category, tag, attribute, price or stock; without any, all of them.',
  http: 'GET /products',
  positional: ['text'],
  list: 'products',
  resources: ['products', 'variations', 'categories', 'tags', 'attributes', 'attribute_terms'],
  input,
  output: z.object({
    match: z
      .enum(['exact', 'similar'])
      .describe('exact: all words begin words of these products. similar: none had them all as written.'),
    ...productList,
  }),
  async run(asked, given) {
    const { text, limit, cursor } = given
    const sort = given.sort ?? (text === undefined ? 'name' : 'relevance')
    const page = { limit, cursor, sort }
    if (text === undefined) {
      if (sort.endsWith('relevance')) {
        throw new WooSyncError('input_invalid', { field: 'sort', problem: 'relevance needs text' })
      }
      return { match: 'exact' as const, ...(await listed(asked, given, page)) }
    }
    const words = await fold(asked.db, text)
    const similar = { ...page, sort: sort.replace(/^(-?)/, '$1similar ') }
    if (cursor !== undefined && belongsTo(cursor, similar.sort)) {
      return { match: 'similar' as const, ...(await likeThem(asked, given, words, similar)) }
    }
    const found = await withAll(asked, given, words, text, page)
    const known = found.total > 0 || cursor !== undefined || (await anyHas(asked, given, words))
    // Where the words are there and a filter left nothing, nothing is right.
    if (known) return { match: 'exact' as const, ...found }
    return { match: 'similar' as const, ...(await likeThem(asked, given, words, similar)) }
  },
})

interface Page {
  limit: number
  cursor: string | undefined
  sort: string
}

async function listed(asked: Asked, given: Given, page: Page) {
  const values: unknown[] = [asked.store.id]
  const where = await filterCondition(asked.db, given, values)
  return listProducts(asked, { where, values, sorts, filter: filterOf(given) }, page)
}

async function withAll(asked: Asked, given: Given, words: Words, text: string, page: Page) {
  const values: unknown[] = [asked.store.id]
  const where = `${await filterCondition(asked.db, given, values)} AND ${allWords(words, values)}`
  const ranked = page.sort.endsWith('relevance') ? relevanceOf(rankOf(words, text, values)) : sorts
  const filter = { ...filterOf(given), match: 'exact' }
  return listProducts(asked, { where, values, sorts: ranked, filter }, page)
}

/** The SKU or GTIN itself, the name, its beginning, words that stand together, then the words anywhere. */
function rankOf({ form }: Words, text: string, values: unknown[]): string {
  values.push(text.trim(), form)
  const [written, folded] = [`$${values.length - 1}::text`, `$${values.length}::text`]
  return `CASE
    WHEN lower(p.sku) = lower(${written}) OR p.gtin = ${written} OR EXISTS (
      SELECT FROM mirror.variations v
      WHERE v.store_id = $1 AND v.product_id = p.id AND v.deleted_at IS NULL AND lower(v.sku) = lower(${written})
    ) THEN 4
    WHEN p.search_name = ${folded} THEN 3
    WHEN starts_with(p.search_name, ${folded}) THEN 2
    WHEN strpos(p.search_name, ' ' || ${folded}) > 0 THEN 1
    ELSE 0 END`
}

async function anyHas({ db, store }: Asked, given: Given, words: Words): Promise<boolean> {
  const values: unknown[] = [store.id]
  const where = `${statusCondition(given.status, values)} AND ${allWords(words, values)}`
  const { rows } = await db.query<{ known: boolean }>(
    `SELECT EXISTS (
       SELECT FROM mirror.products p WHERE p.store_id = $1 AND p.deleted_at IS NULL AND ${where}
     ) AS known`,
    values,
  )
  return rows[0]?.known === true
}

async function likeThem(asked: Asked, given: Given, words: Words, page: Page) {
  const values: unknown[] = [asked.store.id]
  const where = await filterCondition(asked.db, given, values)
  const filter = { ...filterOf(given), match: 'similar' }
  const groups = await alternatives(asked.db, asked.store.id, words)
  if (groups.length === 0) {
    return listProducts(
      asked,
      { where: `${where} AND false`, values, sorts, filter },
      { ...page, sort: 'name', cursor: undefined },
    )
  }
  const among = statusCondition(given.status, values)
  const join = `JOIN (${mostWords(groups, among, values)}) found ON found.id = p.id`
  return listProducts(asked, { join, where, values, sorts: similarSorts, filter }, page)
}

/** Whether a cursor is of the list with this sort; whether it is sound is seen when it is used. */
function belongsTo(cursor: string, sort: string): boolean {
  return Buffer.from(cursor, 'base64url')
    .toString()
    .startsWith(`[${JSON.stringify(sort)},`)
}
