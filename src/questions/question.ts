/**
 * A question that can be asked of the mirror: defined once, and thereby an endpoint, a subcommand, a tool for language
 * models and a function of the library. It reads the mirror alone; nobody asks the shop to answer it.
 */
import type { z } from 'zod'
import type { Asking } from '../database/asking.ts'
import type { Store } from '../mirror/stores.ts'
import type { ResourceName } from '../store/resources.ts'
import type { FactBook } from './facts.ts'

/** What a question gets to work with. */
export interface Asked {
  /**
   * Reads only: a replica, where there is one. Each statement has a limit of time and ends when the caller leaves. Name
   * schemas, and say the time zone (`zone.ts`).
   */
  db: Asking
  store: Store
  /** Whether names, addresses and e-mails may be shown; without it they are neither in the answer nor in a fact. */
  personal: boolean
  /** The moment of the question: `today` follows from it. */
  now: Date
  /** Every value of the answer that somebody may repeat goes in here with its source. */
  facts: FactBook
  /** Several statements that see the same rows, so that their figures agree. */
  inSnapshot: Asking['inSnapshot']
  signal: AbortSignal
}

export interface Question<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> {
  /** `products.search`: group and verb, kebab-case; the subcommand, the tool's name, the function's name. */
  name: string
  /** One sentence for a person; a language model chooses its tool by it. */
  summary: string
  /** `GET /products/{id}`, below /api/v1; what stands in braces is a field of the input. */
  http: `GET /${string}`
  /** Fields of the input that the command line takes without their name, in order. */
  positional?: readonly Extract<keyof Input['shape'], string>[]
  /** The field of the output that holds the rows, where the answer is a list that goes on page by page. */
  list?: Extract<keyof Output['shape'], string>
  /** Whose rows the answer rests on; `asOf` says of each how far it has been followed. */
  resources: readonly ResourceName[]
  /** Strict: unknown fields are refused. Every field has a description. */
  input: Input
  /** Every field has a description; `asOf` and `facts` are added. Personal fields are made with `personal`. */
  output: Output
  run(asked: Asked, input: z.output<Input>): Promise<z.input<Output>>
}

/** Keeps the types of input and output together; nothing more. */
export function defineQuestion<Input extends z.ZodObject, Output extends z.ZodObject>(
  question: Question<Input, Output>,
): Question<Input, Output> {
  return question
}
