/**
 * One kind of thing in the demo shop, kept in memory: rows in the order of their ids, found by id, by
 * creation date and by modification date without a scan, so that a shop of a million orders answers at once.
 * A row's body may be made on demand from the shop's seed; a row that was written to keeps its own.
 */
export type Raw = Record<string, unknown>

export interface Row {
  id: number
  status: string
  /** Unix seconds, GMT; null for drafts that have no date. */
  created: number | null
  modified: number | null
  /** The parent product of a variation, the order of a refund; 0 where there is none. */
  parent: number
  /** The record in `context=edit`, without `_links`; null while it can still be made from the seed. */
  body: Raw | null
}

export type Order = 'id' | 'created' | 'modified'

export interface Table {
  readonly size: number
  /** Goes up with every change, so that what was worked out from the rows can be kept until then. */
  readonly version: number
  get(id: number): Row | undefined
  /** The record of a row in `context=edit`, without `_links`. */
  body(row: Row): Raw
  /** Adds or replaces a row; keeps every order right. */
  put(row: Row): void
  remove(id: number): void
  /** All rows ascending in the given order (ties by id; rows without the date come first). Not a copy: do not change it. */
  sorted(order: Order): readonly Row[]
  /** The index in `sorted(order)` of the first row whose value is greater than the given one. */
  indexAfter(order: Order, value: number): number
  /** How many rows have each status: lets a list that names every status skip the filter. */
  statuses(): ReadonlyMap<string, number>
}

/** Makes the body of a row that has none of its own. */
export type Render = (row: Row) => Raw

export function createTable(render: Render = missingBody): Table {
  const byId = new Map<number, Row>()
  const counts = new Map<string, number>()
  const lists: Record<Order, Row[]> = { id: [], created: [], modified: [] }
  const dirty: Record<Order, boolean> = { id: false, created: false, modified: false }
  let version = 0

  function insert(order: Order, row: Row) {
    const list = lists[order]
    const last = list.at(-1)
    if (dirty[order] || last === undefined || compare(order, last, row) <= 0) {
      list.push(row)
      return
    }
    // A far insert into a long list is cheaper as one sort at the next reading than as a shift each time.
    const at = position(list, order, row)
    if (list.length - at < NEAR) list.splice(at, 0, row)
    else {
      list.push(row)
      dirty[order] = true
    }
  }

  function sorted(order: Order) {
    if (dirty[order]) {
      lists[order].sort((a, b) => compare(order, a, b))
      dirty[order] = false
    }
    return lists[order]
  }

  function count(status: string, by: number) {
    const left = (counts.get(status) ?? 0) + by
    if (left === 0) counts.delete(status)
    else counts.set(status, left)
  }

  /** Where the row is; also when somebody changed it in place, which is slow and not meant. */
  function find(order: Order, row: Row) {
    const list = sorted(order)
    const at = position(list, order, row)
    return list[at] === row ? at : list.indexOf(row)
  }

  function remove(id: number) {
    const row = byId.get(id)
    if (!row) return
    version++
    byId.delete(id)
    count(row.status, -1)
    for (const order of ORDERS) sorted(order).splice(find(order, row), 1)
  }

  function put(row: Row) {
    const before = byId.get(row.id)
    version++
    byId.set(row.id, row)
    count(row.status, 1)
    if (before) count(before.status, -1)
    for (const order of ORDERS) {
      if (!before) insert(order, row)
      else if (before !== row && key(order, before) === key(order, row)) {
        sorted(order)[find(order, before)] = row
      } else {
        sorted(order).splice(find(order, before), 1)
        insert(order, row)
      }
    }
  }

  return {
    get size() {
      return byId.size
    },
    get version() {
      return version
    },
    get: (id) => byId.get(id),
    body: (row) => row.body ?? render(row),
    put,
    remove,
    sorted,
    indexAfter(order, value) {
      const list = sorted(order)
      let low = 0
      let high = list.length
      while (low < high) {
        const middle = (low + high) >>> 1
        if (key(order, list[middle] as Row) > value) high = middle
        else low = middle + 1
      }
      return low
    },
    statuses: () => counts,
  }
}

const ORDERS: readonly Order[] = ['id', 'created', 'modified']
const NEAR = 200

function missingBody(row: Row): Raw {
  throw new Error(`row ${row.id} has no body and its table cannot make one`)
}

function key(order: Order, row: Row): number {
  return order === 'id' ? row.id : (row[order] ?? Number.NEGATIVE_INFINITY)
}

function compare(order: Order, a: Row, b: Row): number {
  const x = key(order, a)
  const y = key(order, b)
  return x < y ? -1 : x > y ? 1 : a.id - b.id
}

function position(list: readonly Row[], order: Order, row: Row): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(order, list[middle] as Row, row) < 0) low = middle + 1
    else high = middle
  }
  return low
}
