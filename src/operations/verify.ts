import { z } from 'zod'
import type { Store } from '../mirror/stores.ts'
import { type ResourceName, resourceNames } from '../store/resources.ts'
import { prove } from '../sync/prove.ts'
import { verification } from '../sync/verify.ts'
import { type Call, defineOperation } from './define.ts'
import { inputOf } from './input.ts'
import { requireOperate } from './rights.ts'

const moment = (meaning: string) => z.iso.datetime().nullable().describe(`${meaning} (UTC)`)
const count = (meaning: string) => z.int().min(0).describe(meaning)

const resourceVerification = z.object({
  resource: z.enum(resourceNames as [ResourceName, ...ResourceName[]]).describe('What is spoken of.'),
  state: z
    .enum(['complete', 'incomplete', 'never copied', 'on demand'])
    .describe('on demand: the shop has no list of it; it is read when asked for.'),
  reasons: z.array(z.string().describe('A short sentence.')).describe('Why it is not complete.'),
  inStore: z.int().min(0).nullable().describe('Rows in the shop, as last counted; null: never counted.'),
  inMirror: count('Rows in the copy that the shop’s list can show.'),
  missing: count('In the shop, not in the copy.'),
  surplus: count('In the copy, not in the shop.'),
  stale: count('Known to differ in the shop, not yet fetched.'),
  quarantined: count('Sent by the shop, but impossible to store; kept aside.'),
  hidden: count('In the copy with a status that no list of the shop shows; outside both counts.'),
  newestChange: moment('The shop’s date of the newest change'),
  delayP50: z
    .number()
    .nullable()
    .describe('Seconds from a change in the shop to the copy: half were faster.'),
  delayP95: z
    .number()
    .nullable()
    .describe('Seconds from a change in the shop to the copy: 95 % were faster.'),
  followedAt: moment('Last look for changes that ended well'),
  proofs: z
    .array(
      z.object({
        strength: z
          .enum(['counted', 'listed', 'read'])
          .describe('counted: total and last id agree. listed: every id. read: every content.'),
        at: z.iso.datetime().describe('When it was proved (UTC).'),
        requests: count('What it cost the shop.'),
        share: z.number().min(0).max(1).nullable().describe('Share of the contents read in this round.'),
      }),
    )
    .describe('The last of each strength.'),
  problem: z.string().nullable().describe('Error code of the last run.'),
})

export const verificationSchema = z.object({
  store: z
    .object({
      url: z.string().describe('The shop’s address.'),
      name: z.string().nullable().describe('What it calls itself.'),
      identity: z.string().nullable().describe('Its own id; null when the key may not read it.'),
    })
    .describe('Which shop.'),
  at: z.iso.datetime().describe('When this was said (UTC).'),
  complete: z.boolean().describe('Every resource that has a list is complete.'),
  resources: z.array(resourceVerification).describe('One for each resource.'),
})

export const verify = defineOperation({
  name: 'verify',
  summary: 'Proves how complete and how old the copy is.',
  access: 'read',
  http: 'POST /verify',
  effect: 'repeatable',
  asksShop: true,
  input: inputOf({
    depth: z
      .enum(['stored', 'counted', 'listed'])
      .default('counted')
      .describe(
        'stored: what is known without asking the shop. counted: follow and count now. listed: compare every id now. All but stored need the right to operate.',
      ),
  }),
  output: verificationSchema,
  async run({ app, caller, signal, store, shop }, input) {
    if (input.depth === 'stored') return readVerification(app, await store())
    requireOperate(caller)
    const context = await shop()
    await prove(context, input.depth, signal)
    return readVerification(app, context.store)
  },
})

/** To the millisecond: what a quantile has beyond it says nothing. */
export function toSeconds(seconds: number | null): number | null {
  return seconds === null ? null : Math.round(seconds * 1000) / 1000
}

/** What is known without asking the shop. */
export async function readVerification(
  app: Call['app'],
  store: Store,
): Promise<z.input<typeof verificationSchema>> {
  const found = await verification(app.database.pool, store)
  const iso = (at: Date | null) => at?.toISOString() ?? null
  return {
    store: { url: found.store.url, name: found.store.name, identity: found.store.identity },
    at: found.at.toISOString(),
    complete: found.complete,
    resources: found.resources.map((one) => ({
      ...one,
      delayP50: toSeconds(one.delayP50),
      delayP95: toSeconds(one.delayP95),
      newestChange: iso(one.newestChange),
      followedAt: iso(one.followedAt),
      proofs: one.proofs.map((proof) => ({ ...proof, at: proof.at.toISOString() })),
    })),
  }
}
