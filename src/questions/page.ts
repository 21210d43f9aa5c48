/** Lists page by page: by keyset, so that rows that come or go in between neither repeat nor fall out. */
import { z } from 'zod'
import { WooSyncError } from '../errors.ts'

export const LARGEST_PAGE = 1000

/**
 * An order a list can stand in. The SQL expression is never null; rows of equal value follow in order of their id.
 * `-price` is the same downwards.
 */
export interface Sort {
  /** SQL, such as `coalesce(p.price, 0)`. */
  by: string
  type: 'text' | 'numeric' | 'bigint' | 'timestamptz'
}

export type Sorts = Readonly<Record<string, Sort>>

type SortName<S extends Sorts> = Extract<keyof S, string> | `-${Extract<keyof S, string>}`

/** Fields of an input; spread them into its shape. */
export function pageInput<S extends Sorts>(sorts: S, fallback: SortName<S>) {
  const names = Object.keys(sorts).flatMap((name) => [name, `-${name}`]) as [SortName<S>, ...SortName<S>[]]
  return {
    limit: z.int().min(1).max(LARGEST_PAGE).default(50).describe('Most rows of one page.'),
    cursor: z
      .string()
      .max(1000)
      .optional()
      .describe('Where the page begins: nextCursor of the page before it, with the same filters and sort.'),
    sort: z
      .enum(names)
      .default(fallback as never)
      .describe('Order of the rows; with a minus downwards.'),
  }
}

/** Field of an output. */
export const nextCursor = z
  .string()
  .nullable()
  .describe('For the next page, as cursor; null: this is the last one.')

export interface Keyset {
  /** Two columns that the query must select besides its own: `…::text AS sort_value, … AS sort_id`. */
  columns: string
  /** A condition, `true` on the first page. */
  where: string
  /** Behind ORDER BY. */
  orderBy: string
  /** One more row than the page has tells whether there is another. */
  limit: number
}

export interface KeysetRow {
  sort_value: string
  sort_id: number
}

interface PageGiven {
  limit: number
  cursor?: string | undefined
  sort: string
}

/**
 * The parts of a query for one page.
 * @param id SQL of the id, a bigint
 * @param values values of the query; what the cursor holds is appended
 * @throws cursor_invalid
 */
export function keyset(sorts: Sorts, id: string, given: PageGiven, values: unknown[]): Keyset {
  const descending = given.sort.startsWith('-')
  const sort = sorts[descending ? given.sort.slice(1) : given.sort]
  if (!sort) throw new WooSyncError('cursor_invalid')
  const direction = descending ? 'DESC' : 'ASC'
  let where = 'true'
  if (given.cursor !== undefined) {
    const after = decode(given.cursor, given.sort, sort.type)
    values.push(after.value, after.id)
    const [value, last] = [`$${values.length - 1}::${sort.type}`, `$${values.length}::bigint`]
    where = `(${sort.by}, ${id}) ${descending ? '<' : '>'} (${value}, ${last})`
  }
  return {
    columns: `(${sort.by})::text AS sort_value, ${id} AS sort_id`,
    where,
    orderBy: `${sort.by} ${direction}, ${id} ${direction}`,
    limit: given.limit + 1,
  }
}

/** Cuts the row too many off and makes of it the next cursor. */
export function toPage<Row extends KeysetRow>(
  rows: readonly Row[],
  given: PageGiven,
): { rows: Row[]; nextCursor: string | null } {
  const page = rows.slice(0, given.limit)
  const last = page.at(-1)
  const more = rows.length > given.limit && last !== undefined
  return { rows: page, nextCursor: more ? encode(given.sort, last) : null }
}

const cursorSchema = z.tuple([z.string(), z.string().max(500), z.int()])

function encode(sort: string, { sort_value, sort_id }: KeysetRow): string {
  return Buffer.from(JSON.stringify([sort, sort_value, sort_id])).toString('base64url')
}

/** What Postgres takes as a value of the type: a cursor that was changed on the way is refused before it is asked. */
const FORMS: Record<Sort['type'], (value: string) => boolean> = {
  text: (value) => !value.includes('\0'),
  numeric: (value) => /^-?\d{1,40}(\.\d{1,40})?$/.test(value),
  bigint: (value) => /^-?\d{1,18}$/.test(value),
  timestamptz: (value) => value === '-infinity' || value === 'infinity' || isMoment(value),
}

const MOMENT =
  /^(\d{4,6})-(\d\d)-(\d\d) ([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?[+-](0\d|1[0-4])(:[0-5]\d){0,2}( BC)?$/

/** As Postgres writes one: `2026-11-22 22:22:52.5+00`, of a day that the calendar has. */
function isMoment(text: string): boolean {
  const [, year, month, day, , , , , before] = MOMENT.exec(text) ?? []
  const counted = Number(year)
  if (!(counted >= 1) || counted > (before ? 4000 : 270_000)) return false
  const date = new Date(0)
  date.setUTCFullYear(before ? 1 - counted : counted, Number(month) - 1, Number(day))
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
}

function decode(cursor: string, sort: string, type: Sort['type']): { value: string; id: number } {
  try {
    const json: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    const [name, value, id] = cursorSchema.parse(json)
    if (name === sort && FORMS[type](value)) return { value, id }
  } catch {
    // Neither JSON nor a cursor of ours.
  }
  throw new WooSyncError('cursor_invalid')
}
