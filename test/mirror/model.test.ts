/**
 * Invariants 1 and 2 against a model: a shop with a true history, answers that show it as it was when they
 * were asked for, arriving in any order, twice, by every way in, written by two connections at once.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { markDeleted } from '../../src/mirror/tombstones.ts'
import { writeRecords } from '../../src/mirror/write.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import {
  counterAt,
  delivered,
  type Event,
  fetched,
  type Histories,
  historyOf,
  listed,
  recordAt,
  START,
  type Step,
  stateAt,
} from './history.ts'
import { seen } from './records.ts'

const runs = process.env.CI === 'true' ? 400 : 60

/** All changes of the shop lie within so many milliseconds. */
const SPAN = 12_000

const step: fc.Arbitrary<Step> = fc.record({
  gap: fc.integer({ min: 1, max: 2000 }),
  date: fc.constantFrom('now', 'now', 'now', 'stands still', 'goes back', 'jumps ahead'),
  gone: fc.nat(5).map((draw) => draw === 0),
})

interface Ask {
  kind: 'list' | 'fetch' | 'delivery'
  at: number
  ids: number[]
  /** One for each time it arrives. */
  latencies: number[]
}

const latency = fc.integer({ min: 0, max: SPAN })

const scenario = fc.integer({ min: 1, max: 4 }).chain((count) => {
  const all = Array.from({ length: count }, (_, at) => at + 1)
  return fc.record({
    histories: fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), {
      minLength: count,
      maxLength: count,
    }),
    asks: fc.array(
      fc.record<Ask>({
        kind: fc.constantFrom('list', 'list', 'fetch', 'delivery', 'delivery'),
        at: fc.integer({ min: 0, max: SPAN }),
        ids: fc.subarray(all, { minLength: 1 }),
        latencies: fc.array(latency, { minLength: 1, maxLength: 2 }),
      }),
      { minLength: 2, maxLength: 14 },
    ),
    /** Once after the last change each record is asked for: that answer, too, comes early or late. */
    last: fc.array(latency, { minLength: count, maxLength: count }),
    fetchLatency: latency,
  })
})

test('whatever the order of arrival, the mirror ends as the shop', async (t) => {
  const database = await testDatabase(t)
  let store = 0
  await fc.assert(
    fc.asyncProperty(scenario, async ({ histories: steps, asks, last, fetchLatency }) => {
      store++
      const histories: Histories = new Map(steps.map((one, at) => [at + 1, historyOf(one)]))
      const events = [
        ...asks.flatMap((ask) => eventsOf(histories, ask)),
        ...last.map((wait, at) => {
          const asked = START + SPAN + at
          return fetched(histories, [at + 1], asked, asked + wait)
        }),
      ]
      const { done, unmarked } = await play(database, store, histories, events, fetchLatency)
      done.push(...(await lookOnceMore(database, store, histories, done)))
      await reconcile(database, store, histories, done, unmarked)
      await assertLastState(database, store, histories, done)

      // What a delivery brought may pass through an older state once more, and comes out the same.
      const sure = [...histories.keys()].filter((id) => !hinted(done).includes(id))
      const before = await everything(database, store, sure)
      for (const event of done) await apply(database, store, event)
      const after = await everything(database, store, sure)
      assert.deepEqual(after, before, 'the same again changed something')
    }),
    // Shrinking takes minutes: for whoever looks into a failure.
    { numRuns: runs, endOnFailure: process.env.SHRINK !== 'true' },
  )
})

function eventsOf(histories: Histories, { kind, at, ids, latencies }: Ask): Event[] {
  const asked = START + at
  return latencies.flatMap((wait) => {
    const arrives = asked + wait
    if (kind === 'list') return [listed(histories, ids, asked, arrives)]
    if (kind === 'fetch') return [fetched(histories, ids, asked, arrives)]
    return ids.flatMap((id) => delivered(histories, id, asked, arrives) ?? [])
  })
}

interface Played {
  /** Everything that arrived, in its order. */
  done: Event[]
  /** Records whose deletion was learnt of while they were not here: there was no row to mark. */
  unmarked: Set<string>
}

/** Lets everything arrive in its order, two at once, and answers what the mirror wants to ask. */
async function play(
  database: TestDatabase,
  store: number,
  histories: Histories,
  events: readonly Event[],
  fetchLatency: number,
): Promise<Played> {
  const coming = [...events]
  const done: Event[] = []
  const unmarked = new Set<string>()
  let held = await standing(database, store)
  while (coming.length > 0) {
    coming.sort((a, b) => a.arrives - b.arrives)
    const round = coming.splice(0, 2)
    for (const { id } of round.flatMap((event) => event.gone)) if (!held.has(id)) unmarked.add(id)
    const wanted = await Promise.all(round.map((event) => apply(database, store, event)))
    done.push(...round)
    const ids = [...new Set(wanted.flat())].map(Number)
    if (ids.length > 0) {
      const asked = Math.max(...round.map((event) => event.arrives)) + 1
      coming.push(fetched(histories, ids, asked, asked + fetchLatency))
    }
    const now = await standing(database, store)
    for (const [id, one] of now) assertForward(held.get(id), one, id)
    held = now
  }
  return { done, unmarked }
}

/**
 * A delivery does not say when it was built, so what it brought is only sure once the shop was asked again:
 * following does so, as it reads whatever changed within the settling time anew (2).
 */
async function lookOnceMore(
  database: TestDatabase,
  store: number,
  histories: Histories,
  done: readonly Event[],
): Promise<Event[]> {
  const ids = hinted(done)
  if (ids.length === 0) return []
  const asked = START + 10 * SPAN
  return (await play(database, store, histories, [listed(histories, ids, asked, asked)], 0)).done
}

/** Records of which a delivery told. */
function hinted(done: readonly Event[]): number[] {
  const hints = done.filter((event) => event.way === 'delivery').flatMap((event) => event.records)
  return [...new Set(hints.map((record) => Number(record.id)))]
}

/**
 * What an answer from before brought, after its deletion had been learnt of while nothing was here to mark, is
 * too many: the next count finds it, and asks. Nothing else may be too many.
 */
async function reconcile(
  database: TestDatabase,
  store: number,
  histories: Histories,
  done: Event[],
  unmarked: ReadonlySet<string>,
) {
  const asked = START + 20 * SPAN
  for (const [id, one] of await standing(database, store)) {
    const now = stateAt(histories.get(Number(id)) ?? [], asked)
    if (one.deleted || (now && !now.gone)) continue
    assert.ok(unmarked.has(id), `order ${id} is gone from the shop, which was known when it was here`)
    const event = fetched(histories, [Number(id)], asked, asked)
    await apply(database, store, event)
    done.push(event)
  }
}

async function apply(database: TestDatabase, store: number, event: Event): Promise<readonly string[]> {
  return database.transaction(async (client) => {
    const batch = { storeId: store, resource: 'orders', way: event.way, records: event.records } as const
    const written = await writeRecords(client, batch)
    await markDeleted(client, store, 'orders', event.way, event.gone)
    return written.fetch
  })
}

interface Standing {
  index: number
  seenAt: number
  deleted: boolean
  /** By which the row came to be as it is. */
  way: string
}

async function standing(database: TestDatabase, store: number): Promise<Map<string, Standing>> {
  const { rows } = await database.pool.query(
    `SELECT o.id::text, o.number::int AS index, o.seen_at, o.deleted_at IS NOT NULL AS deleted,
            (SELECT way FROM mirror.changes c WHERE c.store_id = $1 AND c.id = o.id::text ORDER BY xid DESC, seq DESC LIMIT 1) AS way
     FROM mirror.orders o WHERE o.store_id = $1`,
    [store],
  )
  return new Map(rows.map(({ id, seen_at, ...row }) => [id, { ...row, seenAt: seen_at.getTime() }]))
}

function assertForward(before: Standing | undefined, now: Standing, id: string) {
  if (!before) return
  assert.ok(now.seenAt >= before.seenAt, `order ${id}: what was asked for earlier replaced what came later`)
  if (now.index === before.index && now.deleted === before.deleted) return
  assert.ok(now.seenAt > before.seenAt, `order ${id}: replaced without being asked for later`)
  // A delivery does not say when within its second, or how long after, it was built: what follows may step back.
  if (before.way !== 'delivery')
    assert.ok(now.index >= before.index, `order ${id}: an older version came back`)
}

async function assertLastState(
  database: TestDatabase,
  store: number,
  histories: Histories,
  done: readonly Event[],
) {
  const { rows } = await database.pool.query(
    `SELECT o.id, number::int AS index, record, volatile, modified_at, deleted_at IS NOT NULL AS deleted,
            (SELECT coalesce(array_agg(l.line_id ORDER BY l.line_id), '{}') FROM mirror.order_lines l
             WHERE l.store_id = $1 AND l.order_id = o.id) AS lines
     FROM mirror.orders o WHERE store_id = $1`,
    [store],
  )
  for (const [id, history] of histories) {
    const now = stateAt(history, START + 10 * SPAN)
    const row = rows.find((one) => one.id === id)
    if (!now || now.gone) {
      assert.ok(!row || row.deleted, `order ${id} is gone from the shop`)
      continue
    }
    const wanted = seen('orders', recordAt(id, now, 0), { seenAt: 0 })
    assert.deepEqual(
      { index: row?.index, deleted: row?.deleted, record: row?.record, modified: row?.modified_at },
      { index: now.index, deleted: false, record: wanted.fields, modified: new Date(now.modifiedAt) },
    )
    assert.equal(row.lines.length, now.index % 3)
    const arrivals = done.flatMap((event) => event.records).filter((record) => record.id === String(id))
    const latest = Math.max(...arrivals.map((record) => record.seenAt))
    assert.equal(row.volatile.currency_symbol, counterAt(latest), 'the counter is that of the latest answer')
  }
  const marks = await database.pool.query(`SELECT 1 FROM mirror.stale WHERE store_id = $1`, [store])
  assert.equal(marks.rowCount, 0, 'something is still to be asked for')
}

async function everything(database: TestDatabase, store: number, ids: readonly number[]) {
  const of = async (table: string, id: string) => {
    const { rows } = await database.pool.query(
      `SELECT to_jsonb(t) AS row FROM mirror.${table} t WHERE store_id = $1 AND ${id}::bigint = ANY($2) ORDER BY 1`,
      [store, ids],
    )
    return rows
  }
  return [await of('orders', 'id'), await of('order_lines', 'order_id'), await of('changes', 'id')]
}
