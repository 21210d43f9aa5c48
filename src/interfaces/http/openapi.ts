/** The OpenAPI 3.1 description, made from the registry: what is not there is not said, and the other way round. */
import { readFileSync } from 'node:fs'
import { SESSION_COOKIE } from '../../access/cookie.ts'
import { allOperations } from '../../operations.ts'
import { describeEvents } from './events-description.ts'
import { type Described, describeOperation, groupOf, PROBLEMS } from './openapi-operation.ts'
import { routeOf } from './operations-routes.ts'
import { ref, sharedSchemas } from './schemas.ts'

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

export interface OpenApi {
  openapi: string
  info: { title: string; version: string; description: string }
  paths: Record<string, Record<string, Described>>
  [more: string]: unknown
}

const PREFIX = '/api/v1'

const ABOUT = `Questions to a verified copy of a WooCommerce shop, and the work of keeping it.

Every request carries a key as \`Authorization: Bearer woo_…\` (\`woosync keys create --scope read\` makes one), or the
cookie of somebody who signed in. A key has one of the scopes read, operate, admin, each of which holds the one before,
and may have personal beside it: without it, personal fields (\`x-personal\`) are left out of the answers and refused in what
is asked. A key may be kept to some stores; the others do not exist for it.

Unknown fields are refused. Lists in a query are repeated or have commas: \`status=processing,completed\`. Amounts are
decimal texts, moments are UTC, days are the shop's own. A missing record is null, not an error.

Lists go page by page: send \`nextCursor\` as \`cursor\`, or follow the header \`Link\`. With \`format=csv\` or
\`format=ndjson\` (or \`Accept\`) a list is streamed whole; with \`limit\` it is that one page.

Answers to GET have a weak \`ETag\` over the data without asOf; \`If-None-Match\` is answered with 304 while it is the
same. \`X-As-Of\` says of both how far the shop had been followed. Errors are \`application/problem+json\` with a stable
code.`

let made: OpenApi | undefined

export function openApi(): OpenApi {
  made ??= describe()
  return made
}

function describe(): OpenApi {
  const paths: OpenApi['paths'] = {}
  for (const operation of allOperations) {
    const { method, path } = routeOf(operation)
    const address = `${PREFIX}${path}`
    paths[address] = { ...paths[address], [method.toLowerCase()]: describeOperation(operation) }
  }
  paths[`${PREFIX}/events`] = { get: describeEvents() }
  return {
    openapi: '3.1.0',
    info: { title: 'woo-sync-engine', version, description: ABOUT },
    servers: [{ url: '/' }],
    security: [{ key: [] }, { session: [] }],
    tags: [...new Set([...allOperations.map(groupOf), 'events'])].map((name) => ({ name })),
    paths,
    components: {
      schemas: sharedSchemas(),
      headers: headers(),
      responses: problems(),
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'A key that begins with woo_.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: SESSION_COOKIE,
          description: 'Of somebody who signed in at /sign-in.',
        },
      },
    },
  }
}

function problems(): Record<string, object> {
  const content = { 'application/problem+json': { schema: ref('Problem') } }
  return {
    ...Object.fromEntries(
      Object.entries(PROBLEMS).map(([name, { says: description }]) => [name, { description, content }]),
    ),
    Other: { description: 'Any other error; its code says which.', content },
  }
}

function headers(): Record<string, object> {
  const text = { type: 'string' }
  return {
    ETag: { description: 'Weak, over the data without asOf.', schema: text },
    AsOf: {
      description: 'Up to when the shop was followed, by the resource that is furthest behind (UTC).',
      schema: { type: 'string', format: 'date-time' },
    },
    Link: { description: 'The next page, with rel="next"; missing on the last.', schema: text },
  }
}
