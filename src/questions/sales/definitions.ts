/** What each figure of sales means. */
import { z } from 'zod'
import { definitions as metrics } from '../definitions.ts'
import { valueTypes } from '../facts.ts'
import { defineQuestion } from '../question.ts'

export const definitions = defineQuestion({
  name: 'sales.definitions',
  summary: 'What each figure of sales means, in words.',
  http: 'GET /sales/definitions',
  resources: [],
  input: z.strictObject({}),
  output: z.object({
    definitions: z
      .array(
        z.object({
          metric: z.string().describe('Name of the figure.'),
          definition: z.string().describe('What it means, in one sentence.'),
          type: z.enum(valueTypes).describe('Kind of its value.'),
          unit: z
            .string()
            .nullable()
            .describe('Unit of its value; null: money has the currency of its result.'),
        }),
      )
      .describe('One for each figure.'),
  }),
  run: async () => ({
    definitions: Object.entries(metrics).map(([metric, described]) => ({ metric, ...described })),
  }),
})
