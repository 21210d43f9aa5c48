/** The first rows of a breakdown, and the rest as one row where that is no lie. */
import { Decimal } from 'decimal.js'
import { addUp, type Figures, type Sums, toFigures } from './figures.ts'
import { continuous, type Grouping, overlapping } from './groups.ts'
import { type LineFigures, type LineGroup, toLineFigures } from './lines.ts'

export interface Row {
  key: string | null
  name: string | null
  from?: string
  to?: string
  figures: Partial<Figures & LineFigures>
  /** What the figures were made of, to be added up with others. */
  sums: Sums | LineGroup
}

export const sorts = [
  'key',
  '-key',
  'net_sales',
  '-net_sales',
  'orders',
  '-orders',
  'items',
  '-items',
] as const
export type Sort = (typeof sorts)[number]

const TOP = 20

interface Wanted {
  sort: Sort | undefined
  limit: number | undefined
}

export function cut(rows: readonly Row[], by: Grouping, { sort, limit }: Wanted, currency: string | null) {
  const sorted = inOrder(rows, sort ?? (continuous.has(by) ? 'key' : '-net_sales'))
  const most = limit ?? (continuous.has(by) ? rows.length : TOP)
  const rest = sorted.slice(most)
  return {
    rows: sorted.slice(0, most),
    others: rest.length === 0 ? null : together(rest, by, currency),
    left_out: rest.length,
  }
}

/** Orders with several products count in each, so their number is left out; categories and coupons share amounts, too. */
function together(rest: readonly Row[], by: Grouping, currency: string | null): Row | null {
  const common = { key: null, name: null }
  if (by === 'product') {
    const groups = rest.map(({ sums }) => sums).filter(isLines)
    const [first] = groups
    return first === undefined ? null : { ...common, figures: toLineFigures(groups, currency), sums: first }
  }
  if (overlapping.has(by)) return null
  const sums = addUp(rest.flatMap((row) => (isLines(row.sums) ? [] : [row.sums])))
  return { ...common, figures: toFigures(sums, currency), sums }
}

function isLines(sums: Sums | LineGroup): sums is LineGroup {
  return 'sold' in sums
}

const measures = {
  net_sales: (row: Row) =>
    isLines(row.sums)
      ? new Decimal(row.sums.sold).minus(row.sums.given_back)
      : (row.figures.net_sales ?? '0'),
  orders: ({ sums }: Row) => sums.orders,
  items: ({ sums }: Row) => (isLines(sums) ? sums.pieces : sums.items),
} as const

/** Rows of equal value in order of their keys; those without a key last. */
function inOrder(rows: readonly Row[], sort: Sort): Row[] {
  const by = sort.replace('-', '') as 'key' | keyof typeof measures
  const direction = sort.startsWith('-') ? -1 : 1
  if (by === 'key') return rows.toSorted((one, other) => byKey(one, other, direction))
  const value = measures[by]
  return rows
    .map((row) => ({ row, value: new Decimal(value(row)) }))
    .sort((one, other) => one.value.comparedTo(other.value) * direction || byKey(one.row, other.row, 1))
    .map(({ row }) => row)
}

function byKey(one: Row, other: Row, direction: number): number {
  if (one.key === null || other.key === null) return Number(one.key === null) - Number(other.key === null)
  return one.key.localeCompare(other.key, 'en', { numeric: true }) * direction
}
