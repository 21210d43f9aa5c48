import type { z } from 'zod'
import type { Operation } from '../operations.ts'

/** Keeps the types of input and output together; nothing more. */
export function defineOperation<Input extends z.ZodType, Output extends z.ZodType>(
  operation: Operation<Input, Output>,
): Operation<Input, Output> {
  return operation
}
