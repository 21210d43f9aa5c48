/** One product, with all that a page about it would show. */
import { z } from 'zod'
import { productRow } from './row.ts'

const number = z.number().nullable()
const text = z.string().nullable()
const moment = z.iso.datetime().nullable()

export const productSchema = productRow.extend({
  slug: text.describe('Slug.'),
  description: text.describe('Description as the shop holds it: HTML, with its shortcodes.'),
  short_description: text.describe('Short description, likewise.'),
  categories: z
    .array(
      z.object({
        id: z.int().describe('Id of the category.'),
        name: text.describe('Its name.'),
        slug: text.describe('Its slug.'),
        path: z
          .array(z.string().describe('Name of a category.'))
          .describe('Names from the uppermost category down to it.'),
      }),
    )
    .describe('Categories it is in.'),
  tags: z
    .array(
      z.object({
        id: z.int().describe('Id of the tag.'),
        name: text.describe('Its name.'),
        slug: text.describe('Its slug.'),
      }),
    )
    .describe('Tags it has.'),
  attributes: z
    .array(
      z.object({
        name: z.string().describe('Name of the attribute.'),
        slug: z.string().describe('Its slug; of a custom one, its name.'),
        options: z.array(z.string().describe('One value.')).describe('Its values.'),
        variation: z.boolean().describe('Whether variations differ by it.'),
      }),
    )
    .describe('Attributes, the shop’s own and custom ones.'),
  images: z
    .array(
      z.object({
        src: z.string().describe('Address of the image.'),
        alt: z.string().describe('Words for those who do not see it.'),
      }),
    )
    .describe('Images, the first one being the product’s own.'),
  weight: number.describe('Weight in the shop’s unit.'),
  length: text.describe('Length in the shop’s unit.'),
  width: text.describe('Width in the shop’s unit.'),
  height: text.describe('Height in the shop’s unit.'),
  backorders: text.describe('no, notify or yes: whether it may be sold without stock.'),
  low_stock_amount: number.describe('Its own threshold for low stock; null: the shop’s.'),
  catalog_visibility: text.describe('visible, catalog, search or hidden.'),
  tax_status: text.describe('taxable, shipping or none.'),
  tax_class: text.describe('Tax class; empty: the standard one.'),
  sale_from: moment.describe('When the sale begins (UTC).'),
  sale_to: moment.describe('When the sale ends (UTC).'),
  average_rating: number.describe('Average of its ratings, of 5; null where there are none.'),
  rating_count: z.int().nullable().describe('How many ratings it has.'),
  variations: z.int().describe('How many published variations it has.'),
  price_from: text.describe('Lowest price among its published variations; of others its price.'),
  price_to: text.describe('Highest price among them.'),
})

export type Product = z.output<typeof productSchema>
