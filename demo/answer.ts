/**
 * From a request to WooCommerce's answer, without any socket: who asks, which route, which parameters, and
 * the headers as recorded.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { checkRights, createAuthenticator, type Rights } from './auth.ts'
import { DemoError } from './errors.ts'
import { type Params, readParams } from './params.ts'
import { formatQuery, type Query, withoutKeys } from './query.ts'
import { siteIndex } from './routes/settings.ts'
import {
  createRouter,
  type Endpoint,
  type Match,
  type Method,
  type Reply,
  type Route,
  type Site,
} from './routes.ts'
import type { Raw } from './table.ts'

export interface Asked {
  method: string
  path: string
  query: Query
  headers: IncomingHttpHeaders
  secure: boolean
  body: string
}

export interface Answer {
  status: number
  headers: Record<string, string>
  body: string
  /** How many records the body holds. */
  rows: number
  /** Where the gzipped body of a page in memory is kept. */
  kept?: { zipped?: Buffer }
}

export interface AnswerOptions {
  /** Finished pages are kept per question, for benchmarks; a change in any table forgets them. */
  servePagesFromMemory: boolean
  /** A WordPress without pretty permalinks: no `/wp-json/`, and `?rest_route=` without keys (row 38). */
  plainPermalinks: boolean
}

/** The part of an answer that does not depend on who asks. */
interface Finished {
  status: number
  body: string
  rows: number
  totals?: Reply['totals']
  location?: string
  kept?: { zipped?: Buffer }
}

export function createAnswerer(site: Site, routes: readonly Route[], options: AnswerOptions) {
  const { shop } = site
  const router = createRouter(routes)
  const authenticator = createAuthenticator(shop.info, shop.now)
  const memory = new Map<string, Finished>()
  let remembered = -1

  async function answer(asked: Asked): Promise<Answer> {
    const path = restPath(asked, options.plainPermalinks)
    if (path === undefined) return page404()
    if (path === '/') {
      const index = siteIndex(site, options.plainPermalinks)
      return finish({ status: 200, body: JSON.stringify(index), rows: 0 }, {})
    }
    const headers: Record<string, string> = {}
    try {
      const rights = known(asked, path)
      if (rights) Object.assign(headers, PRIVATE)
      checkRights(rights, asked.method)
      return await dispatch(asked, path, rights, headers)
    } catch (error) {
      if (!(error instanceof DemoError)) throw error
      // WooCommerce looks for the customer while it checks rights, and so allows nothing.
      if (error.code === 'wc_user_invalid_id') delete headers.Allow
      return finish({ status: error.status, body: JSON.stringify(error.body()), rows: 0 }, headers)
    }
  }

  /** The caller's rights; `?rest_route=` is no address WooCommerce authenticates (row 38). */
  function known(asked: Asked, path: string): Rights | null {
    if (!asked.path.startsWith('/wp-json/') || !path.startsWith('/wc/')) return null
    return authenticator.check(asked)
  }

  async function dispatch(
    asked: Asked,
    path: string,
    rights: Rights | null,
    headers: Record<string, string>,
  ) {
    const match = path.startsWith(BASE) ? router.match(path.slice(BASE.length)) : undefined
    if (asked.method === 'OPTIONS' && match) return describe(match, rights, headers)
    const method = METHODS[asked.method]
    const endpoint = method && match?.route.endpoints[method]
    if (!match || !endpoint) throw noRoute(match, asked.method)
    if (rights && match.route.allow) headers.Allow = match.route.allow
    const body = method === 'GET' ? {} : readBody(asked.body)
    const params = readParams(asked.query, endpoint.specs ?? {})
    if (!rights) throw new DemoError(401, ...endpoint.refusal)
    const finished = await run(asked, path, match, endpoint, params, body)
    const link = linkOf(finished, path, endpoint, params)
    return finish(finished, link ? { ...headers, Link: link } : headers)
  }

  async function run(
    asked: Asked,
    path: string,
    match: Match,
    endpoint: Endpoint,
    params: Params,
    body: Raw,
  ): Promise<Finished> {
    const key = `${path}?${formatQuery(withoutKeys(asked.query))}`
    const readOnly = asked.method === 'GET' || asked.method === 'HEAD'
    const held = options.servePagesFromMemory && readOnly ? recall(key) : undefined
    if (held) return held
    const reply = await endpoint.run({ places: match.places, query: asked.query, params, body })
    const { data, status = 200, totals, location } = reply
    const finished: Finished = {
      status,
      body: JSON.stringify(data),
      rows: Array.isArray(data) ? data.length : 1,
      ...(totals ? { totals } : {}),
      ...(location ? { location } : {}),
    }
    if (options.servePagesFromMemory && readOnly && reply.lasting) memory.set(key, { ...finished, kept: {} })
    return finished
  }

  function recall(key: string): Finished | undefined {
    const { orders, products, variations, refunds, coupons } = shop
    const versions = [orders, products, variations, refunds, coupons].reduce((sum, t) => sum + t.version, 0)
    if (versions !== remembered) memory.clear()
    remembered = versions
    return memory.get(key)
  }

  /** `Link` to the pages around, with the request's own parameters, keys and all (row 12c). */
  function linkOf(
    { totals }: Finished,
    path: string,
    endpoint: Endpoint,
    params: Params,
  ): string | undefined {
    if (totals?.page === undefined) return undefined
    const { total, pages, page } = totals
    const query = endpoint.link?.(params, total) ?? new Map(params.query)
    const to = (number: number, rel: string) => {
      query.set('page', String(number))
      return `<${shop.info.url}/wp-json${path}?${formatQuery(query)}>; rel="${rel}"`
    }
    const links = []
    if (page > 1) links.push(to(Math.min(page - 1, pages), 'prev'))
    if (page < pages) links.push(to(page + 1, 'next'))
    return links.length > 0 ? links.join(', ') : undefined
  }

  function describe({ route }: Match, rights: Rights | null, headers: Record<string, string>): Answer {
    const methods = (route.allow ?? '').split(', ')
    if (rights && route.allow) headers.Allow = route.allow
    const args = Object.entries(route.endpoints.GET?.specs ?? {}).map(([name, spec]) => {
      const values = 'enum' in spec && spec.enum ? { enum: spec.enum } : {}
      if (spec.type === 'strings') return [name, { type: 'array', items: { type: 'string', ...values } }]
      if (spec.type === 'integers') return [name, { type: 'array', items: { type: 'integer' } }]
      if (spec.type === 'date') return [name, { type: 'string', format: 'date-time' }]
      return [name, { type: spec.type, ...values }]
    })
    const endpoints = [{ methods: ['GET'], args: Object.fromEntries(args) }]
    return finish(
      { status: 200, body: JSON.stringify({ namespace: 'wc/v3', methods, endpoints }), rows: 0 },
      headers,
    )
  }

  function finish(finished: Finished, headers: Record<string, string>): Answer {
    const { status, body, rows, totals, location, kept } = finished
    const all: Record<string, string> = {
      'Content-Type': 'application/json; charset=UTF-8',
      Link: `<${shop.info.url}/wp-json/>; rel="https://api.w.org/"`,
      'X-Robots-Tag': 'noindex',
      'X-Content-Type-Options': 'nosniff',
      'Access-Control-Expose-Headers': 'X-WP-Total, X-WP-TotalPages, Link',
      ...headers,
    }
    if (totals) {
      all['X-WP-Total'] = String(totals.total)
      all['X-WP-TotalPages'] = String(totals.pages)
    }
    if (location) all.Location = location
    return { status, headers: all, body, rows, ...(kept ? { kept } : {}) }
  }

  return answer
}

const BASE = '/wc/v3'

/** Sent to those who came in with a key. */
const PRIVATE = {
  Expires: 'Wed, 11 Jan 1984 05:00:00 GMT',
  'Cache-Control': 'no-cache, must-revalidate, max-age=0, no-store, private',
}

const METHODS: Record<string, Method> = {
  GET: 'GET',
  HEAD: 'GET',
  POST: 'POST',
  PUT: 'PUT',
  PATCH: 'PUT',
  DELETE: 'DELETE',
}

/** The path below `/wp-json`, or undefined where there is no REST at all. */
function restPath(asked: Asked, plainPermalinks: boolean): string | undefined {
  const route = asked.query.get('rest_route')
  if (typeof route === 'string') return route
  const path = /^\/wp-json(\/.*)?$/.exec(asked.path)
  return path && !plainPermalinks ? (path[1] ?? '/') : undefined
}

function noRoute(match: Match | undefined, method: string): DemoError {
  if (match?.route.allow?.includes(method))
    return new DemoError(501, 'demo_not_played', 'The demo shop does not play this write.')
  return new DemoError(404, 'rest_no_route', 'No route was found matching the URL and request method.')
}

function readBody(text: string): Raw {
  if (text.trim() === '') return {}
  try {
    const value = JSON.parse(text)
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value
    return {}
  } catch {
    throw new DemoError(400, 'rest_invalid_json', 'Invalid JSON body passed.', {
      json_error_code: 4,
      json_error_message: 'Syntax error',
    })
  }
}

function page404(): Answer {
  const body =
    '<!DOCTYPE html><html><head><title>Page not found</title></head><body><h1>Not found</h1></body></html>'
  return { status: 404, headers: { 'Content-Type': 'text/html; charset=UTF-8' }, body, rows: 0 }
}
