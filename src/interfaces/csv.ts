/**
 * Rows as CSV (RFC 4180): a column for each field of the row's schema, fields of objects as `totals.net`, lists of
 * texts joined by a semicolon, lists of objects as JSON.
 */
import { z } from 'zod'
import type { Caller } from '../access/caller.ts'
import { isPersonal } from '../questions/personal.ts'
import { bareType } from './coerce.ts'

export interface Column {
  title: string
  path: readonly string[]
}

/** The columns a caller may see of rows of this type. */
export function csvColumns(row: z.core.$ZodType, caller: Pick<Caller, 'personal'>): Column[] {
  const type = bareType(row)
  if (!(type instanceof z.ZodObject)) return [{ title: 'value', path: [] }]
  return Object.entries(type.shape as Record<string, z.core.$ZodType>).flatMap(([name, field]) => {
    if (isPersonal(field) && !caller.personal) return []
    if (!(bareType(field) instanceof z.ZodObject)) return [{ title: name, path: [name] }]
    return csvColumns(field, caller).map(({ title, path }) => ({
      title: `${name}.${title}`,
      path: [name, ...path],
    }))
  })
}

export function csvHead(columns: readonly Column[]): string {
  return `${columns.map(({ title }) => cell(title)).join(',')}\r\n`
}

export function csvRow(columns: readonly Column[], row: unknown): string {
  return `${columns.map(({ path }) => cell(textOf(valueAt(row, path)))).join(',')}\r\n`
}

function valueAt(row: unknown, path: readonly string[]): unknown {
  return path.reduce((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], row)
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) {
    return value.some((one) => typeof one === 'object') ? JSON.stringify(value) : value.join('; ')
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** A spreadsheet takes a cell that begins so for a formula; a plain number is none. */
const FORMULA = /^[=+\-@\t\r]/
const NUMBER = /^-?\d+(\.\d+)?$/

function cell(text: string): string {
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
