/** What a soak says at its end: for people a table, for programs JSON. */
import { growthOf, type Measures } from './measures.ts'
import type { Book, BrokenPromise } from './promises.ts'
import type { Rested } from './rest.ts'
import type { ShopTold } from './shop.ts'

export interface Summary {
  seed: number
  orders: number
  minutes: number
  broken: readonly BrokenPromise[]
  rests: readonly Rested[]
  counts: Readonly<Record<string, number>>
  shop: ShopTold
  memory: {
    process: string
    minutes: number
    perHour: number
    first: number
    last: number
    most: number
    files: number
  }[]
  tables: { table: string; megabytes: number; live: number; dead: number }[]
  connections: number
  queue: number
}

interface Parts {
  seed: number
  orders: number
  book: Book
  measures: Measures
  rests: readonly Rested[]
  shop: ShopTold
}

/** Lives shorter than this say nothing of memory, in seconds. */
const SHORT_LIFE = 120
const TABLES_SHOWN = 8

export function summaryOf({ seed, orders, book, measures, rests, shop }: Parts): Summary {
  const memory = [...measures.processes].flatMap(([process, samples]) => {
    const life = (samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0)
    const growth = life < SHORT_LIFE ? null : growthOf(samples)
    if (!growth) return []
    const { mostFiles, perHour, first, last, most } = growth
    return [{ process, minutes: life / 60, perHour, first, last, most, files: mostFiles }]
  })
  const lastAt = measures.tables.at(-1)?.at
  const tables = measures.tables
    .filter(({ at }) => at === lastAt)
    .sort((a, b) => b.dead - a.dead)
    .slice(0, TABLES_SHOWN)
    .map(({ table, megabytes, live, dead }) => ({ table, megabytes, live, dead }))
  return {
    seed,
    orders,
    minutes: book.seconds() / 60,
    broken: book.promises(),
    rests,
    counts: book.counted(),
    shop,
    memory,
    tables,
    connections: measures.mostConnections(),
    queue: measures.longestQueue(),
  }
}

export function summaryText(summary: Summary): string {
  const { seed, orders, minutes, broken, rests, counts, shop, memory, tables, connections, queue } = summary
  const row = (name: string, value: string | number) => `  ${name.padEnd(58)} ${value}`
  const figures = (values: Readonly<Record<string, number>>) =>
    Object.entries(values).map(([name, value]) => row(name, value))
  const whole = (value: number | null) => (value === null ? '–' : String(Math.round(value)))
  const lines = [
    `Soak of ${minutes.toFixed(1)} minutes, seed ${seed}, ${orders} orders at first.`,
    '',
    'Rests: complete after s, rows left to the scrub, orders, feed entries, delay of orders p50/p95 s',
    ...rests.map((one) =>
      row(
        `at ${Math.round(one.at / 60)} min`,
        `${whole(one.completeAfter)}, ${one.leftToScrub}, ${one.orders}, ${one.entries}, ${whole(one.delayP50)}/${whole(one.delayP95)}`,
      ),
    ),
    'Changes in the shop',
    ...figures(shop.changes),
    'Faults of the shop, times switched on',
    ...figures(shop.faults),
    'Its answers by status, its webhooks by status',
    ...figures(shop.statuses),
    ...figures(shop.hooks),
    'Seen',
    ...figures(counts),
    row('most sessions in Postgres', connections),
    row('longest queue', queue),
    'Memory: minutes, slope MB an hour, from MB to MB, most MB, most files',
    ...memory.map((one) =>
      row(
        one.process,
        `${whole(one.minutes)}, ${whole(one.perHour)}, ${whole(one.first)} → ${whole(one.last)}, ${whole(one.most)}, ${one.files}`,
      ),
    ),
    'Tables with the most dead rows: MB, live, dead',
    ...tables.map((one) => row(one.table, `${one.megabytes.toFixed(1)}, ${one.live}, ${one.dead}`)),
    '',
    broken.length === 0 ? 'No promise was broken.' : 'Broken promises:',
    ...broken.map(
      ({ promise, times, at, lastAt, example }) =>
        `  ${promise}: ${times} times, after ${Math.round(at)} s and last after ${Math.round(lastAt)} s\n    ${example}`,
    ),
  ]
  if (broken.length > 0) lines.push(`Again with the same choices: npm run soak -- --seed ${seed}`)
  return lines.join('\n')
}
