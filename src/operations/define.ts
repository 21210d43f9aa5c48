import type { z } from 'zod'
import type { Access, Caller } from '../access/caller.ts'
import type { App } from '../app.ts'
import type { Store } from '../mirror/stores.ts'
import type { ResourceName } from '../store/resources.ts'
import type { SyncContext } from '../sync/context.ts'

/** What a running operation has: who called it, and the store it is about. */
export interface Call {
  app: App
  caller: Caller
  signal: AbortSignal
  /** The store that was named, else that of the settings. @throws store_not_known, store_not_found */
  store(): Promise<Store>
  /** That store opened, to be worked with. @throws store_not_served when it is another than that of the settings */
  shop(): Promise<SyncContext>
}

export interface Operation<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodObject = z.ZodObject,
> {
  /** `products.search`, `sync`: kebab-case words; subcommand, tool, function of the library. */
  name: string
  /** One sentence for a person; a language model chooses its tool by it. */
  summary: string
  access: Access
  /** Below /api/v1; what stands in braces is a field of the input. */
  http: `${'GET' | 'POST' | 'DELETE'} /${string}`
  /** none: it only reads. repeatable: doing it twice is doing it once. destructive: it takes something away. */
  effect: 'none' | 'adds' | 'repeatable' | 'destructive'
  /** It speaks with the shop itself, not with the copy alone. */
  asksShop?: true
  /** Fields of the input that the command line takes without their name, in order. */
  positional?: readonly string[]
  /** The field of the output that holds the rows, where the answer is a list that goes on page by page. */
  list?: string
  /** Of a question: whose rows the answer rests on. */
  resources?: readonly ResourceName[]
  /** Strict, with the field `store`. Every field has a description. */
  input: Input
  output: Output
  run(call: Call, input: z.output<Input>): Promise<z.input<Output>>
}

/** Keeps the types of input and output together; nothing more. */
export function defineOperation<Input extends z.ZodObject, Output extends z.ZodObject>(
  operation: Operation<Input, Output>,
): Operation<Input, Output> {
  return operation
}
