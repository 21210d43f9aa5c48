/** What a list of products can be narrowed down by. */

import { z } from 'zod'
import type { Reader } from '../../database/asking.ts'
import { WooSyncError } from '../../errors.ts'

const price = z
  .string()
  .regex(/^\d{1,12}(\.\d{1,6})?$/, 'it is no amount such as 24.50')
  .optional()
const text = z.string().min(1).max(200).optional()

export const statusInput = z
  .enum(['publish', 'draft', 'pending', 'private', 'future', 'trash', 'any'])
  .default('publish')
  .describe('Status; any: every one but the trash.')

export const filterInput = {
  sku: text.describe('Its SKU, or that of one of its variations, case ignored.'),
  gtin: text.describe('Its GTIN, UPC, EAN or ISBN, or that of one of its variations.'),
  category: text.describe('Slug of a category; what is in the categories below it is found too.'),
  tag: text.describe('Slug of a tag.'),
  attribute: text.describe('Slug or name of an attribute, such as pa_color or color.'),
  attribute_value: text.describe('Name or slug of one of its values; needs attribute.'),
  min_price: price.describe('Lowest price, such as 24.50.'),
  max_price: price.describe('Highest price.'),
  stock: z
    .enum(['instock', 'outofstock', 'onbackorder'])
    .optional()
    .describe('Stock status, as the shop says.'),
  on_sale: z.boolean().optional().describe('Only what is in a sale; false: only what is not.'),
  featured: z.boolean().optional().describe('Only what the shop shows as featured; false: only what is not.'),
  type: text.describe('simple, variable, grouped, external …'),
  status: statusInput,
}

export type Filters = z.output<z.ZodObject<typeof filterInput>>

/** Which statuses come into question, as a condition on `p`. */
export function statusCondition(status: Filters['status'], values: unknown[]): string {
  if (status === 'any') return `p.status <> 'trash'`
  values.push(status)
  return `p.status = $${values.length}`
}

/** Ids of a category and of all below it. */
export const categoryTree = (slug: string) => `ARRAY(
  WITH RECURSIVE tree AS (
    SELECT id FROM mirror.categories WHERE store_id = $1 AND deleted_at IS NULL AND lower(slug) = lower(${slug})
    UNION
    SELECT c.id
    FROM mirror.categories c
    JOIN tree ON c.parent_id = tree.id
    WHERE c.store_id = $1 AND c.deleted_at IS NULL
  )
  SELECT id FROM tree)`

const ofVariation = (condition: string) => `EXISTS (
  SELECT FROM mirror.variations v
  WHERE v.store_id = p.store_id AND v.product_id = p.id AND v.deleted_at IS NULL AND ${condition})`

/**
 * The filters as one condition on `p`, a row of mirror.products.
 * @param values values of the query, the store's id first; what the condition needs is appended
 * @throws input_invalid for an attribute's value without its attribute
 */
export async function filterCondition(db: Reader, given: Filters, values: unknown[]): Promise<string> {
  const conditions: string[] = ['p.deleted_at IS NULL', statusCondition(given.status, values)]
  const add = (value: unknown, condition: (place: string) => string) => {
    if (value === undefined) return
    values.push(value)
    conditions.push(condition(`$${values.length}`))
  }
  add(
    given.sku?.trim(),
    (sku) => `p.id IN (
      SELECT s.id FROM mirror.products s WHERE s.store_id = $1 AND lower(s.sku) = lower(${sku})
      UNION ALL
      SELECT v.product_id FROM mirror.variations v
      WHERE v.store_id = $1 AND lower(v.sku) = lower(${sku}) AND v.deleted_at IS NULL)`,
  )
  add(given.gtin?.trim(), (gtin) => `(p.gtin = ${gtin} OR ${ofVariation(`v.gtin = ${gtin}`)})`)
  add(given.category, (slug) => `p.category_ids && ${categoryTree(slug)}`)
  add(
    given.tag,
    (slug) => `p.tag_ids && ARRAY(
      SELECT id FROM mirror.tags WHERE store_id = $1 AND deleted_at IS NULL AND lower(slug) = lower(${slug}))`,
  )
  add(given.min_price, (least) => `p.price >= ${least}::numeric`)
  add(given.max_price, (most) => `p.price <= ${most}::numeric`)
  add(given.stock, (status) => `p.stock_status = ${status}`)
  add(given.on_sale, (wanted) => `coalesce(p.on_sale, false) = ${wanted}`)
  add(given.featured, (wanted) => `coalesce(p.featured, false) = ${wanted}`)
  add(given.type, (type) => `p.type = ${type}`)
  const attribute = await attributeCondition(db, given, values)
  return [...conditions, ...attribute].join(' AND ')
}

interface Names {
  attributes: string[]
  terms: string[]
}

/**
 * Records of products name attributes and values; slugs are looked up first. A shop's attributes are few, and
 * custom ones are in the products alone, so what was asked for counts as a name too.
 */
async function attributeCondition(db: Reader, given: Filters, values: unknown[]): Promise<string[]> {
  const { attribute, attribute_value: value } = given
  if (attribute === undefined) {
    if (value === undefined) return []
    throw new WooSyncError('input_invalid', { field: 'attribute_value', problem: 'it needs attribute' })
  }
  const { rows } = await db.query<Names>(
    `WITH named AS (
       SELECT id, name, slug FROM mirror.attributes
       WHERE store_id = $1 AND deleted_at IS NULL
         AND (lower(slug) IN (lower($2), 'pa_' || lower($2)) OR mirror.search_form(name) = mirror.search_form($2))
     )
     SELECT ARRAY(SELECT lower(name) FROM named UNION SELECT lower(slug) FROM named UNION SELECT lower($2))
              AS attributes,
            ARRAY(SELECT lower(t.name) FROM mirror.attribute_terms t JOIN named ON named.id = t.attribute_id
                  WHERE t.store_id = $1 AND t.deleted_at IS NULL
                    AND (lower(t.slug) = lower($3) OR mirror.search_form(t.name) = mirror.search_form($3))
                  UNION SELECT lower($3)) AS terms`,
    [values[0], attribute.trim(), value?.trim() ?? ''],
  )
  const { attributes, terms } = rows[0] as Names
  // As mirror.attribute_words makes them.
  const words =
    value === undefined
      ? attributes
      : attributes.flatMap((name) => terms.map((term) => `${name}\u0001${term}`))
  values.push(words)
  const place = `$${values.length}::text[]`
  return [
    `p.id IN (
      SELECT s.id FROM mirror.products s WHERE s.store_id = $1 AND s.attribute_words && ${place}
      UNION ALL
      SELECT v.product_id FROM mirror.variations v
      WHERE v.store_id = $1 AND v.deleted_at IS NULL AND v.attribute_words && ${place})`,
  ]
}
