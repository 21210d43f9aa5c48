import { categories } from './products/categories.ts'
import { details } from './products/details.ts'
import { bySku, get } from './products/get.ts'
import { inCategory } from './products/in-category.ts'
import { search } from './products/search.ts'
import { summary } from './products/summary.ts'
import { variations } from './products/variations.ts'

export const products = { search, summary, details, bySku, get, variations, inCategory, categories }
