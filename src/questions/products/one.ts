/**
 * Reads one product whole, most often with one statement; the range of prices of a variable one is another. Joined, both
 * would be planned each time, which costs every answer more than the second one costs those that need it.
 */

import type { z } from 'zod'
import type { Reader } from '../../database/asking.ts'
import type { Store } from '../../mirror/stores.ts'
import { amount } from '../../money.ts'
import type { Asked } from '../question.ts'
import { bestOf, MOST_OF_ONE_SKU } from '../stock/best.ts'
import { type Product, productSchema } from './product.ts'
import { addItemFacts, type ProductColumns, plainColumns, toProductRow } from './row.ts'
import { named, type Terms, termsOf } from './terms.ts'
import {
  columnsOfVariation,
  listOf,
  textOf,
  toVariation,
  type VariationColumns,
  variationRow,
} from './variation.ts'

export const oneShape = {
  product: productSchema.nullable().describe('The product; null: the shop has none such.'),
  variation: variationRow
    .nullable()
    .describe('The variation that was asked for, where it was one; its product is beside it.'),
}

export interface One {
  product: Product | null
  variation: z.output<typeof variationRow> | null
}

/** Each answered by an index; $2 is what is wanted. */
const FINDERS = {
  sku: (table: string) => `AND lower(${table}.sku) = lower($2) LIMIT ${MOST_OF_ONE_SKU}`,
  id: (table: string) => `AND ${table}.id = $2`,
} as const

/** The product with this SKU or id; that of a variation leads to its product, with the variation named. */
export async function readOne(asked: Asked, by: keyof typeof FINDERS, wanted: string | number): Promise<One> {
  const product = await readProduct(asked, FINDERS[by]('p'), wanted)
  if (product) return { product, variation: null }
  const { rows } = await asked.db.query<VariationColumns>(
    `SELECT ${columnsOfVariation}
     FROM mirror.variations v
     JOIN mirror.products p ON p.store_id = v.store_id AND p.id = v.product_id AND p.deleted_at IS NULL
     WHERE v.store_id = $1 AND v.deleted_at IS NULL ${FINDERS[by]('v')}`,
    [asked.store.id, wanted],
  )
  const row = bestOf(rows)
  if (!row) return { product: null, variation: null }
  const variation = toVariation(row, asked.store)
  addItemFacts(asked.facts, 'variation', variation)
  return { product: await readProduct(asked, FINDERS.id('p'), row.product_id), variation }
}

interface Columns extends Omit<ProductColumns, 'image'> {
  slug: string | null
  weight: string | null
  backorders: string | null
  low_stock_amount: string | null
  catalog_visibility: string | null
  tax_status: string | null
  tax_class: string | null
  sale_from: Date | null
  sale_to: Date | null
  average_rating: string | null
  rating_count: number | null
  tag_ids: number[] | null
  /** Read whole: parts of it would each be unpacked anew. */
  record: Record<string, unknown>
}

async function readProduct(asked: Asked, finder: string, wanted: string | number): Promise<Product | null> {
  const { db, store, facts } = asked
  const { rows } = await db.query<Columns>(
    `SELECT ${plainColumns}, p.slug, p.weight, p.backorders, p.low_stock_amount, p.catalog_visibility, p.tax_status,
       p.tax_class, p.sale_from, p.sale_to, p.average_rating, p.rating_count, p.tag_ids, p.record
     FROM mirror.products p
     WHERE p.store_id = $1 AND p.deleted_at IS NULL ${finder}`,
    [store.id, wanted],
  )
  const row = bestOf(rows)
  if (!row) return null
  const [terms, range] = await Promise.all([termsOf(db, store.id), readRange(db, store, row)])
  const product: Product = { ...toWhole(row, store, terms), ...range }
  addItemFacts(facts, 'product', product)
  if (range.variations > 0) {
    const about = {
      subject: { kind: 'product', id: String(row.id), name: row.name } as const,
      filter: { status: 'publish' },
      source: { table: 'mirror.variations', ids: null, rows: range.variations },
    }
    facts.add({
      ...about,
      attribute: 'variations',
      value: range.variations,
      type: 'count',
      unit: 'variations',
    })
    const money = { ...about, type: 'money', unit: store.currency } as const
    facts.add({ ...money, attribute: 'price_from', value: range.price_from })
    facts.add({ ...money, attribute: 'price_to', value: range.price_to })
  }
  return product
}

function toWhole(row: Columns, store: Store, terms: Terms): Omit<Product, keyof Range> {
  const { record } = row
  const images = listOf(record.images).map((image) => ({ src: textOf(image.src), alt: textOf(image.alt) }))
  const [dimensions = {}] = listOf([record.dimensions])
  return {
    ...toProductRow({ ...row, image: images[0]?.src ?? null }, store, terms),
    categories: named(row.category_ids, terms.categories),
    tags: named(row.tag_ids, terms.tags),
    slug: row.slug,
    description: textOf(record.description) || null,
    short_description: textOf(record.short_description) || null,
    attributes: listOf(record.attributes).map((attribute) => ({
      name: textOf(attribute.name),
      slug: textOf(attribute.slug),
      options: Array.isArray(attribute.options) ? attribute.options.map(textOf) : [],
      variation: attribute.variation === true,
    })),
    images,
    weight: numberOf(row.weight),
    length: textOf(dimensions.length) || null,
    width: textOf(dimensions.width) || null,
    height: textOf(dimensions.height) || null,
    backorders: row.backorders,
    low_stock_amount: numberOf(row.low_stock_amount),
    catalog_visibility: row.catalog_visibility,
    tax_status: row.tax_status,
    tax_class: row.tax_class,
    sale_from: row.sale_from?.toISOString() ?? null,
    sale_to: row.sale_to?.toISOString() ?? null,
    average_rating: row.rating_count ? numberOf(row.average_rating) : null,
    rating_count: row.rating_count,
  }
}

const numberOf = (value: string | null) => (value === null ? null : Number(value))

interface Range {
  variations: number
  price_from: string | null
  price_to: string | null
}

async function readRange(db: Reader, store: Store, row: Columns): Promise<Range> {
  const own = amount(row.price, store.currency)
  if (!row.type?.includes('variable')) return { variations: 0, price_from: own, price_to: own }
  const { rows } = await db.query<Range>(
    `SELECT count(*)::int AS variations, min(price)::text AS price_from, max(price)::text AS price_to
     FROM mirror.variations
     WHERE store_id = $1 AND product_id = $2 AND deleted_at IS NULL AND status = 'publish'`,
    [store.id, row.id],
  )
  const [range] = rows
  return {
    variations: range?.variations ?? 0,
    price_from: amount(range?.price_from ?? null, store.currency),
    price_to: amount(range?.price_to ?? null, store.currency),
  }
}
