/** Lists without dates or bulk: customers, reviews, terms, taxes, notes. */
import type { Kind, Place } from '../links.ts'
import { type ListQuery, mentions, pageOf } from '../lists.ts'
import type { Params, Specs } from '../params.ts'
import {
  ALLOW,
  type Call,
  type Endpoint,
  notFound,
  REFUSALS,
  type Route,
  type Site,
  totalsOf,
} from '../routes.ts'
import { CUSTOMERS, ITEM, NOTES, REVIEWS, TAXES, TERMS } from '../specs.ts'
import type { Raw } from '../table.ts'
import { fromIso } from '../zone.ts'
import { showing } from './tables.ts'

interface SmallList {
  kind: Kind
  specs: Specs
  items: (call: Call) => readonly Raw[]
  where: (item: Raw, params: Params) => boolean
  /** The field each `orderby` sorts by, where it is not of the same name. */
  fields?: Record<string, string>
  place?: (call: Call) => Place
}

export function smallList(site: Site, list: SmallList): Endpoint {
  return {
    specs: list.specs,
    refusal: REFUSALS.list,
    run(call) {
      const { params } = call
      const wanted = list.items(call).filter((item) => list.where(item, params))
      const query = listQuery(params, list.fields)
      const { items, total } = pageOf(wanted, query)
      const shown = showing(list.kind, call, list.place?.(call))
      return {
        data: items.map((item) => site.presenter.record(item, shown)),
        totals: totalsOf(total, query.perPage, query.page),
      }
    },
  }
}

function listQuery(params: Params, fields: Record<string, string> = {}): ListQuery {
  const orderby = params.text('orderby') as string
  const include = params.numbers('include')
  return {
    orderby: fields[orderby] ?? orderby,
    descending: params.text('order') === 'desc',
    page: params.number('page') as number,
    perPage: params.number('per_page') as number,
    offset: params.number('offset'),
    include: include?.length ? include : undefined,
    exclude: params.numbers('exclude'),
  }
}

export function smallItem(
  site: Site,
  kind: Kind,
  items: (call: Call) => readonly Raw[],
  fault: readonly [code: string, message: string],
  place?: (call: Call) => Place,
): Endpoint {
  return {
    specs: ITEM,
    refusal: REFUSALS.view,
    run(call) {
      const item = items(call).find((one) => String(one.id) === call.places.at(-1))
      if (!item) throw notFound(...fault)
      return { data: site.presenter.record(item, showing(kind, call, place?.(call))) }
    },
  }
}

const NO_TERM = ['woocommerce_rest_term_invalid', 'Resource does not exist.'] as const
const NO_ID = ['woocommerce_rest_invalid_id', 'Invalid resource ID.'] as const

export function smallRoutes(site: Site): Route[] {
  const { small, orders } = site.shop
  const parent = (call: Call) => ({ parent: call.places[0] as string })
  const termsOf = (call: Call) => {
    const terms = small.terms.get(Number(call.places[0]))
    if (!terms) throw notFound('woocommerce_rest_taxonomy_invalid', 'Resource does not exist.')
    return terms
  }
  const notesOf = (call: Call) => {
    const id = Number(call.places[0])
    if (!orders.get(id)) throw notFound('woocommerce_rest_shop_order_invalid_id', 'Invalid order ID.')
    return small.notes.get(id) ?? []
  }
  const customers = () => small.customers
  const pair = (
    path: string,
    list: SmallList,
    fault: readonly [string, string],
    allow: string = ALLOW.item,
  ): Route[] => [
    { path, allow: ALLOW.list, endpoints: { GET: smallList(site, list) } },
    {
      path: `${path}/:id`,
      allow,
      endpoints: { GET: smallItem(site, list.kind, list.items, fault, list.place) },
    },
  ]
  const term = (kind: Kind, items: SmallList['items'], embedded?: string): SmallList => ({
    kind,
    specs: TERMS,
    items,
    where: (item, params) => termWhere(site, item, params, embedded),
  })
  return [
    ...pair(
      '/customers',
      {
        kind: 'customer',
        specs: CUSTOMERS,
        items: customers,
        where: customerWhere,
        fields: { name: 'first_name', registered_date: 'date_created_gmt' },
      },
      ['wc_user_invalid_id', 'Invalid user ID.'],
    ),
    ...pair(
      '/products/reviews',
      {
        kind: 'review',
        specs: REVIEWS,
        items: () => small.reviews,
        where: (item, params) => reviewWhere(site, item, params),
        fields: { date: 'date_created', date_gmt: 'date_created_gmt', product: 'product_id' },
      },
      ['woocommerce_rest_review_invalid_id', 'Invalid review ID.'],
    ),
    ...pair(
      '/products/categories',
      term('category', () => small.categories, 'categories'),
      NO_TERM,
    ),
    ...pair(
      '/products/tags',
      term('tag', () => small.tags, 'tags'),
      NO_TERM,
    ),
    ...pair(
      '/products/shipping_classes',
      term('shippingClass', () => small.shippingClasses),
      NO_TERM,
    ),
    ...pair('/products/attributes/:id/terms', { ...term('term', termsOf), place: parent }, NO_TERM),
    ...pair(
      '/taxes',
      {
        kind: 'tax',
        specs: TAXES,
        items: () => small.taxes,
        where: (item, params) => (params.text('class') ?? item.class) === item.class,
      },
      NO_ID,
    ),
    {
      path: '/orders/:id/notes',
      allow: ALLOW.list,
      endpoints: {
        GET: {
          specs: NOTES,
          refusal: REFUSALS.list,
          run(call) {
            const type = call.params.text('type')
            const notes = notesOf(call).filter(
              (note) => type === 'any' || note.customer_note === (type === 'customer'),
            )
            const shown = showing('note', call, parent(call))
            return { data: newestFirst(notes).map((note) => site.presenter.record(note, shown)) }
          },
        },
      },
    },
    {
      path: '/orders/:id/notes/:id',
      allow: ALLOW.readDelete,
      endpoints: { GET: smallItem(site, 'note', notesOf, NO_ID, parent) },
    },
  ]
}

/** Notes come newest first, those of one second by their ids. */
function newestFirst(notes: readonly Raw[]): Raw[] {
  const moment = (note: Raw) => fromIso(note.date_created_gmt) ?? 0
  return [...notes].sort((a, b) => moment(b) - moment(a) || Number(a.id) - Number(b.id))
}

/** Only `role=customer` unless another is asked (row 10). */
function customerWhere(item: Raw, params: Params): boolean {
  const role = params.text('role')
  const email = params.text('email')
  const search = params.text('search')
  if (role !== 'all' && item.role !== role) return false
  if (email && String(item.email).toLowerCase() !== email.toLowerCase()) return false
  return !search || mentions(search, item.first_name, item.last_name, item.email, item.username)
}

function reviewWhere({ zone }: Site, item: Raw, params: Params): boolean {
  const status = params.text('status')
  const products = params.numbers('product')
  const search = params.text('search')
  const created = fromIso(item.date_created) ?? 0
  const wall = (name: string) => {
    const date = params.date(name)
    return date?.suffix ? zone.toWall(date.seconds) : date?.seconds
  }
  if (status !== 'all' && item.status !== status) return false
  if (products?.length && !products.includes(Number(item.product_id))) return false
  if (created <= (wall('after') ?? Number.NEGATIVE_INFINITY)) return false
  if (created >= (wall('before') ?? Number.POSITIVE_INFINITY)) return false
  return !search || mentions(search, item.review, item.reviewer, item.reviewer_email)
}

function termWhere({ shop }: Site, item: Raw, params: Params, embedded: string | undefined): boolean {
  const parent = params.number('parent')
  const product = params.number('product')
  const slug = params.text('slug')
  const search = params.text('search')
  if (params.flag('hide_empty') && !item.count) return false
  if (parent !== undefined && Number(item.parent ?? 0) !== parent) return false
  if (slug && item.slug !== slug) return false
  if (product !== undefined && embedded) {
    const row = shop.products.get(product)
    const held = (row ? shop.products.body(row)[embedded] : undefined) as Raw[] | undefined
    if (!held?.some((own) => own.id === item.id)) return false
  }
  return !search || mentions(search, item.name, item.slug)
}
