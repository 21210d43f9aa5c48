/** The copy's figures as gauges, one value for each resource. */
import { Gauge, type Registry } from 'prom-client'
import { resourceNames, resources } from '../store/resources.ts'
import { judge } from '../sync/verify.ts'
import type { Snapshot } from './snapshot.ts'

export interface MirrorGauges {
  /** Shows these figures and no older ones; null: none. */
  show(snapshot: Snapshot | null): void
}

export function createMirrorGauges(registry: Registry): MirrorGauges {
  const gauge = <Label extends string>(name: string, help: string, ...labels: Label[]) =>
    new Gauge({ name, help, labelNames: ['store', ...labels] as const, registers: [registry] })

  const rows = gauge('woosync_rows', 'Rows in the copy, as last counted.', 'resource')
  const inShop = gauge('woosync_shop_rows', 'Rows in the shop, as last counted.', 'resource')
  const missing = gauge('woosync_missing', 'Rows the shop has and the copy has not.', 'resource')
  const surplus = gauge('woosync_surplus', 'Rows the copy has and the shop has not.', 'resource')
  const stale = gauge('woosync_stale', 'Rows known to differ in the shop, not yet fetched.', 'resource')
  const quarantined = gauge(
    'woosync_quarantined',
    'Records that could not be stored, kept aside.',
    'resource',
  )
  const delay = gauge(
    'woosync_delay_seconds',
    'From a change in the shop to its commit here, over the last day.',
    'resource',
    'quantile',
  )
  const age = gauge('woosync_age_seconds', 'Since the last look for changes that ended well.', 'resource')
  const complete = gauge('woosync_complete', '1 when the copy is proved to be complete.', 'resource')
  const queue = gauge('woosync_queue', 'What waits to be worked off.', 'queue')
  const all = [rows, inShop, missing, surplus, stale, quarantined, delay, age, complete, queue]

  return {
    show(snapshot) {
      for (const one of all) one.reset()
      if (!snapshot) return
      const { standing, delays, now } = snapshot
      const store = String(snapshot.storeId)
      for (const resource of resourceNames) {
        const labels = { store, resource }
        const state = standing.states.get(resource)
        const counted = standing.proofs.find(
          (proof) => proof.resource === resource && proof.strength === 'counted',
        )
        const delayed = delays.get(resource)
        const judged = judge(resources[resource], standing).state
        if (counted) {
          rows.set(labels, counted.in_mirror)
          inShop.set(labels, counted.in_store)
          missing.set(labels, counted.missing)
          surplus.set(labels, counted.surplus)
        }
        if (delayed) {
          delay.set({ ...labels, quantile: '0.5' }, delayed.p50)
          delay.set({ ...labels, quantile: '0.95' }, delayed.p95)
        }
        if (state?.followed_at) age.set(labels, Math.max(0, (now - state.followed_at.getTime()) / 1000))
        stale.set(labels, standing.stale.get(resource) ?? 0)
        quarantined.set(labels, standing.quarantined.get(resource) ?? 0)
        if (judged !== 'on demand') complete.set(labels, judged === 'complete' ? 1 : 0)
      }
      const stales = [...standing.stale.values()].reduce((sum, count) => sum + count, 0)
      queue.set({ store, queue: 'stale' }, stales)
      queue.set({ store, queue: 'deliveries' }, snapshot.deliveries)
    },
  }
}
