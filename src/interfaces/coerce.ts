/** Texts from a query or a command line, as the types an input wants. What does not fit stays text, and is refused there. */
import { z } from 'zod'

type Given = Readonly<Record<string, string | readonly string[] | undefined>>

/** Lists come as repeated names or with commas: `status=processing,completed`. */
export function coerce(input: z.ZodObject, given: Given): Record<string, unknown> {
  const shape = input.shape as Record<string, z.core.$ZodType>
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => {
      if (value === undefined) return []
      const type = shape[name]
      return [[name, type ? coerceOne(bareType(type), value) : value]]
    }),
  )
}

function coerceOne(type: z.core.$ZodType, value: string | readonly string[]): unknown {
  if (type instanceof z.ZodArray) {
    const texts = typeof value === 'string' ? value.split(',') : value.flatMap((one) => one.split(','))
    const element = bareType(type.element)
    return texts.map((text) => coerceOne(element, text.trim()))
  }
  if (typeof value !== 'string') return value
  if (type instanceof z.ZodNumber && /^-?\d{1,16}(\.\d{1,16})?$/.test(value)) return Number(value)
  if (type instanceof z.ZodBoolean && (value === 'true' || value === 'false')) return value === 'true'
  return value
}

/** The type inside optional, nullable and defaults. */
export function bareType(type: z.core.$ZodType): z.core.$ZodType {
  if (type instanceof z.ZodOptional || type instanceof z.ZodNullable || type instanceof z.ZodDefault) {
    return bareType(type.unwrap() as z.core.$ZodType)
  }
  return type
}
