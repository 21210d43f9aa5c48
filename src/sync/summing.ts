/** Beside the looks at the shop: the sums that long questions take (mirror/sums.ts) follow what was written. */
import { setTimeout as wait } from 'node:timers/promises'
import { asFault } from '../database/faults.ts'
import { type Kept, keepSums } from '../mirror/sums.ts'
import type { SyncContext } from './context.ts'

/** Questions sum what changed since by themselves: it only has to stay little. */
const EVERY_MS = 15_000
/** While it is begun: only old transactions are waited for. */
const SOON_MS = 1_000

/** Runs until the signal aborts; what fails is logged and tried again. */
export async function keepSumming(
  { database, store, logger }: Pick<SyncContext, 'database' | 'store' | 'logger'>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const kept: Kept | null = await keepSums(database, store.id, signal).catch((thrown) => {
      if (!signal.aborted) {
        const fault = asFault(thrown)
        logger.warn({ code: fault.code }, fault.message)
      }
      return null
    })
    await wait(kept === 'begun' ? SOON_MS : EVERY_MS, undefined, { signal }).catch(() => undefined)
  }
}
