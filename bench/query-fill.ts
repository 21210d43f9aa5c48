/**
 * A large mirror, made in Postgres itself: products, customers, orders with lines and refunds, and the rows by
 * which answers know how old they are. The same for the same numbers. A third of the orders is of the last 365
 * days, 6 % have refunds, one of a hundred is in a second currency.
 */
import pg from 'pg'
import { pino } from 'pino'
import { openDatabase } from '../src/database/open.ts'
import { keepSums } from '../src/mirror/sums.ts'
import { FORM_VERSION } from '../src/store/canonical.ts'
import { resourceNames } from '../src/store/resources.ts'
import { CATALOGUE, ORDERS, REFUNDS, STORE } from './query-fill-sql.ts'

export interface Filling {
  products: number
  orders: number
  customers: number
}

/** Orders of one statement. */
const CHUNK = 20_000

/** @param url of an empty database with the program's tables */
export async function fillMirror(url: string, filling: Filling, say: (line: string) => void): Promise<void> {
  const clients = [new pg.Client(url), new pg.Client(url)] as const
  const [first] = clients
  try {
    for (const client of clients) {
      await client.connect()
      await client.query(`SET synchronous_commit = off`)
    }
    await first.query(STORE)
    // Vacuumed below, once: otherwise it would be done again while questions are timed.
    for (const table of ['orders', 'order_lines', 'refunds', 'refund_lines', 'products']) {
      await first.query(`ALTER TABLE mirror.${table} SET (autovacuum_enabled = off)`)
    }
    say(`${filling.products} products, ${filling.customers} customers`)
    for (const statement of CATALOGUE) await first.query(bound(statement, filling))
    const chunks = Array.from({ length: Math.ceil(filling.orders / CHUNK) }, (_, at) => at * CHUNK + 1)
    say(`${filling.orders} orders with their lines`)
    await Promise.all(
      clients.map(async (client) => {
        for (let from = chunks.shift(); from !== undefined; from = chunks.shift()) {
          const to = Math.min(from + CHUNK - 1, filling.orders)
          await client.query(bound(ORDERS, { ...filling, from, to }))
        }
      }),
    )
    say('refunds')
    for (const statement of REFUNDS) await first.query(bound(statement, filling))
    await first.query(
      `INSERT INTO sync.resources (store_id, resource, backfill_started_at, backfilled_at, followed_at, changed_at,
         counted_at, listed_at)
       SELECT 1, resource, now(), now(), now(), now(), now(), now() FROM unnest($1::text[]) AS resource`,
      [resourceNames],
    )
    await first.query(
      `INSERT INTO sync.proofs (store_id, resource, strength, requests, in_store, in_mirror, missing, surplus)
       SELECT 1, resource, 'counted', 1, 1, 1, 0, 0 FROM unnest($1::text[]) AS resource`,
      [resourceNames],
    )
    // As this version makes them: else the rows would be made anew when the program starts.
    await first.query('INSERT INTO sync.record_form (version) VALUES ($1)', [FORM_VERSION])
    say('sums')
    await sumUp(url)
    say('VACUUM and ANALYZE')
    await first.query('VACUUM (ANALYZE)')
    await first.query('CHECKPOINT')
  } finally {
    for (const client of clients) await client.end()
  }
}

/** As the program does beside its looks at the shop. */
async function sumUp(url: string): Promise<void> {
  const database = await openDatabase({
    url,
    dataDirectory: '',
    applicationName: 'woosync-bench',
    logger: pino({ level: 'silent' }),
  })
  try {
    for (let kept = await keepSums(database, 1); kept !== 'current'; kept = await keepSums(database, 1)) {
      if (kept === 'waiting') throw new Error('the sums of the benchmark cannot be begun')
    }
  } finally {
    await database.close()
  }
}

/** The numbers of a statement, by name: `:orders`. They are this program's own, so they may stand in the text. */
function bound(statement: string, numbers: object): string {
  return Object.entries(numbers).reduce(
    (text, [name, value]) => text.replaceAll(`:${name}`, String(Number(value))),
    statement,
  )
}
