/** `POST …/batch`: up to 100 items in one request; an item that fails says so in its place (row 30a). */
import { DemoError } from '../errors.ts'
import type { Raw } from '../table.ts'

/** What a batch does with each item; deletes are for good. */
export interface BatchWork {
  create(input: Raw): Raw
  update(id: number, input: Raw): Raw
  delete(id: number): Raw
}

/**
 * `given` has lists under `create`, `update` and `delete` (ids); the answer has those the request has. More than
 * 100 items: 413, nothing is done.
 */
export function runBatch(work: BatchWork, given: Raw): Raw {
  const lists = KEYS.filter((key) => Array.isArray(given[key])).map(
    (key) => [key, given[key] as unknown[]] as const,
  )
  if (lists.reduce((total, [, list]) => total + list.length, 0) > LIMIT) {
    const sentence = `Unable to accept more than ${LIMIT} items for this request.`
    throw new DemoError(413, 'woocommerce_rest_request_entity_too_large', sentence)
  }
  const one = {
    create: (item: unknown) => attempt(0, () => work.create(item as Raw)),
    update: (item: unknown) =>
      attempt((item as Raw).id, () => work.update(Number((item as Raw).id), item as Raw)),
    delete: (id: unknown) => attempt(id, () => work.delete(Number(id))),
  }
  return Object.fromEntries(lists.map(([key, list]) => [key, list.map(one[key])]))
}

const KEYS = ['create', 'update', 'delete'] as const
const LIMIT = 100

function attempt(id: unknown, work: () => Raw): Raw {
  try {
    return work()
  } catch (error) {
    if (error instanceof DemoError) return { id, error: error.body() }
    throw error
  }
}
