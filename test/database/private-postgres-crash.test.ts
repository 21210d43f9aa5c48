import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import pg from 'pg'
import { isAlive } from '../../src/database/postgres-cluster.ts'
import { findPlace } from '../../src/database/postgres-place.ts'
import { readPostmaster } from '../../src/database/postmaster.ts'
import { startPrivatePostgres } from '../../src/database/private-postgres.ts'
import { testLogger } from '../database.ts'
import { atEnd, isRoot, newFolder, serverOf, startSeatProcess, stopAtEnd, until } from './private-folder.ts'

const onlySockets = process.platform === 'win32' ? 'Windows has no Unix sockets' : false

interface Written {
  rows: number
  last: number
}

async function whatIsWritten(connection: pg.ClientConfig): Promise<Written> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query<Written>(
      'SELECT count(*)::int AS rows, max(number) AS last FROM written WHERE length(filling) = 2000',
    )
    return rows[0]!
  } finally {
    await client.end()
  }
}

function assertNothingLost(written: Written, acknowledged: number): void {
  assert.ok(acknowledged > 0)
  assert.ok(written.last >= acknowledged, `${acknowledged} was acknowledged, ${written.last} is there`)
  assert.equal(written.rows, written.last, 'no row is missing and none is torn')
}

async function start(dataDirectory: string) {
  return startPrivatePostgres({ dataDirectory, logger: testLogger })
}

/** A process of no consequence, owned by the user Postgres runs as. */
async function bystander(t: TestContext): Promise<number> {
  const as = isRoot ? { uid: 65534, gid: 65534 } : {}
  const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => 0, 1e6)'], {
    ...as,
    cwd: '/',
  })
  t.after(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child.pid!
}

test('the server is killed in mid-write: who holds a seat brings it back, with all that was acknowledged', async (t) => {
  const data = join(await newFolder(t), 'data')
  stopAtEnd(t, data)
  const postgres = await start(data)
  const writer = startSeatProcess(t, data, { write: true })
  await until('a hundred rows are written', async () => Number(writer.last('wrote')) > 100)
  const killed = await serverOf(data)
  process.kill(killed!, 'SIGKILL')
  await writer.hears('cut off')
  const written = await until('the server is back', async () => {
    return whatIsWritten(postgres.connection).catch(() => undefined)
  })
  assertNothingLost(written, Number(writer.last('wrote')))
  assert.notEqual(await serverOf(data), killed)
  assert.equal(await writer.leave(), 0)
  await postgres.release()
  assert.equal(await serverOf(data), undefined)
})

test('a killed server on the loopback comes back at the same port', async (t) => {
  // Between its end and its return another program of this machine may take the port: then once more.
  await killedOnLoopback(t).catch(() => killedOnLoopback(t))
})

async function killedOnLoopback(t: TestContext): Promise<void> {
  const data = join(await newFolder(t), 'data')
  stopAtEnd(t, data)
  const options = { dataDirectory: data, logger: testLogger, transport: 'loopback' } as const
  const postgres = await startPrivatePostgres(options)
  const other = startSeatProcess(t, data, { write: true })
  await other.hears('wrote')
  process.kill((await serverOf(data))!, 'SIGKILL')
  await other.hears('cut off')
  await until('the server is back', async () => {
    return whatIsWritten(postgres.connection).catch(() => undefined)
  })
  assert.equal(await other.leave(), 0)
  await postgres.release()
  assert.equal(await serverOf(data), undefined)
}

test('server and user are killed in mid-write: the next start finds all that was acknowledged', async (t) => {
  const data = join(await newFolder(t), 'data')
  stopAtEnd(t, data)
  const writer = startSeatProcess(t, data, { write: true })
  await until('a hundred rows are written', async () => Number(writer.last('wrote')) > 100)
  const server = await serverOf(data)
  // The user first, or it would start the server again.
  await writer.kill()
  process.kill(server!, 'SIGKILL')
  // At once: the killed server's children may still hold its shared memory.
  const postgres = await start(data)
  assertNothingLost(await whatIsWritten(postgres.connection), Number(writer.last('wrote')))
  await postgres.release()
})

test('a pid file of a server long gone, its number now another program’s, does not stop a start', async (t) => {
  const data = join(await newFolder(t), 'data')
  stopAtEnd(t, data)
  const first = startSeatProcess(t, data)
  await first.hears('seated')
  const server = await serverOf(data)
  const place = await findPlace(data)
  const pidFile = join(place!.cluster, 'postmaster.pid')
  const text = await readFile(pidFile, 'utf8')
  assert.equal(await first.leave(), 0)
  const stranger = await bystander(t)
  await writeFile(pidFile, text.replace(String(server), String(stranger)))
  if (place?.account) await chown(pidFile, place.account.uid, place.account.gid)
  const postgres = await start(data)
  assert.notEqual(await serverOf(data), stranger)
  await postgres.release()
  process.kill(stranger, 0)
})

test('a killed server whose child still works is not started beside it, whatever its pid file names', {
  skip: onlySockets,
}, async (t) => {
  const data = join(await newFolder(t), 'data')
  stopAtEnd(t, data)
  const first = startSeatProcess(t, data)
  await first.hears('seated')
  const place = await findPlace(data)
  const { socketFolder, port } = (await readPostmaster(place!.cluster))!
  const client = new pg.Client({ host: socketFolder, port, user: 'woosync', database: 'postgres' })
  client.on('error', () => undefined)
  await client.connect()
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const child = rows[0]!.pid
  // It stands for one in the middle of a long statement: those do not look whether their server lives.
  process.kill(child, 'SIGSTOP')
  // Gone by then, where all is well.
  t.after(() => isAlive(child) && process.kill(child, 'SIGCONT'))
  const server = await serverOf(data)
  await first.kill()
  process.kill(server!, 'SIGKILL')
  await until('the server is gone', async () => (await serverOf(data)) === undefined)
  // As where the dead server's entry remains: its number exists, and is no server's.
  const pidFile = join(place!.cluster, 'postmaster.pid')
  const text = await readFile(pidFile, 'utf8')
  await writeFile(pidFile, text.replace(String(server), String(await bystander(t))))
  let begun = false
  const beginning = start(data).finally(() => {
    begun = true
  })
  await until('Postgres refuses to start', async () => {
    assert.ok(!begun, 'a second server was started')
    return (await readFile(place!.log, 'utf8')).includes('pre-existing shared memory block')
  })
  process.kill(child, 'SIGCONT')
  await (await beginning).release()
})

test('the folder for the socket is taken by something else: another one is used', {
  skip: onlySockets,
}, async (t) => {
  const data = join(await newFolder(t), 'data')
  stopAtEnd(t, data)
  const first = await start(data)
  const usual = String(first.connection.host)
  await first.release()
  const obstacles: [string, () => Promise<unknown>][] = [
    ['a file', () => writeFile(usual, 'something of somebody')],
    ['a folder open to others', () => mkdir(usual).then(() => chmod(usual, 0o777))],
    ['the socket of a living program', () => takeSocket(t, usual)],
  ]
  for (const [what, put] of obstacles) {
    await put()
    const postgres = await start(data)
    const { host } = postgres.connection
    assert.notEqual(host, usual, what)
    // Others find it.
    const second = startSeatProcess(t, data)
    const { url } = JSON.parse(await second.hears('seated')) as { url: string }
    assert.equal(url, postgres.url, what)
    await second.leave()
    await postgres.release()
    await rm(usual, { recursive: true })
  }
})

async function takeSocket(t: TestContext, folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 })
  const lock = join(folder, '.s.PGSQL.5432.lock')
  await writeFile(lock, `${await bystander(t)}\n/somewhere/else\n0\n5432\n${folder}\n`, { mode: 0o600 })
  if (!isRoot) return
  await chown(folder, 65534, 65534)
  await chown(lock, 65534, 65534)
}

test('a running server whose socket was cleared away is started anew', { skip: onlySockets }, async (t) => {
  const data = join(await newFolder(t), 'data')
  stopAtEnd(t, data)
  const first = await start(data)
  const before = await serverOf(data)
  await rm(String(first.connection.host), { recursive: true })
  const second = startSeatProcess(t, data)
  await second.hears('seated')
  assert.notEqual(await serverOf(data), before)
  assert.equal(await second.leave(), 0)
  await first.release()
})

test('a data directory that was deleted under its server is made anew beside it', {
  skip: onlySockets,
}, async (t) => {
  const folder = await newFolder(t)
  const data = join(folder, 'data')
  stopAtEnd(t, data)
  const forgotten = startSeatProcess(t, data, { write: true })
  await forgotten.hears('wrote')
  const old = await serverOf(data)
  const socketFolder = (await readPostmaster((await findPlace(data))!.cluster))!.socketFolder
  atEnd(t, async () => {
    endServer(old!)
    await rm(socketFolder, { recursive: true, force: true })
  })
  await forgotten.kill()
  await rm(data, { recursive: true })
  const postgres = await start(data)
  await assert.rejects(whatIsWritten(postgres.connection), { code: '42P01' }, 'it is a new, empty one')
  await postgres.release()
})

/** The old server ends by itself, within a minute of missing its pid file; not so long here. */
function endServer(pid: number): void {
  try {
    process.kill(pid, 'SIGQUIT')
  } catch {
    // It has noticed already.
  }
}
