/** Writes down what a process and the database take, every few seconds, and says what grows. */
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import type { SoakPostgres } from './postgres.ts'
import type { Program } from './programs.ts'
import type { Book } from './promises.ts'

export interface Sample {
  /** Seconds since the soak began. */
  at: number
  megabytes: number
  files: number
}

export interface TableSample {
  at: number
  table: string
  megabytes: number
  live: number
  dead: number
}

export interface Measures {
  run(signal: AbortSignal): Promise<void>
  /** By process and life: `serve#1`. */
  processes: ReadonlyMap<string, readonly Sample[]>
  tables: readonly TableSample[]
  /** Sessions in Postgres at most, without our own. */
  mostConnections(): number
  /** The longest the queue of deliveries and the marks were. */
  longestQueue(): number
}

const EVERY_MS = 5000
const TABLES_EVERY = 6
/** Private Postgres takes 100; the program's processes stay far below it. */
const MOST_PER_PROCESS = 16
const PAGE_BYTES = 4096

export function createMeasures(programs: readonly Program[], postgres: SoakPostgres, book: Book): Measures {
  const processes = new Map<string, Sample[]>()
  const tables: TableSample[] = []
  let connections = 0
  let queue = 0

  async function sampleProcess(program: Program): Promise<void> {
    const { pid, name, life } = program
    if (pid === undefined) return
    try {
      const [, pages = 0] = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ').map(Number)
      const files = (await readdir(`/proc/${pid}/fd`)).length
      const key = `${name}#${life}`
      const sample = { at: book.seconds(), megabytes: (pages * PAGE_BYTES) / 1e6, files }
      processes.set(key, [...(processes.get(key) ?? []), sample])
    } catch {
      // It was killed while it was looked at.
    }
  }

  async function sampleDatabase(withTables: boolean): Promise<void> {
    const pool = await postgres.pool()
    const { rows } = await pool.query<{ sessions: number; queued: number }>(
      `SELECT (SELECT count(*) FROM pg_stat_activity
               WHERE backend_type = 'client backend' AND application_name <> 'soak') AS sessions,
              (SELECT count(*) FROM sync.deliveries) + (SELECT count(*) FROM mirror.stale) AS queued`,
    )
    connections = Math.max(connections, rows[0]?.sessions ?? 0)
    queue = Math.max(queue, rows[0]?.queued ?? 0)
    const bound = MOST_PER_PROCESS * programs.length
    if (connections > bound)
      book.broken(`no more than ${bound} sessions in Postgres`, `${connections} at once`)
    if (!withTables) return
    const sizes = await pool.query<Omit<TableSample, 'at'>>(
      `SELECT schemaname || '.' || relname AS table, pg_total_relation_size(relid) / 1e6::float8 AS megabytes,
              n_live_tup AS live, n_dead_tup AS dead
       FROM pg_stat_user_tables WHERE schemaname IN ('mirror', 'sync')`,
    )
    const at = book.seconds()
    tables.push(...sizes.rows.map((row) => ({ ...row, at })))
  }

  return {
    processes,
    tables,
    mostConnections: () => connections,
    longestQueue: () => queue,
    async run(signal) {
      for (let round = 0; !signal.aborted; round++) {
        await Promise.all(programs.map(sampleProcess))
        await sampleDatabase(round % TABLES_EVERY === 0).catch(() => undefined)
        await wait(EVERY_MS, undefined, { signal }).catch(() => undefined)
      }
    },
  }
}

export interface Growth {
  /** Of a straight line through the samples after the first third: megabytes an hour. */
  perHour: number
  first: number
  last: number
  most: number
  mostFiles: number
}

/** null where there are too few samples to say. */
export function growthOf(samples: readonly Sample[]): Growth | null {
  const warm = samples.slice(Math.ceil(samples.length / 3))
  if (warm.length < 12) return null
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [at, size] = [mean(warm.map((one) => one.at)), mean(warm.map((one) => one.megabytes))]
  const top = warm.reduce((sum, one) => sum + (one.at - at) * (one.megabytes - size), 0)
  const below = warm.reduce((sum, one) => sum + (one.at - at) ** 2, 0)
  const tenth = Math.max(3, Math.floor(warm.length / 10))
  return {
    perHour: (top / below) * 3600,
    first: mean(warm.slice(0, tenth).map((one) => one.megabytes)),
    last: mean(warm.slice(-tenth).map((one) => one.megabytes)),
    most: Math.max(...samples.map((one) => one.megabytes)),
    mostFiles: Math.max(...samples.map((one) => one.files)),
  }
}

/** What a process loads and compiles in its first minutes is no growth. */
const WARMING_SECONDS = 300
/** More than this in the time after that is no noise any more, in megabytes. */
const GROWN_BY = 60
const MOST_FILES = 80
const LARGEST_QUEUE_MEGABYTES = 40
/** Tables whose rows come and go: they must stay small, however long it runs. */
const PASSING = ['sync.deliveries', 'mirror.stale', 'mirror.quarantine', 'sync.resources', 'sync.proofs']

/** Judges what was measured, at the end. */
export function judgeMeasures({ processes, tables }: Measures, book: Book): void {
  for (const [name, samples] of processes) {
    const began = samples[0]?.at ?? 0
    const growth = growthOf(samples.filter(({ at }) => at > began + WARMING_SECONDS))
    if (!growth) continue
    if (growth.last - growth.first > GROWN_BY)
      book.broken(
        'memory stays flat',
        `${name}: from ${Math.round(growth.first)} to ${Math.round(growth.last)} MB`,
      )
    if (growth.mostFiles > MOST_FILES)
      book.broken('open files stay few', `${name}: ${growth.mostFiles} at once`)
  }
  for (const { table, megabytes } of tables) {
    if (PASSING.includes(table) && megabytes > LARGEST_QUEUE_MEGABYTES)
      book.broken('tables whose rows pass through stay small', `${table}: ${Math.round(megabytes)} MB`)
  }
}
