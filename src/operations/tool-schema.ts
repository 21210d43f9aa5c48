/** The schemas of an operation as JSON Schema (2020-12), as short as they can be: models read them. */
import { z } from 'zod'
import { factSchema } from '../questions/facts.ts'
import { isPersonal } from '../questions/personal.ts'
import { asOfSchema } from './as-of.ts'

export type JsonSchema = { type: 'object'; [key: string]: unknown }

/**
 * @param side input: what may be sent, fields with a default may be left out. output: what comes back.
 * @param personal whether fields of personal data are shown: who may not see them is not told of them
 */
export function jsonSchemaOf(type: z.ZodObject, side: 'input' | 'output', personal: boolean): JsonSchema {
  const made = z.toJSONSchema(type, {
    io: side,
    override: ({ zodSchema, jsonSchema }) => {
      tidy(jsonSchema)
      const short = SHORT.get(zodSchema)
      if (short !== undefined) {
        for (const key of Object.keys(jsonSchema)) if (!KEPT.has(key)) delete jsonSchema[key]
        jsonSchema.description ??= short
      }
      const { properties } = jsonSchema
      if (personal || !(zodSchema instanceof z.ZodObject) || !properties) return
      for (const [name, field] of Object.entries(zodSchema.shape)) {
        if (isPersonal(field)) delete properties[name]
      }
    },
  })
  return made as JsonSchema
}

/** In every answer, and the same each time: a tool's schema says it in a line, OpenAPI in full. */
const SHORT = new Map<z.core.$ZodType, string>([
  [
    factSchema,
    'A fact: id, subject {kind, id, name}, attribute, period {from, to, timezone}, filter, value, type, unit, definition, source {table, ids, rows}.',
  ],
  [asOfSchema, 'By resource: {at, state}.'],
])
const KEPT = new Set(['type', 'description'])

/** What says nothing: the bounds of every whole number, patterns of what a format names, our own mark. */
function tidy(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum
  if (schema.format !== undefined) delete schema.pattern
  delete schema['x-personal']
}
