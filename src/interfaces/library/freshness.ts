/**
 * The copy is used while it is fresh, and brought up to date at the first question after that: once, however many
 * wait. Where a worker keeps up with the shop, nothing is ever left to do here.
 */
import type { App } from '../../app.ts'
import { WooSyncError } from '../../errors.ts'
import type { ResourceName } from '../../store/resources.ts'
import { keptResources } from '../../sync/keeper.ts'
import { syncAll } from '../../sync/sync.ts'
import { readStanding } from '../../sync/verify.ts'

export interface FreshnessOptions {
  maxAgeMinutes: number
  /** needed: when it is older than that. never: somebody else keeps it. */
  refresh: 'needed' | 'never'
  /** What to do when it is too old and the shop cannot be asked: fail, or answer from what is there. */
  whenDown: 'fail' | 'stale'
}

export interface Freshness {
  /** Brings what is too old up to date. @throws what keeps the shop from being asked, unless stale data will do */
  ensure(resources: readonly ResourceName[]): Promise<void>
  /** The same, however fresh it is. */
  force(resources: readonly ResourceName[]): Promise<void>
}

/** A shop that did not answer is not asked again for each question. */
const AFTER_FAULT_MS = 10_000

export function createFreshness(app: App, options: FreshnessOptions): Freshness {
  const maxAgeMs = options.maxAgeMinutes * 60_000
  /** By `performance.now`: until then nothing need be looked up. */
  const freshUntil = new Map<ResourceName, number>()
  const refreshing = new Map<ResourceName, Promise<void>>()
  let failed: { until: number; fault: unknown } | undefined

  async function ageOf(names: readonly ResourceName[]): Promise<Map<ResourceName, number>> {
    const store = await app.knownStore()
    if (!store) return new Map()
    const { states } = await readStanding(app.database.pool, store.id)
    const now = app.database.clock()
    return new Map(
      names.flatMap((name) => {
        const state = states.get(name)
        if (!state?.backfilled_at || !state.followed_at) return []
        return [[name, Math.max(0, now - state.followed_at.getTime())]]
      }),
    )
  }

  function note(ages: ReadonlyMap<ResourceName, number>): void {
    for (const [name, age] of ages) freshUntil.set(name, performance.now() + maxAgeMs - age)
  }

  const isFresh = (name: ResourceName) => performance.now() < (freshUntil.get(name) ?? 0)

  async function bringUpToDate(names: readonly ResourceName[]): Promise<void> {
    const context = await app.openStore()
    const kept = keptResources(context)
    const results = await syncAll(context, {
      full: false,
      resources: names.filter((name) => kept.includes(name)),
    })
    const fault = results.find((one) => one.fault !== null)?.fault
    if (fault) throw fault
    // What has no list is as fresh as it can be.
    for (const name of names) if (!kept.includes(name)) freshUntil.set(name, performance.now() + maxAgeMs)
    note(await ageOf(names))
  }

  /** Joins those that are being refreshed already, and begins the others together. */
  async function refresh(names: readonly ResourceName[]): Promise<void> {
    const others = names.filter((name) => !refreshing.has(name))
    if (others.length > 0) {
      const work = bringUpToDate(others).finally(() => {
        for (const name of others) refreshing.delete(name)
      })
      for (const name of others) refreshing.set(name, work)
    }
    await Promise.all(new Set(names.map((name) => refreshing.get(name))))
  }

  async function ensure(names: readonly ResourceName[]): Promise<void> {
    if (options.refresh === 'never' || names.every(isFresh)) return
    const ages = await ageOf(names)
    note(ages)
    const old = names.filter((name) => !isFresh(name))
    if (old.length === 0) return
    try {
      if (failed && performance.now() < failed.until) throw failed.fault
      await refresh(old)
      failed = undefined
    } catch (fault) {
      if (!failed || performance.now() >= failed.until) {
        failed = { until: performance.now() + AFTER_FAULT_MS, fault }
      }
      if (options.whenDown === 'fail' || ages.size === 0) throw fault
      app.logger.warn({ code: codeOf(fault), resources: old }, 'answered from what is there')
    }
  }

  return { ensure, force: refresh }
}

function codeOf(fault: unknown): string {
  return fault instanceof WooSyncError ? fault.code : 'internal'
}
