/**
 * Personal data: names, addresses, e-mails, telephone numbers, and what people write. A field that may hold it is
 * marked in the schema; without the right `personal` the caller gets answers without these fields.
 */
import { z } from 'zod'

const MARK = 'x-personal'

/** Marks a field, with its description. It is optional: who may not see it does not get it. */
export function personal<T extends z.ZodType>(type: T): z.ZodOptional<T> {
  return type.optional().meta({ ...(type.description && { description: type.description }), [MARK]: true })
}

export function isPersonal(type: z.core.$ZodType): boolean {
  return (type as z.ZodType).meta()?.[MARK] === true
}

/** The same answer without the fields that are marked. */
export function withoutPersonal(type: z.core.$ZodType, value: unknown): unknown {
  if (value === null || value === undefined) return value
  if (type instanceof z.ZodObject) {
    const shape = type.shape as Record<string, z.core.$ZodType>
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, member]) => {
        const field = shape[key]
        // What the schema does not know is not let through either.
        if (!field || isPersonal(field)) return []
        return [[key, withoutPersonal(field, member)]]
      }),
    )
  }
  if (type instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((member) => withoutPersonal(type.element, member))
  }
  if (type instanceof z.ZodRecord) {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, withoutPersonal(type.valueType, member)]),
    )
  }
  if (
    type instanceof z.ZodOptional ||
    type instanceof z.ZodNullable ||
    type instanceof z.ZodDefault ||
    type instanceof z.ZodReadonly
  ) {
    return withoutPersonal(type.unwrap(), value)
  }
  return value
}

/** Names of the fields of an input that only callers with the right may use: they would tell who is known. */
export function personalFields(input: z.ZodObject): string[] {
  return Object.entries(input.shape as Record<string, z.core.$ZodType>).flatMap(([name, type]) =>
    isPersonal(type) ? [name] : [],
  )
}
