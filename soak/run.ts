/**
 * `npm run soak`: the whole system for a long time against a shop that lives and fails, with its processes killed.
 * Exit code 1 when a promise was broken.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort } from '../test/free-port.ts'
import { createChaos } from './chaos.ts'
import { hearEvents } from './events.ts'
import { followFeed } from './feed.ts'
import { createMeasures, judgeMeasures } from './measures.ts'
import { createPostgres } from './postgres.ts'
import { createPrograms, type Program } from './programs.ts'
import { openBook } from './promises.ts'
import { checkPruning } from './pruning.ts'
import { askAround } from './questions.ts'
import { type Rested, rest } from './rest.ts'
import { startShop } from './shop.ts'
import { type Summary, summaryOf, summaryText } from './summary.ts'

const HELP = `npm run soak -- [options]

  --minutes <n>   how long it lives, without the last rest (default 60)
  --seed <n>      the same choices for the same seed (default: from the clock)
  --orders <n>    how many orders the shop begins with (default 2000)
  --json          the summary as JSON on standard output
`

const FIRST_REST_MINUTES = 3
const REST_EVERY_MINUTES = 5
const CHANGES_PER_SECOND = 2
const COPIED_WITHIN_MS = 180_000

interface Options {
  minutes: number
  seed: number
  orders: number
}

async function soak({ minutes, seed, orders }: Options): Promise<Summary> {
  const book = openBook((line) => process.stderr.write(`${line}\n`))
  const folder = await mkdtemp(join(tmpdir(), `woosync-soak-${seed}-`))
  await chmod(folder, 0o755)
  const data = join(folder, 'data')
  const shop = await startShop({ seed, orders, changesPerSecond: CHANGES_PER_SECOND }, book)
  const ports = { start: await freePort(), serve: await freePort() }
  const postgres = createPostgres(data, book)
  const programs = createPrograms({
    plans: [
      { name: 'start', command: 'start', port: ports.start, veteran: false },
      { name: 'worker-1', command: 'worker', veteran: true },
      { name: 'worker-2', command: 'worker', veteran: false },
      { name: 'worker-3', command: 'worker', veteran: false },
      { name: 'serve', command: 'serve', port: ports.serve, veteran: true },
    ],
    environment: settingsOf(shop.address, data, ports.start),
    folder,
    book,
    isOutage: postgres.isOutage,
  })
  const stop = new AbortController()
  const onSignal = () => stop.abort()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal)
  const rests: Rested[] = []
  const watching: Promise<unknown>[] = []
  const ending = new AbortController()
  const measures = createMeasures(programs.all, postgres, book)
  const named = (name: string) => programs.all.find((one) => one.name === name) as Program
  try {
    book.say(`seed ${seed}, ${orders} orders, in ${folder}`)
    for (const program of programs.all) programs.start(program)
    const key = await keyFrom(programs)
    await untilCopied(postgres)
    book.say('copied for the first time')
    const feed = followFeed(postgres, book)
    const events = hearEvents(named('serve'), key, book)
    const asking = programs.all.filter(({ port }) => port !== undefined)
    watching.push(
      measures.run(ending.signal),
      feed.run(ending.signal),
      events.run(ending.signal),
      askAround({ programs: asking, postgres, key, seed: seed + 10, book, signal: ending.signal }),
    )
    const chaos = createChaos({ programs, postgres, book, seed: seed + 20 })
    const parts = { shop, postgres, asked: named('serve'), key, feed, events, book }
    for (let left = minutes, turn = FIRST_REST_MINUTES; left > 0 && !stop.signal.aborted; ) {
      const time = Math.min(turn, left) * 60_000
      await shop.live()
      const mischief = new AbortController()
      const doing = chaos.run(mischief.signal)
      await wait(time, undefined, { signal: stop.signal }).catch(() => undefined)
      mischief.abort()
      await doing
      rests.push(await rest(parts))
      left -= turn
      turn = REST_EVERY_MINUTES
    }
    ending.abort()
    await Promise.all(watching)
    await checkPruning(postgres, programs, named('worker-1'), book)
    judgeMeasures(measures, book)
    const told = await shop.told()
    return summaryOf({ seed, orders, book, measures, rests, shop: told })
  } finally {
    ending.abort()
    await Promise.allSettled(watching)
    await Promise.all(programs.all.map(programs.end))
    await postgres.close()
    const left = await postgres.running()
    if (left !== undefined) {
      book.broken('the last process stops the private Postgres', `process ${left} was left`)
      await programs.once(['stop'])
    }
    await shop.close()
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal)
    // The logs of a broken promise are wanted.
    const gone = book.promises().length === 0 ? folder : data
    await rm(gone, { recursive: true, force: true })
    if (gone !== folder) book.say(`the logs of the processes are in ${folder}`)
  }
}

/** Everything happens often, so that minutes are enough for what days would show. */
function settingsOf(
  shop: { url: string; consumerKey: string; consumerSecret: string },
  data: string,
  port: number,
): Record<string, string> {
  return {
    WOOCOMMERCE_URL: shop.url,
    WOOCOMMERCE_KEY: shop.consumerKey,
    WOOCOMMERCE_SECRET: shop.consumerSecret,
    WOOSYNC_DATA: data,
    // Of the process that is killed: deliveries are lost and webhooks switched off.
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    RATE_LIMIT_PER_MINUTE: '0',
    STORE_TIMEOUT_SECONDS: '5',
    FOLLOW_SECONDS: '5',
    FOLLOW_SELDOM_SECONDS: '20',
    RECONCILE_SECONDS: '30',
    RECONCILE_SELDOM_SECONDS: '45',
    LIST_SECONDS: '120',
    SCRUB_DAYS: '0.05',
    SETTLING_SECONDS: '10',
    CHANGES_KEPT_DAYS: '1',
  }
}

async function keyFrom(programs: ReturnType<typeof createPrograms>): Promise<string> {
  const text = await programs.once([
    'keys',
    'create',
    '--scope',
    'admin',
    'personal',
    '--name',
    'soak',
    '--json',
  ])
  return (JSON.parse(text) as { key: string }).key
}

async function untilCopied(postgres: ReturnType<typeof createPostgres>): Promise<void> {
  const end = Date.now() + COPIED_WITHIN_MS
  for (;;) {
    const pool = await postgres.pool()
    const { rows } = await pool
      .query<{ copied: boolean }>(
        `SELECT count(*) > 10 AND bool_and(backfilled_at IS NOT NULL) AS copied FROM sync.resources`,
      )
      .catch(() => ({ rows: [] }))
    if (rows[0]?.copied) return
    if (Date.now() > end) throw new Error('the first copy took too long')
    await wait(500)
  }
}

function numberOf(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0) throw new Error(`--${name} takes a number above 0, not ${text}.`)
  return value
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seed: { type: 'string' },
    orders: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
})
if (values.help) process.stdout.write(HELP)
else {
  const summary = await soak({
    minutes: numberOf('minutes', values.minutes, 60),
    seed: numberOf('seed', values.seed, Date.now() % 1_000_000),
    orders: numberOf('orders', values.orders, 2000),
  })
  process.stdout.write(`${values.json ? JSON.stringify(summary, null, 2) : summaryText(summary)}\n`)
  process.exitCode = summary.broken.length === 0 ? 0 : 1
}
