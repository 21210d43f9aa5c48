/**
 * A fresh database for a test, in one private Postgres that the whole run shares: that of WOOSYNC_TEST_DATA
 * (set by run.mjs), else of a folder per user. Made from a template that has the migrations applied.
 */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { chmod, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { pino } from 'pino'
import type { Logger } from '../src/database/logger.ts'
import { migrate, migrationsFolder, readMigrations } from '../src/database/migrate.ts'
import { type Database, openDatabase } from '../src/database/open.ts'
import { type PrivatePostgres, startPrivatePostgres } from '../src/database/private-postgres.ts'

/** Silent unless LOG_LEVEL says otherwise. */
export const testLogger: Logger = pino({ level: process.env.LOG_LEVEL ?? 'silent' })

export interface TestDatabase extends Database {
  /** Of this database, for the processes a test starts. */
  url: string
  name: string
}

export interface TestDatabaseOptions {
  /** Another folder of migrations, or none at all; default: the program's own. */
  migrations?: string | 'none'
  poolSize?: number
}

/** Held while the template is made, so that of several test processes one makes it. */
const templateLock = '4410870093313702'

let starting: Promise<PrivatePostgres> | undefined

/** Where the run's private Postgres lives. */
function testDataDirectory(): string {
  return process.env.WOOSYNC_TEST_DATA ?? join(tmpdir(), `woosync-test-${process.getuid?.() ?? 'user'}`)
}

async function start(): Promise<PrivatePostgres> {
  const dataDirectory = testDataDirectory()
  await mkdir(dataDirectory, { recursive: true })
  // Where root runs the tests, Postgres runs as another user, who has to pass here.
  await chmod(dataDirectory, 0o755)
  const postgres = await startPrivatePostgres({ dataDirectory, logger: testLogger })
  // In a run of many files run.mjs stops it at the end; a file run alone stops it itself.
  if (process.env.WOOSYNC_TEST_DATA === undefined) process.once('beforeExit', () => postgres.release())
  return postgres
}

/** The private Postgres of the test run, started or joined. */
export function testPostgres(): Promise<PrivatePostgres> {
  starting ??= start()
  return starting
}

async function asAdmin<T>(work: (session: pg.Client) => Promise<T>): Promise<T> {
  const { connection } = await testPostgres()
  const session = new pg.Client({ ...connection, database: 'postgres' })
  session.on('error', () => undefined)
  await session.connect()
  try {
    return await work(session)
  } finally {
    await session.end()
  }
}

async function urlOf(name: string): Promise<string> {
  const url = new URL((await testPostgres()).url)
  url.pathname = `/${name}`
  return url.href
}

async function open(name: string, poolSize: number): Promise<Database> {
  return openDatabase({
    url: await urlOf(name),
    dataDirectory: testDataDirectory(),
    poolSize,
    applicationName: 'woosync-test',
    logger: testLogger,
  })
}

/** The name of a database that has the folder's migrations; made once for all tests of the same ones. */
async function template(folder: string): Promise<string> {
  const migrations = await readMigrations(folder)
  const hash = createHash('sha256').update(JSON.stringify(migrations)).digest('hex').slice(0, 12)
  const name = `woosync_template_${hash}`
  return asAdmin(async (session) => {
    const exists = async () => {
      const { rowCount } = await session.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
      return rowCount === 1
    }
    if (await exists()) return name
    await session.query('SELECT pg_advisory_lock($1::bigint)', [templateLock])
    if (await exists()) return name
    const draft = `${name}_draft`
    await session.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`)
    await session.query(`CREATE DATABASE ${draft}`)
    const database = await open(draft, 1)
    try {
      await migrate(database, { folder, logger: testLogger })
    } finally {
      await database.close()
    }
    await session.query(`ALTER DATABASE ${draft} RENAME TO ${name}`)
    return name
  })
}

/** Who is still connected; waits a moment for those that are just leaving. */
async function stillConnected(session: pg.Client, name: string): Promise<string[]> {
  const end = Date.now() + 2_000
  for (;;) {
    const { rows } = await session.query<{ who: string }>(
      `SELECT concat_ws(' ', application_name, state, left(query, 80)) AS who
       FROM pg_stat_activity
       WHERE datname = $1 AND backend_type = 'client backend'`,
      [name],
    )
    if (rows.length === 0 || Date.now() > end) return rows.map(({ who }) => who)
    await sleep(10)
  }
}

async function endAndDrop(database: Database, name: string): Promise<void> {
  const inUse = [database.pool, database.readPool].some((pool) => pool.totalCount > pool.idleCount)
  // A pool that a test has ended already is no leak.
  if (!inUse && !database.pool.ended) await database.pool.end()
  const leaked = await asAdmin(async (session) => (inUse ? [] : stillConnected(session, name)))
  await database.close()
  await asAdmin((session) => session.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
  assert.ok(!inUse, 'the test did not give back a client of the pool')
  assert.deepEqual(leaked, [], 'the test left connections to its database open')
}

/**
 * A fresh database, dropped at the end of the test `t` (or of the suite or file, without one). The test
 * fails when it left a client of the pool, or a session of `direct()`, open.
 */
export async function testDatabase(
  t?: { after(work: () => Promise<void>): void },
  { migrations = migrationsFolder, poolSize = 10 }: TestDatabaseOptions = {},
): Promise<TestDatabase> {
  const name = `woosync_test_${randomBytes(6).toString('hex')}`
  const source = migrations === 'none' ? 'template1' : await template(migrations)
  await asAdmin((session) => session.query(`CREATE DATABASE ${name} TEMPLATE ${source}`))
  const database = await open(name, poolSize)
  const end = () => endAndDrop(database, name)
  if (t) t.after(end)
  else after(end)
  return { ...database, name }
}
