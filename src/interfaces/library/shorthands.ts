/** The calls of the Python service this library follows, under their names; each is one of the questions, cut to its value. */
import type { App } from '../../app.ts'
import { WooSyncError } from '../../errors.ts'
import type { ResourceName } from '../../store/resources.ts'
import type { Asks } from './asks.ts'

type Answer<Ask extends (...given: never[]) => Promise<unknown>> = Awaited<ReturnType<Ask>>

/** A row of a list of products. */
export type Product = Answer<Asks['products']['search']>['products'][number]
/** One product with everything that is known of it. */
export type ProductDetails = NonNullable<Answer<Asks['products']['get']>['product']>
export type StockStatus = NonNullable<Answer<Asks['stock']['status']>['stock']>
export type LowStock = Answer<Asks['stock']['low']>['products'][number]
export type Order = Answer<Asks['orders']['list']>['orders'][number]
export type Category = Answer<Asks['products']['categories']>['categories'][number]
export type SalesStats = Answer<Asks['sales']['stats']>

/** A SKU or an id. */
export type Which = { sku: string } | { id: number }

export interface Shorthands {
  /** Brings the products up to date where they are older than they may be, or now with `force`. @returns all of them */
  syncProducts(options?: { force?: boolean }): Promise<Product[]>
  /** Published products whose name, SKU or GTIN has these words, or words like them; best first, at most 50. */
  searchProducts(text: string): Promise<Product[]>
  getProductBySku(sku: string): Promise<ProductDetails | null>
  getProductById(id: number): Promise<ProductDetails | null>
  getStockStatus(which: Which): Promise<StockStatus | null>
  /** Without a threshold that of the variation, its product or the shop counts. */
  getLowStockProducts(options?: { threshold?: number }): Promise<LowStock[]>
  getOutOfStockProducts(): Promise<LowStock[]>
  /** Newest first. */
  getRecentOrders(options?: { limit?: number }): Promise<Order[]>
  /** Of the last days of the shop, today included; one result per currency, each figure with its definition. */
  getSalesStats(options?: { days?: number }): Promise<SalesStats>
  /** Of a category by its slug, with the categories inside it. */
  getProductsByCategory(slug: string): Promise<Product[]>
  getCategories(): Promise<Category[]>
  /** As Markdown. */
  getProductsSummary(): Promise<string>
  /** As Markdown; null for a product the shop does not have. */
  getProductDetails(which: Which): Promise<string | null>
  /** Asks the shop. False, never an error, where it does not answer. */
  isConnected(): Promise<boolean>
  /** Whether the next question about products asks the shop first. */
  needsRefresh(): Promise<boolean>
  /** When the products were last brought up to date, as of the last call; null: never. */
  readonly lastSync: Date | null
  /** Products in the copy, as of the last `openStore`, `syncProducts` or `needsRefresh`. */
  readonly productCount: number
}

export interface ShorthandOptions {
  maxAgeMinutes: number
  force(resources: readonly ResourceName[]): Promise<void>
}

/** What a product is made of. */
const CATALOGUE = ['products', 'variations', 'categories', 'tags'] as const
const WHOLE_PAGE = 1000

export function shorthandsOf(app: App, asks: Asks, { maxAgeMinutes, force }: ShorthandOptions): Shorthands {
  let lastSync: Date | null = null
  let productCount = 0
  const facts = 'none' as const

  function note({ asOf }: { asOf: Answer<Asks['products']['search']>['asOf'] }): void {
    const at = asOf.products?.at
    if (at) lastSync = new Date(at)
  }

  async function look(): Promise<boolean> {
    const found = await asks.mirror.needsRefresh({ maxAgeMinutes })
    lastSync = found.lastSync === null ? null : new Date(found.lastSync)
    productCount = found.products
    return found.needsRefresh
  }

  return {
    async syncProducts({ force: now = false } = {}) {
      if (now) await force(CATALOGUE)
      const products = await everyPage(async (cursor) => {
        const answer = await asks.products.search({ sort: 'name', limit: WHOLE_PAGE, facts, cursor })
        note(answer)
        return { rows: answer.products, next: answer.nextCursor }
      })
      await look()
      return products
    },
    async searchProducts(text) {
      const answer = await asks.products.search({ text, facts })
      note(answer)
      return answer.products
    },
    getProductBySku: async (sku) => (await asks.products.bySku({ sku, facts })).product,
    getProductById: async (id) => (await asks.products.get({ id, facts })).product,
    getStockStatus: async (which) => (await asks.stock.status({ ...which, facts })).stock,
    getLowStockProducts: ({ threshold } = {}) =>
      everyPage(async (cursor) => {
        const answer = await asks.stock.low({ threshold, limit: WHOLE_PAGE, facts, cursor })
        return { rows: answer.products, next: answer.nextCursor }
      }),
    getOutOfStockProducts: () =>
      everyPage(async (cursor) => {
        const answer = await asks.stock.out({ limit: WHOLE_PAGE, facts, cursor })
        return { rows: answer.products, next: answer.nextCursor }
      }),
    getRecentOrders: async ({ limit = 50 } = {}) => (await asks.orders.list({ limit, facts })).orders,
    getSalesStats: ({ days = 30 } = {}) => asks.sales.stats({ days }),
    getProductsByCategory: (slug) =>
      everyPage(async (cursor) => {
        const answer = await asks.products.inCategory({ slug, limit: WHOLE_PAGE, facts, cursor })
        return { rows: answer.products, next: answer.nextCursor }
      }),
    getCategories: async () => (await asks.products.categories({ facts })).categories,
    getProductsSummary: async () => (await asks.products.summary({ facts })).markdown,
    getProductDetails: async (which) => (await asks.products.details({ ...which, facts })).markdown,
    async isConnected() {
      try {
        return (await asks.mirror.connection({ check: 'now' })).connected
      } catch (fault) {
        app.logger.info({ code: fault instanceof WooSyncError ? fault.code : 'internal' }, 'not connected')
        return false
      }
    },
    async needsRefresh() {
      try {
        return await look()
      } catch (fault) {
        // Before the first contact there is nothing to be fresh.
        if (fault instanceof WooSyncError && fault.code === 'store_not_known') return true
        throw fault
      }
    },
    get lastSync() {
      return lastSync
    },
    get productCount() {
      return productCount
    },
  }
}

async function everyPage<Row>(
  page: (cursor: string | undefined) => Promise<{ rows: Row[]; next: string | null }>,
): Promise<Row[]> {
  const all: Row[] = []
  for (let cursor: string | undefined; ; ) {
    const { rows, next } = await page(cursor)
    all.push(...rows)
    if (next === null) return all
    cursor = next
  }
}
