/** The stock of one product or variation (A5). */
import { z } from 'zod'
import { WooSyncError } from '../../errors.ts'
import { rowsOf } from '../facts.ts'
import { addMissing } from '../products/nearest.ts'
import { defineQuestion } from '../question.ts'
import { bestOf, MOST_OF_ONE_SKU } from './best.ts'

const stockSchema = z.object({
  product_id: z.int().describe('Id of the product, or of the variation’s product.'),
  variation_id: z.int().nullable().describe('Id of the variation; null for a product.'),
  name: z.string().nullable().describe('Name in the shop; of a variation with its product’s before it.'),
  sku: z.string().nullable().describe('SKU; null where it has none.'),
  type: z.string().nullable().describe('simple, variable, variation, grouped …'),
  status: z.string().nullable().describe('publish, draft, private …'),
  manage_stock: z.boolean().describe('Whether pieces are counted, here or at the variation’s product.'),
  stock_of: z
    .enum(['variation', 'product'])
    .nullable()
    .describe('Whose pieces are counted; null: none. A variation may share those of its product.'),
  stock_quantity: z.number().nullable().describe('Pieces; null where they are not counted.'),
  stock_status: z.string().nullable().describe('instock, outofstock or onbackorder, as the shop says.'),
  in_stock: z.boolean().describe('Whether it can be bought: in stock or on backorder.'),
  backorders: z.string().nullable().describe('no, notify or yes: whether it may be sold without stock.'),
})

interface Row {
  product_id: number
  variation_id: number | null
  name: string | null
  sku: string | null
  type: string | null
  status: string | null
  stock_of: 'variation' | 'product' | null
  stock_quantity: string | null
  stock_status: string | null
  backorders: string | null
}

// Two small statements instead of one over both tables: each is planned and answered by one index in no time.
const OF_PRODUCT = `
  SELECT p.id AS product_id, NULL AS variation_id, p.name, nullif(p.sku, '') AS sku, p.type, p.status,
         CASE WHEN p.manage_stock THEN 'product' END AS stock_of,
         CASE WHEN p.manage_stock THEN p.stock_quantity END AS stock_quantity, p.stock_status, p.backorders
  FROM mirror.products p
  WHERE p.store_id = $1 AND p.deleted_at IS NULL`
const OF_VARIATION = `
  SELECT v.product_id, v.id AS variation_id, concat_ws(' – ', p.name, nullif(v.name, '')) AS name,
         nullif(v.sku, '') AS sku, 'variation' AS type, v.status,
         CASE v.manage_stock WHEN 'true' THEN 'variation' WHEN 'parent' THEN 'product' END AS stock_of,
         CASE v.manage_stock WHEN 'true' THEN v.stock_quantity WHEN 'parent' THEN p.stock_quantity END
           AS stock_quantity,
         v.stock_status, v.backorders
  FROM mirror.variations v
  JOIN mirror.products p ON p.store_id = v.store_id AND p.id = v.product_id AND p.deleted_at IS NULL
  WHERE v.store_id = $1 AND v.deleted_at IS NULL`

const bySku = (table: string) => `AND lower(${table}.sku) = lower($2) LIMIT ${MOST_OF_ONE_SKU}`
const byId = (table: string) => `AND ${table}.id = $2`

export const stockStatus = defineQuestion({
  name: 'stock.status',
  summary: 'The stock of one product or variation, by its SKU or its id.',
  http: 'GET /stock/status',
  resources: ['products', 'variations'],
  input: z.strictObject({
    sku: z.string().trim().min(1).max(200).optional().describe('Its SKU, case ignored.'),
    id: z.int().positive().optional().describe('Its id, instead of the SKU.'),
  }),
  output: z.object({
    stock: stockSchema.nullable().describe('Its stock; null: the shop has no such product.'),
  }),
  async run({ db, store, facts }, { sku, id }) {
    if ((sku === undefined) === (id === undefined)) {
      throw new WooSyncError('input_invalid', { field: 'sku', problem: 'give sku or id, one of them' })
    }
    const wanted = sku === undefined ? byId : bySku
    const values = [store.id, sku ?? id]
    const ofProduct = await db.query<Row>(`${OF_PRODUCT} ${wanted('p')}`, values)
    const row =
      bestOf(ofProduct.rows) ?? bestOf((await db.query<Row>(`${OF_VARIATION} ${wanted('v')}`, values)).rows)
    if (!row) {
      addMissing({ facts }, sku === undefined ? { id: Number(id) } : { sku })
      return { stock: null }
    }
    const quantity = row.stock_quantity === null ? null : Number(row.stock_quantity)
    const kind = row.variation_id === null ? 'product' : 'variation'
    const own = row.variation_id ?? row.product_id
    const about = {
      subject: { kind, id: String(own), name: row.name },
      source: rowsOf(kind === 'product' ? 'products' : 'variations', [own]),
    } as const
    facts.add({ ...about, attribute: 'stock_quantity', value: quantity, type: 'quantity', unit: 'pieces' })
    facts.add({ ...about, attribute: 'stock_status', value: row.stock_status, type: 'state' })
    facts.add({ ...about, attribute: 'sku', value: row.sku, type: 'text' })
    return {
      stock: {
        ...row,
        stock_quantity: quantity,
        manage_stock: row.stock_of !== null,
        in_stock: row.stock_status !== 'outofstock',
      },
    }
  },
})
