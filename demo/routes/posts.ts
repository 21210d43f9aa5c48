/** Which rows of orders, products, variations, refunds and coupons a question means, and the routes for them. */
import { mentions } from '../lists.ts'
import type { Params } from '../params.ts'
import { ALLOW, type Call, type Route, type Site } from '../routes.ts'
import { COUPONS, orderSpecs, PRODUCTS, REFUNDS, VARIATIONS } from '../specs.ts'
import type { Raw, Row, Table } from '../table.ts'
import { orderLink, tableItem, tableList } from './tables.ts'

/** What a shop of an older version lacks (rows 8, 9). */
export interface Lacking {
  globalVariations: boolean
  globalRefunds: boolean
}

export function postRoutes(site: Site, lacking: Lacking): Route[] {
  const { orders, products, variations, refunds, coupons } = site.shop
  const listOf = { clock: 'gmt', zeroPastEnd: true, kind: 'refund', table: refunds, specs: REFUNDS } as const
  const childrenOf = (parent: number) => (row: Row) => row.parent === parent
  const first = (call: Call) => Number(call.places[0])
  const variationList = {
    kind: 'variation',
    table: variations,
    clock: 'local',
    specs: VARIATIONS,
    statuses: (params: Params) => productStatuses(params, variations),
  } as const
  const routes: Route[] = [
    {
      path: '/orders',
      allow: ALLOW.list,
      endpoints: {
        GET: tableList(site, {
          kind: 'order',
          table: orders,
          clock: 'gmt',
          specs: orderSpecs(site.shop),
          statuses: (params) => orderStatuses(params.texts('status') ?? ['any'], orders),
          where: ({ params }) => orderWhere(params, orders),
          zeroPastEnd: true,
          link: orderLink,
        }),
      },
    },
    {
      path: '/orders/:id',
      allow: ALLOW.item,
      endpoints: { GET: tableItem(site, 'order', orders, 'woocommerce_rest_shop_order_invalid_id') },
    },
    {
      path: '/orders/:id/refunds',
      allow: ALLOW.list,
      endpoints: {
        GET: tableList(site, { ...listOf, place: 'nested', where: (call) => childrenOf(first(call)) }),
      },
    },
    {
      path: '/orders/:id/refunds/:id',
      allow: ALLOW.readDelete,
      endpoints: {
        GET: tableItem(
          site,
          'refund',
          refunds,
          'woocommerce_rest_shop_order_refund_invalid_id',
          (row, call) => row.parent === first(call),
        ),
      },
    },
    {
      path: '/products',
      allow: ALLOW.list,
      endpoints: {
        GET: tableList(site, {
          kind: 'product',
          table: products,
          clock: 'local',
          specs: PRODUCTS,
          statuses: (params) => productStatuses(params, products),
          where: ({ params }) => productWhere(params, products),
        }),
      },
    },
    {
      path: '/products/:id',
      allow: ALLOW.item,
      endpoints: { GET: tableItem(site, 'product', products, 'woocommerce_rest_product_invalid_id') },
    },
    {
      path: '/products/:id/variations',
      allow: ALLOW.list,
      endpoints: {
        GET: tableList(site, {
          ...variationList,
          place: 'nested',
          where: (call) => both(childrenOf(first(call)), productWhere(call.params, variations)),
        }),
      },
    },
    {
      path: '/products/:id/variations/:id',
      allow: ALLOW.item,
      endpoints: {
        GET: tableItem(
          site,
          'variation',
          variations,
          'woocommerce_rest_product_variation_invalid_id',
          (row, call) => row.parent === first(call),
        ),
      },
    },
    {
      path: '/coupons',
      allow: ALLOW.list,
      endpoints: {
        GET: tableList(site, {
          kind: 'coupon',
          table: coupons,
          clock: 'local',
          specs: COUPONS,
          statuses: (params) => couponStatuses(params.texts('status')),
          where: ({ params }) => couponWhere(params, coupons),
        }),
      },
    },
    {
      path: '/coupons/:id',
      allow: ALLOW.item,
      endpoints: { GET: tableItem(site, 'coupon', coupons, 'woocommerce_rest_shop_coupon_invalid_id') },
    },
  ]
  if (!lacking.globalVariations)
    routes.push({
      path: '/variations',
      allow: ALLOW.readOnly,
      endpoints: {
        GET: tableList(site, { ...variationList, where: ({ params }) => productWhere(params, variations) }),
      },
    })
  if (!lacking.globalRefunds)
    routes.push({
      path: '/refunds',
      allow: ALLOW.readOnly,
      endpoints: { GET: tableList(site, { ...listOf, where: ({ params }) => ofParents(params) }) },
    })
  return routes
}

/** `any` leaves out trash, drafts of the checkout and auto-drafts, whatever else is named beside it (row 6). */
function orderStatuses(asked: readonly string[], orders: Table): ReadonlySet<string> {
  if (asked.length > 0 && !asked.includes('any')) return new Set(asked)
  return presentBut(orders, ['trash', 'checkout-draft', 'auto-draft'])
}

/** `include_status` wins over `status`; there `any` adds up with the others (row 6). */
function productStatuses(params: Params, table: Table): ReadonlySet<string> {
  const named = params.texts('include_status')
  const asked = named?.length ? named : [params.text('status') as string]
  const any = asked.includes('any') ? presentBut(table, ['trash', 'auto-draft']) : new Set<string>()
  const statuses = new Set([...any, ...asked.filter((status) => status !== 'any')])
  for (const status of params.texts('exclude_status') ?? []) statuses.delete(status)
  return statuses
}

function couponStatuses(asked: readonly string[] | undefined): ReadonlySet<string> | undefined {
  if (!asked?.length) return new Set(['publish', 'private'])
  return asked.includes('any')
    ? new Set(['publish', 'draft', 'pending', 'private', 'future'])
    : new Set(asked)
}

function presentBut(table: Table, left: readonly string[]): Set<string> {
  return new Set([...table.statuses().keys()].filter((status) => !left.includes(status)))
}

type Test = (row: Row) => boolean

function both(first: Test, second: Test | undefined): Test {
  return second ? (row) => first(row) && second(row) : first
}

function all(tests: readonly Test[]): Test | undefined {
  return tests.length === 0 ? undefined : (row) => tests.every((test) => test(row))
}

function ofParents(params: Params): Test | undefined {
  const parents = params.numbers('parent')
  return parents?.length ? (row) => parents.includes(row.parent) : undefined
}

function orderWhere(params: Params, table: Table): Test | undefined {
  const tests: Test[] = []
  const add = (test: (order: Raw) => boolean) => tests.push((row) => test(table.body(row)))
  const customer = params.number('customer')
  const product = params.number('product')
  const search = params.text('search')
  if (customer !== undefined) add((order) => order.customer_id === customer)
  // The parent's id, not a variation's (row 12a); a kept body still names products deleted since (row 42a).
  if (product !== undefined)
    tests.push((row) => {
      const lines = (row.body ?? table.body(row)).line_items as Raw[] | undefined
      return lines?.some((line) => line.product_id === product) ?? false
    })
  if (search)
    add((order) => {
      const billing = (order.billing ?? {}) as Raw
      return mentions(search, order.number, ...Object.values(billing))
    })
  return all(tests)
}

function productWhere(params: Params, table: Table): Test | undefined {
  const tests: Test[] = []
  const add = (test: (product: Raw) => boolean) => tests.push((row) => test(table.body(row)))
  const parents = ofParents(params)
  if (parents) tests.push(parents)
  for (const name of ['slug', 'type', 'stock_status', 'featured', 'on_sale']) {
    const wanted = params.text(name)
    if (wanted !== undefined && wanted !== '') add((product) => product[name] === wanted)
  }
  const skus = params.text('sku')?.split(',')
  if (skus && skus[0] !== '') add((product) => skus.includes(String(product.sku)))
  for (const [name, field] of TAXONOMIES) {
    const ids = params.numbers(name)
    if (ids?.length)
      add((product) => ((product[field] ?? []) as Raw[]).some((t) => ids.includes(Number(t.id))))
  }
  const search = params.text('search')
  if (search)
    add((product) =>
      mentions(search, product.name, product.description, product.short_description, product.sku),
    )
  return all(tests)
}

const TAXONOMIES = [
  ['category', 'categories'],
  ['tag', 'tags'],
] as const

function couponWhere(params: Params, table: Table): Test | undefined {
  const tests: Test[] = []
  const code = params.text('code')
  const search = params.text('search')
  if (code) tests.push((row) => table.body(row).code === code.toLowerCase())
  if (search) tests.push((row) => mentions(search, table.body(row).code, table.body(row).description))
  return all(tests)
}
