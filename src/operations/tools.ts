/** An operation as a tool for a language model, whichever program the model works in. */
import type { z } from 'zod'
import { type Caller, mayCall } from '../access/caller.ts'
import type { App } from '../app.ts'
import type { Operation } from './define.ts'
import { invoke } from './invoke.ts'
import { type JsonSchema, jsonSchemaOf } from './tool-schema.ts'

export interface Tool {
  /** `products_search`: letters, digits and underscores, as every model takes them. */
  name: string
  /** `Products: search`, for a person who is asked whether it may run. */
  title: string
  /** What the model chooses it by. */
  description: string
  operation: Operation
  /** For programs that check by zod. */
  input: z.ZodObject
  output: z.ZodObject
  /** The same for the caller the tool is made for: without fields it may not use or see. */
  inputSchema: JsonSchema
  outputSchema: JsonSchema
  /** Hints in the words of the Model Context Protocol. */
  annotations: {
    readOnlyHint: boolean
    destructiveHint: boolean
    idempotentHint: boolean
    openWorldHint: boolean
  }
  /**
   * Runs the operation for the caller the tool is made for.
   * @param given the model's input, of any shape
   * @throws what `invoke` throws: its code and way out tell a model what to do better
   */
  execute(app: App, given: unknown, signal?: AbortSignal): Promise<Record<string, unknown>>
}

/** `products.by-sku` → `products_by_sku`. */
export function toolName(operation: string): string {
  return operation.replaceAll(/[.-]/g, '_')
}

export function toolOf(operation: Operation, caller: Caller): Tool {
  const { name, summary, input, output, effect } = operation
  return {
    name: toolName(name),
    title: titleOf(name),
    description: summary,
    operation,
    input,
    output,
    get inputSchema() {
      return schemasOf(operation, caller.personal).inputSchema
    },
    get outputSchema() {
      return schemasOf(operation, caller.personal).outputSchema
    },
    annotations: {
      readOnlyHint: effect === 'none',
      destructiveHint: effect === 'destructive',
      idempotentHint: effect === 'none' || effect === 'repeatable',
      openWorldHint: operation.asksShop === true,
    },
    execute: (app, given, signal) => invoke(app, caller, operation, given, signal),
  }
}

/** The tools a caller may use, in the order of the operations. */
export function toolsFor(caller: Caller, operations: readonly Operation[]): Tool[] {
  return operations
    .filter((operation) => mayCall(caller, operation.access))
    .map((operation) => toolOf(operation, caller))
}

/** `products.by-sku` → `Products: by SKU`, `test-connection` → `Test connection`. */
function titleOf(name: string): string {
  const words = name
    .replace('.', ': ')
    .replaceAll('-', ' ')
    .replace(/\bsku\b/, 'SKU')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

type Schemas = Pick<Tool, 'inputSchema' | 'outputSchema'>

/** A server is made for every request: the schemas are made once. */
const made = { personal: new WeakMap<Operation, Schemas>(), bare: new WeakMap<Operation, Schemas>() }

function schemasOf(operation: Operation, personal: boolean): Schemas {
  const known = personal ? made.personal : made.bare
  const schemas = known.get(operation) ?? {
    inputSchema: jsonSchemaOf(operation.input, 'input', personal),
    outputSchema: jsonSchemaOf(operation.output, 'output', personal),
  }
  known.set(operation, schemas)
  return schemas
}
