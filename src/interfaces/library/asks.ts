/** The registry as functions: `store.products.search({ text: 'vodka' })`. */
import type { z } from 'zod'
import type { Operation } from '../../operations/define.ts'
import { operations } from '../../operations.ts'

export interface AskOptions {
  /** Ends the question, in the database too, when nobody waits for it any more. */
  signal?: AbortSignal
}

type Input<I extends z.ZodObject> = z.input<I>

type Ask<O> =
  O extends Operation<infer I, infer A>
    ? Record<string, never> extends Input<I>
      ? (input?: Input<I>, options?: AskOptions) => Promise<z.output<A>>
      : (input: Input<I>, options?: AskOptions) => Promise<z.output<A>>
    : never

type Asked<Group> =
  Group extends Operation<z.ZodObject, z.ZodObject>
    ? Ask<Group>
    : { readonly [Name in keyof Group]: Ask<Group[Name]> }

/** Every question and action, under its name; `docs/library.md` shows them. */
export type Asks = { readonly [Name in keyof typeof operations]: Asked<(typeof operations)[Name]> }

export function asksOf(
  ask: (operation: Operation, input: unknown, options?: AskOptions) => Promise<unknown>,
): Asks {
  return Object.fromEntries(
    Object.entries(operations).map(([name, one]) => [
      name,
      isOperation(one)
        ? (input?: unknown, options?: AskOptions) => ask(one, input ?? {}, options)
        : Object.fromEntries(
            Object.entries(one as Record<string, Operation>).map(([key, operation]) => [
              key,
              (input?: unknown, options?: AskOptions) => ask(operation, input ?? {}, options),
            ]),
          ),
    ]),
  ) as unknown as Asks
}

function isOperation(one: object): one is Operation {
  return 'run' in one
}
