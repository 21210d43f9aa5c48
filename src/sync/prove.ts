/** Proving now, because somebody asks: look for changes, then count or list, resource by resource. */
import { asFault } from '../database/faults.ts'
import type { SyncContext } from './context.ts'
import { keeperOf, keptResources } from './keeper.ts'
import { withRun } from './run.ts'

/**
 * Resources that were never copied are left as they are; what fails is recorded with its resource, where the
 * verification shows it.
 */
export async function prove(
  context: SyncContext,
  depth: 'counted' | 'listed',
  signal: AbortSignal,
): Promise<void> {
  const queue = [...keptResources(context)]
  const worker = async () => {
    for (let resource = queue.shift(); resource; resource = queue.shift()) {
      try {
        await withRun(context, { resource, kind: 'follow', signal }, async (run) => {
          if (run.state.backfilledAt === null) return
          const keeper = keeperOf(run)
          await keeper.follow(run)
          run.kind = 'reconcile'
          await keeper.reconcile(run, depth === 'listed' ? 'every id' : 'positions')
          await keeper.fetchStale(run)
        })
      } catch (thrown) {
        const fault = asFault(thrown)
        if (fault.code === 'sync_cancelled') throw fault
        context.logger.warn({ resource, code: fault.code }, fault.message)
      }
    }
  }
  await Promise.all([worker(), worker(), worker()])
}
