/** Names of categories and tags. Products hold ids: a category renamed moves no product's date (4). */
import { createKept } from '../../database/kept.ts'

export interface Term {
  id: number
  name: string | null
  slug: string | null
}

export interface Category extends Term {
  /** Names from the uppermost category down to it. */
  path: string[]
}

export interface Terms {
  categories: ReadonlyMap<number, Category>
  tags: ReadonlyMap<number, Term>
}

/** For as long as an answer's `asOf`. */
const KEPT_MS = 1000
/** WordPress forbids circles of parents; one that is there all the same ends here. */
const DEEPEST = 20

interface Row extends Term {
  kind: 'category' | 'tag'
  parent_id: number | null
}

export const termsOf = createKept<Terms>(KEPT_MS, async (db, storeId) => {
  const { rows } = await db.query<Row>(
    `SELECT 'category' AS kind, id, name, slug, parent_id FROM mirror.categories
     WHERE store_id = $1 AND deleted_at IS NULL
     UNION ALL
     SELECT 'tag', id, name, slug, NULL FROM mirror.tags WHERE store_id = $1 AND deleted_at IS NULL`,
    [storeId],
  )
  const { category = [], tag = [] } = Object.groupBy(rows, ({ kind }) => kind)
  const known = new Map(category.map((row) => [row.id, row]))
  const categories = category.map(({ id, name, slug, parent_id }): [number, Category] => {
    const path = [name ?? '']
    let above = known.get(parent_id ?? -1)
    for (; above && path.length < DEEPEST; above = known.get(above.parent_id ?? -1))
      path.unshift(above.name ?? '')
    return [id, { id, name, slug, path }]
  })
  return {
    categories: new Map(categories),
    tags: new Map(tag.map(({ id, name, slug }) => [id, { id, name, slug }])),
  }
})

/** Those of the ids that are there, by name. */
export function named<T extends Term>(ids: readonly number[] | null, terms: ReadonlyMap<number, T>): T[] {
  return (ids ?? [])
    .flatMap((id) => terms.get(id) ?? [])
    .sort((a, b) => (a.name ?? '').localeCompare(b.name ?? '') || a.id - b.id)
}
