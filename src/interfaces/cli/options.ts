/** Fields of an input as options and arguments of a command: `min_price` is `--min-price <number>`. */
import { Argument, type Command, Option } from 'commander'
import { z } from 'zod'
import type { Operation } from '../../operations/define.ts'
import { bareType } from '../coerce.ts'

export interface Field {
  name: string
  type: z.core.$ZodType
  description: string
  required: boolean
  /** What it is when left out; undefined: nothing. */
  fallback: unknown
}

/** Texts as they were given, by field; `coerce` makes the input of them. */
export type Given = Record<string, string | string[]>

/** What is shown is chosen by options of these names, not by fields. */
export const FORMS = ['json', 'csv', 'help', 'version'] as const

export function fieldsOf(input: z.ZodObject): Field[] {
  return Object.entries(input.shape as Record<string, z.core.$ZodType>).map(([name, type]) => ({
    name,
    type: bareType(type),
    description: descriptionOf(type),
    required: !z.safeParse(type, undefined).success,
    fallback: fallbackOf(type),
  }))
}

/** `--min-price` of `min_price`, `--max-age-minutes` of `maxAgeMinutes`. */
export function flagOf(name: string): string {
  return `--${name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()}`
}

/** Gives a command the arguments and options of an operation. */
export function addInput(command: Command, { input, positional = [] }: Operation): void {
  const fields = fieldsOf(input)
  for (const [at, name] of positional.entries()) {
    const field = fields.find((one) => one.name === name)
    if (field) command.addArgument(argumentOf(field, at === positional.length - 1))
  }
  for (const field of fields) {
    const asArgument = positional.includes(field.name)
    // What may be left out may also be named: `--by day` for `day`.
    if (asArgument && field.required) continue
    for (const option of optionsOf(field)) command.addOption(asArgument ? option.hideHelp() : option)
  }
}

/** What was given, once the command was read. */
export function givenOf(command: Command, { input, positional = [] }: Operation): Given {
  const given: Given = {}
  const options = command.opts<Record<string, unknown>>()
  for (const { name, type } of fieldsOf(input)) {
    const at = positional.indexOf(name)
    const words: unknown = at < 0 ? undefined : command.processedArgs[at]
    const value = isGiven(words) ? words : options[attributeOf(name)]
    if (Array.isArray(value)) {
      // Words of a text need no quotation marks.
      if (value.length > 0) given[name] = type instanceof z.ZodArray ? value.map(String) : value.join(' ')
    } else if (value === true && name === 'facts') given[name] = 'full'
    else if (value !== undefined) given[name] = String(value)
  }
  return given
}

/** Words of which there may be several come as a list, empty where there is none. */
const isGiven = (words: unknown) => words !== undefined && !(Array.isArray(words) && words.length === 0)

function argumentOf({ name, type, description, required }: Field, last: boolean): Argument {
  const many = last && (type instanceof z.ZodString || type instanceof z.ZodArray)
  const shown = `${flagOf(name).slice(2)}${many ? '...' : ''}`
  return new Argument(required ? `<${shown}>` : `[${shown}]`, `${description}${choicesOf(type)}`)
}

function optionsOf({ name, type, description, fallback }: Field): Option[] {
  const flag = flagOf(name)
  if (name === 'facts') {
    const text = 'show the facts: each value with its source; none: leave them out of --json too'
    return [new Option(`${flag} [full|none]`, text)]
  }
  const text = `${description}${choicesOf(type)}${fallbackText(fallback)}`
  if (type instanceof z.ZodBoolean) {
    const no = `--no-${flag.slice(2)}`
    return [new Option(flag, `${text} ${no} says the opposite.`), new Option(no).hideHelp()]
  }
  if (type instanceof z.ZodArray) {
    const single = singular(flag)
    const flags = single === flag ? flag : `${single}, ${flag}`
    return [new Option(`${flags} <${placeOf(type)}...>`, text)]
  }
  return [new Option(`${flag} <${placeOf(type)}>`, text)]
}

/** As commander names it. */
function attributeOf(name: string): string {
  return new Option(`${flagOf(name)} <value>`).attributeName()
}

/** `--scope` for `--scopes`: people give one more often than several. */
function singular(flag: string): string {
  if (flag.endsWith('ies')) return flag.replace(/ies$/, 'y')
  if (/(us|ss|x|ch|sh)es$/.test(flag)) return flag.slice(0, -2)
  return /[^us]s$/.test(flag) ? flag.slice(0, -1) : flag
}

function placeOf(type: z.core.$ZodType): string {
  const bare = bareType(type)
  if (bare instanceof z.ZodArray) return placeOf(bare.element)
  if (bare instanceof z.ZodNumber) return 'number'
  if (bare instanceof z.ZodEnum) return 'choice'
  if (bare instanceof z.ZodISODate) return 'date'
  if (bare instanceof z.ZodISODateTime) return 'moment'
  return 'text'
}

function choicesOf(type: z.core.$ZodType): string {
  const bare = bareType(type)
  if (bare instanceof z.ZodArray) return choicesOf(bare.element)
  return bare instanceof z.ZodEnum ? ` One of: ${bare.options.join(', ')}.` : ''
}

function fallbackText(fallback: unknown): string {
  const says = fallback !== undefined && fallback !== false && String(fallback) !== ''
  return !says ? '' : ` (default: ${[fallback].flat().join(', ')})`
}

type Wrapper = z.ZodOptional | z.ZodNullable | z.ZodDefault

const isWrapper = (type: z.core.$ZodType): type is Wrapper =>
  type instanceof z.ZodOptional || type instanceof z.ZodNullable || type instanceof z.ZodDefault

function descriptionOf(type: z.core.$ZodType): string {
  const own = (type as z.ZodType).description
  if (own !== undefined) return own
  return isWrapper(type) ? descriptionOf(type.unwrap()) : ''
}

function fallbackOf(type: z.core.$ZodType): unknown {
  if (type instanceof z.ZodDefault) return type.def.defaultValue
  return isWrapper(type) ? fallbackOf(type.unwrap()) : undefined
}
