/** Values of answers as people read them: amounts with their currency, moments in the shop's zone, no control characters. */
import { priceText } from './price.ts'
import { cleanLine, width, wrapped } from './terminal.ts'

/** How an answer is shown. */
export interface Look {
  /** Columns of the terminal. */
  columns: number
  /** The shop's; null: UTC, and the text says so. */
  timezone: string | null
  /** For ages; milliseconds. */
  now: number
}

export const NONE = '–'

/** What a value is shown as. `currency` is that of the row it stands in. */
export function valueText(name: string, value: unknown, currency: string | null, look: Look): string {
  if (value === null || value === undefined || value === '') return NONE
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'string') {
    if (isMoment(value)) return momentText(value, look.timezone)
    if (isMoney(name, value)) return priceText(value, currency)
    return cleanLine(value)
  }
  if (Array.isArray(value)) {
    if (value.some((one) => typeof one === 'object' && one !== null)) {
      return amountsText(value, Number.POSITIVE_INFINITY) ?? String(value.length)
    }
    return value.map((one) => valueText(name, one, currency, look)).join(', ') || NONE
  }
  if (typeof value === 'object') {
    const members = Object.entries(value).map(
      ([key, member]) => `${labelOf(cleanLine(key))} ${valueText(key, member, currency, look)}`,
    )
    return members.join(', ') || NONE
  }
  return String(value)
}

/** Fields of a row that is one amount with what belongs to it. */
const MOST_AMOUNTS = 3

/** One amount in each of several currencies: `59622.20 RON, 55.99 EUR`. Null where the rows are something else. */
export function amountsText(rows: readonly unknown[], most: number = MOST_AMOUNTS): string | null {
  const texts = rows.map((row) => {
    if (Object.keys(row ?? {}).length > most) return null
    const { currency, ...others } = row as Record<string, unknown>
    if (currency === undefined) return null
    const amounts = Object.entries(others).filter(([name, value]) => isMoney(name, value))
    const money = amounts.find(([name]) => name === 'net_total') ?? amounts[0]
    return money ? priceText(String(money[1]), currencyOf(row, null)) : null
  })
  return texts.length === 0 || texts.includes(null) ? null : texts.join(', ')
}

/** `stock_quantity` → `stock quantity`, `nextCursor` → `next cursor`. */
export function labelOf(name: string): string {
  return name
    .replaceAll('_', ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
}

/** Whether it stands to the right in a table: a number, or a decimal text. */
export function isNumeric(name: string, value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && !isName(name) && DECIMAL.test(value))
}

const DECIMAL = /^-?\d{1,30}(\.\d{1,20})?$/

/** Digits that are no number. */
const isName = (name: string) => /(^|_)(sku|id|number|gtin|ean|phone|postcode|name|code|cursor)$/i.test(name)

const MONEY =
  /price|total|amount|gross|(^|_)net|tax|shipping|discount|refund|fee|spent|revenue|average|value|cost|sales|turnover|lower|upper|low|high|forecast|median|mean|smallest|greatest|^from$|^to$/i

/** Amounts are decimal texts; their names say that they are money. */
export function isMoney(name: string, value: unknown): boolean {
  return (
    typeof value === 'string' &&
    DECIMAL.test(value) &&
    !isName(name) &&
    MONEY.test(name) &&
    !/quantity|(^|_)count|rate|percent/i.test(name)
  )
}

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/

export const isMoment = (value: unknown): value is string => typeof value === 'string' && MOMENT.test(value)

const formats = new Map<string, Intl.DateTimeFormat>()

/** `2026-11-22 19:14` on the shop's clock. */
export function momentText(moment: string, timezone: string | null): string {
  const zone = timezone ?? 'UTC'
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
  formats.set(zone, format)
  return format.format(new Date(moment))
}

/** The currency of a row: its own, else that of what it stands in. */
export function currencyOf(row: unknown, outer: string | null): string | null {
  const own = (row as { currency?: unknown } | null)?.currency
  return typeof own === 'string' && /^[A-Z]{3}$/.test(own) ? own : outer
}

/** Labels of one width; a long value goes on beneath itself. */
export function pairs(lines: readonly (readonly [string, string])[], columns: number): string {
  const widest = Math.max(0, ...lines.map(([label]) => width(label)))
  return lines
    .map(([label, value]) => {
      const [first = '', ...more] = wrapped(value, Math.max(20, columns - widest - 2))
      const space = ' '.repeat(widest - width(label) + 2)
      return [`${label}${space}${first}`, ...more.map((line) => `${' '.repeat(widest + 2)}${line}`)].join(
        '\n',
      )
    })
    .join('\n')
}
