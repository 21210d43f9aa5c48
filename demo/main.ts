/** The process behind `woosync demo`: a shop from a seed or from recordings, on a port, alive until it is told to stop. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { catchUp, keepAlive } from './alive.ts'
import { FAULT_KINDS } from './faults.ts'
import { generateShop, lastMidnight } from './generate/shop.ts'
import { createHold } from './hold.ts'
import { loadRecordings } from './recordings.ts'
import { startDemoServer } from './server.ts'
import type { Shop } from './shop.ts'
import { type DemoState, openState } from './state.ts'
import { createWebhooks } from './webhooks.ts'
import { createWrites } from './writes.ts'

const HELP = `Usage: woosync demo [options]

A WooCommerce-compatible shop to try things out: invented people, invented brands, real behaviour.

  --port <n>               where it listens (default 3080, or DEMO_PORT; 0 takes a free one)
  --seed <n>               another seed is another shop (default 1)
  --orders <n>             how many orders it begins with (default: about 16 a day)
  --products <n>           how many products (default 150)
  --days <n>               over how many days the orders are spread (default 365)
  --state <folder>         keeps what is written, so that a restart loses nothing
  --still                  nothing happens by itself
  --orders-per-minute <n>  how fast it lives (default 2)
  --recordings <folder>    serves a recorded shop instead; nothing happens by itself
  --wait-per-row <ms>      a slow shop: what each row costs
  --workers <n>            how many requests a slow shop answers at once (default 2)
  --tls-key <file> --tls-cert <file>  HTTPS
  --json                   one line of JSON on standard output when it listens
  --with-parent            ends when its standard input or its channel to the parent closes
  --while-held             ends when nobody is connected any more to the port it names as \`hold\`
  --quiet                  prints nothing else
  -h, --help               this text

Faults on demand, while it runs (from this machine):
  curl -d '{"kind": "latency", "ms": 500}' http://127.0.0.1:3080/__demo/faults
  curl -d '{"kind": "status", "status": 429, "retryAfter": 5, "times": 3}' http://127.0.0.1:3080/__demo/faults
  curl -X DELETE http://127.0.0.1:3080/__demo/faults       all is well again
  Kinds: ${FAULT_KINDS.join(', ')}.
  Each may have path (a regular expression), method, times, after, probability, seed.
  GET http://127.0.0.1:3080/__demo/requests shows what was asked.
`

const TIMEZONE = 'Europe/Bucharest'

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  port: { type: 'string' },
  seed: { type: 'string' },
  orders: { type: 'string' },
  products: { type: 'string' },
  days: { type: 'string' },
  state: { type: 'string' },
  still: { type: 'boolean' },
  'orders-per-minute': { type: 'string' },
  recordings: { type: 'string' },
  'wait-per-row': { type: 'string' },
  workers: { type: 'string' },
  'tls-key': { type: 'string' },
  'tls-cert': { type: 'string' },
  json: { type: 'boolean' },
  'with-parent': { type: 'boolean' },
  'while-held': { type: 'boolean' },
  quiet: { type: 'boolean' },
} as const

const given = readOptions()

/** A wrong command line ends the process with a sentence. */
function readOptions() {
  try {
    return parseArgs({ options: OPTIONS }).values
  } catch (error) {
    const [problem] = (error as Error).message.split('\n')
    process.stderr.write(`${problem}\n\`woosync demo --help\` shows what there is.\n`)
    process.exit(2)
  }
}

/** Options that are numbers: a word in their place ends the process with a sentence. */
function numeric<T extends number | undefined>(name: keyof typeof given, fallback: T): number | T {
  const text = name === 'port' ? (given.port ?? process.env.DEMO_PORT) : given[name]
  if (text === undefined || text === '') return fallback
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0)
    throw new Error(`--${name} must be a number, not ${String(text)}.`)
  return value
}

function say(line: string) {
  if (!given.quiet) (given.json ? process.stderr : process.stdout).write(`${line}\n`)
}

interface Opened {
  shop: Shop
  state: DemoState | null
  /** Since when nothing has happened in the shop, Unix milliseconds. */
  since: number
  ordersPerDay: number
}

function open(): Opened {
  if (given.recordings !== undefined) {
    return { shop: loadRecordings(given.recordings), state: null, since: Date.now(), ordersPerDay: 0 }
  }
  const seed = numeric('seed', 1)
  const days = Math.max(1, numeric('days', 365))
  const orders = numeric('orders', undefined)
  const products = numeric('products', 150)
  // Small young generations: the rows of a big shop live long, and making them would triple the memory.
  if ((orders ?? 0) > 100_000) setFlagsFromString('--semi-space-growth-factor=1')
  const midnight = lastMidnight(TIMEZONE)
  const name = ['shop', seed, products, orders ?? 'default', days].join('-')
  const state = given.state === undefined ? null : openState(given.state, name, midnight)
  const now = state?.epoch ?? midnight
  const shop = generateShop({
    seed,
    products,
    days,
    now,
    timezone: TIMEZONE,
    ...(orders === undefined ? {} : { orders }),
  })
  const since = state?.attach(shop) ?? now
  return { shop, state, since, ordersPerDay: shop.orders.size / days }
}

function certificate() {
  const { 'tls-key': key, 'tls-cert': cert } = given
  if (key === undefined && cert === undefined) return undefined
  if (key === undefined || cert === undefined) throw new Error('--tls-key and --tls-cert belong together.')
  return { key: readFileSync(key), cert: readFileSync(cert) }
}

async function main() {
  if (given.help) return void process.stdout.write(HELP)
  const { shop, state, since, ordersPerDay } = open()
  const writes = createWrites(shop)
  const webhooks = createWebhooks(shop)
  const port = numeric('port', 3080)
  const tls = certificate()
  const growing = !given.still && given.recordings === undefined
  if (growing)
    catchUp(shop, writes, {
      from: since,
      to: Date.now() - 1000,
      ordersPerDay,
      seed: Math.floor(since / 1000),
    })
  const server = await startDemoServer({
    shop,
    writes,
    webhooks,
    port,
    waitPerRow: numeric('wait-per-row', 0),
    workers: numeric('workers', 2),
    ...(tls ? { tls } : {}),
  })
  const alive = growing
    ? keepAlive(shop, writes, { ordersPerMinute: numeric('orders-per-minute', 2), seed: Date.now() })
    : undefined

  const { consumerKey, consumerSecret } = shop.info
  say(
    `The demo shop “${shop.info.name}” listens on ${server.url}: ${shop.orders.size} orders, ${shop.products.size} products.`,
  )
  say(`  key    ${consumerKey}\n  secret ${consumerSecret}`)
  say('  These keys are the same for everybody and worth nothing; they open only this demo.')

  let ending = false
  const end = async () => {
    if (ending) return
    ending = true
    alive?.stop()
    webhooks.close()
    await server.close()
    state?.close()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end)
  const hold = given['while-held'] ? await createHold(server.url, end) : undefined
  // Who started it may be gone while others hold it: nobody reads what it prints.
  if (hold) for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  if (given.json) {
    const demo = { url: server.url, key: consumerKey, secret: consumerSecret, hold: hold?.port }
    process.stdout.write(`${JSON.stringify({ demo })}\n`)
  }
  if (given['with-parent']) {
    // A parent with a channel is heard through it; one without holds our standard input open.
    if (process.connected) process.on('disconnect', end)
    else process.stdin.on('end', end).on('close', end).on('error', end).resume()
  }
}

main().catch((error: NodeJS.ErrnoException) => {
  const sentence =
    error.code === 'EADDRINUSE'
      ? 'The demo shop’s port is taken. Choose another with --port or DEMO_PORT.'
      : `The demo shop could not start: ${error.message}`
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
})
