/** A moment of rest: the shop stands still and fails no more, everything runs, and the copy has to be the shop. */
import { setTimeout as wait } from 'node:timers/promises'
import type pg from 'pg'
import { type ResourceName, resources } from '../src/store/resources.ts'
import { listedResources } from '../src/sync/keeper.ts'
import { differences, mirrorRows, type Rows } from '../test/sync/shop-rows.ts'
import { checkAnswers } from './answers.ts'
import type { EventsHeard } from './events.ts'
import type { FeedFollower } from './feed.ts'
import type { SoakPostgres } from './postgres.ts'
import type { Program } from './programs.ts'
import type { Book } from './promises.ts'
import type { SoakShop } from './shop.ts'

interface Parts {
  shop: SoakShop
  postgres: SoakPostgres
  /** Whose verification is believed. */
  asked: Program
  key: string
  feed: FeedFollower
  events: EventsHeard
  book: Book
}

export interface Rested {
  at: number
  /** Seconds until the verification said complete, all looks and counts being later than the hold; null: it never did. */
  completeAfter: number | null
  /** Rows whose content only the slow re-reading could find to be another. */
  leftToScrub: number
  orders: number
  entries: number
  /** Of orders, over everything so far; seconds. */
  delayP50: number | null
  delayP95: number | null
}

interface Told {
  complete: boolean
  resources: {
    resource: ResourceName
    state: string
    reasons: string[]
    followedAt: string | null
    proofs: { strength: string; at: string }[]
    delayP50: number | null
    delayP95: number | null
  }[]
}

const COMPLETE_WITHIN_MS = 150_000
const SCRUBBED_WITHIN_MS = 240_000
/** What is read page by page for weeks; everything else is read whole at each look. */
const scrubbed = listedResources.filter((name) => resources[name].list === 'pages')

/** The caller has ended the mischief, and everything runs. */
export async function rest(parts: Parts): Promise<Rested> {
  const { shop, postgres, feed, events, book } = parts
  await shop.hold()
  const heldAt = Date.now()
  book.say('rest: the shop stands still')
  const told = await untilComplete(parts, heldAt)
  const completeAfter = told ? (Date.now() - heldAt) / 1000 : null
  const expected = await shop.rows()
  let open = await compare(await postgres.pool(), expected, book, told !== null)
  const leftToScrub = open.length
  if (open.length > 0) {
    book.say(`rest: ${open.length} rows are left to the scrub: ${open.slice(0, 6).join(', ')}`)
    await hurryScrub(postgres, book, [...new Set(open.map((one) => one.split(' ')[0] ?? ''))])
    open = await compare(await postgres.pool(), expected, book, true)
    if (open.length > 0)
      book.broken('after a round of the scrub each row is the shop’s', open.slice(0, 10).join(', '))
  }
  await checkAnswers(await postgres.pool(), (path) => answerOf(parts, path), book)
  const entries = await feed.check()
  await events.check(feed.positions())
  const orders = told?.resources.find(({ resource }) => resource === 'orders')
  const rested = {
    at: book.seconds(),
    completeAfter,
    leftToScrub,
    orders: expected.get('orders')?.size ?? 0,
    entries,
    delayP50: orders?.delayP50 ?? null,
    delayP95: orders?.delayP95 ?? null,
  }
  book.say(`rest: ${JSON.stringify(rested)}`)
  return rested
}

/** What the verification says once it says complete of looks and counts that are all later than the hold; null: not in time. */
async function untilComplete(parts: Parts, heldAt: number): Promise<Told | null> {
  const { postgres, book } = parts
  const end = Date.now() + COMPLETE_WITHIN_MS
  let last = 'no answer'
  while (Date.now() < end) {
    const told = await verificationOf(parts).catch((thrown) => String(thrown))
    if (typeof told === 'string') last = told
    else {
      const late = told.resources
        .filter(({ resource }) => listedResources.includes(resource))
        .filter(({ followedAt, proofs }) => {
          // A count of before speaks of a shop that still moved: imports and deletions for good move no date.
          const counted = proofs.find(({ strength }) => strength === 'counted')?.at
          return [followedAt, counted].some((at) => at == null || Date.parse(at) < heldAt)
        })
      const queued = await queuedIn(await postgres.pool())
      if (told.complete && late.length === 0 && queued === 0) return told
      const reasons = told.resources.flatMap(({ resource, reasons }) =>
        reasons.map((one) => `${resource}: ${one}`),
      )
      last = [...reasons, `not looked at: ${late.map(({ resource }) => resource)}`, `queued: ${queued}`].join(
        '; ',
      )
    }
    await wait(1000)
  }
  book.broken(`the verification says complete within ${COMPLETE_WITHIN_MS / 1000} s of rest`, last)
  return null
}

async function verificationOf(parts: Parts): Promise<Told> {
  return (await answerOf(parts, 'mirror/verification')) as unknown as Told
}

async function answerOf({ asked, key }: Parts, path: string): Promise<Record<string, unknown>> {
  const answer = await fetch(`http://127.0.0.1:${asked.port}/api/v1/${path}`, {
    headers: { authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(20_000),
  })
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
  return (await answer.json()) as Record<string, unknown>
}

async function queuedIn(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ queued: number }>(
    `SELECT (SELECT count(*) FROM sync.deliveries) + (SELECT count(*) FROM mirror.stale) AS queued`,
  )
  return rows[0]?.queued ?? 0
}

/** Missing and surplus rows break the promise of `complete`; @returns the rows with another content */
async function compare(
  pool: pg.Pool,
  expected: ReadonlyMap<ResourceName, Rows>,
  book: Book,
  saidComplete: boolean,
): Promise<string[]> {
  const { rows: stores } = await pool.query('SELECT store_id FROM mirror.stores')
  const open: string[] = []
  for (const [name, rows] of expected) {
    const found = differences(rows, await mirrorRows(pool, stores[0]?.store_id, name))
    const { missing, surplus, different } = found
    if (missing.length + surplus.length > 0) {
      const promise = saidComplete
        ? 'what the verification calls complete holds each id of the shop, and no other'
        : 'at rest the copy holds each id of the shop, and no other'
      book.broken(promise, `${name}: missing ${missing.slice(0, 10)}, surplus ${surplus.slice(0, 10)}`)
    }
    if (different.length > 0 && !scrubbed.includes(name))
      book.broken('what is read whole is the shop’s at rest', `${name}: ${different.slice(0, 10)}`)
    open.push(...different.map((id) => `${name} ${id}`))
  }
  return open
}

/** Lets the time between two pages of the scrub pass faster, until each of these was read whole once more. */
async function hurryScrub(postgres: SoakPostgres, book: Book, names: readonly string[]): Promise<void> {
  const rounds = new Map<string, Set<number>>(names.map((name) => [name, new Set()]))
  const end = Date.now() + SCRUBBED_WITHIN_MS
  for (;;) {
    const { rows } = await (await postgres.pool()).query<{ resource: string; finished: Date | null }>(
      `UPDATE sync.resources SET scrubbed_at = scrubbed_at - interval '1 day'
       WHERE resource = ANY($1) RETURNING resource, scrub_finished_at AS finished`,
      [names],
    )
    for (const { resource, finished } of rows) rounds.get(resource)?.add(finished?.getTime() ?? 0)
    // The round under way had begun before: the one after it is whole. The first value is that of before.
    const left = [...rounds].filter(([, finishes]) => finishes.size < 3).map(([name]) => name)
    if (left.length === 0) return
    if (Date.now() > end) {
      book.broken('two rounds of the scrub in a hurry take less than four minutes', left.join(', '))
      return
    }
    await wait(500)
  }
}
