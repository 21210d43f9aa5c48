/** The HTTP interface in front of a mirrored demo shop, with keys to ask it with. */
import { after } from 'node:test'
import { LOCAL } from '../../../src/access/caller.ts'
import { type Http, type HttpOptions, startHttp } from '../../../src/interfaces/http/server.ts'
import { createMetrics } from '../../../src/metrics.ts'
import { operations } from '../../../src/operations.ts'
import { readSettings } from '../../../src/settings.ts'
import { type AskedShop, demoMirror } from '../../questions/shop.ts'
import { fetched, keptLog, problemCode } from './parts.ts'

type DemoShop = Awaited<ReturnType<typeof demoMirror>>

export interface Api extends Pick<AskedShop, 'app' | 'database' | 'ask'> {
  http: Http
  url: string
  shop: DemoShop
  /** What the server logged. */
  lines: string[]
  /** Makes a key; see the input of keys.create. */
  key(scope: string[], more?: object): Promise<string>
  /** Asks below the server's address, with the key when one is given. */
  get(path: string, key?: string | null, headers?: Record<string, string>): Promise<Response>
  send(method: string, path: string, key: string | null, body?: unknown): Promise<Response>
}

/** @param environment settings as in .env; without a limit of requests unless one is given */
export async function startApi(
  shop: DemoShop,
  environment: Record<string, string> = {},
  more: Partial<HttpOptions> = {},
): Promise<Api> {
  const settings = readSettings({ RATE_LIMIT_PER_MINUTE: '0', PORT: '0', ...environment }, '/nowhere')
  const log = keptLog()
  const app = { ...shop.app, settings }
  const http = await startHttp({
    settings,
    logger: log.logger,
    database: shop.database,
    knownStore: app.knownStore,
    metrics: createMetrics(),
    app,
    ...more,
  })
  after(() => http.close())
  const bearer = (key: string | null) => (key === null ? {} : { authorization: `Bearer ${key}` })
  return {
    app,
    database: shop.database,
    ask: shop.ask,
    shop,
    http,
    url: http.url,
    lines: log.lines,
    key: async (scope, more = {}) =>
      (await shop.ask(operations.keys.create, { scope, name: 'a test', ...more }, LOCAL)).key,
    get: (path, key = null, headers = {}) =>
      fetch(`${http.url}${path}`, { headers: { ...bearer(key), ...headers }, redirect: 'manual' }),
    send: (method, path, key, body) =>
      fetch(`${http.url}${path}`, {
        method,
        headers: { ...bearer(key), ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        redirect: 'manual',
      }),
  }
}

/** The code of a problem, which is checked to be a proper one. */
export const code = async (answer: Response) => problemCode(await fetched(answer))

export { demoMirror }
