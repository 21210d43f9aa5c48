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

const FORMS: Record<Sort['type'], RegExp> = {
  text: /^[^\0]*$/,
  numeric: /^-?\d{1,40}(\.\d{1,40})?$/,
  bigint: /^-?\d{1,18}$/,
  timestamptz: /^[\d :.+-]{10,40}(BC)?$|^-?infinity$/,
}

function decode(cursor: string, sort: string, type: Sort['type']): { value: string; id: number } {
  try {
    const json: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    const [name, value, id] = cursorSchema.parse(json)
    if (name === sort && FORMS[type].test(value)) return { value, id }
  } catch {
    // Neither JSON nor a cursor of ours.
  }
  throw new WooSyncError('cursor_invalid')
}
