import { z } from 'zod'
import { WooSyncError } from '../errors.ts'
import { type ResourceName, resourceNames } from '../store/resources.ts'
import { acceptDeletions } from '../sync/gone.ts'
import { keptResources } from '../sync/keeper.ts'
import { syncAll } from '../sync/sync.ts'
import { defineOperation } from './define.ts'
import { inputOf } from './input.ts'

const resourceName = z.enum(resourceNames as [ResourceName, ...ResourceName[]])

const count = (meaning: string) => z.int().min(0).describe(meaning)

export const sync = defineOperation({
  name: 'sync',
  summary: 'Copies what was never copied, brings the rest up to date, and counts it against the shop.',
  access: 'operate',
  http: 'POST /sync',
  effect: 'repeatable',
  asksShop: true,
  input: inputOf({
    full: z.boolean().default(false).describe('Read everything again. Nothing is thrown away.'),
    resources: z.array(resourceName).max(50).optional().describe('Only these resources; default: all.'),
    acceptDeletions: z
      .boolean()
      .default(false)
      .describe('Mark as deleted what is gone, even when it is unusually much at once.'),
  }),
  output: z.object({
    complete: z.boolean().describe('Every resource ended well.'),
    resources: z
      .array(
        z.object({
          resource: resourceName.describe('What was synchronised.'),
          seen: count('Records the shop sent.'),
          created: count('Records that are new in the copy.'),
          updated: count('Records whose content changed.'),
          restored: count('Records that were marked as deleted and are there again.'),
          deleted: count('Records marked as deleted.'),
          unchanged: count('Records that are as they were.'),
          quarantined: count('Records that could not be stored and are kept aside.'),
          requests: count('Questions to the shop.'),
          seconds: z.number().min(0).describe('How long it took.'),
          error: z
            .object({
              code: z.string().describe('Its code; docs/errors.md lists them.'),
              message: z.string().describe('What happened.'),
              wayOut: z.string().describe('What to do about it.'),
            })
            .nullable()
            .describe('Why it did not end well, and what to do; null: it did.'),
        }),
      )
      .describe('One for each resource.'),
  }),
  async run({ app, signal, shop }, input) {
    const context = await shop()
    const kept = keptResources(context)
    const wanted = input.resources ?? kept
    const other = wanted.find((name) => !kept.includes(name))
    if (other !== undefined) throw new WooSyncError('sync_on_demand_only', { resource: other })
    if (input.acceptDeletions) await acceptDeletions(context, wanted)
    const paceIsFixed = app.settings.PACE !== undefined
    if (!paceIsFixed) context.pace.setMode('full')
    const results = await syncAll(context, { full: input.full, resources: wanted, signal })
    return {
      complete: results.every((result) => result.fault === null),
      resources: results.map(({ resource, counts, requests, seconds, fault }) => ({
        resource,
        seen: counts?.seen ?? 0,
        created: counts?.created ?? 0,
        updated: counts?.updated ?? 0,
        restored: counts?.restored ?? 0,
        deleted: counts?.deleted ?? 0,
        unchanged: counts?.unchanged ?? 0,
        quarantined: counts?.quarantined ?? 0,
        requests,
        seconds,
        error: fault && describeFault(fault),
      })),
    }
  },
})

function describeFault(fault: WooSyncError) {
  return { code: fault.code, message: fault.message, wayOut: fault.wayOut }
}
