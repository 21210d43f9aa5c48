/**
 * A process that uses a private Postgres, for the tests to start and to kill:
 * `node seat-process.ts <data directory> [options as JSON]`. It says `seated <json>` when it has its seat,
 * and gives it back when its input ends. `"write": true`: it inserts without end, and says each
 * number that Postgres has acknowledged.
 */
import pg from 'pg'
import { type PrivatePostgresOptions, startPrivatePostgres } from '../../src/database/private-postgres.ts'
import { toWooSyncError } from '../../src/errors.ts'
import { testLogger } from '../database.ts'

interface Task extends Partial<PrivatePostgresOptions> {
  write?: boolean
}

const [dataDirectory = '', given = '{}'] = process.argv.slice(2)
const { write, ...options } = JSON.parse(given) as Task

async function writeForEver(connection: pg.ClientConfig): Promise<void> {
  const client = new pg.Client(connection)
  client.on('error', () => undefined)
  await client.connect()
  await client.query('CREATE TABLE written (number int PRIMARY KEY, filling text NOT NULL)')
  for (let number = 1; ; number++) {
    await client.query('INSERT INTO written VALUES ($1, $2)', [number, 'x'.repeat(2_000)])
    process.stdout.write(`wrote ${number}\n`)
  }
}

try {
  const postgres = await startPrivatePostgres({ dataDirectory, logger: testLogger, ...options })
  const seen = { uid: process.getuid?.(), url: postgres.url, version: postgres.version }
  process.stdout.write(`seated ${JSON.stringify(seen)}\n`)
  if (write) writeForEver(postgres.connection).catch(() => process.stdout.write('cut off\n'))
  process.stdin.resume()
  process.stdin.once('end', async () => {
    await postgres.release()
    process.exit(0)
  })
} catch (thrown) {
  process.stdout.write(`failed ${JSON.stringify(toWooSyncError(thrown))}\n`)
  process.exitCode = 1
}
