/** A private Postgres for one benchmark, in a folder that goes when it ends, and fresh databases in it. */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { pino } from 'pino'
import { migrate } from '../src/database/migrate.ts'
import { openDatabase } from '../src/database/open.ts'
import { startPrivatePostgres } from '../src/database/private-postgres.ts'

export interface BenchPostgres {
  /** An empty database with the program's tables; whatever was written before is on disk by then. */
  fresh(): Promise<string>
  drop(url: string): Promise<void>
  /** One answer of a question to a database. */
  ask<T>(url: string, question: string): Promise<T>
  close(): Promise<void>
}

const TEMPLATE = 'bench_template'

export async function startPostgres(): Promise<BenchPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'woosync-bench-'))
  // Where root runs this, Postgres runs as another user, who has to pass here.
  await chmod(folder, 0o755)
  const logger = pino({ level: 'silent' })
  const postgres = await startPrivatePostgres({
    dataDirectory: folder,
    reachableFolder: join(folder, 'reachable'),
    logger,
  })
  const urlOf = (name: string) => {
    const url = new URL(postgres.url)
    url.pathname = `/${name}`
    return url.href
  }
  const session = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client(url)
    await client.connect()
    try {
      return await work(client)
    } finally {
      await client.end()
    }
  }
  const admin = <T>(work: (client: pg.Client) => Promise<T>) => session(urlOf('postgres'), work)

  await admin((client) => client.query(`CREATE DATABASE ${TEMPLATE}`))
  const database = await openDatabase({
    url: urlOf(TEMPLATE),
    dataDirectory: folder,
    applicationName: 'woosync-bench',
    logger,
  })
  await migrate(database, { logger })
  await database.close()

  const close = async () => {
    await postgres.release()
    await rm(folder, { recursive: true, force: true })
  }
  // Ctrl-C: Postgres has a process group of its own and would stay.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => close().finally(() => process.exit(130)))
  }

  let count = 0
  return {
    async fresh() {
      const name = `bench_${++count}`
      await admin(async (client) => {
        await client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`)
        await client.query('CHECKPOINT')
      })
      return urlOf(name)
    },
    drop: (url) =>
      admin(async (client) => {
        await client.query(`DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`)
      }),
    ask: (url, question) => session(url, async (client) => (await client.query(question)).rows[0]),
    close,
  }
}
