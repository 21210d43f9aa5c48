/** Addresses of a shop's REST interface: where a path lies, where a redirect may lead (rows 36, 38). */
import { canonicalHost, isLoopbackHost } from '../../addresses.ts'
import { WooSyncError } from '../../errors.ts'

/** The shop's home without query, credentials or a slash at the end; refuses plain HTTP (row 30). */
export function homeOf(address: string, allowPlainHttp: boolean): URL {
  const home = URL.parse(address)
  if (!home || (home.protocol !== 'https:' && home.protocol !== 'http:')) {
    throw new WooSyncError('setting_invalid', {
      setting: 'WOOCOMMERCE_URL',
      problem: 'it is no web address such as https://example.com',
    })
  }
  if (home.protocol === 'http:' && !allowPlainHttp && !isLoopbackHost(home.hostname)) {
    throw new WooSyncError('store_plain_http_refused', { host: home.host })
  }
  return new URL(home.pathname.replace(/\/+$/, ''), home.origin)
}

/** `orders` → under /wp-json/wc/v3; `/wp-json/…` as it is; both under the shop's own folder. */
export function endpoint(home: URL, path: string): URL {
  const folder = home.pathname.replace(/\/$/, '')
  const inside = path.startsWith('/') ? path : `/wp-json/wc/v3/${path}`
  return new URL(`${folder}${inside}`, home.origin)
}

/** WooCommerce checks keys only on its own routes; elsewhere they are not sent. */
export const takesKeys = (url: URL): boolean => /\/wp-json\/wc[/-]/.test(url.pathname)

/** A method that changes nothing in the shop: it may be repeated and redirected. */
export const isQuestion = (method: string): boolean =>
  method !== 'POST' && method !== 'PUT' && method !== 'DELETE'

/** For metrics: numbers as `{id}`, no query, without the shop's folder. */
export const routeOf = (url: URL): string =>
  url.pathname.replace(/^.*(?=\/wp-json)/, '').replace(/\/\d+(?=\/|$)/g, '/{id}')

const restPart = (url: URL): string => url.pathname.replace(/^.*(?=\/wp-json)/, '').replace(/\/$/, '')

/**
 * Where a redirect of a question leads, if it may be followed: to the same interface on the same host, or
 * from http to https of the same name.
 *
 * @throws store_redirects_elsewhere; store_rest_disabled when it leads to another page of the same host
 */
export function redirectTarget(from: URL, location: string): URL {
  const target = URL.parse(location, from.href)
  const sameName = target !== null && canonicalHost(target.hostname) === canonicalHost(from.hostname)
  const upgrade = from.protocol === 'http:' && target?.protocol === 'https:'
  if (!target || !sameName || !(upgrade || target.origin === from.origin)) {
    const place = target?.host ? target.origin : 'an address that is none'
    throw new WooSyncError('store_redirects_elsewhere', { host: from.host, target: place })
  }
  if (restPart(target) !== restPart(from)) {
    const cause = `it sends visitors of ${restPart(from)} on to another page of the site`
    throw new WooSyncError('store_rest_disabled', { host: from.host, cause })
  }
  return new URL(target.pathname, target.origin)
}

/** The shop's home that an interface's address belongs to. */
export const homeOfEndpoint = (url: URL): URL =>
  new URL(url.pathname.replace(/\/wp-json(\/.*)?$/, ''), url.origin)
