/** Somebody who keeps a copy of the copy by the feed alone, through every kill, and hears the stream of events too. */
import { setTimeout as wait } from 'node:timers/promises'
import type pg from 'pg'
import { FEED_START, type FeedEntry, type FeedPosition, readChanges } from '../src/mirror/changes.ts'
import { mirrorTables } from '../src/mirror/tables/index.ts'
import { type ResourceName, resourceNames } from '../src/store/resources.ts'
import { differences, mirrorRows, type Rows } from '../test/sync/shop-rows.ts'
import type { SoakPostgres } from './postgres.ts'
import type { Book } from './promises.ts'

export interface FeedFollower {
  /** Follows until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
  /** At rest: takes what is left and compares. @returns how many entries there were so far */
  check(): Promise<number>
  /** Names of the positions that were read. */
  positions(): ReadonlySet<string>
}

const PAGE = 500

export function followFeed(postgres: SoakPostgres, book: Book): FeedFollower {
  const copy = new Map<ResourceName, Rows>(resourceNames.map((name) => [name, new Map()]))
  const positions = new Set<string>()
  let position: FeedPosition = FEED_START
  let storeId: number | undefined
  let reading: Promise<number> | undefined

  /** Takes one page; the same work is not begun twice. */
  function take(): Promise<number> {
    reading ??= takePage().finally(() => {
      reading = undefined
    })
    return reading
  }

  async function takePage(): Promise<number> {
    const pool = await postgres.pool()
    storeId ??= (await pool.query('SELECT store_id FROM mirror.stores')).rows[0]?.store_id
    if (storeId === undefined) return 0
    const entries = await readChanges(pool, storeId, position, PAGE)
    const hashes = await hashesOf(pool, storeId, entries)
    for (const entry of entries) apply(entry, hashes)
    position = entries.at(-1) ?? position
    return entries.length
  }

  function apply(entry: FeedEntry, hashes: ReadonlyMap<string, string>): void {
    const { resource, id, change } = entry
    const rows = copy.get(resource) as Rows
    const held = rows.has(id)
    const expected = change === 'updated' || change === 'deleted'
    if (held !== expected) {
      book.broken(
        'the feed tells of each row in the order of its life',
        `${resource} ${id} is ${change} (${entry.way}, ${entry.xid}-${entry.seq}) and was ${held ? '' : 'not '}there`,
      )
    }
    positions.add(`${entry.xid}-${entry.seq}`)
    if (change === 'deleted') rows.delete(id)
    else rows.set(id, hashes.get(`${resource} ${id}`) ?? '')
  }

  return {
    positions: () => positions,
    async run(signal) {
      while (!signal.aborted) {
        const taken = await take().catch(() => 0)
        if (taken < PAGE) await wait(700, undefined, { signal }).catch(() => undefined)
      }
    },
    async check() {
      while ((await take()) > 0);
      const pool = await postgres.pool()
      for (const name of resourceNames) {
        const found = differences(await mirrorRows(pool, storeId as number, name), copy.get(name) as Rows)
        if (Object.values(found).some((ids) => ids.length > 0)) {
          book.broken('the feed replays to the state of the mirror', `${name}: ${JSON.stringify(found)}`)
        }
      }
      const { rows } = await pool.query<{ name: string }>(
        `SELECT c.xid::text || '-' || seq AS name FROM mirror.changes c WHERE store_id = $1`,
        [storeId],
      )
      const late = rows.filter(({ name }) => !positions.has(name))
      if (late.length > 0 || rows.length !== positions.size) {
        book.broken(
          'no entry of the feed appears before one already read, and none is taken back',
          `${late.length} not read (${late[0]?.name}), ${positions.size} read, ${rows.length} there`,
        )
      }
      return positions.size
    },
  }
}

/** What the rows are now; at the end of the feed that is what it speaks of. */
async function hashesOf(pool: pg.Pool, storeId: number, entries: readonly FeedEntry[]) {
  const hashes = new Map<string, string>()
  for (const resource of new Set(entries.map((entry) => entry.resource))) {
    const ids = entries.filter((entry) => entry.resource === resource).map(({ id }) => id)
    const { rows } = await pool.query<{ id: string; content_hash: string }>(
      `SELECT t.id::text, content_hash FROM mirror.${mirrorTables[resource].table} t
       WHERE store_id = $1 AND t.id::text = ANY($2)`,
      [storeId, ids],
    )
    for (const { id, content_hash: hash } of rows) hashes.set(`${resource} ${id}`, hash)
  }
  return hashes
}
