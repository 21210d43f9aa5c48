import assert from 'node:assert/strict'
import { access, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import pg from 'pg'
import { startPrivatePostgres, stopPrivatePostgres } from '../../src/database/private-postgres.ts'
import { testLogger } from '../database.ts'
import { newFolder, serverOf, startSeatProcess, stopAtEnd, until } from './private-folder.ts'

async function ask(connection: pg.ClientConfig, question: string): Promise<unknown> {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    const { rows } = await client.query({ text: question, rowMode: 'array' })
    return rows[0]?.[0]
  } finally {
    await client.end()
  }
}

test('a fresh start makes a database of its own, and the last one out stops it', async (t) => {
  const data = join(await newFolder(t), 'data')
  stopAtEnd(t, data)
  const postgres = await startPrivatePostgres({ dataDirectory: data, logger: testLogger })
  const { connection, version } = postgres
  assert.match(version, /^\d+\.\d+$/)
  assert.equal(connection.database, 'woosync')
  assert.equal(await ask(connection, `SELECT current_setting('server_version')`), version)
  assert.equal(await ask({ connectionString: postgres.url }, 'SELECT current_database()'), 'woosync')
  assert.equal(await ask(connection, `SELECT lower('ȘĂRĂ')`), 'șără', 'letters beyond ASCII are folded')
  assert.equal(await ask(connection, 'SHOW timezone'), 'UTC')
  assert.equal(await ask(connection, 'SHOW fsync'), 'on')
  assert.equal(await ask(connection, 'SHOW server_encoding'), 'UTF8')
  if (process.platform !== 'win32') {
    assert.equal(await ask(connection, 'SHOW listen_addresses'), '', 'no port is opened')
    const socketFolder = await stat(String(connection.host))
    assert.equal(socketFolder.mode & 0o777, 0o700)
  }
  await postgres.release()
  await postgres.release()
  assert.equal(await serverOf(data), undefined)
  if (process.platform !== 'win32')
    await assert.rejects(access(String(connection.host)), 'the socket folder is gone')
})

test('over the loopback it asks for the password, and a second start finds port and password', async (t) => {
  const data = join(await newFolder(t), 'data')
  stopAtEnd(t, data)
  const first = await startPrivatePostgres({ dataDirectory: data, logger: testLogger, transport: 'loopback' })
  assert.equal(first.connection.host, '127.0.0.1')
  assert.equal(await ask(first.connection, 'SELECT 1'), 1)
  await assert.rejects(ask({ ...first.connection, password: 'guessed' }, 'SELECT 1'), { code: '28P01' })
  const second = startSeatProcess(t, data)
  const { url } = JSON.parse(await second.hears('seated')) as { url: string }
  assert.equal(url, first.url)
  assert.equal(await second.leave(), 0)
  await first.release()
  assert.equal(await serverOf(data), undefined)
})

test('several processes share one server; it stays until the last one leaves', async (t) => {
  const data = join(await newFolder(t), 'data')
  stopAtEnd(t, data)
  const first = startSeatProcess(t, data)
  await first.hears('seated')
  const server = await serverOf(data)
  const second = await startPrivatePostgres({ dataDirectory: data, logger: testLogger })
  assert.equal(await serverOf(data), server)
  assert.equal(await stopPrivatePostgres(data, { logger: testLogger }), 'in_use')
  assert.equal(await first.leave(), 0)
  assert.equal(await serverOf(data), server, 'one left, one stays')
  assert.equal(await ask(second.connection, 'SELECT 1'), 1)
  await second.release()
  assert.equal(await serverOf(data), undefined)
})

test('a user killed with SIGKILL leaves the server running; the next one joins it, `stop` ends it', async (t) => {
  const data = join(await newFolder(t), 'data')
  stopAtEnd(t, data)
  const killed = startSeatProcess(t, data, { write: true })
  await killed.hears('wrote')
  const server = await serverOf(data)
  await killed.kill()
  assert.equal(await serverOf(data), server)
  const next = await startPrivatePostgres({ dataDirectory: data, logger: testLogger })
  assert.equal(await serverOf(data), server, 'joined, not started again')
  const acknowledged = Number(killed.last('wrote'))
  assert.ok(Number(await ask(next.connection, 'SELECT max(number) FROM written')) >= acknowledged)
  await next.release()
  assert.equal(await serverOf(data), undefined)

  const again = startSeatProcess(t, data)
  await again.hears('seated')
  await again.kill()
  assert.notEqual(await serverOf(data), undefined)
  // Until the server has noticed the killed one's end, that one still counts as a user.
  await until('the left-over server is stopped', async () => {
    return (await stopPrivatePostgres(data, { logger: testLogger })) === 'stopped'
  })
  assert.equal(await serverOf(data), undefined)
  assert.equal(await stopPrivatePostgres(data, { logger: testLogger }), 'not_running')
})

test('six processes that start at once share one server, and leave nothing behind', async (t) => {
  const data = join(await newFolder(t), 'data')
  stopAtEnd(t, data)
  const processes = Array.from({ length: 6 }, () => startSeatProcess(t, data))
  const seats = await Promise.all(processes.map((each) => each.hears('seated')))
  assert.equal(new Set(seats).size, 1, 'all were told the same address')
  const names = await readdir(data)
  assert.deepEqual(names.sort(), ['postgres', 'postgres.log'])
  // Two are killed, two leave while two more come.
  await Promise.all([processes[0]!.kill(), processes[1]!.kill()])
  const late = [startSeatProcess(t, data), startSeatProcess(t, data)]
  assert.deepEqual(await Promise.all([processes[2]!.leave(), processes[3]!.leave()]), [0, 0])
  await Promise.all(late.map((each) => each.hears('seated')))
  const rest = [...processes.slice(4), ...late]
  assert.deepEqual(await Promise.all(rest.map((each) => each.leave())), [0, 0, 0, 0])
  assert.equal(await serverOf(data), undefined)
})

test('one comes while the last one leaves: it gets its server, again and again', async (t) => {
  const data = join(await newFolder(t), 'data')
  stopAtEnd(t, data)
  let leaving = Promise.resolve()
  for (let round = 0; round < 12; round++) {
    const postgres = await startPrivatePostgres({ dataDirectory: data, logger: testLogger })
    assert.equal(await ask(postgres.connection, 'SELECT 1'), 1)
    await leaving
    leaving = postgres.release()
  }
  await leaving
  assert.equal(await serverOf(data), undefined)
})
