/**
 * How complete and how old the copy is, resource by resource: what the last proofs said, what is known to be
 * open, and how long changes take to arrive.
 */
import type pg from 'pg'
import type { Reader } from '../database/asking.ts'
import { listAlerts } from '../mirror/alerts.ts'
import { extent } from '../mirror/positions.ts'
import type { Strength } from '../mirror/proofs.ts'
import type { Store } from '../mirror/stores.ts'
import { mirrorTables } from '../mirror/tables/index.ts'
import { listCapabilityOf } from '../store/capabilities.ts'
import { type Resource, type ResourceName, resourceNames, resources } from '../store/resources.ts'

export interface ProofShown {
  strength: Strength
  at: Date
  /** Requests to the shop. */
  requests: number
  /** Of a round of reading, 0 to 1; null for counts and listings. */
  share: number | null
}

export interface ResourceVerification {
  resource: ResourceName
  /** on demand: no list over REST, read when asked for. */
  state: 'complete' | 'incomplete' | 'never copied' | 'on demand'
  /** Why it is not complete, each a short sentence. */
  reasons: string[]
  inStore: number | null
  inMirror: number
  missing: number
  surplus: number
  /** Known to differ in the shop, not yet applied. */
  stale: number
  quarantined: number
  /** Rows with a status that no list of the shop can show; outside both counts (6). */
  hidden: number
  /** The shop's date of the newest record. */
  newestChange: Date | null
  /** Seconds from the shop's date of a change to its commit here, over the last day; null without changes. */
  delayP50: number | null
  delayP95: number | null
  /** The last look for changes that ended well. */
  followedAt: Date | null
  proofs: ProofShown[]
  /** Error code of the last run, null after a good one. */
  problem: string | null
}

export interface Verification {
  store: { id: number; url: string; name: string | null; identity: string | null }
  at: Date
  complete: boolean
  resources: ResourceVerification[]
}

/** A count stands for this long while changes go on arriving; the schedule counts again sooner. */
const COUNT_SPEAKS_FOR_MS = 180_000
/** Listed ids count as proof for a day. */
const LISTED_WITHIN_MS = 26 * 3_600_000

export async function verification(pool: pg.Pool, store: Store): Promise<Verification> {
  const facts = { ...(await readStanding(pool, store.id)), delays: await readDelays(pool, store.id) }
  const shown: ResourceVerification[] = []
  for (const name of resourceNames.filter((each) => isKept(store, each))) {
    shown.push(await verifyOne(pool, store, resources[name], facts))
  }
  return {
    store: { id: store.id, url: store.url, name: store.name, identity: store.identity },
    at: new Date(),
    complete: shown.every((one) => one.state === 'complete' || one.state === 'on demand'),
    resources: shown,
  }
}

/** What only a shop's own database has is nothing to verify where it is not read. */
function isKept(store: Store, name: ResourceName): boolean {
  return resources[name].list !== 'database' || store.capabilities.bySql.includes(name)
}

/** What is known without counting rows; by resource. */
export interface Standing {
  states: Map<string, StateRow>
  proofs: ProofRow[]
  stale: Map<string, number>
  quarantined: Map<string, number>
  /** Codes of alerts that stand, by resource. */
  alerts: Map<string, string[]>
}

/** Seconds from a change in the shop to its commit here. */
export type Delays = Map<string, { p50: number; p95: number }>

interface Facts extends Standing {
  delays: Delays
}

export interface StateRow {
  backfilled_at: Date | null
  changed_at: Date | null
  followed_at: Date | null
  counted_at: Date | null
  listed_at: Date | null
  problem: string | null
}

export interface ProofRow {
  resource: string
  strength: Strength
  at: Date
  requests: number
  in_store: number
  in_mirror: number
  missing: number
  surplus: number
  share: string | null
}

async function verifyOne(
  pool: pg.Pool,
  store: Store,
  resource: Resource,
  facts: Facts,
): Promise<ResourceVerification> {
  const state = facts.states.get(resource.name)
  const proofs = facts.proofs.filter((proof) => proof.resource === resource.name)
  const listsAll = !resource.statuses || store.capabilities.bySql.includes(resource.name)
  const statuses = listsAll ? null : listCapabilityOf(store.capabilities, resource.name).statuses
  const here = await extent(pool, { storeId: store.id, resource: resource.name, statuses })
  const counted = proofs.find((proof) => proof.strength === 'counted')
  const newest = await pool.query<{ newest: Date | null }>(
    `SELECT max(modified_at) AS newest FROM mirror.${mirrorTables[resource.name].table} WHERE store_id = $1`,
    [store.id],
  )
  const delay = facts.delays.get(resource.name)
  return {
    resource: resource.name,
    ...judge(resource, facts),
    inStore: counted?.in_store ?? null,
    inMirror: here.count,
    missing: counted?.missing ?? 0,
    surplus: counted?.surplus ?? 0,
    stale: facts.stale.get(resource.name) ?? 0,
    quarantined: facts.quarantined.get(resource.name) ?? 0,
    hidden: here.hidden,
    newestChange: newest.rows[0]?.newest ?? null,
    delayP50: delay?.p50 ?? null,
    delayP95: delay?.p95 ?? null,
    followedAt: state?.followed_at ?? null,
    proofs: proofs.map(({ strength, at, requests, share }) => ({
      strength,
      at,
      requests,
      share: share === null ? null : Number(share),
    })),
    problem: state?.problem ?? null,
  }
}

/** Whether a resource is complete by what is known, and why not. */
export function judge(resource: Resource, known: Standing): Pick<ResourceVerification, 'state' | 'reasons'> {
  const state = known.states.get(resource.name)
  // From the shop's own database they are copied like all others.
  const copied = state?.backfilled_at != null
  if (['on_demand', 'database'].includes(resource.list) && !copied) return { state: 'on demand', reasons: [] }
  const reasons = reasonsAgainst(
    state,
    known.proofs.find((proof) => proof.resource === resource.name && proof.strength === 'counted'),
    known.stale.get(resource.name) ?? 0,
    known.quarantined.get(resource.name) ?? 0,
  )
  // A later run may have ended well; what a person was asked to look at stands until it is over.
  const alerts = (known.alerts.get(resource.name) ?? []).filter((code) => code !== state?.problem)
  reasons.push(...alerts.map((code) => `somebody should look at it: ${code}`))
  if (!state?.backfilled_at) return { state: 'never copied', reasons }
  return { state: reasons.length === 0 ? 'complete' : 'incomplete', reasons }
}

/** The changes since a count are known ones: it goes on speaking for the copy until the next is due. */
function isOld(countedAt: Date): boolean {
  return Date.now() - countedAt.getTime() > COUNT_SPEAKS_FOR_MS
}

function reasonsAgainst(
  state: StateRow | undefined,
  counted: ProofRow | undefined,
  stale: number,
  quarantined: number,
): string[] {
  if (!state?.backfilled_at) return ['it was never copied']
  const reasons: string[] = []
  if (!state.counted_at || !counted) reasons.push('it was never counted')
  else if (state.changed_at && state.counted_at < state.changed_at && isOld(state.counted_at)) {
    reasons.push('not counted since its last change')
  }
  if (counted && counted.in_store !== counted.in_mirror) {
    reasons.push(`the shop has ${counted.in_store}, the copy ${counted.in_mirror}`)
  }
  if (counted && counted.missing > 0) reasons.push(`${counted.missing} missing`)
  if (counted && counted.surplus > 0) reasons.push(`${counted.surplus} too many`)
  const listedAt = state.listed_at?.getTime() ?? 0
  if (Date.now() - listedAt > LISTED_WITHIN_MS) reasons.push('its ids were not compared within the last day')
  if (stale > 0) reasons.push(`${stale} known to differ, not yet fetched`)
  if (quarantined > 0) reasons.push(`${quarantined} could not be stored`)
  if (state.problem) reasons.push(`the last run failed: ${state.problem}`)
  return reasons
}

/** Five small queries, whatever the size of the mirror. */
export async function readStanding(pool: Reader, storeId: number): Promise<Standing> {
  const states = await pool.query<StateRow & { resource: string }>(
    `SELECT * FROM sync.resources WHERE store_id = $1`,
    [storeId],
  )
  const proofs = await pool.query<ProofRow>(
    `SELECT * FROM sync.proofs WHERE store_id = $1 ORDER BY strength`,
    [storeId],
  )
  const alerts = new Map<string, string[]>()
  for (const { subject, code } of await listAlerts(pool, storeId)) {
    alerts.set(subject, [...(alerts.get(subject) ?? []), code])
  }
  return {
    states: new Map(states.rows.map((row) => [row.resource, row])),
    proofs: proofs.rows,
    stale: await countMarks(pool, storeId, 'stale'),
    quarantined: await countMarks(pool, storeId, 'quarantine'),
    alerts,
  }
}

/** Over the last day; follow and deliveries only. */
export async function readDelays(pool: pg.Pool, storeId: number): Promise<Delays> {
  const { rows } = await pool.query(
    // The shop's date has whole seconds and its own clock: the offset puts it on the database's.
    `SELECT resource,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY delay) AS p50,
            percentile_cont(0.95) WITHIN GROUP (ORDER BY delay) AS p95
     FROM (
       SELECT c.resource,
              extract(epoch FROM c.at - (c.modified_at - make_interval(secs => s.clock_offset_ms / 1000.0)))::float8
                AS delay
       FROM mirror.changes c JOIN mirror.stores s USING (store_id)
       WHERE c.store_id = $1 AND c.way IN ('follow', 'delivery') AND c.modified_at IS NOT NULL
         AND c.at > now() - interval '1 day'
     ) AS timed
     GROUP BY resource`,
    [storeId],
  )
  return new Map(rows.map((row) => [row.resource, { p50: row.p50, p95: row.p95 }]))
}

async function countMarks(
  pool: Reader,
  storeId: number,
  table: 'stale' | 'quarantine',
): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ resource: string; count: number }>(
    `SELECT resource, count(*) AS count FROM mirror.${table} WHERE store_id = $1 GROUP BY resource`,
    [storeId],
  )
  return new Map(rows.map((row) => [row.resource, row.count]))
}
