/** Rows as a table that fits the terminal: the most telling columns first, the rest in --json and --csv. */
import type { z } from 'zod'
import { LOCAL } from '../../access/caller.ts'
import { type Column, csvColumns } from '../csv.ts'
import { renderTable } from './table.ts'
import { cut, width, wrapped } from './terminal.ts'
import { currencyOf, isMoney, isNumeric, type Look, labelOf, NONE, valueText } from './values.ts'

interface Shown {
  title: string
  cells: string[]
  numeric: boolean
  /** The lowest is the most telling. */
  rank: number
  /** Place in the schema. */
  at: number
}

/** Names that say most of a row, where nothing else was said; others follow as the schema has them. */
const FIRST =
  /^(name|number|title|label|day|week|month|date|period|key|group|segment|cohort|resource|status|billing_name|sku|stock_quantity|quantity|total|net|price|orders|id|count|created_at|createdAt|at|state)$/i
const LAST =
  /^(slug|url|permalink|link|image|images|description|short_description|html|markdown|parent|parent_id|product_id|variation_id|menu_order|currency)$|_gmt$/i

const WIDEST_CELL = 48
const GAP = 2

/** In a narrow terminal a name leaves half of it to what is said of it. */
const NARROW = 80

/** Where a table has few columns, one long text goes on over several lines. */
const FEW = 6
const NARROWEST_TEXT = 24

export interface RenderedRows {
  text: string
  /** Columns there was no room for. */
  left: number
}

export interface RowsLook extends Look {
  /** Titles of the columns to show, the most telling first; all of them when left out. */
  telling?: readonly string[] | undefined
}

/**
 * @param row the schema of a row
 * @param outer currency of the answer the rows stand in, where they have none of their own
 */
export function renderRows(
  row: z.core.$ZodType,
  rows: readonly unknown[],
  look: RowsLook,
  outer: string | null,
): RenderedRows {
  const columns = csvColumns(row, LOCAL)
    .map((column, at) => shownOf(column, at, rows, look, outer))
    .filter((column): column is Shown => column !== null)
  const long = columns.find(({ cells }) => cells.some((cell) => width(cell) > WIDEST_CELL))
  if (long && columns.length <= FEW && look.telling === undefined) {
    return { text: withLongText(columns, long, look.columns), left: 0 }
  }
  const chosen = choose(columns, look)
  const cells = (at: number) =>
    chosen.map((column) => cut(column.cells[at] ?? NONE, Math.min(widestCell(look.columns), look.columns)))
  const text = renderTable(
    chosen.map(headOf),
    rows.map((_, at) => cells(at)),
  )
  return { text, left: columns.length - chosen.length }
}

const headOf = ({ title, numeric }: Shown) => ({ title, ...(numeric && { align: 'right' as const }) })

/** Null for a column that says nothing. */
function shownOf(
  { title, path }: Column,
  at: number,
  rows: readonly unknown[],
  { telling, ...look }: RowsLook,
  outer: string | null,
): Shown | null {
  const name = path.at(-1) ?? 'value'
  const values = rows.map((row) => valueAt(row, path))
  if (values.every((value) => value === null || value === undefined || value === '')) return null
  // Each amount carries its own.
  if (name === 'currency' && rows.some(holdsMoney)) return null
  const cells = values.map((value, index) => {
    const currency = currencyOf(parentAt(rows[index], path), currencyOf(rows[index], outer))
    return valueText(name, value, currency, look)
  })
  const numeric = values.every(
    (value) => value === null || value === undefined || isNumeric(name, value) || isMoney(name, value),
  )
  const place = telling?.indexOf(title) ?? -1
  const rank = place >= 0 ? place : rankOf(path, at) + (telling === undefined ? 0 : NOT_TOLD)
  return { title: title.split('.').map(labelOf).join(' '), cells, numeric, rank, at }
}

const NOT_TOLD = 10_000

function rankOf(path: readonly string[], at: number): number {
  const name = path.at(-1) ?? ''
  if (LAST.test(name)) return 1000 + at
  return (FIRST.test(name) ? 0 : 100) + at + (path.length - 1) * 60
}

function widestCell(room: number): number {
  return room < NARROW ? Math.max(NARROWEST_TEXT, Math.floor(room / 2)) : WIDEST_CELL
}

/** By rank as many as there is room for, in the order they were told in, else in that of the schema. */
function choose(columns: readonly Shown[], { columns: room, telling }: RowsLook): Shown[] {
  const chosen: Shown[] = []
  let used = -GAP
  const told = columns.filter(({ rank }) => telling === undefined || rank < NOT_TOLD)
  for (const column of told.toSorted((a, b) => a.rank - b.rank)) {
    const needed = Math.min(widestCell(room), widthOf(column)) + GAP
    if (used + needed > room && chosen.length > 0) continue
    used += needed
    chosen.push(column)
  }
  return telling === undefined ? chosen.toSorted((a, b) => a.at - b.at) : chosen
}

const widthOf = ({ title, cells }: Shown) => Math.max(width(title), ...cells.map(width))

/** The long text last, broken into lines. */
function withLongText(columns: readonly Shown[], long: Shown, room: number): string {
  const others = columns.filter((column) => column !== long && widthOf(column) <= WIDEST_CELL)
  const used = others.reduce((sum, column) => sum + widthOf(column) + GAP, 0)
  const lines = long.cells.flatMap((text, at) =>
    wrapped(text, Math.max(NARROWEST_TEXT, room - used)).map((line, index) => [
      ...others.map(({ cells }) => (index === 0 ? (cells[at] ?? NONE) : '')),
      line,
    ]),
  )
  return renderTable([...others, long].map(headOf), lines)
}

function holdsMoney(row: unknown): boolean {
  return Object.entries(row ?? {}).some(
    ([name, value]) =>
      isMoney(name, value) || (typeof value === 'object' && !Array.isArray(value) && holdsMoney(value)),
  )
}

function valueAt(row: unknown, path: readonly string[]): unknown {
  return path.reduce((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], row)
}

const parentAt = (row: unknown, path: readonly string[]) => valueAt(row, path.slice(0, -1))
