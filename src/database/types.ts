import pg from 'pg'

const int8 = 20
const timestamp = 1114
const date = 1082
const arrays = { int8: 1016, numeric: 1231, date: 1182, timestamp: 1115 }

function parseInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`bigint ${text} does not fit a JavaScript number; cast it to text in the query`)
  }
  return value
}

const asText = (text: string): string => text

type Oid = Parameters<typeof pg.types.getTypeParser>[0]
type Nested = string | null | Nested[]

/** An array of any type reads like one of texts (oid 1009), which the driver's list of names leaves out. */
const textArray: (text: string) => Nested[] = pg.types.getTypeParser(1009 as Oid, 'text')

function arrayOf(parse: (text: string) => unknown) {
  const each = (item: Nested): unknown =>
    Array.isArray(item) ? item.map(each) : item === null ? null : parse(item)
  return (text: string) => each(textArray(text))
}

const parsers = new Map<number, (text: string) => unknown>([
  [int8, parseInt8],
  [date, asText],
  [timestamp, asText],
  [arrays.int8, arrayOf(parseInt8)],
  [arrays.numeric, arrayOf(asText)],
  [arrays.date, arrayOf(asText)],
  [arrays.timestamp, arrayOf(asText)],
])

/**
 * How values come out of Postgres, given to each pool and client instead of changed for the whole process:
 * `bigint` → number (throws beyond 2^53), `numeric` → string (money is never a float), `date` and
 * `timestamp` (which have no zone, so are no moments) → string, `timestamptz` → Date, `jsonb` → parsed;
 * arrays likewise.
 */
export const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    const own = format === 'binary' ? undefined : parsers.get(oid)
    return own ?? pg.types.getTypeParser(oid, format)
  },
}
