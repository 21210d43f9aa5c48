/** The input of an operation, from the address and the body of a request. */
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { WooSyncError } from '../../errors.ts'
import type { Operation } from '../../operations/define.ts'
import { coerce } from '../coerce.ts'

type Texts = Readonly<Record<string, string | string[] | undefined>>

/**
 * GET takes its fields from the query, the others from a JSON body; what stands in braces is in the path.
 * @param asked the query without what is not for the operation, such as `format`
 * @throws input_invalid for a field that stands in the wrong place; everything else is checked by `invoke`
 */
export function inputOf(operation: Operation, request: FastifyRequest, asked: Texts): unknown {
  const path = request.params as Record<string, string>
  const given = isRead(operation) ? coerce(operation.input, asked) : bodyOf(request.body, asked)
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given
  for (const name of Object.keys(path)) {
    if (Object.hasOwn(given, name)) {
      throw new WooSyncError('input_invalid', { field: name, problem: 'it stands in the address already' })
    }
  }
  return { ...given, ...coerce(operation.input, path) }
}

export function isRead({ http }: Operation): boolean {
  return http.startsWith('GET ')
}

function bodyOf(body: unknown, query: Texts): unknown {
  const [stray] = Object.keys(query)
  if (stray !== undefined) {
    throw new WooSyncError('input_invalid', {
      field: stray.slice(0, 100),
      problem: 'fields go into the body here, as JSON',
    })
  }
  return body ?? {}
}

const DEEPEST = 20

/**
 * A JSON body; none is an empty object.
 * @throws input_invalid
 */
export function parseBody(text: string): unknown {
  if (text.trim() === '') return {}
  const body = parseJson(text)
  if (isDeep(body, DEEPEST)) {
    throw new WooSyncError('input_invalid', { field: 'body', problem: 'it is nested too deeply' })
  }
  return body
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new WooSyncError('input_invalid', { field: 'body', problem: 'it is no JSON' })
  }
}

function isDeep(value: unknown, left: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return left === 0 || Object.values(value).some((one) => isDeep(one, left - 1))
}

/** The most rows that one page of a list may have; undefined where the list has no pages. */
export function largestPage({ input }: Operation): number | undefined {
  const limit = (input.shape as Record<string, z.ZodType>).limit
  const type = limit && 'unwrap' in limit ? (limit as z.ZodDefault).unwrap() : limit
  return (type as z.ZodNumber | undefined)?.maxValue ?? undefined
}
