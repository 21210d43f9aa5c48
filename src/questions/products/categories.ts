/** The shop's categories as a tree (A8). */
import { z } from 'zod'
import { aggregateOf } from '../facts.ts'
import { defineQuestion } from '../question.ts'

const category = z.object({
  id: z.int().describe('Id of the category.'),
  name: z.string().nullable().describe('Its name.'),
  slug: z.string().nullable().describe('Its slug.'),
  parent_id: z.int().nullable().describe('Id of the category above it; null: none.'),
  description: z.string().nullable().describe('What the shop says of it.'),
  depth: z.int().describe('How many categories are above it.'),
  path: z
    .array(z.string().describe('Name of a category.'))
    .describe('Names from the uppermost category down to it.'),
  products: z.int().describe('Published products in it.'),
  productsBelow: z.int().describe('Published products in it and in all below it, each counted once.'),
})

interface Row {
  id: number
  name: string | null
  slug: string | null
  parent_id: number | null
  description: string | null
  own: number
  below: number
}

export const categories = defineQuestion({
  name: 'products.categories',
  summary: 'All categories as a tree, with how many published products each has.',
  http: 'GET /categories',
  resources: ['categories', 'products'],
  input: z.strictObject({}),
  output: z.object({
    categories: z
      .array(category)
      .describe('Each category followed by those below it, in the shop’s own order.'),
  }),
  async run({ db, store, facts }) {
    const { rows } = await db.query<Row>(
      `WITH RECURSIVE member AS MATERIALIZED (
         SELECT p.id AS product, category
         FROM mirror.products p, unnest(p.category_ids) AS category
         WHERE p.store_id = $1 AND p.deleted_at IS NULL AND p.status = 'publish'
       ),
       tree AS (
         SELECT id AS top, id FROM mirror.categories WHERE store_id = $1 AND deleted_at IS NULL
         UNION
         SELECT tree.top, c.id
         FROM tree
         JOIN mirror.categories c ON c.parent_id = tree.id
         WHERE c.store_id = $1 AND c.deleted_at IS NULL
       ),
       own AS (SELECT category, count(DISTINCT product)::int AS products FROM member GROUP BY category),
       below AS (
         SELECT tree.top, count(DISTINCT member.product)::int AS products
         FROM tree JOIN member ON member.category = tree.id
         GROUP BY tree.top
       )
       SELECT c.id, c.name, c.slug, c.parent_id, nullif(c.description, '') AS description,
              coalesce(own.products, 0) AS own, coalesce(below.products, 0) AS below
       FROM mirror.categories c
       LEFT JOIN own ON own.category = c.id
       LEFT JOIN below ON below.top = c.id
       WHERE c.store_id = $1 AND c.deleted_at IS NULL
       ORDER BY coalesce(c.menu_order, 0), mirror.search_form(c.name), c.id`,
      [store.id],
    )
    const tree = inTreeOrder(rows)
    for (const { id, name, products, productsBelow } of tree) {
      const about = {
        subject: { kind: 'category', id: String(id), name } as const,
        filter: { status: 'publish' },
        type: 'count',
        unit: 'products',
      } as const
      facts.add({
        ...about,
        attribute: 'products',
        value: products,
        source: aggregateOf('products', products),
      })
      facts.add({
        ...about,
        attribute: 'products_with_those_below',
        value: productsBelow,
        source: aggregateOf('products', productsBelow),
      })
    }
    return { categories: tree }
  },
})

/** What is above a row may be gone: such a row stands uppermost. None is left out and none comes twice. */
function inTreeOrder(rows: readonly Row[]): z.output<typeof category>[] {
  const known = new Set(rows.map(({ id }) => id))
  const above = (row: Row) => (row.parent_id !== null && known.has(row.parent_id) ? row.parent_id : null)
  const children = Map.groupBy(rows, above)
  const placed = new Set<number>()
  const list: z.output<typeof category>[] = []
  const place = (row: Row, path: readonly string[]) => {
    if (placed.has(row.id)) return
    placed.add(row.id)
    const { own, below, ...shown } = row
    const here = [...path, row.name ?? '']
    list.push({
      ...shown,
      parent_id: above(row),
      depth: path.length,
      path: here,
      products: own,
      productsBelow: below,
    })
    for (const child of children.get(row.id) ?? []) place(child, here)
  }
  for (const row of children.get(null) ?? []) place(row, [])
  // A circle of parents has no uppermost: it is cut open where it comes first.
  for (const row of rows) place(row, [])
  return list
}
