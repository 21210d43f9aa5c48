/** Under each answer: how far each resource it rests on was followed, and whether its copy is proved complete. */
import { z } from 'zod'
import type { Asking } from '../database/asking.ts'
import { createKept } from '../database/kept.ts'
import type { Store } from '../mirror/stores.ts'
import { type ResourceName, resourceNames, resources } from '../store/resources.ts'
import { judge, readStanding } from '../sync/verify.ts'

const resourceAsOf = z.object({
  at: z.iso
    .datetime()
    .nullable()
    .describe('Up to when the mirror has followed the shop (UTC); null: it was never copied.'),
  state: z
    .enum(['complete', 'incomplete', 'never copied', 'on demand'])
    .describe('Whether the copy is proved complete; `woosync verify` says why not.'),
})

export const asOfSchema = z
  .partialRecord(
    z.enum(resourceNames as [ResourceName, ...ResourceName[]]).describe('Resource.'),
    resourceAsOf.describe('How far it was followed.'),
  )
  .describe('For each resource the answer rests on: how old and how complete the copy of it is.')

export type AsOf = z.output<typeof asOfSchema>

/** What was read a moment ago still holds: the mirror only gets newer. */
const KEPT_MS = 1000

const standingOf = createKept(KEPT_MS, readStanding)

export async function readAsOf(db: Asking, store: Store, names: readonly ResourceName[]): Promise<AsOf> {
  const standing = await standingOf(db, store.id)
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        at: standing.states.get(name)?.followed_at?.toISOString() ?? null,
        state: judge(resources[name], standing).state,
      },
    ]),
  )
}
