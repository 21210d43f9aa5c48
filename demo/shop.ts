/**
 * The state of a demo shop: what it is, what it holds, what time it is there. The server reads it, writes
 * change it, and whoever listens (webhooks, tests) hears of each change. Bodies are WooCommerce's own REST
 * records in `context=edit`, without `_links`.
 */
import { forgettingDeleted } from './deleted.ts'
import { createTable, type Raw, type Table } from './table.ts'

export interface ShopInfo {
  name: string
  /** The shop's own home address, for permalinks, `_links` and signatures; set when the server listens. */
  url: string
  /** IANA name, for the local dates beside the `_gmt` ones. */
  timezone: string
  currency: string
  currencySymbol: string
  /** `environment.store_id` of the system status: the shop's identity. */
  storeId: string
  version: string
  consumerKey: string
  consumerSecret: string
  /** A second key that may only read. */
  readOnlyKey: string
  readOnlySecret: string
}

/** What has no dates, no statuses and no bulk: answered as it stands, in this order. */
export interface SmallLists {
  categories: Raw[]
  tags: Raw[]
  attributes: Raw[]
  /** Terms by attribute id. */
  terms: Map<number, Raw[]>
  shippingClasses: Raw[]
  taxes: Raw[]
  taxClasses: Raw[]
  /** `/shipping/zones`, and the methods by zone id. */
  zones: Raw[]
  zoneMethods: Map<number, Raw[]>
  gateways: Raw[]
  /** `/settings`, and the options by group. */
  settingGroups: Raw[]
  settings: Map<string, Raw[]>
  reviews: Raw[]
  customers: Raw[]
  currencies: Raw[]
  orderStatuses: Raw[]
  /** Notes by order id. */
  notes: Map<number, Raw[]>
}

export type Topic =
  `${'order' | 'product' | 'customer' | 'coupon'}.${'created' | 'updated' | 'deleted' | 'restored'}`

/** Something WooCommerce would send a webhook for. `id` may be a variation's under a product topic (24a). */
export interface ShopEvent {
  topic: Topic
  id: number
}

export interface Shop {
  info: ShopInfo
  orders: Table
  products: Table
  variations: Table
  refunds: Table
  coupons: Table
  small: SmallLists
  /** What WordPress makes of a raw text for readers; a text that is not in it is shown as it is. */
  rendered: ReadonlyMap<string, string>
  /** Products and variations deleted for good: the lines of orders and refunds no longer know them. */
  deleted: Set<number>
  /** The shop's clock in Unix milliseconds; a fault can set it off by minutes. */
  now(): number
  setClockOffset(milliseconds: number): void
  /** The next free post id: orders, products, refunds and coupons share one sequence, as in WordPress. */
  nextId(): number
  /** The next free id of an order line, a note, a meta row …; sequences of their own. */
  nextRowId(kind: 'line' | 'note' | 'meta' | 'customer' | 'webhook' | 'review' | 'term'): number
  onEvent(listener: (event: ShopEvent) => void): () => void
  emit(event: ShopEvent): void
}

export interface ShopParts {
  info: ShopInfo
  orders?: Table
  products?: Table
  variations?: Table
  refunds?: Table
  coupons?: Table
  small?: Partial<SmallLists>
  rendered?: ReadonlyMap<string, string>
  highestId: number
  /** The highest id of a line, note, meta row … that the records hold; new ones come above it. */
  highestRowId?: number
}

export function createShop(parts: ShopParts): Shop {
  let clockOffset = 0
  let highestId = parts.highestId
  const rowIds = new Map<string, number>()
  const listeners = new Set<(event: ShopEvent) => void>()
  const deleted = new Set<number>()
  const products = parts.products ?? createTable()
  return {
    info: parts.info,
    orders: forgettingDeleted(parts.orders ?? createTable(), deleted, products),
    products,
    variations: parts.variations ?? createTable(),
    refunds: forgettingDeleted(parts.refunds ?? createTable(), deleted, products),
    coupons: parts.coupons ?? createTable(),
    small: {
      categories: [],
      tags: [],
      attributes: [],
      terms: new Map(),
      shippingClasses: [],
      taxes: [],
      taxClasses: [],
      zones: [],
      zoneMethods: new Map(),
      gateways: [],
      settingGroups: [],
      settings: new Map(),
      reviews: [],
      customers: [],
      currencies: [],
      orderStatuses: [],
      notes: new Map(),
      ...parts.small,
    },
    rendered: parts.rendered ?? new Map(),
    deleted,
    now: () => Date.now() + clockOffset,
    setClockOffset(milliseconds) {
      clockOffset = milliseconds
    },
    nextId: () => ++highestId,
    nextRowId(kind) {
      const next = (rowIds.get(kind) ?? Math.max(FIRST_ROW_ID, parts.highestRowId ?? 0)) + 1
      rowIds.set(kind, next)
      return next
    },
    onEvent(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    emit(event) {
      for (const listener of listeners) listener(event)
    },
  }
}

/** Above any id a recording holds, so that new lines never meet old ones. */
const FIRST_ROW_ID = 1_000_000
