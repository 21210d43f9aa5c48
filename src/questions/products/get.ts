/** One product: by id, or by SKU (A4). A missing one is null, with what may have been meant. */
import { z } from 'zod'
import { defineQuestion } from '../question.ts'
import { findNearest, nearest } from './nearest.ts'
import { oneShape, readOne } from './one.ts'

const resources = ['products', 'variations', 'categories', 'tags'] as const
const output = z.object({ ...oneShape, nearest })

export const get = defineQuestion({
  name: 'products.get',
  summary: 'One product by its id, with texts, prices, stock, categories, attributes and images.',
  http: 'GET /products/{id}',
  positional: ['id'],
  resources,
  input: z.strictObject({
    id: z.int().positive().describe('Id of the product, or of one of its variations.'),
  }),
  output,
  async run(asked, { id }) {
    const one = await readOne(asked, 'id', id)
    return { ...one, nearest: one.product ? [] : await findNearest(asked, { id }) }
  },
})

export const bySku = defineQuestion({
  name: 'products.by-sku',
  summary:
    'One product by its SKU or that of a variation, with texts, prices, stock, categories and attributes.',
  http: 'GET /products/by-sku/{sku}',
  positional: ['sku'],
  resources,
  input: z.strictObject({
    sku: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .describe('SKU of the product or of one of its variations, case ignored.'),
  }),
  output,
  async run(asked, { sku }) {
    const one = await readOne(asked, 'sku', sku)
    return { ...one, nearest: one.product ? [] : await findNearest(asked, { sku }) }
  },
})
