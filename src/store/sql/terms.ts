/** Categories, tags, shipping classes and attributes' terms from a shop's database, as REST shows them (12b). */
import type { Fields } from '../canonical.ts'
import type { Cell } from './database.ts'
import { categoryImage, type Image, readImages } from './products/images.ts'
import { positive, whole } from './products/values.ts'
import type { SqlReader, SqlShop } from './reader.ts'
import { groupRows, idCondition, wantedRows } from './rows.ts'
import { tableName } from './tables.ts'

interface Term {
  id: string
  taxonomy: string
  fields: { id: number; name: string; slug: string; description: string; count: number }
  parent: number
  meta: (key: string) => string | undefined
}

export const categoryReader: SqlReader = termReader(
  () => Promise.resolve(['product_cat']),
  async (shop, terms) => {
    const images = await readImages(
      shop,
      new Set(terms.map((term) => positive(term.meta('thumbnail_id'))).filter((id) => id > 0)),
    )
    return terms.map((term) => makeCategory(term, images))
  },
)

export const tagReader: SqlReader = termReader(
  () => Promise.resolve(['product_tag']),
  (_shop, terms) => Promise.resolve(terms.map((term) => term.fields)),
)

export const shippingClassReader: SqlReader = termReader(
  () => Promise.resolve(['product_shipping_class']),
  (_shop, terms) => Promise.resolve(terms.map((term) => term.fields)),
)

export const attributeTermReader: SqlReader = termReader(
  async (shop) => [...(await attributeIds(shop)).keys()],
  async (shop, terms) => {
    const attributes = await attributeIds(shop)
    return terms.map((term) => ({
      ...term.fields,
      menu_order: whole(term.meta('order')),
      attribute_id: attributes.get(term.taxonomy),
    }))
  },
)

function makeCategory(term: Term, images: ReadonlyMap<number, Image>): Fields {
  const image = images.get(positive(term.meta('thumbnail_id')))
  return {
    ...term.fields,
    parent: term.parent,
    display: term.meta('display_type') || 'default',
    image: image === undefined ? null : categoryImage(image),
    menu_order: whole(term.meta('order')),
  }
}

/** Ids of the shop's attributes by the taxonomies of their terms. */
async function attributeIds(shop: SqlShop): Promise<ReadonlyMap<string, number>> {
  const rows = await shop.database.query(`
    SELECT attribute_id, attribute_name
    FROM ${tableName(shop, 'woocommerce_attribute_taxonomies')}`)
  return new Map(rows.map(([id, name]) => [`pa_${name}`, Number(id)]))
}

/**
 * @param taxonomiesOf whose terms they are
 * @param make the records of a batch
 */
function termReader(
  taxonomiesOf: (shop: SqlShop) => Promise<readonly string[]>,
  make: (shop: SqlShop, terms: readonly Term[]) => Promise<Fields[]>,
): SqlReader {
  return {
    async list(shop, after, limit) {
      const taxonomies = await taxonomiesOf(shop)
      if (taxonomies.length === 0) return []
      const rows = await shop.database.query(
        `
        SELECT DISTINCT term_id
        FROM ${tableName(shop, 'term_taxonomy')}
        WHERE taxonomy IN ? AND term_id > ?
        ORDER BY term_id
        LIMIT ?`,
        [taxonomies, Number(after ?? 0), limit],
      )
      return rows.map(([id]) => ({ id: id as string, modifiedAt: null }))
    },
    async read(shop, ids) {
      const taxonomies = await taxonomiesOf(shop)
      return taxonomies.length === 0 ? [] : make(shop, await readTerms(shop, taxonomies, ids))
    },
  }
}

async function readTerms(
  shop: SqlShop,
  taxonomies: readonly string[],
  ids: readonly string[],
): Promise<Term[]> {
  const wanted = idCondition('t.term_id', ids)
  const rows = await shop.database.query(
    `
    SELECT t.term_id, x.taxonomy, t.name, t.slug, x.description, x.parent, x.count
    FROM ${tableName(shop, 'terms')} t
    JOIN ${tableName(shop, 'term_taxonomy')} x ON x.term_id = t.term_id
    WHERE ${wanted.sql} AND x.taxonomy IN ?`,
    [...wanted.values, taxonomies],
  )
  const terms = wantedRows(rows, ids)
  if (terms.size === 0) return []
  const metas = idCondition('term_id', [...terms.keys()])
  const metaRows = await shop.database.query(
    `
    SELECT term_id, meta_key, meta_value
    FROM ${tableName(shop, 'termmeta')}
    WHERE ${metas.sql} AND meta_key IN ('order', 'display_type', 'thumbnail_id', ?)
    ORDER BY term_id, meta_id`,
    [...metas.values, `product_count_${taxonomies[0]}`],
  )
  const groups = groupRows(metaRows, ids)
  return [...terms].map(([id, row]) => termOf(id, row, groups.get(id) ?? []))
}

function termOf(id: string, row: Cell[], metas: readonly Cell[][]): Term {
  const [, taxonomy, name, slug, description, parent, count] = row
  const meta = (key: string) => metas.find(([, metaKey]) => metaKey === key)?.[2] ?? undefined
  return {
    id,
    taxonomy: taxonomy ?? '',
    fields: {
      id: Number(id),
      name: name ?? '',
      slug: slug ?? '',
      description: description ?? '',
      // WooCommerce counts what customers see, with the products of categories below.
      count: whole(meta(`product_count_${taxonomy}`) ?? count ?? '0'),
    },
    parent: Number(parent ?? 0),
    meta,
  }
}
