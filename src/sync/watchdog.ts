/**
 * Watching over our webhooks in the shop, which switches one off silently after seven failures (23): puts them
 * right, tells a person, and says where changes may have been missed.
 */
import { toWooSyncError, WooSyncError } from '../errors.ts'
import { listAlerts, raiseAlert, settleAlert } from '../mirror/alerts.ts'
import { type ResourceName, resourceNames } from '../store/resources.ts'
import type { StoreWriter } from '../store/rest/write.ts'
import {
  type Hook,
  type Registration,
  registerWebhooks,
  resourcesOfTopic,
  type Topic,
  type Wrong,
  webhookTopics,
} from '../store/webhooks.ts'
import type { SyncContext } from './context.ts'
import { forgetSetAside } from './deliveries.ts'
import { keeperOf } from './keeper.ts'
import { withRun } from './run.ts'

export interface WatchOptions {
  writer: StoreWriter
  hooks: readonly Hook[]
  /** PUBLIC_URL; without one there are no webhooks. */
  publicUrl: string | undefined
  signal?: AbortSignal
}

export interface WatchReport extends Registration {
  /** Resources whose changes may have been missed: they want {@link lookAgain}. */
  gaps: ResourceName[]
}

const FOUND: Readonly<Record<Wrong, string>> = {
  disabled: 'switched off',
  paused: 'paused',
  moved: 'with another address or topic',
  'its secret was refused': 'signing with another secret',
}

/**
 * Looks at the shop's webhooks once: to register them at the start, and every few minutes after.
 * @throws store_is_another_shop and what asking a shop throws
 */
export async function watchWebhooks(context: SyncContext, options: WatchOptions): Promise<WatchReport> {
  const { database, store, client } = context
  await forgetSetAside(context)
  const alerts = await listAlerts(database.pool, store.id)
  const told = (code: string, topic: Topic) =>
    alerts.some((alert) => alert.code === code && alert.subject === topic)
  const refused = new Set(webhookTopics.filter((topic) => told('delivery_refused', topic)))
  const report = await registerWebhooks({ client, ...options, refused })
  if (report.state === 'no public address') return { ...report, gaps: [] }

  const found = new Map<Topic, string>(report.wrong.map(({ topic, was }) => [topic, FOUND[was]]))
  // With none at all it is the first time, or a person removed them: nothing was relied on.
  const isFirst = report.missing.length === options.hooks.length
  if (!isFirst) for (const topic of report.missing) found.set(topic, 'removed')
  for (const topic of webhookTopics) {
    const what = found.get(topic)
    if (what !== undefined) {
      const fault = new WooSyncError('webhook_disabled', { topic, host: client.host, found: what })
      context.logger.warn({ store: store.id, topic, code: fault.code }, fault.message)
      await raiseAlert(database.pool, store.id, fault, topic)
    } else if (told('webhook_disabled', topic)) {
      await settleAlert(database.pool, store.id, 'webhook_disabled', topic)
    }
    // Its secret is the right one again; a delivery that is refused still tells it anew.
    if (refused.has(topic) && report.state === 'registered') {
      await settleAlert(database.pool, store.id, 'delivery_refused', topic)
    }
  }
  return { ...report, gaps: [...new Set([...found.keys()].flatMap(resourcesOfTopic))] }
}

/**
 * Follows the resources and counts them, at once instead of when it is their turn.
 * @returns those that another run holds or that could not be read: they want it again
 * @throws sync_cancelled
 */
export async function lookAgain(
  context: SyncContext,
  resources: readonly ResourceName[],
  signal?: AbortSignal,
): Promise<ResourceName[]> {
  const left: ResourceName[] = []
  // Parents before their children, as everywhere.
  for (const resource of resourceNames.filter((name) => resources.includes(name))) {
    try {
      await withRun(context, { resource, kind: 'follow', ...(signal && { signal }) }, async (run) => {
        // What was never copied has no gap.
        if (run.state.backfilledAt === null) return
        const keeper = keeperOf(run)
        await keeper.follow(run)
        run.way = 'reconcile'
        await keeper.reconcile(run, 'positions')
        await keeper.fetchStale(run)
      })
    } catch (thrown) {
      if (signal?.aborted) throw toWooSyncError(thrown)
      left.push(resource)
    }
  }
  return left
}
