/** A whole demo shop from a seed: a believable Romanian drinks shop of any size, the same on every machine. */
import { createShop, type Shop, type ShopInfo } from '../shop.ts'
import { createTable, type Raw } from '../table.ts'
import { createBuyers } from './buyers.ts'
import { creationTimes } from './calendar.ts'
import { createCarts } from './cart.ts'
import { createCatalog } from './catalog.ts'
import { createClock, DAY } from './clock.ts'
import { couponRecord, createCoupons } from './coupons.ts'
import { createHistory, type History } from './history.ts'
import { META_IDS } from './line-records.ts'
import { createProductRecords } from './product-records.ts'
import { createReviews } from './reviews.ts'
import { createSetup } from './settings.ts'
import { termLists } from './terms.ts'

export interface GenerateOptions {
  seed?: number
  /** Products of every status, at least one; their variations come on top. */
  products?: number
  /** How many orders, of every status; by default about 16 a day. */
  orders?: number
  /** Over how many days the orders are spread. */
  days?: number
  /**
   * The moment the shop's past ends, Unix milliseconds. By default the last midnight in the shop's time, so
   * that a shop made again on the same day is the same, byte for byte.
   */
  now?: number
  /** IANA name. */
  timezone?: string
  info?: Partial<ShopInfo>
}

const FIRST_PRODUCT = 10
const ORDERS_PER_DAY = 16.5
const FORMER = 2

/** The demo's keys are fixed, public and worth nothing. */
export const DEMO_KEYS = {
  consumerKey: `ck_demo${'0123456789'.repeat(4).slice(0, 36)}`,
  consumerSecret: `cs_demo${'9876543210'.repeat(4).slice(0, 36)}`,
  readOnlyKey: `ck_demoread${'0123456789'.repeat(4).slice(0, 32)}`,
  readOnlySecret: `cs_demoread${'9876543210'.repeat(4).slice(0, 32)}`,
} as const

/** The last midnight in that time zone before a moment; both Unix milliseconds. */
export function lastMidnight(timezone: string, moment = Date.now()): number {
  return createClock(timezone).startOfDay(Math.floor(moment / 1000)) * 1000
}

/**
 * Rows are made at once (a few seconds for a million orders), records only when somebody asks for them; the
 * same options give the same records. Sums are right to the cent in every one of them.
 */
export function generateShop(options: GenerateOptions = {}): Shop {
  const { seed = 1, products = 150, days = 365, timezone = 'Europe/Bucharest' } = options
  const orders = options.orders ?? Math.round(days * ORDERS_PER_DAY)
  const clock = createClock(timezone)
  const now = Math.floor((options.now ?? lastMidnight(timezone)) / 1000)
  const from = now - days * DAY
  const info: ShopInfo = {
    name: 'Cămara cu Băuturi',
    url: 'http://127.0.0.1:3080',
    timezone,
    currency: 'RON',
    currencySymbol: 'lei',
    storeId: storeId(seed),
    version: '11.0.1',
    ...DEMO_KEYS,
    ...options.info,
  }
  // Two more than wanted: those were deleted for good since, but old orders still name them (row 7).
  const gone = products < 20 ? 0 : FORMER
  const everything = createCatalog(seed, products + gone, FIRST_PRODUCT, now)
  const former = everything
    .filter((each) => each.type === 'simple' && each.status === 'publish')
    .slice(0, gone)
  const catalog = everything.filter((each) => !former.includes(each))
  const lastProduct = Math.max(
    ...everything.flatMap((each) => [each.id, ...each.variations.map((one) => one.id)]),
  )
  const coupons = createCoupons(lastProduct + 1, now)
  const buyers = createBuyers({ seed, clock, orders, from, to: now })
  const carts = createCarts({ seed, catalog: everything, buyers, coupons })
  const reviews = createReviews({ info, seed, clock, catalog, now })
  const times = creationTimes(seed, clock, from, now, orders)
  const history = createHistory({
    info,
    seed,
    clock,
    carts,
    times,
    now,
    firstId: lastProduct + coupons.length + 1,
  })

  const records = createProductRecords({ info, seed, clock, now, catalog, ratings: reviews.ratings })
  const byId = new Map(catalog.map((each) => [each.id, each]))
  const productTable = createTable((row) => records.product(known(byId.get(row.id))))
  const variationTable = createTable((row) => {
    const parent = known(byId.get(row.parent))
    return records.variation(parent, known(parent.variations.find((each) => each.id === row.id)))
  })
  for (const { id, status, created, modified, variations } of catalog) {
    productTable.put({ id, status, created, modified, parent: 0, body: null })
    for (const each of variations) {
      variationTable.put({
        id: each.id,
        status: each.status,
        created: each.created,
        modified: each.modified,
        parent: id,
        body: null,
      })
    }
  }
  const couponTable = createTable()
  for (const each of coupons) {
    const { id, status, created } = each
    couponTable.put({
      id,
      status,
      created,
      modified: created,
      parent: 0,
      body: couponRecord(each, clock, orders),
    })
  }
  const shop = createShop({
    info,
    products: productTable,
    variations: variationTable,
    coupons: couponTable,
    orders: history.orders,
    refunds: history.refunds,
    small: {
      ...createSetup(info),
      ...termLists(
        catalog
          .filter((each) => each.status === 'publish')
          .map((each) => ({
            categories: each.category,
            tags: each.tags,
            values: [
              each.volume,
              each.country,
              ...new Set(each.variations.flatMap((one) => one.attributes.map((value) => value.value))),
            ],
          })),
      ),
      reviews: reviews.records,
      customers: buyers.customers,
      notes: lazyNotes(history),
    },
    highestId: history.highestId,
    highestRowId: (orders + 1) * META_IDS,
  })
  for (const each of former) shop.deleted.add(each.id)
  return shop
}

/** Notes of an order are made when they are first asked for, then kept, so that new ones can join them. */
function lazyNotes(history: History): Map<number, Raw[]> {
  const notes = new Map<number, Raw[]>()
  const get = notes.get.bind(notes)
  const set = notes.set.bind(notes)
  notes.get = (id) => {
    const held = get(id)
    if (held) return held
    const made = history.notes(id)
    if (made) set(id, made)
    return made
  }
  return notes
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a row of the demo shop has no record')
  return value
}

/** Looks like a UUID; the same for the same seed, so that a restarted demo is still the same shop. */
function storeId(seed: number): string {
  return `de300000-0000-4000-8000-${(seed >>> 0).toString(16).padStart(12, '0')}`
}
