/** Answers past page caches (35): who copies a shop needs what it says now. */
import type { Answer, Query, RequestOptions, StoreClient } from './client.ts'

/**
 * As the client's `get`; an answer that came out of a page cache is asked for once more, under an address that
 * no cache knows: WooCommerce passes over a parameter it does not know.
 */
export async function getFresh(
  client: StoreClient,
  path: string,
  query: Query,
  options: RequestOptions,
): Promise<Answer> {
  const answer = await client.get(path, query, options)
  if (answer.age === null) return answer
  return client.get(path, { ...query, _: `${Date.now()}${Math.random()}` }, options)
}
