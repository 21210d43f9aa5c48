/** A transaction pooler in front of the tests' Postgres. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import pg from 'pg'
import { testPostgres } from '../database.ts'
import { freePort } from '../free-port.ts'
import { findProgram, installPrograms } from '../programs.ts'
import { atEnd, newFolder, until } from './private-folder.ts'

export const skipWithoutPooler = installPrograms({ pgbouncer: 'pgbouncer' })
/** pgbouncer will not run as root. */
const user: { uid?: number; gid?: number } = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}

/** @returns the pooler's address of the database */
export async function startPooler(t: TestContext, database: string): Promise<string> {
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
      'ignore_startup_parameters = extra_float_digits',
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
