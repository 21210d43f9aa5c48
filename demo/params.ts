/**
 * Query parameters as WordPress declares and checks them: what a route does not declare is ignored, what it
 * declares and cannot read is answered 400 `rest_invalid_param` with all faults at once.
 */
import { DemoError } from './errors.ts'
import type { Query } from './query.ts'

export type Spec =
  | { type: 'integer'; minimum?: number; maximum?: number; default?: number }
  | { type: 'string'; enum?: readonly string[]; default?: string }
  | { type: 'boolean'; default?: boolean }
  | { type: 'date' }
  | { type: 'integers' }
  | { type: 'strings'; enum?: readonly string[]; default?: readonly string[] }

export type Specs = Record<string, Spec>

/** A date in a parameter, in seconds: a wall where it had no suffix, a moment where it had `Z` or an offset. */
export interface DateParam {
  seconds: number
  suffix: boolean
}

type Value = number | string | boolean | DateParam | number[] | string[]

/** Checked parameters; each getter returns undefined for what was not asked and has no default. */
export interface Params {
  number(name: string): number | undefined
  text(name: string): string | undefined
  flag(name: string): boolean | undefined
  date(name: string): DateParam | undefined
  numbers(name: string): number[] | undefined
  texts(name: string): string[] | undefined
  /** The query with lists split, as WordPress repeats it in `Link` headers. */
  query: Query
}

/** Throws DemoError 400 that names every parameter at fault. */
export function readParams(query: Query, specs: Specs): Params {
  const values = new Map<string, Value>()
  const faults = new Map<string, Fault>()
  const sanitised: Query = new Map(query)
  for (const [name, spec] of Object.entries(specs)) {
    const raw = query.get(name)
    if (raw === undefined) {
      if ('default' in spec && spec.default !== undefined) values.set(name, spec.default as Value)
      continue
    }
    try {
      const value = readValue(name, raw, spec)
      values.set(name, value)
      if (Array.isArray(value)) sanitised.set(name, value.map(String))
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      faults.set(name, error)
    }
  }
  if (faults.size > 0) throw invalidParams(faults)
  const get = <T extends Value>(name: string) => values.get(name) as T | undefined
  return {
    number: get<number>,
    text: get<string>,
    flag: get<boolean>,
    date: get<DateParam>,
    numbers: get<number[]>,
    texts: get<string[]>,
    query: sanitised,
  }
}

class Fault extends Error {
  code: string
  data: unknown
  constructor(code: string, message: string, data: unknown = null) {
    super(message)
    this.code = code
    this.data = data
  }
}

function invalidParams(faults: Map<string, Fault>): DemoError {
  const params: Record<string, string> = {}
  const details: Record<string, unknown> = {}
  for (const [name, fault] of faults) {
    params[name] = fault.message
    details[name] = { code: fault.code, message: fault.message, data: fault.data }
  }
  const names = [...faults.keys()].join(', ')
  return new DemoError(400, 'rest_invalid_param', `Invalid parameter(s): ${names}`, { params, details })
}

function readValue(name: string, raw: string | string[], spec: Spec): Value {
  switch (spec.type) {
    case 'integer':
      return readInteger(name, single(name, raw, 'integer'), spec)
    case 'boolean':
      return readBoolean(name, single(name, raw, 'boolean'))
    case 'date':
      return readDate(single(name, raw, 'string'))
    case 'string':
      return oneOf(name, single(name, raw, 'string'), spec.enum)
    case 'integers':
      return list(raw).map((v, i) => readInteger(`${name}[${i}]`, v, {}))
    case 'strings':
      return list(raw).map((v, i) => oneOf(`${name}[${i}]`, v, spec.enum))
  }
}

function single(name: string, raw: string | string[], type: string): string {
  if (Array.isArray(raw)) throw wrongType(name, type)
  return raw
}

/** WordPress' `wp_parse_list`: commas and white space part the items. */
function list(raw: string | string[]): string[] {
  return Array.isArray(raw) ? raw : raw.split(/[\s,]+/).filter((part) => part !== '')
}

function readInteger(name: string, text: string, spec: { minimum?: number; maximum?: number }): number {
  if (!/^\s*[+-]?\d+(\.0*)?\s*$/.test(text)) throw wrongType(name, 'integer')
  const value = Number(text)
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = spec
  if (value >= minimum && value <= maximum) return value
  const bounds = Number.isFinite(maximum)
    ? `must be between ${minimum} (inclusive) and ${maximum} (inclusive)`
    : `must be greater than or equal to ${minimum}`
  throw new Fault('rest_out_of_bounds', `${name} ${bounds}`)
}

function readBoolean(name: string, text: string): boolean {
  const value = BOOLEANS[text.toLowerCase()]
  if (value === undefined) throw wrongType(name, 'boolean')
  return value
}

const BOOLEANS: Record<string, boolean> = { true: true, '1': true, false: false, '0': false, '': false }

function oneOf(name: string, text: string, allowed: readonly string[] | undefined): string {
  if (allowed && !allowed.includes(text))
    throw new Fault('rest_not_in_enum', `${name} is not one of ${sentence(allowed)}.`)
  return text
}

const DATE = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.\d+)?(Z|[+-]\d{2}(?::\d{2})?)?$/

function readDate(text: string): DateParam {
  const [, day, time, suffix] = DATE.exec(text) ?? []
  const offset = suffix && /^[+-]\d{2}$/.test(suffix) ? `${suffix}:00` : (suffix ?? 'Z')
  const milliseconds = Date.parse(`${day}T${time}${offset}`)
  if (Number.isNaN(milliseconds)) throw new Fault('rest_invalid_date', 'Invalid date.')
  return { seconds: milliseconds / 1000, suffix: suffix !== undefined }
}

function wrongType(name: string, type: string): Fault {
  return new Fault('rest_invalid_type', `${name} is not of type ${type}.`, { param: name })
}

/** WordPress' `%l`: "a", "a and b", "a, b, and c". */
function sentence(items: readonly string[]): string {
  if (items.length < 3) return items.join(' and ')
  return `${items.slice(0, -1).join(', ')}, and ${items.at(-1)}`
}
