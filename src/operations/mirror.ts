/** Asked of the copy itself: how complete and how old it is, what changed, whether the shop answers. */
import { z } from 'zod'
import { asFault } from '../database/faults.ts'
import { WooSyncError } from '../errors.ts'
import { FEED_START, type FeedPosition, readChanges } from '../mirror/changes.ts'
import { type ResourceName, resourceNames } from '../store/resources.ts'
import { readDelays, readStanding } from '../sync/verify.ts'
import { type Call, defineOperation } from './define.ts'
import { inputOf } from './input.ts'
import { requireOperate } from './rights.ts'
import { readVerification, toSeconds, verificationSchema } from './verify.ts'

const resourceName = z.enum(resourceNames as [ResourceName, ...ResourceName[]])
const moment = (meaning: string) => z.iso.datetime().nullable().describe(`${meaning} (UTC).`)

const verificationStored = defineOperation({
  name: 'mirror.verification',
  summary: 'How complete and how old the copy is, as last proved, without asking the shop.',
  access: 'read',
  http: 'GET /mirror/verification',
  effect: 'none',
  input: inputOf({}),
  output: verificationSchema,
  run: async ({ app, store }) => readVerification(app, await store()),
})

const freshness = defineOperation({
  name: 'mirror.freshness',
  summary: 'How old the copy of each resource is, and how long changes take to arrive.',
  access: 'read',
  http: 'GET /mirror/freshness',
  effect: 'none',
  input: inputOf({}),
  output: z.object({
    resources: z
      .array(
        z.object({
          resource: resourceName.describe('What is spoken of.'),
          followedAt: moment('Last look for changes that ended well'),
          changedAt: moment('When a change was last taken up'),
          delayP50: z
            .number()
            .nullable()
            .describe('Seconds from a change in the shop to the copy over the last day: half were faster.'),
          delayP95: z.number().nullable().describe('The same: 95 % were faster.'),
        }),
      )
      .describe('One for each resource that was ever copied.'),
  }),
  async run({ app, store }) {
    const { id } = await store()
    const [standing, delays] = [
      await readStanding(app.database.pool, id),
      await readDelays(app.database.pool, id),
    ]
    return {
      resources: resourceNames.flatMap((resource) => {
        const state = standing.states.get(resource)
        if (!state?.backfilled_at) return []
        const delay = delays.get(resource)
        return [
          {
            resource,
            followedAt: state.followed_at?.toISOString() ?? null,
            changedAt: state.changed_at?.toISOString() ?? null,
            delayP50: toSeconds(delay?.p50 ?? null),
            delayP95: toSeconds(delay?.p95 ?? null),
          },
        ]
      }),
    }
  },
})

const changes = defineOperation({
  name: 'mirror.changes',
  summary:
    'What changed in the copy, in an order that is safe to go on from: created, updated, deleted, restored.',
  access: 'read',
  http: 'GET /mirror/changes',
  effect: 'none',
  list: 'changes',
  input: inputOf({
    cursor: z
      .string()
      .max(60)
      .optional()
      .describe(
        'Goes on after this entry: position of the last one read. From the oldest kept when left out.',
      ),
    limit: z.int().min(1).max(1000).default(100).describe('Most entries of one page.'),
  }),
  output: z.object({
    changes: z
      .array(
        z.object({
          position: z.string().describe('Where this entry stands; as cursor it gives what follows.'),
          resource: resourceName.describe('What kind of record.'),
          id: z.string().describe('Its id in the shop.'),
          change: z.enum(['created', 'updated', 'deleted', 'restored']).describe('What happened to it.'),
          way: z.string().describe('How it became known: follow, delivery, scrub …'),
          modifiedAt: moment('The shop’s date of the change'),
          at: z.iso.datetime().describe('When it was written here (UTC).'),
        }),
      )
      .describe('Oldest first.'),
    nextCursor: z.string().nullable().describe('For the next page, as cursor; null: that is all for now.'),
  }),
  async run({ app, store }, { cursor, limit }) {
    const { id } = await store()
    const entries = await readChanges(app.database.readPool, id, positionOf(cursor), limit)
    const shown = entries.map(({ xid, seq, resource, id, change, way, modifiedAt, at }) => ({
      position: `${xid}-${seq}`,
      resource,
      id,
      change,
      way,
      modifiedAt: modifiedAt?.toISOString() ?? null,
      at: at.toISOString(),
    }))
    return { changes: shown, nextCursor: entries.length < limit ? null : (shown.at(-1)?.position ?? null) }
  },
})

/** @throws cursor_invalid */
export function positionOf(cursor: string | undefined): FeedPosition {
  if (cursor === undefined) return FEED_START
  const [, xid, seq] = /^(\d{1,19})-(\d{1,15})$/.exec(cursor) ?? []
  if (xid === undefined) throw new WooSyncError('cursor_invalid')
  return { xid, seq: Number(seq) }
}

/** Faults of the shop or of the way to it, not of one record. */
const CONTACT = /^(store_(?!not_found|not_served|not_known)|ssh_|sql_)/

const connection = defineOperation({
  name: 'mirror.connection',
  summary: 'Whether the shop answers: as it was last asked, or asked now.',
  access: 'read',
  http: 'GET /mirror/connection',
  effect: 'none',
  input: inputOf({
    check: z
      .enum(['stored', 'now'])
      .default('stored')
      .describe(
        'stored: how the last look at the shop ended. now: ask it something small; needs the right to operate.',
      ),
  }),
  output: z.object({
    connected: z.boolean().describe('The last look at the shop ended well.'),
    url: z.string().describe('The shop’s address.'),
    lastContact: moment('When a look at the shop last ended well'),
    problem: z.string().nullable().describe('Error code of the last look, where it failed.'),
  }),
  async run({ app, caller, store, shop, signal }, { check }) {
    if (check === 'now') requireOperate(caller)
    const asked = check === 'now' ? await tryShop(shop, signal) : null
    const { id, url } = await store()
    const { states } = await readStanding(app.database.pool, id)
    const contacts = [...states.values()].flatMap((state) => (state.followed_at ? [state.followed_at] : []))
    const lastContact = contacts.length === 0 ? null : new Date(Math.max(...contacts.map(Number)))
    const failed = [...states.values()].find(({ problem }) => problem !== null && CONTACT.test(problem))
    return {
      connected: asked?.connected ?? (lastContact !== null && !failed),
      url,
      lastContact: lastContact?.toISOString() ?? null,
      problem: asked ? asked.problem : (failed?.problem ?? null),
    }
  },
})

/** Opens the shop, which asks it who it is; and, where it is open already, for one product. */
async function tryShop(
  shop: Call['shop'],
  signal: AbortSignal,
): Promise<{ connected: boolean; problem: string | null }> {
  try {
    const { client, sql } = await shop()
    if (client.signIn === 'none') await sql?.inSnapshot(async () => undefined, signal)
    else await client.get('products', { per_page: 1, _fields: 'id' }, { signal, background: false })
    return { connected: true, problem: null }
  } catch (thrown) {
    const { code } = asFault(thrown)
    if (!CONTACT.test(code)) throw thrown
    return { connected: false, problem: code }
  }
}

const needsRefresh = defineOperation({
  name: 'mirror.needs-refresh',
  summary: 'Whether the copy of the products is older than it may be, and how many it holds.',
  access: 'read',
  http: 'GET /mirror/needs-refresh',
  effect: 'none',
  input: inputOf({
    maxAgeMinutes: z.number().min(0).max(100_000).default(15).describe('How old it may be.'),
  }),
  output: z.object({
    needsRefresh: z.boolean().describe('It is older, or was never copied.'),
    lastSync: moment('When the products were last brought up to date'),
    products: z.int().min(0).describe('Products in the copy.'),
  }),
  async run({ app, store }, { maxAgeMinutes }) {
    const { id } = await store()
    const { rows } = await app.database.readPool.query<{
      at: Date | null
      age: number | null
      count: number
    }>(
      `SELECT r.followed_at AS at, extract(epoch FROM now() - r.followed_at)::float8 AS age,
              (SELECT count(*) FROM mirror.products WHERE store_id = $1 AND deleted_at IS NULL) AS count
       FROM (SELECT $1::integer AS store_id) AS s
       LEFT JOIN sync.resources r ON r.store_id = s.store_id AND r.resource = 'products'`,
      [id],
    )
    const [{ at = null, age = null, count = 0 } = {}] = rows
    return {
      needsRefresh: age === null || age > maxAgeMinutes * 60,
      lastSync: at?.toISOString() ?? null,
      products: count,
    }
  },
})

export const mirror = {
  verification: verificationStored,
  freshness,
  changes,
  connection,
  needsRefresh,
} as const
