/** One product as lists show it. */
import { z } from 'zod'
import type { Store } from '../../mirror/stores.ts'
import { amount } from '../../money.ts'
import { type FactBook, rowsOf, type Subject } from '../facts.ts'
import { named, type Terms } from './terms.ts'

export const categoryRef = z.object({
  id: z.int().describe('Id of the category.'),
  name: z.string().nullable().describe('Its name.'),
  slug: z.string().nullable().describe('Its slug.'),
})

/** What products and variations have in common. */
export const itemShape = {
  sku: z.string().nullable().describe('SKU; null where it has none.'),
  gtin: z.string().nullable().describe('GTIN, UPC, EAN or ISBN; null where it has none.'),
  status: z.string().nullable().describe('publish, draft, pending, private, future, trash.'),
  price: z
    .string()
    .nullable()
    .describe('What it costs now, as the shop has it entered; of a variable product the lowest price.'),
  regular_price: z.string().nullable().describe('Price outside of sales.'),
  sale_price: z.string().nullable().describe('Price in a sale.'),
  on_sale: z.boolean().describe('Whether a sale is on.'),
  currency: z.string().nullable().describe('Currency of the prices: the shop’s own.'),
  manage_stock: z.boolean().describe('Whether pieces are counted.'),
  stock_quantity: z.number().nullable().describe('Pieces; null where they are not counted.'),
  stock_status: z.string().nullable().describe('instock, outofstock or onbackorder, as the shop says.'),
  in_stock: z.boolean().describe('Whether it can be bought: in stock or on backorder.'),
  permalink: z.string().nullable().describe('Its page in the shop.'),
  image: z.string().nullable().describe('Address of its first image.'),
  created_at: z.iso.datetime().nullable().describe('When it was made (UTC).'),
  modified_at: z.iso.datetime().nullable().describe('When the shop last changed it (UTC).'),
}

export const productRow = z.object({
  id: z.int().describe('Id of the product.'),
  name: z.string().nullable().describe('Name in the shop.'),
  type: z.string().nullable().describe('simple, variable, grouped, external …'),
  ...itemShape,
  featured: z.boolean().describe('Whether the shop shows it as featured.'),
  total_sales: z.number().nullable().describe('Pieces sold since ever, as the shop counts.'),
  categories: z.array(categoryRef).describe('Categories it is in.'),
})

export interface ItemColumns {
  id: number
  name: string | null
  sku: string | null
  gtin: string | null
  status: string | null
  price: string | null
  regular_price: string | null
  sale_price: string | null
  on_sale: boolean | null
  stock_quantity: string | null
  stock_status: string | null
  permalink: string | null
  image: string | null
  created_at: Date | null
  modified_at: Date | null
}

export interface ProductColumns extends ItemColumns {
  type: string | null
  manage_stock: boolean | null
  featured: boolean | null
  total_sales: string | null
  category_ids: number[] | null
}

const itemColumns = (table: string) =>
  [
    'id',
    'name',
    'sku',
    'gtin',
    'status',
    'price',
    'regular_price',
    'sale_price',
    'on_sale',
    'stock_status',
    'permalink',
    'created_at',
    'modified_at',
  ]
    .map((column) => `${table}.${column}`)
    .join(', ')

/** Columns of mirror.products as `p` that {@link toProductRow} takes, but for the image. */
export const plainColumns = `${itemColumns('p')}, p.type, p.manage_stock, p.featured, p.total_sales, p.category_ids,
  CASE WHEN p.manage_stock THEN p.stock_quantity END AS stock_quantity`

/** Columns of mirror.products as `p` that {@link toProductRow} takes. */
export const productColumns = `${plainColumns}, p.record #>> '{images,0,src}' AS image`

/** Columns of mirror.variations as `v`, beside their product as `p`. */
export const variationColumns = `${itemColumns('v')},
  CASE WHEN v.manage_stock = 'true' THEN v.stock_quantity
       WHEN v.manage_stock = 'parent' THEN p.stock_quantity END AS stock_quantity,
  v.record #>> '{image,src}' AS image`

export function toItem(row: ItemColumns, currency: string | null) {
  return {
    sku: row.sku || null,
    gtin: row.gtin || null,
    status: row.status,
    price: amount(row.price, currency),
    regular_price: amount(row.regular_price, currency),
    sale_price: amount(row.sale_price, currency),
    on_sale: row.on_sale === true,
    currency,
    stock_quantity: row.stock_quantity === null ? null : Number(row.stock_quantity),
    stock_status: row.stock_status,
    in_stock: row.stock_status !== 'outofstock',
    permalink: row.permalink,
    image: row.image,
    created_at: row.created_at?.toISOString() ?? null,
    modified_at: row.modified_at?.toISOString() ?? null,
  }
}

export function toProductRow(row: ProductColumns, store: Store, terms: Terms): z.output<typeof productRow> {
  return {
    id: row.id,
    name: row.name,
    type: row.type,
    ...toItem(row, store.currency),
    manage_stock: row.manage_stock === true,
    featured: row.featured === true,
    total_sales: row.total_sales === null ? null : Number(row.total_sales),
    categories: named(row.category_ids, terms.categories).map(({ id, name, slug }) => ({ id, name, slug })),
  }
}

interface Named {
  id: number
  name: string | null
  sku: string | null
  price: string | null
  currency: string | null
  status: string | null
  stock_quantity: number | null
  stock_status: string | null
}

/** Facts of a product or variation: what of it is repeated most. */
export function addItemFacts(facts: FactBook, kind: 'product' | 'variation', item: Named): void {
  const subject: Subject = { kind, id: String(item.id), name: item.name }
  const about = { subject, source: rowsOf(`${kind}s`, [item.id]) }
  facts.add({ ...about, attribute: 'sku', value: item.sku, type: 'text' })
  facts.add({ ...about, attribute: 'price', value: item.price, type: 'money', unit: item.currency })
  facts.add({
    ...about,
    attribute: 'stock_quantity',
    value: item.stock_quantity,
    type: 'quantity',
    unit: 'pieces',
  })
  facts.add({ ...about, attribute: 'stock_status', value: item.stock_status, type: 'state' })
  facts.add({ ...about, attribute: 'status', value: item.status, type: 'state' })
}
