/**
 * Faults on demand: what goes wrong between a shop and who reads it. Each may be limited to some requests, to
 * a number of times, or to a seeded chance; all can be set while the shop runs.
 */
import type { Kind } from './links.ts'
import type { Damage } from './present.ts'
import type { Raw } from './table.ts'

/** To which requests a fault applies; all of them when nothing is said. */
export interface Limits {
  /** A regular expression for path and query, without keys. */
  path?: string
  method?: string
  /** How often before it is gone. */
  times?: number
  /** How many fitting requests go well first. */
  after?: number
  /** 0 to 1, drawn from `seed`. */
  probability?: number
  seed?: number
}

export type FaultKind =
  /** The answer comes `ms` late. */
  | { kind: 'latency'; ms: number }
  /** 429, 500, 502, 503, 504 …, with `Retry-After` in seconds where given. */
  | { kind: 'status'; status: number; retryAfter?: number }
  /** The socket is closed in the middle of the body; with `contentLength` the full length was announced. */
  | { kind: 'cut'; contentLength?: boolean }
  /** The socket is closed before a byte. */
  | { kind: 'empty' }
  /** 200 with no body at all. */
  | { kind: 'blank' }
  /** A firewall's page in place of the answer (row 32). */
  | { kind: 'html'; status?: number }
  /** A byte-order mark before the JSON (row 34). */
  | { kind: 'bom' }
  /** PHP's warnings before the JSON (row 34). */
  | { kind: 'phpWarnings' }
  /** The host drops the `Authorization` header (row 31). */
  | { kind: 'stripAuthorization' }
  /** After each list answered, a row comes, goes or changes (row 5). */
  | { kind: 'drift'; resource: 'orders' | 'products'; change: 'insert' | 'remove' | 'update' | 'trash' }
  /** The first answer to a question is repeated to all who ask it again, `ageSeconds` old (row 35). */
  | { kind: 'pageCache'; ageSeconds?: number }
  /** `X-WP-Total`, `X-WP-TotalPages` and `Link` are lost on the way (row 11). */
  | { kind: 'stripTotals' }
  /** The shop's clock is off, and with it its `Date` header and the dates of changes (row 2). */
  | { kind: 'clock'; minutes: number }
  /** Sent on to another host. */
  | { kind: 'redirect'; to: string; status?: number }
  /** Never answers. */
  | { kind: 'timeout' }
  /** A record that cannot be stored as it comes (row 12); `field` and `value` say what is put where. */
  | {
      kind: 'corrupt'
      resource: Kind
      id: number
      how: 'wrongType' | 'nul' | 'surrogate'
      field?: string
      value?: unknown
    }

export type Fault = FaultKind & Limits

const KINDS: Record<FaultKind['kind'], true> = {
  latency: true,
  status: true,
  cut: true,
  empty: true,
  blank: true,
  html: true,
  bom: true,
  phpWarnings: true,
  stripAuthorization: true,
  drift: true,
  pageCache: true,
  stripTotals: true,
  clock: true,
  redirect: true,
  timeout: true,
  corrupt: true,
}

/** Every kind of fault, for who asks in words. */
export const FAULT_KINDS: readonly string[] = Object.keys(KINDS)

export interface Faults {
  /** Sets a fault beside the others; the function given back takes it away. */
  set(fault: Fault): () => void
  clear(): void
  list(): readonly Fault[]
  /** The faults that strike this request, each counted as used. */
  strike(method: string, path: string): Fault[]
  /** How records are corrupted at the moment. */
  damage: Damage
}

export interface FaultEffects {
  /** Minutes the shop's clock is off; 0 sets it right. */
  setClock(minutes: number): void
}

export function createFaults(effects: FaultEffects): Faults {
  let active: Active[] = []

  function remove(entry: Active) {
    active = active.filter((other) => other !== entry)
    if (entry.fault.kind === 'clock') effects.setClock(0)
  }

  return {
    set(fault) {
      const entry: Active = {
        fault,
        pattern: fault.path === undefined ? undefined : new RegExp(fault.path),
        left: fault.times ?? Number.POSITIVE_INFINITY,
        spare: fault.after ?? 0,
        chance: randomFrom(fault.seed ?? 1),
      }
      active = [...active, entry]
      if (fault.kind === 'clock') effects.setClock(fault.minutes)
      return () => remove(entry)
    },
    clear() {
      for (const entry of active) remove(entry)
    },
    list: () => active.map((entry) => entry.fault),
    strike(method, path) {
      const struck: Fault[] = []
      for (const entry of active) {
        if (!fits(entry, method, path)) continue
        struck.push(entry.fault)
        entry.left--
        if (entry.left <= 0) remove(entry)
      }
      return struck
    },
    damage(kind, id) {
      for (const { fault } of active)
        if (fault.kind === 'corrupt' && fault.resource === kind && fault.id === id)
          return (record) => corrupted(record, fault)
      return undefined
    },
  }
}

interface Active {
  fault: Fault
  pattern: RegExp | undefined
  left: number
  spare: number
  chance: () => number
}

/** Kinds that are a state of the shop, not something that befalls a request. */
const STATES: ReadonlySet<string> = new Set(['clock', 'corrupt'])

function fits(entry: Active, method: string, path: string): boolean {
  const { fault, pattern } = entry
  if (STATES.has(fault.kind)) return false
  if (fault.method !== undefined && fault.method !== method) return false
  if (pattern && !pattern.test(path)) return false
  if (entry.spare > 0) {
    entry.spare--
    return false
  }
  return fault.probability === undefined || entry.chance() < fault.probability
}

function corrupted(record: Raw, fault: Fault & { kind: 'corrupt' }): Raw {
  const field = fault.field ?? (fault.how === 'wrongType' ? 'date_created_gmt' : firstText(record))
  const value =
    fault.value ?? (fault.how === 'wrongType' ? { not: 'a value' } : spoiled(record[field], fault.how))
  return { ...record, [field]: value }
}

function spoiled(text: unknown, how: 'nul' | 'surrogate'): string {
  return `${typeof text === 'string' ? text : ''}${how === 'nul' ? '\u0000' : '\ud800'}!`
}

/** A text people write, so that the damage is of the kind that happens. */
function firstText(record: Raw): string {
  return ['name', 'customer_note', 'review', 'description', 'reason'].find((f) => f in record) ?? 'name'
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
