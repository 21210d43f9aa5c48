/** Who a shop is: the id it gave itself, which stays when its address changes (38). */
import { WooSyncError } from '../../errors.ts'
import type { StoreClient } from './client.ts'

/** `environment.store_id` of the system status; null where the key may not read it or the shop has none. */
export async function readIdentity(client: StoreClient, signal: AbortSignal): Promise<string | null> {
  try {
    // Only this part: the whole status makes the shop examine itself.
    const { data } = await client.get('system_status', { _fields: 'environment' }, { signal })
    const environment = (data as { environment?: { store_id?: unknown } } | null)?.environment
    const id = environment?.store_id
    return typeof id === 'string' && id !== '' ? id : null
  } catch (thrown) {
    if (thrown instanceof WooSyncError && UNREADABLE.has(thrown.code)) return null
    throw thrown
  }
}

/** @throws store_is_another_shop when both identities are known and differ */
export function assertSameShop(host: string, known: string | null, found: string | null): void {
  if (known === null || found === null || known === found) return
  throw new WooSyncError('store_is_another_shop', { host, found, known })
}

const UNREADABLE = new Set(['store_rights_missing', 'store_route_missing', 'store_request_refused'])
