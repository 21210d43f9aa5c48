/** The stock of one product or variation (A5). */
import { z } from 'zod'
import { WooSyncError } from '../../errors.ts'
import { rowsOf } from '../facts.ts'
import { defineQuestion } from '../question.ts'

const stockSchema = z.object({
  product_id: z.int().describe('Id of the product, or of the variation’s product.'),
  variation_id: z.int().nullable().describe('Id of the variation; null for a product.'),
  name: z.string().nullable().describe('Name in the shop; of a variation with its product’s before it.'),
  sku: z.string().nullable().describe('SKU; null where it has none.'),
  status: z.string().nullable().describe('publish, draft, private …'),
  manage_stock: z.boolean().describe('Whether pieces are counted, here or at the variation’s product.'),
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
  status: string | null
  managed_by: string | null
  stock_quantity: string | null
  stock_status: string | null
  backorders: string | null
}

export const stockStatus = defineQuestion({
  name: 'stock.status',
  summary: 'The stock of one product or variation, by its SKU or its id.',
  http: 'GET /stock/status',
  resources: ['products', 'variations'],
  input: z.strictObject({
    sku: z.string().min(1).max(200).optional().describe('Its SKU, case ignored.'),
    id: z.int().positive().optional().describe('Its id, instead of the SKU.'),
  }),
  output: z.object({
    stock: stockSchema.nullable().describe('Its stock; null: the shop has no such product.'),
  }),
  async run({ db, store, facts }, { sku, id }) {
    if ((sku === undefined) === (id === undefined)) {
      throw new WooSyncError('input_invalid', { field: 'sku', problem: 'give sku or id, one of them' })
    }
    const { rows } = await db.query<Row>(
      `SELECT product_id, variation_id, name, sku, status, managed_by, stock_quantity, stock_status, backorders
       FROM mirror.product_stock
       WHERE store_id = $1 AND ${sku === undefined ? 'coalesce(variation_id, product_id) = $2' : 'sku = $2'}
       LIMIT 1`,
      [store.id, sku ?? id],
    )
    const [row] = rows
    if (!row) return { stock: null }
    const { managed_by, ...shown } = row
    const quantity = row.stock_quantity === null ? null : Number(row.stock_quantity)
    const kind = row.variation_id === null ? 'product' : 'variation'
    const own = row.variation_id ?? row.product_id
    const subject = { kind, id: String(own), name: row.name } as const
    const source = rowsOf(kind === 'product' ? 'products' : 'variations', [own])
    facts.add({
      subject,
      attribute: 'stock_quantity',
      value: quantity,
      type: 'quantity',
      unit: 'pieces',
      source,
    })
    facts.add({ subject, attribute: 'stock_status', value: row.stock_status, type: 'state', source })
    return {
      stock: {
        ...shown,
        stock_quantity: quantity,
        manage_stock: managed_by !== null,
        in_stock: row.stock_status !== 'outofstock',
      },
    }
  },
})
