/**
 * A shop with a true history, and what somebody who asks it gets to see: for tests of the order of arrival.
 * Moments are milliseconds on one clock.
 */
import type { Raw } from '../../demo/table.ts'
import type { SeenRecord } from '../../src/mirror/rows.ts'
import type { Gone } from '../../src/mirror/tombstones.ts'
import { order, seen } from './records.ts'

export const START = Date.UTC(2026, 4, 1)

export type DateMoves = 'now' | 'stands still' | 'goes back' | 'jumps ahead'

export interface Step {
  /** Milliseconds since the step before. */
  gap: number
  date: DateMoves
  /** Deleted for good by this step; a later one brings it back, as a shop's own backup would. */
  gone: boolean
}

export interface Version {
  at: number
  /** Position in the record's history: no two versions have the same content. */
  index: number
  modifiedAt: number
  moves: DateMoves
  gone: boolean
}

export type History = readonly Version[]

const DAY = 86_400_000

export function historyOf(steps: readonly Step[]): History {
  const versions: Version[] = []
  let at = START
  for (const [index, step] of steps.entries()) {
    at += step.gap
    const before = versions.at(-1)
    const now = Math.floor(at / 1000) * 1000
    const held = before?.modifiedAt ?? now
    const dates = { now, 'stands still': held, 'goes back': held - DAY, 'jumps ahead': now + DAY }
    versions.push({ at, index, modifiedAt: dates[step.date], moves: step.date, gone: step.gone })
  }
  return versions
}

export function stateAt(history: History, moment: number): Version | undefined {
  return history.findLast((version) => version.at <= moment)
}

/** Goes up by itself, without a change of the record. */
export const counterAt = (moment: number): string => String(Math.floor((moment - START) / 700))

export function recordAt(id: number, version: Version, moment: number): Raw {
  return order(id, {
    number: String(version.index),
    date_modified_gmt: new Date(version.modifiedAt).toISOString().slice(0, 19),
    currency_symbol: counterAt(moment),
    line_items: Array.from({ length: version.index % 3 }, (_, at) => ({
      id: id * 100 + at,
      name: `${version.index}`,
      quantity: 1,
      total: '1',
    })),
  })
}

export interface Event {
  arrives: number
  records: SeenRecord[]
  gone: Gone[]
  way: 'follow' | 'fetch' | 'delivery'
}

export type Histories = ReadonlyMap<number, History>

/** A list's page: what is there at that moment, of the records asked for. */
export function listed(histories: Histories, ids: readonly number[], at: number, arrives: number): Event {
  const records = ids.flatMap((id) => {
    const version = stateAt(histories.get(id) ?? [], at)
    return version && !version.gone ? [seen('orders', recordAt(id, version, at), { seenAt: at })] : []
  })
  return { arrives, records, gone: [], way: 'follow' }
}

/** Each record asked for by id: it is there, or there is evidence that it is not. */
export function fetched(histories: Histories, ids: readonly number[], at: number, arrives: number): Event {
  const event: Event = { arrives, records: [], gone: [], way: 'fetch' }
  for (const id of ids) {
    const version = stateAt(histories.get(id) ?? [], at)
    if (version && !version.gone) {
      event.records.push(seen('orders', recordAt(id, version, at), { seenAt: at, source: 'fetched' }))
    } else event.gone.push({ id: String(id), evidence: '404', askedAt: at })
  }
  return event
}

/**
 * A webhook's body, built some time after its change. It says when it was built by its date alone; where that
 * lies ahead of us it says nothing, and the record is asked for. What moves no date sends nothing (24b).
 */
export function delivered(histories: Histories, id: number, at: number, arrives: number): Event | null {
  const version = stateAt(histories.get(id) ?? [], at)
  if (!version || version.gone || version.moves === 'stands still' || version.moves === 'goes back')
    return null
  if (version.modifiedAt > arrives) return fetched(histories, [id], arrives, arrives + 1)
  const arriving = { seenAt: version.modifiedAt, source: 'delivery' } as const
  const record = seen('orders', recordAt(id, version, at), arriving)
  return { arrives, records: [record], gone: [], way: 'delivery' }
}
