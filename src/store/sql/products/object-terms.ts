/** Terms that products have: categories, tags, types, options of attributes. */
import type { SqlShop } from '../reader.ts'
import { groupRows, idCondition } from '../rows.ts'
import { tableName } from '../tables.ts'

export interface Term {
  id: number
  /** Encoded for HTML, as REST shows it within a product too (12b). */
  name: string
  slug: string
}

/** Terms of one product in a taxonomy, by their names as the database sorts them. */
export type TermsOf = (id: string, taxonomy: string) => readonly Term[]

export async function readObjectTerms(shop: SqlShop, ids: readonly string[]): Promise<TermsOf> {
  const found = new Map<string, Map<string, Term[]>>()
  if (ids.length > 0) {
    const wanted = idCondition('r.object_id', ids)
    const rows = await shop.database.query(
      `
      SELECT r.object_id, x.taxonomy, t.term_id, t.name, t.slug
      FROM ${tableName(shop, 'term_relationships')} r
      JOIN ${tableName(shop, 'term_taxonomy')} x ON x.term_taxonomy_id = r.term_taxonomy_id
      JOIN ${tableName(shop, 'terms')} t ON t.term_id = x.term_id
      WHERE ${wanted.sql}
      ORDER BY t.name`,
      wanted.values,
    )
    for (const [id, group] of groupRows(rows, ids)) {
      const byTaxonomy = new Map<string, Term[]>()
      for (const [, taxonomy, term, name, slug] of group) {
        const terms = byTaxonomy.get(taxonomy as string) ?? []
        terms.push({ id: Number(term), name: name ?? '', slug: slug ?? '' })
        byTaxonomy.set(taxonomy as string, terms)
      }
      found.set(id, byTaxonomy)
    }
  }
  return (id, taxonomy) => found.get(id)?.get(taxonomy) ?? []
}

/** `simple` where it is not said. */
export function typeOf(id: string, terms: TermsOf): string {
  return terms(id, 'product_type')[0]?.name.toLowerCase() ?? 'simple'
}

/** Products with variations: those of WooCommerce, and of its subscriptions. */
export function isVariable(type: string): boolean {
  return type === 'variable' || type === 'variable-subscription'
}

/** Places that a shop's owner gave to terms; terms without one are not in the map. */
export async function readTermPlaces(
  shop: SqlShop,
  terms: ReadonlySet<number>,
): Promise<ReadonlyMap<number, number>> {
  const places = new Map<number, number>()
  if (terms.size === 0) return places
  const wanted = idCondition('term_id', [...terms].map(String))
  const rows = await shop.database.query(
    `
    SELECT term_id, meta_value
    FROM ${tableName(shop, 'termmeta')}
    WHERE ${wanted.sql} AND meta_key = 'order'`,
    wanted.values,
  )
  for (const [id, place] of rows) places.set(Number(id), Number.parseFloat(place ?? '') || 0)
  return places
}

/** Names of an attribute's terms by their slugs: what variations keep are slugs. */
export async function readTermNames(
  shop: SqlShop,
  taxonomies: ReadonlySet<string>,
  slugs: ReadonlySet<string>,
): Promise<(taxonomy: string, slug: string) => string | undefined> {
  const names = new Map<string, string>()
  if (taxonomies.size > 0 && slugs.size > 0) {
    const rows = await shop.database.query(
      `
      SELECT x.taxonomy, t.slug, t.name
      FROM ${tableName(shop, 'terms')} t
      JOIN ${tableName(shop, 'term_taxonomy')} x ON x.term_id = t.term_id
      WHERE t.slug IN ? AND x.taxonomy IN ?`,
      [[...slugs], [...taxonomies]],
    )
    for (const [taxonomy, slug, name] of rows) names.set(`${taxonomy}/${slug}`, name ?? '')
  }
  return (taxonomy, slug) => names.get(`${taxonomy}/${slug}`)
}
