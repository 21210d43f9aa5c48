/**
 * The registry for language models: a server of the Model Context Protocol for one caller, over whichever transport.
 * The lower of the SDK's two servers is used: the higher one knows no pages, and no tools that differ by caller.
 */
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  ErrorCode,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv'
import type { Caller } from '../../access/caller.ts'
import type { App } from '../../app.ts'
import type { Operation } from '../../operations/define.ts'
import { invoke } from '../../operations/invoke.ts'
import { type Tool, toolName, toolOf, toolsFor } from '../../operations/tools.ts'
import { allOperations } from '../../operations.ts'
import { version } from '../../version.ts'
import { coerce } from '../coerce.ts'
import { protocolError, resourceNotFound, sayFault } from './faults.ts'
import { INSTRUCTIONS } from './instructions.ts'
import { reportingApp } from './progress.ts'
import { findResource, isTemplate, type ResourceKind, resourceKinds } from './resources.ts'

export interface McpOptions {
  app: App
  caller: Caller
  /** Before each call, where a server lives long: throws when the caller's key no longer works. */
  check?: () => Promise<unknown>
  /** Ends what is under way when it aborts. */
  signal?: AbortSignal
  /** The client can no longer be answered: questions end, actions go on. */
  gone?: AbortSignal
  /** Default: all of the registry. */
  operations?: readonly Operation[]
  /** Default: products and orders. */
  resources?: readonly ResourceKind[]
  /** Tools on one page of their list. */
  toolsPerPage?: number
}

const TOOLS_PER_PAGE = 50

/** It is made for every server, but used only for what no server of ours asks; making one takes milliseconds. */
const jsonSchemaValidator = new AjvJsonSchemaValidator()

/** A server that is not connected yet. What it is asked runs as the caller, by the same door as everywhere. */
export function createMcpServer(options: McpOptions): Server {
  const server = new Server(
    { name: 'woosync', title: 'A verified copy of a WooCommerce shop', version },
    {
      capabilities: { tools: {}, resources: {}, completions: {} },
      instructions: INSTRUCTIONS,
      jsonSchemaValidator,
    },
  )
  serveTools(server, options)
  serveResources(server, options)
  return server
}

function serveTools(server: Server, options: McpOptions): void {
  const { app, caller, operations = allOperations, toolsPerPage = TOOLS_PER_PAGE } = options

  server.setRequestHandler(ListToolsRequestSchema, async ({ params }) => {
    const tools = toolsFor(caller, operations)
    const start = params?.cursor === undefined ? 0 : startAfter(tools, params.cursor)
    const page = tools.slice(start, start + toolsPerPage)
    const last = page.at(-1)
    return {
      tools: page.map(({ name, title, description, inputSchema, outputSchema, annotations }) => ({
        name,
        title,
        description,
        inputSchema,
        outputSchema,
        annotations: { title, ...annotations },
      })),
      ...(last && start + toolsPerPage < tools.length && { nextCursor: last.name }),
    }
  })

  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal, _meta, sendNotification }) => {
    const operation = operations.find(({ name }) => toolName(name) === params.name)
    if (!operation) {
      throw new McpError(ErrorCode.InvalidParams, `Unknown tool: ${params.name.slice(0, 100)}`)
    }
    const token = _meta?.progressToken
    const reporting = token === undefined ? app : reportingApp(app, token, sendNotification)
    try {
      await options.check?.()
      const answer = await toolOf(operation, caller).execute(
        reporting,
        params.arguments ?? {},
        operation.effect === 'none'
          ? anySignal(signal, options.signal, options.gone)
          : anySignal(signal, options.signal),
      )
      return { content: [{ type: 'text', text: JSON.stringify(answer) }], structuredContent: answer }
    } catch (thrown) {
      const text = JSON.stringify(sayFault(thrown, app.logger))
      return { content: [{ type: 'text', text }], isError: true }
    }
  })
}

function startAfter(tools: readonly Tool[], cursor: string): number {
  const at = tools.findIndex(({ name }) => name === cursor)
  if (at < 0) throw new McpError(ErrorCode.InvalidParams, 'The cursor is of another list')
  return at + 1
}

function serveResources(server: Server, options: McpOptions): void {
  const { app, caller, operations = allOperations, resources: kinds = resourceKinds } = options

  /** @throws what the operation throws; null where the registry has no such operation */
  async function ask(
    name: string,
    input: (operation: Operation) => unknown,
    signal: AbortSignal,
  ): Promise<Record<string, unknown> | null> {
    const operation = operations.find((one) => one.name === name)
    if (!operation) return null
    try {
      await options.check?.()
      return await invoke(
        app,
        caller,
        operation,
        input(operation),
        anySignal(signal, options.signal, options.gone),
      )
    } catch (thrown) {
      throw protocolError(thrown, app.logger)
    }
  }

  server.setRequestHandler(ListResourceTemplatesRequestSchema, async () => ({
    resourceTemplates: kinds.filter(isTemplate).map(({ name, title, description, uri }) => ({
      name,
      title,
      description,
      uriTemplate: `${uri}{?store}`,
      mimeType: 'application/json',
    })),
  }))

  server.setRequestHandler(ListResourcesRequestSchema, async ({ params }, { signal }) => {
    const list = kinds.find((kind) => kind.list)?.list
    const cursor = params?.cursor
    const input = { ...list?.input, ...(cursor !== undefined && { cursor }) }
    const answer = list ? await ask(list.operation, () => input, signal) : null
    if (!list || !answer) return { resources: [] }
    const { nextCursor } = answer
    return {
      resources: list.toResources(answer),
      ...(typeof nextCursor === 'string' && { nextCursor }),
    }
  })

  server.setRequestHandler(ReadResourceRequestSchema, async ({ params: { uri } }, { signal }) => {
    const found = findResource(kinds, uri)
    if (!found) throw resourceNotFound(uri)
    const { read, record } = found.kind
    const answer = await ask(read, ({ input }) => coerce(input, found.given), signal)
    if (!answer || (record !== undefined && answer[record] === null)) throw resourceNotFound(uri)
    return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(answer) }] }
  })

  server.setRequestHandler(CompleteRequestSchema, async ({ params: { ref, argument } }, { signal }) => {
    const asked = ref.type === 'ref/resource' ? ref.uri.replace('{?store}', '') : undefined
    const kind = kinds.find(({ uri }) => uri === asked && uri.includes(`{${argument.name}}`))
    const complete = kind?.complete
    const typed = argument.value.slice(0, 100)
    const answer = complete ? await ask(complete.operation, () => complete.input(typed), signal) : null
    return { completion: { values: (answer && complete?.toValues(answer, typed)) || [] } }
  })
}

function anySignal(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((one) => one !== undefined))
}
