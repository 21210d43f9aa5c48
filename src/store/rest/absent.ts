/** The client of a shop whose owner gave access to its database alone: every question says so. */
import { WooSyncError } from '../../errors.ts'
import type { StoreClient } from './client.ts'

export function absentClient(host: string): StoreClient {
  const refuse = async (): Promise<never> => {
    throw new WooSyncError('store_rest_missing', { host })
  }
  return {
    get: refuse,
    options: refuse,
    send: refuse,
    signIn: 'none',
    host,
    clockOffset: null,
    close: async () => undefined,
  }
}
