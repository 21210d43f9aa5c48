/** What a key may do, found out without changing anything in the shop. */
import { WooSyncError } from '../../errors.ts'
import type { StoreClient } from './client.ts'

/**
 * Whether the key may write: WooCommerce looks at a key's right before it looks at the request, so an update of
 * an order that cannot exist says it (30a). null: the answer fits neither.
 */
export async function mayWrite(client: StoreClient, signal: AbortSignal): Promise<boolean | null> {
  try {
    await client.send('PUT', `orders/${NO_ORDER}`, {}, { signal, background: false })
    return null
  } catch (thrown) {
    if (!(thrown instanceof WooSyncError)) throw thrown
    if (thrown.code === 'store_key_read_only') return false
    if (thrown.code === 'store_record_not_found') return true
    if (thrown.code === 'store_request_refused') return thrown.data.status === 400 ? true : null
    throw thrown
  }
}

/** Beyond any id a shop reaches, and still an integer to it. */
const NO_ORDER = 2_147_483_646
