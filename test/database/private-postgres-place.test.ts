import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, appendFile, chmod, chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { nobody, runProgram } from '../../src/database/postgres-account.ts'
import { findPlace } from '../../src/database/postgres-place.ts'
import { type PrivatePostgresOptions, startPrivatePostgres } from '../../src/database/private-postgres.ts'
import { testLogger } from '../database.ts'
import { isRoot, newFolder, startSeatProcess, stopAtEnd } from './private-folder.ts'

/** An ordinary user every system has. */
const daemon = { uid: 1, gid: 1 }

const onlyRoot = isRoot ? false : 'needs root, who can become another user'

async function start(dataDirectory: string, options: Partial<PrivatePostgresOptions> = {}) {
  return startPrivatePostgres({ dataDirectory, logger: testLogger, ...options })
}

/** Starts and ends it once; returns the version that ran. */
async function runsIn(t: TestContext, data: string, options: Partial<PrivatePostgresOptions> = {}) {
  stopAtEnd(t, data)
  const postgres = await start(data, options)
  await postgres.release()
  return postgres.version
}

test('a path with spaces and letters beyond ASCII', async (t) => {
  await runsIn(t, join(await newFolder(t), 'dată nouă', "l'été ș"))
})

test('a folder in which nothing can be made is said, not tried for ever', {
  skip: process.platform === 'linux' ? false : 'needs /proc',
}, async () => {
  await assert.rejects(start('/proc/no-place/data'), { code: 'data_directory_unusable' })
})

test('a path longer than a socket’s may be', async (t) => {
  const data = join(await newFolder(t), 'a'.repeat(60), 'b'.repeat(60), 'data')
  assert.ok(data.length > 131)
  await runsIn(t, data)
})

test('root, with the project in a closed home: the cluster lives elsewhere, and is found again', {
  skip: onlyRoot,
}, async (t) => {
  const folder = await newFolder(t)
  const home = join(folder, 'closed home')
  await mkdir(home)
  await chmod(home, 0o700)
  const data = join(home, 'shop', 'data')
  stopAtEnd(t, data)
  const reachableFolder = join(folder, 'reachable')
  const postgres = await start(data, { reachableFolder })
  const place = await findPlace(data)
  assert.ok(place)
  assert.ok(place.cluster.startsWith(reachableFolder))
  assert.deepEqual(place.account, nobody)
  assert.equal((await stat(place.cluster)).uid, nobody.uid)
  assert.equal((await readFile(join(data, 'postgres-folder.txt'), 'utf8')).trim(), place.folder)
  await postgres.release()
  const again = await start(data, { reachableFolder: join(folder, 'not used') })
  assert.equal((await findPlace(data))?.cluster, place.cluster)
  await again.release()
})

test('root, in a data directory of an ordinary user: Postgres runs as that user', {
  skip: onlyRoot,
}, async (t) => {
  const data = join(await newFolder(t), 'data')
  await mkdir(data, { mode: 0o700 })
  await chown(data, daemon.uid, daemon.gid)
  stopAtEnd(t, data)
  const postgres = await start(data)
  assert.deepEqual((await findPlace(data))?.account, daemon)
  await postgres.release()
  assert.equal((await stat(join(data, 'postgres', 'PG_VERSION'))).uid, daemon.uid)
  // A user this system has no name for, as a container sees its host's: initdb would not run.
  const mounted = join(await newFolder(t), 'data')
  await mkdir(mounted)
  await chown(mounted, 12_345, 12_345)
  await runsIn(t, mounted)
  assert.deepEqual((await findPlace(mounted))?.account, nobody)
})

test('an ordinary user', { skip: onlyRoot }, async (t) => {
  const project = fileURLToPath(new URL('../..', import.meta.url))
  const probe = await runProgram(
    process.execPath,
    ['-p', `fs.readdirSync(${JSON.stringify(project)}).length`],
    nobody,
  )
  if (probe.code !== 0) return t.skip('the project lies in a folder that is closed to other users')
  const data = join(await newFolder(t), 'data')
  await mkdir(data)
  await chown(data, nobody.uid, nobody.gid)
  stopAtEnd(t, data)
  const user = startSeatProcess(t, data, {}, { uid: nobody.uid, gid: nobody.gid })
  const { uid } = JSON.parse(await user.hears('seated')) as { uid: number }
  assert.equal(uid, nobody.uid)
  // Root joins what the user has started.
  const postgres = await start(data)
  await postgres.release()
  assert.equal(await user.leave(), 0)
})

test('an ordinary user is told when the database is another user’s', { skip: onlyRoot }, async (t) => {
  const data = join(await newFolder(t), 'data')
  await runsIn(t, data)
  await chmod(data, 0o777)
  const user = startSeatProcess(t, data, {}, { uid: 12_345, gid: 12_345 })
  const { code, message } = JSON.parse(await user.hears('failed')) as { code: string; message: string }
  assert.equal(code, 'data_directory_unusable')
  assert.match(message, /belongs to user 65534, and this is user 12345/)
})

test('a data directory that is a file', async (t) => {
  const data = join(await newFolder(t), 'data')
  await writeFile(data, '')
  await assert.rejects(start(data), { code: 'data_directory_unusable' })
})

test('data of another major version is refused and left as it is', async (t) => {
  const data = join(await newFolder(t), 'data')
  await runsIn(t, data)
  const version = join(data, 'postgres', 'PG_VERSION')
  await writeFile(version, '13\n')
  await assert.rejects(start(data), (thrown: { code: string; data: { found: number } }) => {
    assert.equal(thrown.code, 'postgres_data_of_other_version')
    assert.equal(thrown.data.found, 13)
    return true
  })
  assert.equal(await readFile(version, 'utf8'), '13\n')
})

test('a server that cannot start says why; put right, it starts with what it had', async (t) => {
  const data = join(await newFolder(t), 'data')
  await runsIn(t, data)
  const configuration = join(data, 'postgres', 'postgresql.conf')
  const before = await readFile(configuration)
  await appendFile(configuration, '\nwork_mem = plenty\n')
  await assert.rejects(start(data), { code: 'postgres_start_failed', message: /configuration file/ })
  await writeFile(configuration, before)
  await runsIn(t, data)
})

test('a draft in which the initdb of a killed start still writes stops nobody', async (t) => {
  const data = join(await newFolder(t), 'data')
  const folder = join(data, 'postgres-draft-4194998-abcdef', 'global')
  await mkdir(folder, { recursive: true })
  const writes = `const { mkdirSync, writeFileSync } = require('node:fs')
    const [folder] = process.argv.slice(1)
    for (let at = 0; ; at = (at + 1) % 1000) {
      try { writeFileSync(folder + '/' + at, '') } catch { mkdirSync(folder, { recursive: true }) }
      if (at === 999 && process.send) process.send('writing')
    }`
  const writer = spawn(process.execPath, ['-e', writes, folder], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  try {
    await once(writer, 'message')
    await runsIn(t, data)
  } finally {
    writer.kill('SIGKILL')
    await once(writer, 'exit')
  }
})

test('drafts of killed starts are swept away', async (t) => {
  const data = join(await newFolder(t), 'data')
  const draft = join(data, 'postgres-draft-4194999-abcdef')
  await mkdir(join(draft, 'base'), { recursive: true })
  await runsIn(t, data)
  await assert.rejects(access(draft))
})
