import { z } from 'zod'
import type { App } from '../app.ts'
import { asFault } from '../database/faults.ts'
import { heldLocks, lockNumber } from '../database/locks.ts'
import type { WooSyncError } from '../errors.ts'
import { listAlerts } from '../mirror/alerts.ts'
import type { Store } from '../mirror/stores.ts'
import { resources } from '../store/resources.ts'
import { mayWrite } from '../store/rest/rights.ts'
import type { SyncContext } from '../sync/context.ts'
import { type ResourceVerification, verification } from '../sync/verify.ts'
import { version } from '../version.ts'
import { defineOperation } from './define.ts'
import { inputOf } from './input.ts'

const finding = z.object({
  check: z.string().describe('What was looked at.'),
  state: z.enum(['ok', 'note', 'fault']).describe('note: works, but you may want to know.'),
  detail: z.string().describe('What was found.'),
  wayOut: z.string().nullable().describe('What to do about it.'),
})

type Finding = z.infer<typeof finding>

export const doctor = defineOperation({
  name: 'doctor',
  summary: 'Looks at everything: what is configured, what is reachable, what is old.',
  access: 'operate',
  http: 'GET /doctor',
  effect: 'none',
  asksShop: true,
  input: inputOf({}),
  output: z.object({
    healthy: z.boolean().describe('Nothing is at fault.'),
    findings: z.array(finding).describe('Each thing that was looked at.'),
  }),
  async run({ app, signal, shop: open }) {
    const findings: Finding[] = [program(), ...configuration(app), database(app)]
    const context = await open().catch((thrown) => {
      findings.push(fault('shop', asFault(thrown)))
      return null
    })
    if (context) findings.push(...(await shop(context, signal)), ...(await shopDatabase(context, signal)))
    const store = context?.store ?? (await app.knownStore())
    if (store) {
      findings.push(
        ...(await copy(app, store)),
        ...(await running(app, store)),
        ...(await alerts(app, store)),
      )
    }
    return { healthy: findings.every((one) => one.state !== 'fault'), findings }
  },
})

const ok = (check: string, detail: string): Finding => ({ check, state: 'ok', detail, wayOut: null })
const note = (check: string, detail: string, wayOut: string): Finding => ({
  check,
  state: 'note',
  detail,
  wayOut,
})
const fault = (check: string, { code, message, wayOut }: WooSyncError): Finding => ({
  check,
  state: 'fault',
  detail: `${message} (${code})`,
  wayOut,
})

function program(): Finding {
  return ok(
    'program',
    `woosync ${version} on Node ${process.versions.node}, ${process.platform} ${process.arch}.`,
  )
}

function configuration({ settings }: App): Finding[] {
  const findings = [
    settings.WOOCOMMERCE_URL === undefined && settings.MYSQL_DATABASE !== undefined
      ? ok('settings', `The shop is read from its database ${settings.MYSQL_DATABASE}.`)
      : settings.WOOCOMMERCE_URL === undefined
        ? note(
            'settings',
            'No shop is named; the demo shop is used.',
            'Set WOOCOMMERCE_URL and its keys in .env.',
          )
        : ok('settings', `The shop is ${settings.WOOCOMMERCE_URL}.`),
  ]
  const hasRest = settings.WOOCOMMERCE_URL !== undefined || settings.MYSQL_DATABASE === undefined
  if (settings.PUBLIC_URL === undefined && hasRest) {
    findings.push(
      note(
        'webhooks',
        `No PUBLIC_URL: changes arrive by asking every ${settings.FOLLOW_SECONDS} s, not at once.`,
        'Set PUBLIC_URL to the address under which the shop reaches this server.',
      ),
    )
  }
  return findings
}

function database({ database: { version }, settings }: App): Finding {
  const where = settings.DATABASE_URL === undefined ? `private, in ${settings.WOOSYNC_DATA}` : 'a server'
  return ok('database', `Postgres ${version} (${where}).`)
}

async function shop(context: SyncContext, signal: AbortSignal): Promise<Finding[]> {
  const { client, store } = context
  if (client.signIn === 'none') {
    const wayOut = 'Set WOOCOMMERCE_URL and its keys as well for webhooks and proposals.'
    return [note('shop', 'Only its database is read; the shop is never written to.', wayOut)]
  }
  try {
    const answer = await client.get('orders', { per_page: 1, _fields: 'id' }, { signal, background: false })
    const findings = [ok('shop', `${store.name ?? client.host} answers; signed in by ${client.signIn}.`)]
    const offset = Math.round((client.clockOffset ?? 0) / 1000)
    if (Math.abs(offset) > 30) {
      findings.push(
        note(
          'clock',
          `The shop’s clock is ${offset} s off this machine’s.`,
          'Set both by a time server; it is allowed for meanwhile.',
        ),
      )
    }
    if (answer.age !== null) {
      findings.push(
        note(
          'page cache',
          `The shop’s lists come from a cache (${answer.age} s old).`,
          'Exclude /wp-json/ from the cache.',
        ),
      )
    }
    if (store.identity === null) {
      findings.push(
        note(
          'identity',
          'The shop’s own id cannot be read with this key.',
          'A key of an administrator could; without it a swapped shop would not be noticed.',
        ),
      )
    }
    findings.push(await writing(context, signal), ...filters(context))
    return findings
  } catch (thrown) {
    return [fault('shop', asFault(thrown))]
  }
}

async function shopDatabase({ sql }: SyncContext, signal: AbortSignal): Promise<Finding[]> {
  if (!sql) return []
  try {
    return await sql.inSnapshot(async ({ shop }) => {
      const way = { direct: 'directly', tunnel: 'through SSH', exec: 'by the host’s own mysql over SSH' }
      const storage = shop.storage === 'hpos' ? 'tables of their own' : 'posts'
      return [
        ok(
          'shop database',
          `It is read ${way[shop.database.way]}; orders are in ${storage} (${sql.detected.server}).`,
        ),
      ]
    }, signal)
  } catch (thrown) {
    return [fault('shop database', asFault(thrown))]
  }
}

async function writing(context: SyncContext, signal: AbortSignal): Promise<Finding> {
  const right = await mayWrite(context.client, signal)
  if (right === true) return ok('key', 'The key may read and write.')
  return note(
    'key',
    right === false ? 'The key may read, not write.' : 'Whether the key may write could not be told.',
    'Everything works but webhooks and proposals; for those, give it the right Read/Write.',
  )
}

function filters({ store }: SyncContext): Finding[] {
  return Object.entries(store.capabilities.lists).flatMap(([name, list]) => {
    if (!list.available) {
      return [
        note(
          'lists',
          `This shop has no list of all ${name}; they are read one parent at a time.`,
          'A newer WooCommerce has it.',
        ),
      ]
    }
    if (list.modified === false) {
      return [
        note(
          'lists',
          `The list of ${name} ignores modified_after; it is compared by content.`,
          'Look for a plugin that changes the REST interface.',
        ),
      ]
    }
    return []
  })
}

async function copy(app: App, store: Store): Promise<Finding[]> {
  const found = await verification(app.database.pool, store)
  const findings: Finding[] = found.resources.filter((one) => one.state === 'incomplete').map(incomplete)
  const never = found.resources.filter((one) => one.state === 'never copied').map((one) => one.resource)
  if (never.length > 0) {
    findings.push(note('copy', `Never copied: ${never.join(', ')}.`, 'Run `woosync sync`.'))
  }
  if (findings.length === 0) findings.push(ok('copy', 'Complete in every resource.'))
  findings.push(...age(app, found.resources))
  const { rows } = await app.database.pool.query(
    `SELECT resource, id, problem FROM mirror.quarantine WHERE store_id = $1 ORDER BY since LIMIT 20`,
    [store.id],
  )
  for (const row of rows) {
    const { singular } = resources[row.resource as keyof typeof resources]
    findings.push(
      note(
        'quarantine',
        `${singular} ${row.id}: ${row.problem}.`,
        'Correct it in the shop; it is taken up by itself.',
      ),
    )
  }
  return findings
}

/** Orders are looked at every minute while something keeps the copy up. */
function age({ settings }: App, all: readonly ResourceVerification[]): Finding[] {
  const followedAt = all.find((one) => one.resource === 'orders')?.followedAt
  if (!followedAt) return []
  const minutes = Math.round((Date.now() - followedAt.getTime()) / 60_000)
  const detail = `Last looked for changed orders ${minutes === 0 ? 'less than a minute' : `${minutes} min`} ago.`
  if (minutes * 60 < Math.max(OLD_SECONDS, 3 * settings.FOLLOW_SECONDS)) return [ok('age', detail)]
  return [
    note(
      'age',
      detail,
      'Keep `woosync start` or `woosync worker` running, or call `woosync sync` from cron.',
    ),
  ]
}

/** The pause of a cron job that is usual, twice (A12). */
const OLD_SECONDS = 1800

/** Runs that hold their resource's lock now; one that was killed holds none. */
async function running(app: App, store: Store): Promise<Finding[]> {
  const { rows } = await app.database.pool.query<{ resource: string; kind: string; minutes: number }>(
    `SELECT resource, kind, floor(extract(epoch FROM now() - started_at) / 60)::int AS minutes
     FROM sync.runs r JOIN sync.resources s USING (store_id, resource)
     WHERE store_id = $1 AND finished_at IS NULL AND s.owner = r.run_id
     ORDER BY started_at`,
    [store.id],
  )
  const held = await heldLocks(app.database.pool)
  return rows
    .filter(({ resource }) => held.has(lockNumber(`sync:${store.id}:${resource}`)))
    .map(({ resource, kind, minutes }) => ok('running', `${resource}: ${kind}, for ${minutes} min.`))
}

function incomplete(one: ResourceVerification): Finding {
  return {
    check: 'copy',
    state: one.problem === null ? 'note' : 'fault',
    detail: `${one.resource}: ${one.reasons.join('; ')}.`,
    wayOut: 'Run `woosync sync`, then `woosync verify`.',
  }
}

async function alerts(app: App, store: Store): Promise<Finding[]> {
  return (await listAlerts(app.database.pool, store.id)).map((alert) => ({
    check: 'alert',
    state: 'fault' as const,
    detail: String(alert.data.message ?? alert.code),
    wayOut: alert.data.wayOut === undefined ? null : String(alert.data.wayOut),
  }))
}
