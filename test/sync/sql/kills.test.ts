/** Invariant 3 from the shop's database: a copy killed at any moment and run again ends in the same mirror. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MULTIPLIED, multiplyShop } from '../../../bench/multiplied-shop.ts'
import { randomFrom } from '../../../demo/faults.ts'
import { syncAll } from '../../../src/sync/sync.ts'
import { verification } from '../../../src/sync/verify.ts'
import { start } from '../../cli/woosync.ts'
import { newFolder, until } from '../../database/private-folder.ts'
import { skipWithoutMariadb, startMariadb } from '../../mariadb.ts'
import { skipWithoutRecordings } from '../../recordings.ts'
import { type SqlMirror, sqlMirror } from './shop.ts'

const KILLS = process.env.CI === 'true' ? 15 : 4
/** Enough for two ranges of ids side by side. */
const ORDERS = 5000
const skip = skipWithoutRecordings || skipWithoutMariadb

test('a copy that is killed goes on where it stopped', { skip }, async (t) => {
  const mariadb = await startMariadb()
  const orders = await multiplyShop(mariadb, ORDERS)
  const undisturbed = await sqlMirror(mariadb, MULTIPLIED)
  assert.equal((await copy(undisturbed)).counts?.created, orders)

  const killed = await sqlMirror(mariadb, MULTIPLIED)
  const { user, password } = mariadb.reader
  const env = {
    MYSQL_HOST: mariadb.host,
    MYSQL_PORT: String(mariadb.port),
    MYSQL_USER: user,
    MYSQL_PASSWORD: password,
    MYSQL_DATABASE: MULTIPLIED,
    DATABASE_URL: killed.database.url,
    LOG_LEVEL: 'info',
  }
  const cwd = await newFolder(t)
  const random = randomFrom(20_261_122)
  const steps: number[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    const run = start(['sync', '--resource', 'orders'], { cwd, env })
    // Killed once it writes, at a moment of its own.
    const rows = await held(killed)
    const goal = rows + Math.floor(random() * ((orders - rows) / 2))
    await until('it has come so far', async () => run.child.exitCode !== null || (await held(killed)) > goal)
    run.child.kill('SIGKILL')
    const { signal, code } = await run.ended
    assert.ok(signal === 'SIGKILL' || code === 0, `it ended with ${code}`)
    await until('Postgres has noticed', async () => {
      const { rowCount } = await killed.database.pool.query(
        `SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
         WHERE d.datname = current_database() AND l.locktype = 'advisory'`,
      )
      return rowCount === 0
    })
    // A cursor speaks only for rows that are there (invariant 4).
    const { rows: segments } = await killed.database.pool.query(
      `SELECT coalesce(sum(done), 0)::int AS done FROM sync.segments WHERE resource = 'orders'`,
    )
    const now = await held(killed)
    if (segments[0].done > 0) assert.equal(now, segments[0].done)
    steps.push(now)
  }
  assert.ok(
    steps.some((one) => one > 0 && one < orders),
    `no kill came in the middle: ${steps}`,
  )

  const last = await copy(killed)
  assert.ok((last.counts?.seen ?? 0) < orders, 'what was there is not read again from the beginning')
  assert.equal(await digest(killed), await digest(undisturbed))
  const { resources } = await verification(killed.database.pool, killed.context.store)
  assert.equal(resources.find((one) => one.resource === 'orders')?.state, 'complete')
})

async function copy({ context }: SqlMirror) {
  const [result] = await syncAll(context, { full: false, resources: ['orders'] })
  assert.equal(result?.fault, null)
  return result
}

async function held({ database }: SqlMirror): Promise<number> {
  const { rows } = await database.pool.query(`SELECT count(*)::int AS held FROM mirror.orders`)
  return rows[0].held
}

/** Every row and every line, but for the moments of their arrival. */
async function digest({ database }: SqlMirror): Promise<string> {
  const { rows } = await database.pool.query(
    `SELECT md5(string_agg(md5((to_jsonb(o) - 'seen_at')::text), '' ORDER BY id)) AS orders,
            (SELECT md5(string_agg(md5(l::text), '' ORDER BY order_id, line_id)) FROM mirror.order_lines l) AS lines
     FROM mirror.orders o`,
  )
  return JSON.stringify(rows[0])
}
