/** Query strings as PHP reads and WordPress writes them: `a[]=1&a[]=2` is a list, the last of two equal names wins. */

export type Query = Map<string, string | string[]>

/** Parameters that carry keys or signatures: never logged, never part of a cache's key. */
const KEY = /^(consumer_|oauth_)/

export function parseQuery(search: string): Query {
  const query: Query = new Map()
  for (const [name, value] of new URLSearchParams(search)) {
    const list = /^(.+?)\[(\w*)\]$/.exec(name)
    if (!list) {
      query.set(name, value)
      continue
    }
    const key = list[1] as string
    const held = query.get(key)
    query.set(key, Array.isArray(held) ? [...held, value] : [value])
  }
  return query
}

export function formatQuery(query: Query): string {
  const parts: string[] = []
  for (const [name, value] of query) {
    for (const [key, one] of flat(name, value)) parts.push(`${encode(key)}=${encode(one)}`)
  }
  return parts.join('&')
}

/** A list as PHP spells its members: `a[0]`, `a[1]`. */
export function flat(name: string, value: string | string[]): [name: string, value: string][] {
  return Array.isArray(value) ? value.map((one, i) => [`${name}[${i}]`, one]) : [[name, value]]
}

/** The same query without anything that could open the shop. */
export function withoutKeys(query: Query): Query {
  return new Map([...query].filter(([name]) => !KEY.test(name)))
}

/** PHP's `urlencode`. */
function encode(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}

/** PHP's `rawurlencode`, the encoding of OAuth signatures. */
export function rawEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}
