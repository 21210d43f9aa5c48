/** A question as an operation: with the store to ask, how old the answer is, and its facts. */
import { z } from 'zod'
import { createAsking } from '../database/asking.ts'
import { createFactBook, factSchema, noFacts } from '../questions/facts.ts'
import type { Question } from '../questions/question.ts'
import { asOfSchema, readAsOf } from './as-of.ts'
import type { Operation } from './define.ts'
import { storeInput } from './input.ts'
import { limitsOf } from './limits.ts'

const factsInput = z
  .enum(['full', 'none'])
  .default('full')
  .describe('full: every value with its source. none: leave the facts out.')

const answerShape = {
  asOf: asOfSchema,
  facts: z
    .array(factSchema)
    .describe('Each value of the answer, with what it is about and where it is from.'),
}

const commonInput = z.looseObject({ facts: factsInput, store: storeInput })

type WithStore<I extends z.ZodObject> = z.ZodObject<
  I['shape'] & { store: typeof storeInput; facts: typeof factsInput },
  z.core.$strict
>
type WithFacts<O extends z.ZodObject> = z.ZodObject<O['shape'] & typeof answerShape>

export function fromQuestion<I extends z.ZodObject, O extends z.ZodObject>(
  question: Question<I, O>,
): Operation<WithStore<I>, WithFacts<O>> {
  const { name, summary, http, positional, list, resources } = question
  const input = z.strictObject({ ...question.input.shape, facts: factsInput, store: storeInput })
  const output = z.object({ ...question.output.shape, ...answerShape })
  return {
    name,
    summary,
    access: 'read',
    effect: 'none',
    resources,
    http,
    ...(positional && { positional }),
    ...(list !== undefined && { list }),
    input: input as unknown as WithStore<I>,
    output: output as unknown as WithFacts<O>,
    async run({ app, caller, signal, store: findStore }, given) {
      const { facts: wanted, store: _named, ...asked } = given as z.output<typeof commonInput>
      const store = await findStore()
      // Before the rows are read: they are at least as new as this says.
      const limits = limitsOf(app.settings, signal)
      const asOf = await readAsOf(createAsking(app.database.pool, limits), store, resources)
      const facts = wanted === 'none' ? noFacts : createFactBook()
      const db = createAsking(app.database.readPool, limits)
      const answer = await question.run(
        {
          db,
          store,
          personal: caller.personal,
          now: new Date(),
          facts,
          signal,
          inSnapshot: db.inSnapshot,
        },
        asked as unknown as z.output<I>,
      )
      return { ...answer, asOf, facts: facts.all() } as never
    },
  }
}

type Operations<Group> = {
  [Name in keyof Group]: Group[Name] extends Question<infer I, infer O>
    ? Operation<WithStore<I>, WithFacts<O>>
    : never
}

/** A group of questions, each under its name. */
export function operationsOf<Group extends object>(group: Group): Operations<Group> {
  return Object.fromEntries(
    Object.entries(group).map(([name, question]) => [name, fromQuestion(question)]),
  ) as Operations<Group>
}
