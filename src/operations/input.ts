import { z } from 'zod'

/** Field of every input. */
export const storeInput = z
  .int()
  .positive()
  .optional()
  .describe('Id of the store, where there are several; that of the settings when left out.')

/** The input of an operation: no other fields than these and the store. */
export function inputOf<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject({ ...shape, store: storeInput })
}
