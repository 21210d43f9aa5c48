/**
 * The only writer to a shop. Each write first asks who the shop is: another one behind the same address (a
 * staging copy, a new shop) is never written to (38). Secrets that are sent are taken out of what comes back.
 */
import { WooSyncError } from '../../errors.ts'
import type { StoreClient } from './client.ts'
import { getFresh } from './fresh.ts'

export interface WebhookInput {
  name: string
  topic: string
  deliveryUrl: string
  secret: string
}

/**
 * Each rejects with store_is_another_shop, store_key_read_only, or what asking a shop throws. A record that is
 * gone already counts as removed.
 */
export interface StoreWriter {
  /** The shop sends its ping while it answers, so the address must be served by then (22). */
  createWebhook(input: WebhookInput, signal?: AbortSignal): Promise<void>
  /** Says all of it again and switches it on; the shop shows no secret, so only writing it makes it known. */
  updateWebhook(id: number, input: WebhookInput, signal?: AbortSignal): Promise<void>
  removeWebhook(id: number, signal?: AbortSignal): Promise<void>
}

/** @param store its identity as it was copied; null: the shop never told one, and nothing can be compared */
export function createStoreWriter(client: StoreClient, store: { identity: string | null }): StoreWriter {
  async function assertSameShop(signal: AbortSignal | undefined): Promise<void> {
    if (store.identity === null) return
    // One field of the report: the whole of it keeps a shop busy for seconds.
    const { data } = await getFresh(
      client,
      'system_status',
      { _fields: 'environment.store_id' },
      { ...(signal && { signal }) },
    )
    const found = (data as { environment?: { store_id?: unknown } } | null)?.environment?.store_id
    if (found === store.identity) return
    throw new WooSyncError('store_is_another_shop', {
      host: client.host,
      found: typeof found === 'string' ? found : 'one that does not say who it is',
      known: store.identity,
    })
  }

  async function write(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    input: WebhookInput | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    await assertSameShop(signal)
    try {
      await client.send(method, path, input && webhookBody(input), {
        ...(signal && { signal }),
        ...(method === 'DELETE' && { query: { force: true } }),
      })
    } catch (thrown) {
      throw input ? withoutSecrets(thrown, input) : thrown
    }
  }

  return {
    createWebhook: (input, signal) => write('POST', 'webhooks', input, signal),
    updateWebhook: (id, input, signal) => write('PUT', `webhooks/${id}`, input, signal),
    async removeWebhook(id, signal) {
      await write('DELETE', `webhooks/${id}`, undefined, signal).catch((thrown) => {
        if (!(thrown instanceof WooSyncError) || thrown.code !== 'store_record_not_found') throw thrown
      })
    },
  }
}

function webhookBody({ name, topic, deliveryUrl, secret }: WebhookInput) {
  return { name, topic, delivery_url: deliveryUrl, secret, status: 'active' }
}

/** A refusal may repeat what it refuses, and it comes cut: a beginning of a secret goes, too. */
function withoutSecrets(thrown: unknown, { secret, deliveryUrl }: WebhookInput): unknown {
  if (!(thrown instanceof WooSyncError)) return thrown
  const secrets = [secret, deliveryUrl.slice(deliveryUrl.lastIndexOf('/') + 1)]
  const data = Object.entries(thrown.data).map(([name, value]) => [
    name,
    typeof value === 'string' ? secrets.reduce(hide, value) : value,
  ])
  return new WooSyncError(thrown.code, Object.fromEntries(data))
}

const BEGINNING = 6

function hide(text: string, secret: string): string {
  const [before = '', ...after] = text.split(secret.slice(0, BEGINNING))
  return [before, ...after.map((rest) => rest.replace(/^\w*/, ''))].join('…')
}
