/** Rights that an operation's own level does not say: those of one of its fields, and what somebody may give on. */
import { z } from 'zod'
import { type Caller, mayCall, maySee } from '../access/caller.ts'
import { WooSyncError } from '../errors.ts'
import { listStores } from '../mirror/stores.ts'
import type { Call } from './define.ts'

export const storesInput = z
  .array(z.int().positive().max(2_147_483_647).describe('Id of a store.'))
  .min(1)
  .max(1000)
  .optional()
  .describe('Only these stores. When left out: those of whoever makes it, else all.')

/**
 * For the part of a reading operation that asks the shop itself: whoever may only read makes no load there.
 * @throws key_lacks_right
 */
export function requireOperate(caller: Caller): void {
  if (!mayCall(caller, 'operate')) throw new WooSyncError('key_lacks_right', { right: 'operate' })
}

/** @throws store_not_found for one that the caller may not see */
export async function storesFor(
  { app, caller }: Pick<Call, 'app' | 'caller'>,
  wanted: readonly number[] | undefined,
): Promise<readonly number[] | null> {
  if (wanted === undefined) return caller.stores
  const known = new Set((await listStores(app.database.pool)).map(({ id }) => id))
  if (!wanted.every((id) => known.has(id) && maySee(caller, id))) throw new WooSyncError('store_not_found')
  return [...new Set(wanted)]
}

/** Whoever is kept to some stores has to do with keys and users of these alone. */
export function within(caller: Caller, stores: readonly number[] | null): boolean {
  return caller.stores === null || (stores?.every((id) => maySee(caller, id)) ?? false)
}
