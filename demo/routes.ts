/** What a route is, and which one answers a path. */
import { DemoError } from './errors.ts'
import { createLists, type Lists } from './lists.ts'
import type { Params, Specs } from './params.ts'
import { createPresenter, type Damage, type Presenter } from './present.ts'
import type { Query } from './query.ts'
import type { Shop } from './shop.ts'
import type { Raw } from './table.ts'
import { createZone, type Zone } from './zone.ts'

export interface Site {
  shop: Shop
  zone: Zone
  lists: Lists
  presenter: Presenter
}

export function createSite(shop: Shop, damage: Damage): Site {
  const zone = createZone(shop.info.timezone)
  return { shop, zone, lists: createLists(zone), presenter: createPresenter(shop, damage) }
}

export interface Call {
  /** What stands in the path's places, in order. */
  places: string[]
  query: Query
  params: Params
  /** The JSON body of a write; empty for a read. */
  body: Raw
}

export interface Reply {
  data: unknown
  status?: number
  /** For `X-WP-Total`, `X-WP-TotalPages` and `Link`; lists without pages have no `page`. */
  totals?: { total: number; pages: number; page?: number }
  /** The address of what was created. */
  location?: string
  /** A page of a big table, which may be kept in memory. */
  lasting?: boolean
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

export interface Endpoint {
  specs?: Specs
  /** The query `Link` repeats, where it is not simply the request's. */
  link?: (params: Params, total: number) => Query
  /** What a stranger is told. */
  refusal: readonly [code: string, message: string]
  run(call: Call): Reply | Promise<Reply>
}

export interface Route {
  /** Below `/wp-json/wc/v3`; `:id` takes digits, `:name` a slug. */
  path: string
  allow?: string
  endpoints: Partial<Record<Method, Endpoint>>
}

export const REFUSALS = {
  list: ['woocommerce_rest_cannot_view', 'Sorry, you cannot list resources.'],
  view: ['woocommerce_rest_cannot_view', 'Sorry, you cannot view this resource.'],
  create: ['woocommerce_rest_cannot_create', 'Sorry, you are not allowed to create resources.'],
  edit: ['woocommerce_rest_cannot_edit', 'Sorry, you are not allowed to edit this resource.'],
  delete: ['woocommerce_rest_cannot_delete', 'Sorry, you are not allowed to delete this resource.'],
  batch: ['woocommerce_rest_cannot_batch', 'Sorry, you are not allowed to batch manipulate this resource.'],
} as const

export const ALLOW = {
  list: 'GET, POST',
  readOnly: 'GET',
  item: 'GET, POST, PUT, PATCH, DELETE',
  keep: 'GET, POST, PUT, PATCH',
  readDelete: 'GET, DELETE',
  batch: 'POST, PUT, PATCH',
} as const

export interface Match {
  route: Route
  places: string[]
}

export interface Router {
  /** Undefined where no route has the path. */
  match(path: string): Match | undefined
}

/** Routes with the same path are one: reads and writes are defined apart. */
export function createRouter(routes: readonly Route[]): Router {
  const merged = new Map<string, Route>()
  for (const route of routes) {
    const held = merged.get(route.path)
    merged.set(route.path, { ...held, ...route, endpoints: { ...held?.endpoints, ...route.endpoints } })
  }
  const compiled = [...merged.values()].map((route) => ({ route, pattern: compile(route.path) }))
  return {
    match(path) {
      for (const { route, pattern } of compiled) {
        const found = pattern.exec(path)
        if (found) return { route, places: found.slice(1) }
      }
      return undefined
    },
  }
}

function compile(path: string): RegExp {
  return new RegExp(`^${path.replace(/:id/g, '(\\d+)').replace(/:name/g, '([\\w-]+)')}/?$`)
}

export function notFound(code: string, message = 'Invalid ID.'): DemoError {
  return new DemoError(404, code, message)
}

/** The totals of a page; `page` counts from 1. */
export function totalsOf(total: number, perPage: number, page: number): Reply['totals'] {
  return { total, pages: Math.ceil(total / perPage), page }
}
