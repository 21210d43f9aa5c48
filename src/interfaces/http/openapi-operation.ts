/** One operation in the OpenAPI description: its fields, its answer in each form, and what may go wrong. */
import type { z } from 'zod'
import type { Operation } from '../../operations/define.ts'
import { isExported, routeOf } from './operations-routes.ts'
import { toJsonSchema } from './schemas.ts'

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  description: string
  schema: Record<string, unknown>
}

export interface Described {
  operationId: string
  summary: string
  description: string
  tags: string[]
  parameters: Parameter[]
  requestBody?: { required: boolean; content: Record<string, { schema: Record<string, unknown> }> }
  responses: Record<string, object>
  'x-scope': string
  'x-command'?: string
  'x-tool'?: string
}

export function groupOf({ name }: Operation): string {
  return name.includes('.') ? (name.split('.', 1)[0] as string) : 'work'
}

export function describeOperation(operation: Operation): Described {
  const { name, summary, access, input, output } = operation
  const { method, path } = routeOf(operation)
  const schema = toJsonSchema(input, 'input') as {
    properties?: Record<string, Record<string, unknown>>
    required?: string[]
  }
  const fields = Object.entries(schema.properties ?? {})
  const inPath = new Set([...path.matchAll(/\{(\w+)\}/g)].map(([, field]) => field as string))
  const isQuery = method === 'GET'
  const parameters = fields.flatMap(([field, one]): Parameter[] => {
    if (!inPath.has(field) && !isQuery) return []
    const { description = '', ...rest } = one
    return [
      {
        name: field,
        in: inPath.has(field) ? 'path' : 'query',
        required: inPath.has(field) || (schema.required ?? []).includes(field),
        description: String(description),
        schema: rest,
      },
    ]
  })
  const exported = isExported(operation)
  if (exported) parameters.push(FORMAT)
  if (isQuery) parameters.push(IF_NONE_MATCH)
  const body = fields.filter(([field]) => !inPath.has(field))
  const bodyIsNeeded = body.some(([field]) => schema.required?.includes(field))
  return {
    operationId: name.replace(/[.-]/g, '_'),
    summary,
    description: `Scope: ${access}.${operation.asksShop ? ' It asks the shop itself, and may take long.' : ''}`,
    tags: [groupOf(operation)],
    parameters,
    ...(!isQuery &&
      body.length > 0 && {
        requestBody: {
          required: bodyIsNeeded,
          content: {
            'application/json': {
              schema: {
                type: 'object',
                properties: Object.fromEntries(body),
                ...(bodyIsNeeded && {
                  required: body.map(([field]) => field).filter((field) => schema.required?.includes(field)),
                }),
                additionalProperties: false,
              },
            },
          },
        },
      }),
    responses: responses(operation, output, exported),
    'x-scope': access,
    'x-command': `woosync ${name.replaceAll('.', ' ')}`,
    'x-tool': name.replace(/[.-]/g, '_'),
  }
}

const FORMAT: Parameter = {
  name: 'format',
  in: 'query',
  required: false,
  description: 'csv and ndjson: every row that the filters choose, in a stream; with limit, one page.',
  schema: { type: 'string', enum: ['json', 'csv', 'ndjson'], default: 'json' },
}

const IF_NONE_MATCH: Parameter = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  description: 'The ETag of an answer that is there already.',
  schema: { type: 'string' },
}

function responses(operation: Operation, output: z.ZodType, exported: boolean): Described['responses'] {
  const isGet = operation.http.startsWith('GET ')
  const status = operation.effect === 'adds' ? '201' : '200'
  const header = (name: string) => ({ $ref: `#/components/headers/${name}` })
  const answer = {
    description: 'The answer.',
    headers: {
      ...(isGet && { ETag: header('ETag'), 'X-As-Of': header('AsOf') }),
      ...(operation.list !== undefined && { Link: header('Link') }),
    },
    content: {
      'application/json': { schema: toJsonSchema(output, 'output') },
      ...(exported && {
        'text/csv': {
          schema: {
            type: 'string',
            description:
              'RFC 4180 with a head line; a cell that a spreadsheet would take for a formula begins with an apostrophe.',
          },
        },
        'application/x-ndjson': {
          schema: { type: 'string', description: `One row of ${operation.list} as JSON in each line.` },
        },
      }),
    },
  }
  const refs = Object.keys(PROBLEMS).map((one) => [one, { $ref: `#/components/responses/${one}` }])
  return {
    [status]: answer,
    ...(isGet && { '304': { description: 'The data is the same as with this ETag.' } }),
    ...Object.fromEntries(
      refs.map(([one, target]) => [PROBLEMS[one as keyof typeof PROBLEMS].status, target]),
    ),
    default: { $ref: '#/components/responses/Other' },
  }
}

/** Of every operation: name among the components, status, meaning. */
export const PROBLEMS = {
  BadInput: { status: '400', says: 'A field is not usable: input_invalid, cursor_invalid.' },
  NoKey: { status: '401', says: 'No key, or one that does not work: unauthorized, key_unknown.' },
  NoRight: {
    status: '403',
    says: 'The key may not do this: key_lacks_right, key_lacks_personal, key_exceeds_own.',
  },
  NotThere: { status: '404', says: 'There is no such address or store: not_found, store_not_found.' },
  TooMuch: { status: '429', says: 'Too often: rate_limited, too_many_attempts, too_many_listeners.' },
} as const
