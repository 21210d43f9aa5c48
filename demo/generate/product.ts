/** A demo shop's product as facts (name, price, stock, dates), before it is written out as a REST record. */
import type { TaxClass } from './money.ts'
import { between, type Random } from './random.ts'

export interface Stock {
  managed: boolean
  /** null where stock is not managed. */
  quantity: number | null
  status: 'instock' | 'outofstock' | 'onbackorder'
  backorders: 'no' | 'notify' | 'yes'
}

export interface Variation {
  id: number
  sku: string
  status: 'publish' | 'private'
  /** Attribute id (0 for the product's own), name, slug, value. */
  attributes: { id: number; name: string; slug: string; value: string }[]
  regular: number
  sale: number | null
  /** 'parent' where the product's own stock counts (row 12). */
  stock: Stock | 'parent'
  virtual: boolean
  weight: string
  created: number
  modified: number
}

export interface Product {
  id: number
  type: 'simple' | 'variable' | 'grouped' | 'external'
  status: 'publish' | 'draft' | 'private' | 'pending' | 'future' | 'trash'
  name: string
  sku: string
  gtin: string
  category: number[]
  tags: number[]
  volume: string
  country: string
  alcohol: string
  /** Bani, tax included; null where there is no price. */
  regular: number | null
  sale: number | null
  saleFrom: number | null
  saleTo: number | null
  taxClass: TaxClass
  stock: Stock
  lowStock: number | null
  featured: boolean
  hidden: boolean
  weight: string
  height: string
  pack: boolean
  virtual: boolean
  /** How well it sells, in proportion to the others. */
  appeal: number
  totalSales: number
  created: number | null
  modified: number | null
  variations: Variation[]
  grouped: number[]
  externalUrl: string
  event: boolean
}

export const blank: Product = {
  id: 0,
  type: 'simple',
  status: 'publish',
  name: '',
  sku: '',
  gtin: '',
  category: [],
  tags: [],
  volume: '',
  country: '',
  alcohol: '',
  regular: null,
  sale: null,
  saleFrom: null,
  saleTo: null,
  taxClass: '',
  stock: { managed: false, quantity: null, status: 'instock', backorders: 'no' },
  lowStock: null,
  featured: false,
  hidden: false,
  weight: '',
  height: '',
  pack: false,
  virtual: false,
  appeal: 0,
  totalSales: 0,
  created: null,
  modified: null,
  variations: [],
  grouped: [],
  externalUrl: '',
  event: false,
}

/** Mostly plenty, some low, some gone, some on backorder below zero, some not managed at all. */
export function stockOf(random: Random): Stock {
  const luck = random()
  if (luck < 0.1) return { managed: false, quantity: null, status: 'instock', backorders: 'no' }
  if (luck < 0.13) return { managed: false, quantity: null, status: 'outofstock', backorders: 'no' }
  if (luck < 0.18) return { managed: true, quantity: 0, status: 'outofstock', backorders: 'no' }
  if (luck < 0.22) {
    return { managed: true, quantity: -between(random, 1, 20), status: 'onbackorder', backorders: 'notify' }
  }
  const quantity = luck < 0.32 ? between(random, 1, 5) : between(random, 20, 700)
  return { managed: true, quantity, status: 'instock', backorders: luck > 0.95 ? 'yes' : 'no' }
}
