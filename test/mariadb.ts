/**
 * A real MariaDB for a test file, with the recorded shop's databases in it. Each file has a server of its own, in
 * a copy of a data folder that the run makes once.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { createConnection } from 'mysql2/promise'
import { freePort } from './free-port.ts'
import { findProgram, installPrograms } from './programs.ts'
import { recordings } from './recordings.ts'

/** For `test(name, { skip })`. */
export const skipWithoutMariadb: string | false = installPrograms({
  mariadbd: 'mariadb-server',
  mariadb: 'mariadb-client',
  'mariadb-install-db': 'mariadb-server',
})

/** The recorded shop with HPOS, and the same switched to classic order storage. */
export type RecordedDatabase = 'woocommerce_small' | 'woocommerce_small_legacy'

const DUMPS: Readonly<Record<RecordedDatabase, string>> = {
  woocommerce_small: 'woocommerce-small.sql.gz',
  woocommerce_small_legacy: 'woocommerce-small-legacy.sql.gz',
}

export interface Mariadb {
  host: '127.0.0.1'
  port: number
  socket: string
  /** May do everything, without a password, over the socket and TCP. */
  user: 'root'
  /** A user that may only read one database, as docs/ recommend; `woosync` with this password. */
  reader: { user: 'woosync'; password: string }
  /** Runs statements as root. */
  run(database: string | null, statements: string): Promise<void>
  /** The rows of one question, asked as root. */
  ask(database: string, question: string): Promise<unknown[][]>
  /** CPU seconds the server has used, user and system. */
  cpuSeconds(): Promise<number>
  /** Ends the server, by kill where it is to come as a surprise; `start` brings it back on the same port. */
  stop(how?: 'kill' | 'orderly'): Promise<void>
  start(): Promise<void>
}

const READER_PASSWORD = 'only-for-reading-ș-$\'"'

/**
 * Starts a server whose databases are the recorded ones; it ends with the test file.
 * @param options further ones of mariadbd, `--ssl-cert=…`
 */
export async function startMariadb(options: readonly string[] = []): Promise<Mariadb> {
  const server = await openMariadb(options)
  after(() => server.close())
  return server
}

/** The same for a program that is no test: whoever opens it closes it. */
export async function openMariadb(
  options: readonly string[] = [],
): Promise<Mariadb & { close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'woosync-mariadb-'))
  chmodSync(folder, 0o755)
  const data = join(folder, 'data')
  spawnSync('cp', ['-a', '--reflink=auto', await template(), data])
  const server = createServerIn(folder, await freePort(), options)
  await server.start()
  return Object.assign(server, {
    async close() {
      await server.stop('kill')
      rmSync(folder, { recursive: true, force: true })
    },
  })
}

let made: Promise<string> | undefined

/** The data folder with the databases loaded, made once in a run. */
function template(): Promise<string> {
  made ??= makeTemplate()
  return made
}

async function makeTemplate(): Promise<string> {
  const parent =
    process.env.WOOSYNC_TEST_DATA ?? join(tmpdir(), `woosync-test-${process.getuid?.() ?? 'user'}`)
  mkdirSync(parent, { recursive: true })
  chmodSync(parent, 0o755)
  const finished = join(parent, 'mariadb-template')
  if (existsSync(finished)) return finished
  const folder = await mkdtemp(join(parent, 'mariadb-'))
  chmodSync(folder, 0o755)
  const data = join(folder, 'data')
  mkdirSync(data)
  const { uid, gid } = serverUser()
  if (uid !== undefined && gid !== undefined) {
    for (const one of [folder, data]) chownSync(one, uid, gid)
  }
  const options = [
    '--no-defaults',
    `--datadir=${data}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
  ]
  const install = spawnSync(findProgram('mariadb-install-db') as string, [...options, ...smallFiles], {
    ...serverUser(),
    cwd: '/',
    encoding: 'utf8',
    // Of its own: servers side by side sweep each other's files out of a common one.
    env: { ...process.env, TMPDIR: folder },
  })
  if (install.status !== 0) throw new Error(`mariadb-install-db: ${install.stderr}${install.stdout}`)
  const server = createServerIn(folder, await freePort())
  await server.start()
  for (const [database, dump] of Object.entries(DUMPS)) {
    await server.run(null, `CREATE DATABASE ${database} CHARACTER SET utf8mb4`)
    if (recordings) await server.run(database, gunzipSync(await readFile(join(recordings, dump))).toString())
    await server.run(
      null,
      `CREATE USER IF NOT EXISTS 'woosync'@'%' IDENTIFIED BY '${READER_PASSWORD.replace(/['\\]/g, '\\$&')}';
       GRANT SELECT ON ${database}.* TO 'woosync'@'%'`,
    )
  }
  await server.stop('orderly')
  try {
    await rename(data, finished)
  } catch (thrown) {
    // Another test file was first.
    if (!existsSync(finished)) throw thrown
  }
  await rm(folder, { recursive: true, force: true })
  return finished
}

const smallFiles = ['--innodb-log-file-size=8M', '--innodb-buffer-pool-size=64M']

/** MariaDB will not run as root. */
function serverUser(): { uid?: number; gid?: number } {
  return process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
}

function createServerIn(folder: string, port: number, further: readonly string[] = []): Mariadb {
  const socket = join(folder, 's')
  let child: ChildProcess | undefined
  const server: Mariadb = {
    host: '127.0.0.1',
    port,
    socket,
    user: 'root',
    reader: { user: 'woosync', password: READER_PASSWORD },
    async run(database, statements) {
      const client = spawn(
        findProgram('mariadb') as string,
        [
          '--no-defaults',
          `--socket=${socket}`,
          '-u',
          'root',
          '--default-character-set=utf8mb4',
          ...(database ? [database] : []),
        ],
        { stdio: ['pipe', 'ignore', 'pipe'] },
      )
      let problem = ''
      client.stderr.on('data', (text) => {
        problem += text
      })
      client.stdin.on('error', () => undefined)
      client.stdin.end(statements)
      const code = await new Promise((resolve) => client.once('close', resolve))
      if (code !== 0) throw new Error(`mariadb: ${problem}`)
    },
    async ask(database, question) {
      const connection = await createConnection({ socketPath: socket, user: 'root', database })
      try {
        const [rows] = await connection.query({ sql: question, rowsAsArray: true })
        return rows as unknown[][]
      } finally {
        await connection.end()
      }
    },
    async cpuSeconds() {
      const stat = await readFile(`/proc/${child?.pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return (Number(fields[11]) + Number(fields[12])) / 100
    },
    async stop(how = 'orderly') {
      const running = child
      child = undefined
      if (!running || running.exitCode !== null) return
      const ended = new Promise((resolve) => running.once('exit', resolve))
      running.kill(how === 'kill' ? 'SIGKILL' : 'SIGTERM')
      await ended
    },
    async start() {
      const options = [
        '--no-defaults',
        `--datadir=${join(folder, 'data')}`,
        `--socket=${socket}`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        // As when it was installed.
        `--tmpdir=${folder}`,
        `--pid-file=${join(folder, 'data', 'pid')}`,
        '--skip-name-resolve',
        '--skip-log-bin',
        '--innodb-flush-log-at-trx-commit=0',
        // As WordPress' older shops have it: dates of zeros are allowed.
        '--sql-mode=',
        ...smallFiles,
        ...further,
      ]
      // The socket is made in the folder, by MariaDB's own user.
      const { uid, gid } = serverUser()
      if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid)
      const started = spawn(findProgram('mariadbd') as string, options, {
        ...serverUser(),
        cwd: '/',
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      let said = ''
      started.stderr.on('data', (text) => {
        said = `${said}${text}`.slice(-4000)
      })
      child = started
      for (;;) {
        if (started.exitCode !== null) throw new Error(`mariadbd ended: ${said}`)
        try {
          const connection = await createConnection({ socketPath: socket, user: 'root' })
          await connection.end()
          return
        } catch {
          // The server is starting: there is nothing else to wait for.
          await sleep(25)
        }
      }
    },
  }
  return server
}

/** A name for a database that a test makes for itself. */
export function databaseName(): string {
  return `shop_${randomBytes(6).toString('hex')}`
}
