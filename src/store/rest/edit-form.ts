/**
 * Records are asked for in `context=edit`, the raw form as the shop's database holds it (12d). A key whose user
 * may not edit gets 403 for it: then the form everybody sees is taken, and its records say so.
 */
import { WooSyncError } from '../../errors.ts'
import type { Answer, StoreClient } from './client.ts'

/** A client that falls back to the rendered form, route by route, and marks each such record with `texts: rendered`. */
export function preferEditForm(client: StoreClient): StoreClient {
  const renderedOnly = new Set<string>()

  async function get(...[path, query = {}, options]: Parameters<StoreClient['get']>): Promise<Answer> {
    if (query.context !== 'edit') return client.get(path, query, options)
    const route = path.replaceAll(/\d+/g, '{id}')
    const { context: _, ...everybodys } = query
    if (!renderedOnly.has(route)) {
      try {
        return await client.get(path, query, options)
      } catch (thrown) {
        if (!(thrown instanceof WooSyncError) || thrown.code !== 'store_rights_missing') throw thrown
      }
    }
    const answer = await client.get(path, everybodys, options)
    renderedOnly.add(route)
    return { ...answer, data: Array.isArray(answer.data) ? answer.data.map(marked) : marked(answer.data) }
  }

  return Object.create(client, { get: { value: get } })
}

function marked(record: unknown): unknown {
  if (record === null || typeof record !== 'object' || Array.isArray(record)) return record
  return { ...record, texts: 'rendered' }
}
