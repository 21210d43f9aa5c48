/** Who the shop is and what it can, asked again now and then by a process that lives for weeks. */

import { asFault } from '../database/faults.ts'
import { raiseAlert, settleAlert } from '../mirror/alerts.ts'
import { findStore, saveStore, setClockOffset, setReadings } from '../mirror/stores.ts'
import { assertSameShop, readIdentity } from '../store/rest/identity.ts'
import { probeStore } from '../store/rest/probe.ts'
import type { SyncContext } from './context.ts'

/** What was learned about a shop is asked again after this time: versions and plugins change. */
export const PROBE_AGAIN_MS = 24 * 3_600_000

/** Another shop behind the address: nothing of it may be written into this one's copy (38). @throws store_is_another_shop */
export async function identify(context: SyncContext, signal: AbortSignal): Promise<void> {
  const { client, database, sql, store } = context
  try {
    const found = sql
      ? await sql.inSnapshot(({ shop }) => shop.option('woocommerce_store_id'), signal)
      : await readIdentity(client, signal)
    assertSameShop(client.host, store.identity, found)
    await settleAlert(database.pool, store.id, 'store_is_another_shop', '')
  } catch (thrown) {
    const fault = asFault(thrown)
    if (fault.code === 'store_is_another_shop') await raiseAlert(database.pool, store.id, fault, '')
    throw fault
  }
}

/**
 * Brings what is known of the shop up to date, for everybody who holds this context: where its clock is, and once a day
 * its time zone, currency, version, and what its lists can do (a plugin's new order status, say).
 */
export async function knowAgain(context: SyncContext, signal: AbortSignal): Promise<void> {
  const { client, database, pace, store } = context
  const offset = client.clockOffset ?? context.sql?.clockOffset
  if (offset !== undefined) {
    await setClockOffset(database.pool, store, offset + Date.now() - database.clock())
  }
  // Without REST there is nothing to probe.
  if (client.signIn === 'none' || !isOld(store.probedAt)) return
  // Another process may have asked already.
  const kept = await findStore(database.pool, store.url)
  if (kept && !isOld(kept.probedAt)) {
    Object.assign(store, kept)
    return
  }
  const probed = await probeStore(client, pace, signal)
  const clockOffset = (client.clockOffset ?? 0) + Date.now() - database.clock()
  const saved = await database.transaction((session) =>
    saveStore(session, store.url, { ...probed, signIn: client.signIn, clockOffset }),
  )
  Object.assign(store, await setReadings(database.pool, saved, store.capabilities.bySql))
}

export function isOld(probedAt: Date | null): boolean {
  return probedAt === null || Date.now() - probedAt.getTime() >= PROBE_AGAIN_MS
}
