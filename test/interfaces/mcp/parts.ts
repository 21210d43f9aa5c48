/** The server for language models in front of a mirrored demo shop, with keys, and the SDK's client to ask it with. */
import { after } from 'node:test'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { McpError } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'
import { createKey, type NewKey } from '../../../src/access/keys.ts'
import type { App } from '../../../src/app.ts'
import { createAuthenticate } from '../../../src/interfaces/http/authenticate.ts'
import { createHttp } from '../../../src/interfaces/http/server.ts'
import { type McpRouteOptions, mcpRoute } from '../../../src/interfaces/mcp/http.ts'
import type { Operation } from '../../../src/operations/define.ts'
import type { AskedShop } from '../../questions/shop.ts'
import { httpOptions } from '../http/parts.ts'

export interface McpHttp {
  url: string
  port: number
}

type Given = Omit<McpRouteOptions, 'app' | 'authenticate'> & {
  app?: App
  authenticate?: McpRouteOptions['authenticate']
}

/** Listens on a free port until the test file ends. */
export async function startMcp(shop: AskedShop, given: Given = {}): Promise<McpHttp> {
  const { database, app } = shop
  const server = createHttp(await httpOptions({ database }))
  mcpRoute(server, { app, authenticate: createAuthenticate({ database }), ...given })
  await server.listen({ host: '127.0.0.1', port: 0 })
  after(() => server.close())
  const address = server.server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return { url: `http://127.0.0.1:${port}/mcp`, port }
}

/** A real key of the shop's database. */
export async function newKey(shop: AskedShop, rights: Partial<NewKey> = {}): Promise<string> {
  const { key } = await createKey(shop.database.pool, {
    name: 'a test',
    access: 'read',
    personal: false,
    stores: null,
    expiresAt: null,
    createdBy: 'local',
    ...rights,
  })
  return key
}

/** The SDK's client, signed in; closed when the test file ends. */
export async function connect(url: string, key: string): Promise<Client> {
  const client = new Client({ name: 'a test', version: '1.0.0' })
  const headers = { authorization: `Bearer ${key}` }
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }))
  after(() => client.close())
  return client
}

/** A tool's answer, checked by the client against the tool's schema; its text holds the same. */
export async function call(client: Client, name: string, args: Record<string, unknown> = {}) {
  const result = await client.callTool({ name, arguments: args })
  const [content] = result.content as { type: string; text: string }[]
  const said = JSON.parse(content?.text ?? 'null')
  return { said, structured: result.structuredContent, isError: result.isError === true }
}

/** Code and message of a protocol error. */
export async function protocolErrorOf(asked: Promise<unknown>): Promise<McpError> {
  const thrown = await asked.then(
    () => null,
    (error: unknown) => error,
  )
  if (thrown instanceof McpError) return thrown
  throw new Error(`no protocol error came: ${thrown}`)
}

/** Work that goes on until it is told to stop; it says when it began and how it ended. */
export function waitingOperation() {
  const began = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<string>()
  const operation: Operation = {
    name: 'test.wait',
    summary: 'Waits until it is stopped.',
    access: 'read',
    http: 'GET /test/wait',
    effect: 'none',
    input: z.strictObject({}),
    output: z.object({}),
    async run({ signal }) {
      began.resolve()
      const stopped = Promise.withResolvers<never>()
      signal.addEventListener('abort', () => {
        ended.resolve(String(signal.reason))
        stopped.reject(signal.reason)
      })
      return stopped.promise
    },
  }
  return { operation, began: began.promise, ended: ended.promise }
}
