/**
 * A scripted shop on 127.0.0.1 and a client for it. Everything the client says (logs, errors, events) is
 * kept, and so are the secrets the shop saw, so that a test can look for the ones in the other.
 */
import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { inspect } from 'node:util'
import { generate } from 'selfsigned'
import { WooSyncError } from '../../../src/errors.ts'
import {
  createStoreClient,
  type Logger,
  type RequestEvent,
  type StoreClient,
  type StoreClientOptions,
} from '../../../src/store/rest/client.ts'
import { createPace, type Pace } from '../../../src/store/rest/pace.ts'

export const consumerKey = 'ck_5e0c5a1d9f3b4471'
export const consumerSecret = 'cs_77aa01c9be2d4e60'

export interface Seen {
  method: string
  /** Path and query as they came. */
  url: URL
  headers: IncomingHttpHeaders
  body: string
  /** The how-manieth request this is, from 1. */
  number: number
}

export type Script = (seen: Seen, response: ServerResponse) => unknown

export interface ScriptedShop {
  url: string
  port: number
  seen: Seen[]
  /** Connections ever opened. */
  connections(): number
  close(): Promise<void>
}

const open: { close(): Promise<unknown> }[] = []

/** Answers JSON, with totals where given. */
export function json(response: ServerResponse, data: unknown, status = 200, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8', ...headers })
  response.end(typeof data === 'string' ? data : JSON.stringify(data))
}

export const wooError = (code: string, message: string, status: number) => ({
  code,
  message,
  data: { status },
})

export async function certificate(names: string[] = ['127.0.0.1']): Promise<{ key: string; cert: string }> {
  const altNames = names.map((name) =>
    /^[\d.]+$/.test(name) ? { type: 7 as const, ip: name } : { type: 2 as const, value: name },
  )
  const made = await generate([{ name: 'commonName', value: names[0]! }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames }],
  })
  return { key: made.private, cert: made.cert }
}

export async function startShop(script: Script, tls?: { key: string; cert: string }): Promise<ScriptedShop> {
  const seen: Seen[] = []
  let connections = 0
  const listener: Parameters<typeof createServer>[1] = async (request, response) => {
    const body = (await buffer(request)).toString()
    const url = new URL(request.url ?? '/', 'http://shop')
    const one = { method: request.method ?? '', url, headers: request.headers, body, number: seen.length + 1 }
    seen.push(one)
    await script(one, response)
  }
  const server: Server = tls ? createSecureServer(tls, listener) : createServer(listener)
  server.on(tls ? 'secureConnection' : 'connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const shop: ScriptedShop = {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    seen,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  open.push(shop)
  return shop
}

export interface OpenClient {
  client: StoreClient
  pace: Pace
  events: RequestEvent[]
  /** Every log line, error and event, as text. */
  said: string[]
  /** Pauses the client asked for, in ms; none of them is waited for. */
  pauses: number[]
  /** The error of a request that must fail. */
  fault(request: Promise<unknown>): Promise<WooSyncError>
}

export function openClient(url: string, options: Partial<StoreClientOptions> = {}): OpenClient {
  const said: string[] = []
  const events: RequestEvent[] = []
  const pauses: number[] = []
  const line = (...parts: unknown[]): void => {
    said.push(inspect(parts, { depth: null, maxStringLength: null }))
  }
  const logger = { debug: line, info: line, warn: line, error: line } as Logger
  const pace = options.pace ?? createPace({ mode: 'full', delay: async () => {} })
  const client = createStoreClient({
    url,
    consumerKey,
    consumerSecret,
    timeoutMs: 5000,
    keysInUrl: false,
    allowPlainHttp: false,
    allowPrivateAddresses: false,
    trustedAddress: false,
    pace,
    logger,
    onRequest: (event) => {
      events.push(event)
      line(event)
    },
    delay: async (ms) => {
      pauses.push(ms)
    },
    ...options,
  })
  open.push(client)
  const fault = async (request: Promise<unknown>): Promise<WooSyncError> => {
    const error = await request.then(
      (answer) => assert.fail(`it went well: ${inspect(answer)}`),
      (thrown: unknown) => thrown,
    )
    assert.ok(error instanceof WooSyncError, inspect(error))
    line(error, error.stack, error.toJSON())
    return error
  }
  return { client, pace, events, said, pauses, fault }
}

/** No key, secret, signature, nonce, sign-in header or query in what was said. */
export function assertNothingSecret(said: string[], seen: Seen[]): void {
  const secrets = new Set([
    consumerKey,
    consumerSecret,
    'oauth_nonce=',
    'oauth_signature=',
    'consumer_key=',
    'per_page=',
    'Basic ',
  ])
  for (const { url, headers } of seen) {
    for (const name of ['oauth_nonce', 'oauth_signature']) {
      const value = url.searchParams.get(name)
      if (value) secrets.add(value).add(encodeURIComponent(value))
    }
    if (url.search) secrets.add(url.search)
    const credentials = headers.authorization?.split(' ')[1]
    if (credentials) secrets.add(credentials)
  }
  for (const text of said) {
    for (const secret of secrets) assert.ok(!text.includes(secret), `${secret} stands in: ${text}`)
  }
}

/** For `after`: ends every client and shop that was opened, clients first. */
export async function closeAll(): Promise<void> {
  for (const one of open.splice(0).reverse()) await one.close()
}
