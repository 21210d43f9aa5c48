import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { WooSyncError } from '../errors.ts'
import { databaseFault, sqlState } from './faults.ts'
import type { Logger } from './logger.ts'
import type { Database } from './open.ts'

/** The program's own migrations. */
export const migrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url))

export interface Migration {
  /** The file's name without `.sql`, `0001-mirror`. */
  name: string
  sql: string
  /** SHA-256 of the text with plain line ends, as hex: a checkout with other line ends is no change. */
  sha256: string
}

interface Applied {
  name: string
  sha256: string
}

/** One migrates at a time, whatever its search path. */
const migrationLock = '5561034987120384411'

/** Reads the numbered `.sql` files of a folder in their order. Two with the same number are refused. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}-.+\.sql$/.test(name)).sort()
  const numbers = new Set<string>()
  const migrations: Migration[] = []
  for (const name of names) {
    const number = name.slice(0, 4)
    if (numbers.has(number)) throw new Error(`two migrations have the number ${number}`)
    numbers.add(number)
    const sql = (await readFile(join(folder, name), 'utf8')).replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
    const sha256 = createHash('sha256').update(sql).digest('hex')
    migrations.push({ name: name.slice(0, -'.sql'.length), sql, sha256 })
  }
  return migrations
}

async function readApplied(client: pg.Pool | pg.PoolClient): Promise<Applied[]> {
  const { rows } = await client.query<Applied>('SELECT name, sha256 FROM sync.migrations ORDER BY name')
  return rows
}

/** The migrations still to do. Throws when what was done is not what the folder holds. */
function pending(migrations: Migration[], applied: Applied[]): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]))
  const numbers = new Set(migrations.map(({ name }) => name.slice(0, 4)))
  for (const { name, sha256 } of applied) {
    const migration = known.get(name)
    if (!migration && !numbers.has(name.slice(0, 4))) {
      throw new WooSyncError('database_is_newer', { migration: name })
    }
    if (migration?.sha256 !== sha256)
      throw new WooSyncError('database_migration_changed', { migration: name })
  }
  const done = new Set(applied.map(({ name }) => name))
  return migrations.filter(({ name }) => !done.has(name))
}

/** What was done, or nothing where the table is not there yet. */
async function lookAt(pool: pg.Pool): Promise<Applied[]> {
  try {
    return await readApplied(pool)
  } catch (thrown) {
    // 3F000, 42P01: no such schema, no such table.
    const state = sqlState(thrown)
    if (state === '3F000' || state === '42P01') return []
    throw databaseFault(thrown)
  }
}

async function prepare(client: pg.PoolClient): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1::bigint)', [migrationLock])
  await client.query('CREATE SCHEMA IF NOT EXISTS sync')
  await client.query(`
    CREATE TABLE IF NOT EXISTS sync.migrations (
      name text PRIMARY KEY,
      sha256 text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    )`)
}

/** Applies one migration in a transaction of its own; false when another process was faster. */
async function apply(database: Database, migrations: Migration[], next: Migration): Promise<boolean> {
  return database.transaction(async (client) => {
    await prepare(client)
    const still = pending(migrations, await readApplied(client))
    if (!still.some(({ name }) => name === next.name)) return false
    await client.query(next.sql)
    await client.query('INSERT INTO sync.migrations (name, sha256) VALUES ($1, $2)', [next.name, next.sha256])
    return true
  })
}

/**
 * Brings the tables up to date: every `NNNN-name.sql` of the folder that was not applied yet, in order,
 * each in a transaction. Several processes may do so at once. Returns the names this call applied.
 *
 * Throws `database_migration_changed`, `database_is_newer`, `database_rights_missing`, and the error of a
 * statement as it is.
 */
export async function migrate(
  database: Database,
  options: { folder?: string; logger: Logger },
): Promise<string[]> {
  const migrations = await readMigrations(options.folder ?? migrationsFolder)
  const names: string[] = []
  // A look without a lock first: a user without the right to create things can start all the same.
  for (const migration of pending(migrations, await lookAt(database.pool))) {
    const started = Date.now()
    if (!(await apply(database, migrations, migration))) continue
    names.push(migration.name)
    options.logger.info({ migration: migration.name, ms: Date.now() - started }, 'applied a migration')
  }
  return names
}
