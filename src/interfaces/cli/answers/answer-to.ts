import type { z } from 'zod'
import type { operations } from '../../../operations.ts'

export type Operations = typeof operations

/** What an operation answers. */
export type AnswerTo<O extends { output: z.ZodObject }> = z.output<O['output']>
