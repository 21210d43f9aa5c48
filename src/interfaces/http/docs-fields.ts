/** A JSON Schema as lines that can be read: name, type in words, meaning. */
import type { JsonSchema } from './schemas.ts'

export interface Field {
  name: string
  /** How far inside other fields it stands. */
  depth: number
  type: string
  required: boolean
  meaning: string
}

/** The fields of an object and of what it holds, in order. */
export function fieldsOf(schema: JsonSchema, depth = 0): Field[] {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>
  const required = (schema.required ?? []) as string[]
  return Object.entries(properties).flatMap(([name, one]) => [
    {
      name,
      depth,
      type: `${typeInWords(one)}${isPersonal(one) ? ', personal' : ''}`,
      required: required.includes(name),
      meaning: String(one.description ?? ''),
    },
    ...insideOf(one).flatMap((inner) => fieldsOf(inner, depth + 1)),
  ])
}

/** Only answered to keys that may see persons, and only taken from them. */
export function isPersonal(schema: JsonSchema): boolean {
  return schema['x-personal'] === true
}

function insideOf(schema: JsonSchema): JsonSchema[] {
  if (schema.properties) return [schema]
  if (schema.items) return insideOf(schema.items as JsonSchema)
  return alternatives(schema).flatMap(insideOf)
}

function alternatives(schema: JsonSchema): JsonSchema[] {
  return (schema.anyOf ?? schema.oneOf ?? []) as JsonSchema[]
}

export function typeInWords(schema: JsonSchema): string {
  if (typeof schema.$ref === 'string') return schema.$ref.split('/').at(-1) ?? ''
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (Array.isArray(schema.enum)) return schema.enum.join(' | ')
  const several = alternatives(schema)
  if (several.length > 0) return [...new Set(several.map(typeInWords))].join(' | ')
  if (schema.type === 'array') return `list of ${typeInWords((schema.items ?? {}) as JsonSchema)}`
  if (schema.format !== undefined) return String(schema.format)
  return [schema.type ?? 'any'].flat().join(' | ') + bounds(schema)
}

function bounds({ minimum, maximum, maxLength }: JsonSchema): string {
  if (minimum !== undefined && maximum !== undefined) return ` ${minimum}–${maximum}`
  if (minimum !== undefined) return ` ≥ ${minimum}`
  return maxLength === undefined ? '' : `, at most ${maxLength}`
}
