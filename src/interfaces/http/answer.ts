/** An answer as JSON: its ETag, how old it is, and where it goes on. */
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AsOf } from '../../operations/as-of.ts'

export const JSON_TYPE = 'application/json; charset=utf-8'

/** Never without asking here again, and by nobody in between. */
export const CACHE_CONTROL = 'private, no-cache'
/** The same address has other answers for others. */
const VARY = 'Authorization, Cookie, Accept'

interface Answer {
  asOf?: AsOf
  nextCursor?: string | null
}

/**
 * The ETag is over the values and their facts, without `asOf`: data that has not changed is the same though it was
 * looked at again. How old it is now, also with a 304, is in the header `X-As-Of`.
 */
export function sendAnswer(request: FastifyRequest, reply: FastifyReply, answer: object): FastifyReply {
  const { asOf, ...data } = answer as Answer
  const rest = JSON.stringify(data)
  reply.header('cache-control', CACHE_CONTROL)
  varyHeader(reply)
  asOfHeader(reply, asOf)
  if (data.nextCursor) reply.header('link', `<${nextAddress(request, data.nextCursor)}>; rel="next"`)
  if (request.method === 'GET') {
    const tag = `W/"${createHash('sha256').update(rest).digest('base64url').slice(0, 27)}"`
    reply.header('etag', tag)
    if (matches(request.headers['if-none-match'], tag)) return reply.code(304).send()
  }
  return reply.header('content-type', JSON_TYPE).send(withAsOf(rest, asOf))
}

export function varyHeader(reply: FastifyReply): void {
  const before = reply.getHeader('vary')
  reply.header('vary', before === undefined ? VARY : `${before}, ${VARY}`)
}

/** Up to when the shop was followed, by the resource that is furthest behind; nothing where one was never copied. */
export function asOfHeader(reply: FastifyReply, asOf: AsOf | undefined): void {
  const moments = Object.values(asOf ?? {}).map(({ at }) => at)
  if (moments.length === 0 || moments.includes(null)) return
  reply.header('x-as-of', (moments as string[]).toSorted()[0])
}

/** So that the large part is written as JSON once. */
function withAsOf(rest: string, asOf: AsOf | undefined): string {
  if (asOf === undefined) return rest
  const between = rest === '{}' ? '' : ','
  return `{"asOf":${JSON.stringify(asOf)}${between}${rest.slice(1)}`
}

function matches(wanted: string | undefined, tag: string): boolean {
  if (wanted === undefined) return false
  const bare = (text: string) => text.trim().replace(/^W\//, '')
  return wanted.trim() === '*' || wanted.split(',').some((one) => bare(one) === bare(tag))
}

function nextAddress({ url }: FastifyRequest, cursor: string): string {
  const [path = ''] = url.split('?', 1)
  const fields = new URLSearchParams(url.slice(path.length + 1))
  fields.set('cursor', cursor)
  return `${path}?${fields}`
}
