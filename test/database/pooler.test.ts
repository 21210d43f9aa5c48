/** Behind a transaction pooler: work goes through pgbouncer, locks and notifications around it. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import pg from 'pg'
import { openShop, woosync } from '../cli/woosync.ts'
import { testDatabase, testPostgres } from '../database.ts'
import { freePort } from '../free-port.ts'
import { findProgram, installPrograms } from '../programs.ts'
import { atEnd, newFolder, until } from './private-folder.ts'

const skip = installPrograms({ pgbouncer: 'pgbouncer' })
const database = await testDatabase()
/** pgbouncer will not run as root. */
const user: { uid?: number; gid?: number } = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}

test('syncs side by side through pgbouncer are complete, and one works on a resource at a time', {
  skip,
}, async (t) => {
  const pooled = await startPooler(t, database.name)
  const { env: shop } = await openShop(t)
  const cwd = await newFolder(t)
  const env = { ...shop, DATABASE_URL: pooled, DATABASE_DIRECT_URL: database.url }
  const both = await Promise.all([
    woosync(['sync', '--json'], { cwd, env }),
    woosync(['sync', '--json'], { cwd, env }),
  ])
  for (const { stdout, stderr } of both) {
    const { resources } = JSON.parse(stdout) as {
      resources: { resource: string; error: { code: string } | null }[]
    }
    const codes = resources.flatMap(({ error }) => error?.code ?? [])
    assert.ok(
      codes.every((code) => code === 'sync_already_running'),
      `${codes} ${stderr}`,
    )
  }
  const last = await woosync(['sync'], { cwd, env })
  assert.equal(last.code, 0, last.stderr)
  const verified = await woosync(['verify'], { cwd, env })
  assert.equal(verified.code, 0, verified.stdout)
})

/** @returns the pooler's address of the database */
async function startPooler(t: TestContext, database: string): Promise<string> {
  const { connection } = await testPostgres()
  const folder = await newFolder(t)
  const port = await freePort()
  const config = join(folder, 'pgbouncer.ini')
  writeFileSync(
    config,
    [
      '[databases]',
      `* = host=${connection.host} port=${connection.port} user=${connection.user}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = any',
      'pool_mode = transaction',
      'default_pool_size = 5',
      'ignore_startup_parameters = extra_float_digits,options,application_name,statement_timeout',
      '',
    ].join('\n'),
  )
  const { uid, gid } = user
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid)
  chmodSync(folder, 0o755)
  const pooler = spawn(findProgram('pgbouncer') as string, [config], { ...user, cwd: '/', stdio: 'ignore' })
  atEnd(t, async () => {
    if (pooler.exitCode !== null) return
    const ended = new Promise((resolve) => pooler.once('exit', resolve))
    pooler.kill('SIGTERM')
    await ended
  })
  const url = `postgresql://${connection.user}@127.0.0.1:${port}/${database}`
  await until('pgbouncer answers', async () => {
    assert.equal(pooler.exitCode, null, 'pgbouncer ended')
    const client = new pg.Client(url)
    try {
      await client.connect()
      await client.query('SELECT 1')
      return true
    } catch {
      return false
    } finally {
      await client.end().catch(() => undefined)
    }
  })
  return url
}
