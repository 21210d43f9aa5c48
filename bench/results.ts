/** What the contestants of a benchmark did, as a table for a person. */
import { renderTable, type TableColumn } from '../src/interfaces/cli/table.ts'
import type { Measured } from './contestants/contestant.ts'

/** The runs of each contestant, in the order in which they began. */
export type Runs = Map<string, Measured[]>

/** Orders per second. */
export function rate({ orders, seconds }: Measured): number {
  return orders / seconds
}

/** The fastest run; null where it was not run. */
export function best(runs: Runs, name: string): Measured | null {
  const all = runs.get(name) ?? []
  return all.reduce<Measured | null>((top, one) => (top && rate(top) >= rate(one) ? top : one), null)
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'contestant' },
  { title: 'orders', align: 'right' },
  { title: 'orders/s', align: 'right' },
  { title: 'all runs', align: 'right' },
  { title: 'seconds', align: 'right' },
  { title: 'CPU s per 1,000', align: 'right' },
  { title: 'peak MB', align: 'right' },
  { title: 'MB at ¼, ½, ¾, end', align: 'right' },
]

export function resultTable(runs: Runs, { rounds, load }: { rounds: number; load: number }): string {
  const rows = [...runs].map(([name, all]) => {
    const top = best(runs, name) as Measured
    const rates = all.map(rate)
    return [
      name,
      String(top.orders),
      whole(rate(top)),
      all.length > 1 ? `${whole(Math.min(...rates))}–${whole(Math.max(...rates))}` : '',
      top.seconds.toFixed(2),
      ((top.cpuSeconds / top.orders) * 1000).toFixed(3),
      whole(top.peakMemoryMB),
      quarters(top.memoryMB),
    ]
  })
  return [
    renderTable(COLUMNS, rows),
    '',
    `The best of ${rounds} run(s) each; CPU and memory are the contestant's own process.`,
    `Load of the machine when it began: ${load.toFixed(2)}.`,
  ].join('\n')
}

function whole(value: number): string {
  return String(Math.round(value))
}

function quarters(samples: readonly number[]): string {
  if (samples.length < 4) return ''
  return [1, 2, 3, 4]
    .map((quarter) => whole(samples[Math.ceil((samples.length * quarter) / 4) - 1] ?? 0))
    .join(' ')
}
