/** Zod schemas as JSON Schema 2020-12, as OpenAPI 3.1 takes it; what every answer has stands once among the components. */
import { z } from 'zod'
import { type ErrorCode, errorKinds } from '../../errors.ts'
import { asOfSchema } from '../../operations/as-of.ts'
import { factSchema } from '../../questions/facts.ts'

export type JsonSchema = Record<string, unknown>

const problemSchema = z.object({
  type: z.string().describe('urn:woosync:error: and the code.'),
  title: z.string().describe('The code in words.'),
  status: z.int().describe('The HTTP status.'),
  detail: z.string().describe('What happened, for a person.'),
  code: z
    .enum(Object.keys(errorKinds) as [ErrorCode, ...ErrorCode[]])
    .describe('Stable, for programs. docs/errors.md lists them all.'),
  wayOut: z.string().describe('What to do about it.'),
})

const SHARED = new Map<unknown, string>([
  [factSchema, 'Fact'],
  [asOfSchema, 'AsOf'],
  [problemSchema, 'Problem'],
])

export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

/** @param io input: what may be sent; output: what is answered */
export function toJsonSchema(type: z.ZodType, io: 'input' | 'output', self = false): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(type, {
    io,
    override: ({ zodSchema, jsonSchema }) => {
      const name = SHARED.get(zodSchema)
      if (name !== undefined && !(self && SHARED.get(type) === name)) {
        for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema]
        Object.assign(jsonSchema, ref(name))
      }
      // Every whole number is within these; it need not be said of each.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      // The pattern of a moment says less than its format, in 300 characters.
      if (jsonSchema.format === 'date-time' || jsonSchema.format === 'date') delete jsonSchema.pattern
    },
  }) as JsonSchema
  return schema
}

/** What stands under `components.schemas`. */
export function sharedSchemas(): Record<string, JsonSchema> {
  return {
    Problem: { description: 'An error.', ...toJsonSchema(problemSchema, 'output', true) },
    Fact: {
      description: 'A value of the answer, with what it is about and where it is from.',
      ...toJsonSchema(factSchema, 'output', true),
    },
    AsOf: toJsonSchema(asOfSchema, 'output', true),
  }
}
