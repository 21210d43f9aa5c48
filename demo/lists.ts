/**
 * Pages of the big tables: filtered, sorted, cut and counted as WooCommerce does it, without a scan where
 * the question allows it, so that a million rows answer at once.
 */
import type { Order, Raw, Row, Table } from './table.ts'
import type { Zone } from './zone.ts'

export interface RowQuery {
  /** `gmt`: orders and refunds (HPOS). `local`: posts, which sort by what the shop's clock showed (row 2). */
  clock: 'gmt' | 'local'
  orderby: string
  descending: boolean
  page: number
  perPage: number
  /** Wins over `page` (row 12a). */
  offset: number | undefined
  /** Undefined: every status. */
  statuses: ReadonlySet<string> | undefined
  ranges: readonly Range[]
  include: readonly number[] | undefined
  /** Every other condition of the question. */
  where: ((row: Row) => boolean) | undefined
}

/** Strictly between, in whole seconds, of the GMT date or of the shop's own. */
export interface Range {
  field: 'created' | 'modified'
  local: boolean
  above?: number
  below?: number
}

export interface RowPage {
  rows: Row[]
  total: number
}

export interface Lists {
  page(table: Table, query: RowQuery): RowPage
}

export function createLists(zone: Zone): Lists {
  const kept = new WeakMap<Table, { version: number; lists: Map<string, readonly Row[]> }>()

  /** Works a list out once for as long as its table stays as it is. */
  function keep(table: Table, name: string, make: () => readonly Row[]): readonly Row[] {
    let held = kept.get(table)
    if (held?.version !== table.version) {
      held = { version: table.version, lists: new Map() }
      kept.set(table, held)
    }
    const list = held.lists.get(name) ?? make()
    held.lists.set(name, list)
    return list
  }

  function ascending(table: Table, order: Order, clock: 'gmt' | 'local'): readonly Row[] {
    if (clock === 'gmt' || order === 'id') return table.sorted(order)
    return keep(table, `local ${order}`, () => {
      const walls = new Map(table.sorted(order).map((row) => [row, wall(zone, row[order])]))
      const key = (row: Row) => walls.get(row) as number
      return [...table.sorted(order)].sort((a, b) => compare(key(a), key(b)) || a.id - b.id)
    })
  }

  /** Ascending rows of the wanted statuses; the whole table where every present status is wanted (row 6). */
  function ofStatuses(table: Table, order: Order, query: RowQuery): readonly Row[] {
    const { statuses } = query
    const present = [...table.statuses().keys()].filter((status) => statuses?.has(status) ?? true)
    if (present.length === table.statuses().size) return ascending(table, order, query.clock)
    const name = `${order} ${query.clock} ${present.sort().join()}`
    const wanted = new Set(present)
    return keep(table, name, () =>
      ascending(table, order, query.clock).filter((row) => wanted.has(row.status)),
    )
  }

  function page(table: Table, query: RowQuery): RowPage {
    if (query.include) return cut(chosen(table, query, query.include), query)
    const order = ORDERS[query.orderby]
    // Where rows lie in the order of a range's own GMT date, the range is a stretch of the list.
    const along = (range: Range) => range.field === order && !range.local && query.clock === 'gmt'
    const rest = query.ranges.filter((range) => !along(range))
    let rows = ofStatuses(table, order ?? 'id', query)
    let from = 0
    let to = rows.length
    for (const { field, above, below } of query.ranges.filter(along)) {
      if (above !== undefined) from = Math.max(from, firstOver(rows, field, above))
      if (below !== undefined) to = Math.min(to, firstOver(rows, field, below - 1))
    }
    to = Math.max(from, to)
    if (rest.length > 0 || query.where) {
      const test = condition(query, rest)
      rows = rows.slice(from, to).filter(test)
      from = 0
      to = rows.length
    }
    if (!order) rows = byText(table, rows, query.orderby)
    return cut({ rows, from, to }, query)
  }

  function chosen(table: Table, query: RowQuery, ids: readonly number[]): Stretch {
    const test = condition(query, query.ranges)
    const found = [...new Set(ids)].flatMap((id) => table.get(id) ?? [])
    const rows = found.filter((row) => (query.statuses?.has(row.status) ?? true) && test(row))
    const order = ORDERS[query.orderby]
    if (query.orderby === 'include') return { rows }
    if (!order) return { rows: byText(table, rows, query.orderby) }
    const key = (row: Row) =>
      order === 'id' ? row.id : query.clock === 'local' ? wall(zone, row[order]) : (row[order] ?? NEVER)
    return { rows: rows.sort((a, b) => compare(key(a), key(b)) || a.id - b.id) }
  }

  function condition(query: RowQuery, ranges: readonly Range[]): (row: Row) => boolean {
    return (row) => {
      for (const { field, local, above, below } of ranges) {
        const value = local ? wall(zone, row[field]) : (row[field] ?? NEVER)
        if (above !== undefined && !(value > above)) return false
        if (below !== undefined && !(value < below)) return false
      }
      return query.where?.(row) ?? true
    }
  }

  return { page }
}

interface Stretch {
  rows: readonly Row[]
  from?: number
  to?: number
}

const ORDERS: Record<string, Order> = { id: 'id', date: 'created', modified: 'modified', include: 'id' }

/** A post without a date is older than all others, as `0000-00-00` is in the database. */
const NEVER = Number.NEGATIVE_INFINITY

function wall(zone: Zone, moment: number | null): number {
  return moment === null ? NEVER : zone.toWall(moment)
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function firstOver(rows: readonly Row[], field: 'created' | 'modified', value: number): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (((rows[middle] as Row)[field] ?? NEVER) > value) high = middle
    else low = middle + 1
  }
  return low
}

function cut({ rows, from = 0, to = rows.length }: Stretch, query: RowQuery): RowPage {
  const total = to - from
  const start = query.offset ?? (query.page - 1) * query.perPage
  const count = Math.max(0, Math.min(query.perPage, total - start))
  if (!query.descending || query.orderby === 'include')
    return { rows: rows.slice(from + start, from + start + count), total }
  return { rows: rows.slice(to - start - count, to - start).reverse(), total }
}

/** Orders that need the record itself; the shops' posts are few enough for that. */
function byText(table: Table, rows: readonly Row[], orderby: string): Row[] {
  const field = TEXTS[orderby] ?? orderby
  const numeric = NUMBERS.has(field)
  const keys = new Map(rows.map((row) => [row, table.body(row)[field]] as const))
  const order = (a: Row, b: Row) =>
    numeric
      ? compare(Number(keys.get(a) ?? 0), Number(keys.get(b) ?? 0))
      : collator.compare(String(keys.get(a) ?? ''), String(keys.get(b) ?? ''))
  return [...rows].sort((a, b) => order(a, b) || a.id - b.id)
}

const TEXTS: Record<string, string> = { title: 'name', popularity: 'total_sales', rating: 'average_rating' }
const NUMBERS = new Set(['price', 'total_sales', 'average_rating', 'menu_order'])

/** Near enough to the database's `utf8mb4_unicode_520_ci`: no difference of case or accents. */
const collator = new Intl.Collator('en', { sensitivity: 'base' })

/** Whether any of the texts of a record holds the searched one. */
export function mentions(search: string, ...texts: unknown[]): boolean {
  const wanted = search.toLowerCase()
  return texts.some((text) => typeof text === 'string' && text.toLowerCase().includes(wanted))
}

export interface ListQuery {
  orderby: string
  descending: boolean
  page: number
  perPage: number
  offset: number | undefined
  include: readonly number[] | undefined
  exclude: readonly number[] | undefined
}

/** A page of a small list, whose items are few enough to be sorted at each question. */
export function pageOf(items: readonly Raw[], query: ListQuery): { items: Raw[]; total: number } {
  const { include, exclude } = query
  const left = items.filter(
    ({ id }) => (include?.includes(Number(id)) ?? true) && !exclude?.includes(Number(id)),
  )
  // The order of `include` has no direction.
  const turn = query.descending && query.orderby !== 'include' ? -1 : 1
  left.sort((a, b) => turn * compareItems(a, b, query))
  const start = query.offset ?? (query.page - 1) * query.perPage
  return { items: left.slice(start, start + query.perPage), total: left.length }
}

function compareItems(a: Raw, b: Raw, { orderby, include }: ListQuery): number {
  if (orderby === 'include')
    return (include ?? []).indexOf(Number(a.id)) - (include ?? []).indexOf(Number(b.id))
  const x = a[orderby]
  const y = b[orderby]
  const order =
    typeof x === 'string' ? collator.compare(x, String(y)) : compare(Number(x ?? 0), Number(y ?? 0))
  return order || Number(a.id) - Number(b.id)
}
