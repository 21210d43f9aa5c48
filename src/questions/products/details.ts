/** One product as Markdown (A9). */
import { z } from 'zod'
import { WooSyncError } from '../../errors.ts'
import { defineQuestion } from '../question.ts'
import { languageInput, productDetails } from './markdown.ts'
import { findNearest, nearest } from './nearest.ts'
import { readOne } from './one.ts'

export const details = defineQuestion({
  name: 'products.details',
  summary: 'One product, by SKU or id, as Markdown for a person to read.',
  http: 'GET /products/details',
  resources: ['products', 'variations', 'categories', 'tags'],
  input: z.strictObject({
    sku: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .optional()
      .describe('Its SKU, or that of a variation; case ignored.'),
    id: z.int().positive().optional().describe('Its id, instead of the SKU.'),
    language: languageInput,
  }),
  output: z.object({
    markdown: z.string().nullable().describe('The product; null: the shop has none such.'),
    nearest,
  }),
  async run(asked, { sku, id, language }) {
    if ((sku === undefined) === (id === undefined)) {
      throw new WooSyncError('input_invalid', { field: 'sku', problem: 'give sku or id, one of them' })
    }
    const { product, variation } = await (sku === undefined
      ? readOne(asked, 'id', id as number)
      : readOne(asked, 'sku', sku))
    if (!product) {
      const wanted = sku === undefined ? { id: id as number } : { sku }
      return { markdown: null, nearest: await findNearest(asked, wanted) }
    }
    // A variation is shown with its own price and stock, and all else from its product.
    const shown = variation
      ? { ...product, ...variation, attributes: chosen(variation), price_from: null, price_to: null }
      : product
    return { markdown: productDetails(shown as typeof product, language), nearest: [] }
  },
})

function chosen({ attributes }: { attributes: { name: string; option: string }[] }) {
  return attributes.map(({ name, option }) => ({ name, slug: name, options: [option], variation: true }))
}
