/** The lists and items of orders, products, variations, refunds and coupons. */
import type { Kind, Place } from '../links.ts'
import type { Range, RowQuery } from '../lists.ts'
import type { Params, Specs } from '../params.ts'
import { type Context, readFields, type Showing } from '../present.ts'
import type { Query } from '../query.ts'
import { type Call, type Endpoint, notFound, REFUSALS, type Reply, type Site, totalsOf } from '../routes.ts'
import { ITEM } from '../specs.ts'
import type { Row, Table } from '../table.ts'

export interface TableList {
  kind: Kind
  table: Table
  clock: 'gmt' | 'local'
  specs: Specs
  place?: Place
  /** Undefined: every status. */
  statuses?: (params: Params) => ReadonlySet<string> | undefined
  /** Undefined: no other condition. */
  where?: (call: Call) => ((row: Row) => boolean) | undefined
  /** Orders and refunds count 0 past their end, the others do not (row 11). */
  zeroPastEnd?: boolean
  link?: Endpoint['link']
}

export function tableList(site: Site, list: TableList): Endpoint {
  return {
    specs: list.specs,
    refusal: REFUSALS.list,
    ...(list.link ? { link: list.link } : {}),
    run: (call) => answerList(site, list, call),
  }
}

function answerList({ lists, presenter, zone }: Site, list: TableList, call: Call): Reply {
  const { params } = call
  const perPage = params.number('per_page') as number
  const page = params.number('page') as number
  const exclude = params.numbers('exclude')
  const others = list.where?.(call)
  const excluded = exclude?.length ? new Set(exclude) : undefined
  const include = params.numbers('include')
  const query: RowQuery = {
    clock: list.clock,
    orderby: params.text('orderby') as string,
    descending: params.text('order') === 'desc',
    page,
    perPage,
    offset: params.number('offset'),
    statuses: list.statuses?.(params),
    ranges: rangesOf(params, list.clock, zone.fromWall, zone.toWall),
    include: include?.length ? include : undefined,
    where: excluded ? (row) => !excluded.has(row.id) && (others?.(row) ?? true) : others,
  }
  const { rows, total } = lists.page(list.table, query)
  const counted = list.zeroPastEnd && rows.length === 0 ? 0 : total
  return {
    data: presenter.rows(list.table, rows, showing(list.kind, call, list.place)),
    totals: totalsOf(counted, perPage, page),
    lasting: true,
  }
}

/**
 * The dates asked for. Without `dates_are_gmt` they are the shop's own; with it they are compared with GMT as
 * they stand, and a suffix has by then turned them into the shop's own: the trap of row 2.
 */
function rangesOf(
  params: Params,
  clock: 'gmt' | 'local',
  fromWall: (wall: number) => number,
  toWall: (moment: number) => number,
): Range[] {
  const gmt = params.flag('dates_are_gmt') ?? false
  const ranges: Range[] = []
  for (const [name, field, side] of BOUNDS) {
    const date = params.date(name)
    if (!date) continue
    const wall = date.suffix ? toWall(date.seconds) : date.seconds
    const local = !gmt && clock === 'local'
    ranges.push({ field, local, [side]: gmt || local ? wall : fromWall(wall) })
  }
  return ranges
}

const BOUNDS = [
  ['after', 'created', 'above'],
  ['before', 'created', 'below'],
  ['modified_after', 'modified', 'above'],
  ['modified_before', 'modified', 'below'],
] as const

export function tableItem(
  site: Site,
  kind: Kind,
  table: Table,
  notFoundCode: string,
  fits: (row: Row, call: Call) => boolean = () => true,
): Endpoint {
  return {
    specs: ITEM,
    refusal: REFUSALS.view,
    run(call) {
      const row = table.get(Number(call.places.at(-1)))
      if (!row || !fits(row, call)) throw notFound(notFoundCode)
      const place = call.places.length > 1 ? 'nested' : 'global'
      return { data: site.presenter.record(table.body(row), showing(kind, call, place)) }
    },
  }
}

/** How a read asked to be shown its records. */
export function showing(kind: Kind, { params, query }: Call, place: Place = 'global'): Showing {
  return {
    kind,
    context: params.text('context') as Context,
    place,
    fields: readFields(query.get('_fields')),
    includeMeta: params.texts('include_meta'),
    excludeMeta: params.texts('exclude_meta'),
  }
}

/** Orders put their status, `dp` and `context` at the end of a `Link`, the latter two only where rows were read. */
export function orderLink(params: Params, total: number): Query {
  const query: Query = new Map(params.query)
  query.delete('status')
  query.set('status', params.texts('status') ?? ['any'])
  if (total === 0) return query
  if (!query.has('dp')) query.set('dp', String(params.number('dp')))
  if (!query.has('context')) query.set('context', params.text('context') as string)
  return query
}
