/** A shop as it was recorded: every page of `api/` put back together into the state it came from. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createShop, type Shop, type ShopInfo } from './shop.ts'
import { createTable, type Raw, type Table } from './table.ts'
import { fromIso } from './zone.ts'

/** The keys of a recorded shop; the real ones were not kept. */
const RECORDED_KEYS = {
  consumerKey: `ck_${'a1'.repeat(20)}`,
  consumerSecret: `cs_${'b2'.repeat(20)}`,
  readOnlyKey: `ck_${'c3'.repeat(20)}`,
  readOnlySecret: `cs_${'d4'.repeat(20)}`,
}

/**
 * @param folder holds `api/` and `index.json`
 * @throws the file system's error when a page is missing
 */
export function loadRecordings(folder: string): Shop {
  const pages = readPages(join(folder, 'api'))
  const { lists, one } = pages
  const variations = table(lists('variations-edit-p'), 'publish')
  const orders = [...lists('orders-p'), ...lists('orders-trash-p'), ...lists('orders-checkout-draft-p')]
  const parts = {
    orders: table(orders, 'pending'),
    products: table(lists('products-edit-p'), 'publish'),
    variations,
    refunds: table(lists('refunds-global-p'), 'completed'),
    coupons: table(lists('coupons-edit-p'), 'publish'),
  }
  const ids = Object.values(parts).flatMap((part) => part.sorted('id').at(-1)?.id ?? 0)
  return createShop({
    info: infoOf(one('wp-json-index-trimmed'), one('system-status-trimmed')),
    ...parts,
    rendered: renderedTexts(pages),
    highestId: Math.max(...ids),
    small: {
      categories: lists('categories-p'),
      tags: lists('tags-p'),
      attributes: lists('attributes-p'),
      terms: byParent(pages, /^attribute-terms-/),
      shippingClasses: lists('shipping-classes-p'),
      taxes: lists('taxes-p'),
      taxClasses: lists('taxes-classes'),
      zones: lists('shipping-zones'),
      zoneMethods: byParent(pages, /^shipping-zone-\d+-methods/),
      gateways: lists('payment-gateways'),
      settingGroups: lists('settings.'),
      settings: new Map(['general', 'products', 'tax'].map((group) => [group, lists(`settings-${group}`)])),
      reviews: lists('reviews-edit-p'),
      customers: lists('customers-role-all-p'),
      currencies: [bare(one('data-currencies-current'))],
      orderStatuses: lists('order-statuses'),
      notes: byParent(pages, /^notes-of-/),
    },
  })
}

interface Pages {
  /** All records of the pages whose names begin so, in the order of the pages. */
  lists(prefix: string): Raw[]
  one(name: string): Raw
  /** The parent's id, from the address each page was read at, with the page's records. */
  nested(pattern: RegExp): [parent: number, records: Raw[]][]
}

function readPages(folder: string): Pages {
  const names = readdirSync(folder).sort()
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'))
  const records = (name: string) => (read(name) as Raw[]).map(bare)
  return {
    lists: (prefix) => names.filter((name) => name.startsWith(prefix)).flatMap(records),
    one: (name) => read(`${name}.json`) as Raw,
    nested: (pattern) =>
      names.filter((name) => pattern.test(name)).map((name) => [parentOf(read(name)), records(name)]),
  }
}

/** Parents stand in the links of their children: `…/attributes/2/terms`, `…/orders/235/notes`. */
function parentOf(page: Raw[]): number {
  const links = JSON.stringify(page[0]?._links ?? '')
  return Number(/\/(?:attributes|zones|orders)\/(\d+)\//.exec(links)?.[1] ?? Number.NaN)
}

function byParent(pages: Pages, pattern: RegExp): Map<number, Raw[]> {
  return new Map(pages.nested(pattern).filter(([parent]) => !Number.isNaN(parent)))
}

function bare({ _links, ...record }: Raw): Raw {
  return record
}

function table(records: readonly Raw[], status: string): Table {
  const filled = createTable()
  for (const body of records)
    filled.put({
      id: Number(body.id),
      status: String(body.status ?? status),
      created: fromIso(body.date_created_gmt),
      // Refunds show no modification date; it is that of their creation.
      modified: fromIso('date_modified_gmt' in body ? body.date_modified_gmt : body.date_created_gmt),
      parent: Number(body.parent_id ?? 0),
      body,
    })
  return filled
}

/** The texts of the view pages beside the same texts of the edit pages. */
function renderedTexts({ lists }: Pages): Map<string, string> {
  const rendered = new Map<string, string>()
  const pairs: [string[], string, string[]][] = [
    [['products-p', 'products-trash-p'], 'products-edit-p', ['description', 'short_description']],
    [['variations-global-p'], 'variations-edit-p', ['description']],
    [['reviews-p'], 'reviews-edit-p', ['review']],
  ]
  for (const [views, edit, fields] of pairs) {
    const raw = new Map(lists(edit).map((record) => [record.id, record]))
    for (const view of views.flatMap((prefix) => lists(prefix)))
      for (const field of fields) {
        const text = raw.get(view.id)?.[field]
        if (text !== view[field]) rendered.set(String(text), String(view[field]))
      }
  }
  return rendered
}

function infoOf(index: Raw, status: Raw): ShopInfo {
  const environment = status.environment as Raw
  const settings = status.settings as Raw
  return {
    name: String(index.name),
    url: String(index.url),
    timezone: String(index.timezone_string),
    currency: String(settings.currency),
    currencySymbol: String(settings.currency_symbol),
    storeId: String(environment.store_id),
    version: String(environment.version),
    ...RECORDED_KEYS,
  }
}
