import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { migrate } from '../../src/database/migrate.ts'
import { openDatabase } from '../../src/database/open.ts'
import { type TestDatabase, testDatabase, testLogger } from '../database.ts'
import { newFolder } from './private-folder.ts'

const first = 'CREATE SCHEMA shop;\nCREATE TABLE shop.things (id int PRIMARY KEY);\n'
const second = 'INSERT INTO shop.things VALUES (1);\nALTER TABLE shop.things ADD COLUMN name text;\n'

async function folderWith(t: TestContext, files: Record<string, string>): Promise<string> {
  const folder = await newFolder(t)
  for (const [name, sql] of Object.entries(files)) await writeFile(join(folder, name), sql)
  return folder
}

async function things(database: TestDatabase): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>('SELECT count(*) FROM shop.things')
  return rows[0]!.count
}

test('every migration is applied once, in order, and what was done is recorded', async (t) => {
  const database = await testDatabase(t, { migrations: 'none' })
  const folder = await folderWith(t, { '0001-things.sql': first, 'notes.txt': 'no migration' })
  assert.deepEqual(await migrate(database, { folder, logger: testLogger }), ['0001-things'])
  await writeFile(join(folder, '0002-names.sql'), second)
  assert.deepEqual(await migrate(database, { folder, logger: testLogger }), ['0002-names'])
  assert.deepEqual(await migrate(database, { folder, logger: testLogger }), [])
  assert.equal(await things(database), 1)
  const { rows } = await database.pool.query(
    'SELECT name, length(sha256) AS length FROM sync.migrations ORDER BY name',
  )
  assert.deepEqual(rows, [
    { name: '0001-things', length: 64 },
    { name: '0002-names', length: 64 },
  ])
})

test('six processes migrate at once: each migration is applied by one of them', async (t) => {
  const database = await testDatabase(t, { migrations: 'none' })
  const files: Record<string, string> = { '0001-things.sql': first, '0002-names.sql': second }
  for (let number = 3; number <= 9; number++) {
    files[`000${number}-more.sql`] = `INSERT INTO shop.things VALUES (${number})`
  }
  const folder = await folderWith(t, files)
  const script = fileURLToPath(new URL('./migrate-process.ts', import.meta.url))
  const processes = Array.from({ length: 6 }, () => fork(script, [database.url, folder], { execArgv: [] }))
  t.after(() => {
    for (const each of processes) each.kill('SIGKILL')
  })
  // All are connected before any begins.
  await Promise.all(processes.map((each) => once(each, 'message')))
  const done = processes.map(async (each) => {
    each.send('go')
    const [applied] = (await once(each, 'message')) as [string[]]
    const [code] = await once(each, 'exit')
    assert.equal(code, 0)
    return applied
  })
  const applied = (await Promise.all(done)).flat().sort()
  assert.deepEqual(
    applied,
    Object.keys(files).map((name) => name.replace('.sql', '')),
  )
  assert.equal(await things(database), 8)
})

test('a migration that fails leaves nothing of itself, and the ones before it stay', async (t) => {
  const database = await testDatabase(t, { migrations: 'none' })
  const folder = await folderWith(t, {
    '0001-things.sql': first,
    '0002-broken.sql': 'CREATE TABLE shop.half (id int);\nSELECT 1/0;\n',
  })
  await assert.rejects(migrate(database, { folder, logger: testLogger }), { code: '22012' })
  const { rows } = await database.pool.query(
    `SELECT to_regclass('shop.half') AS half, name FROM sync.migrations`,
  )
  assert.deepEqual(rows, [{ half: null, name: '0001-things' }])
})

test('a migration changed after it was applied is refused; other line ends are no change', async (t) => {
  const database = await testDatabase(t, { migrations: 'none' })
  const folder = await folderWith(t, { '0001-things.sql': first })
  await migrate(database, { folder, logger: testLogger })
  await writeFile(join(folder, '0001-things.sql'), `\uFEFF${first.replaceAll('\n', '\r\n')}`)
  assert.deepEqual(await migrate(database, { folder, logger: testLogger }), [])
  await writeFile(join(folder, '0001-things.sql'), `${first}-- a word more\n`)
  const changed = { code: 'database_migration_changed', message: /0001-things/ }
  await assert.rejects(migrate(database, { folder, logger: testLogger }), changed)
  await rm(join(folder, '0001-things.sql'))
  await writeFile(join(folder, '0001-renamed.sql'), first)
  await assert.rejects(migrate(database, { folder, logger: testLogger }), changed)
})

test('a database made by a newer version is refused', async (t) => {
  const database = await testDatabase(t, { migrations: 'none' })
  const folder = await folderWith(t, { '0001-things.sql': first, '0002-names.sql': second })
  await migrate(database, { folder, logger: testLogger })
  await rm(join(folder, '0002-names.sql'))
  await assert.rejects(migrate(database, { folder, logger: testLogger }), {
    code: 'database_is_newer',
    message: /0002-names/,
  })
})

test('two migrations with one number are refused', async (t) => {
  const database = await testDatabase(t, { migrations: 'none' })
  const folder = await folderWith(t, { '0001-things.sql': first, '0001-other.sql': second })
  await assert.rejects(migrate(database, { folder, logger: testLogger }), /number 0001/)
})

test('a user without rights is told so; once all is applied it needs none', async (t) => {
  const owner = await testDatabase(t, { migrations: 'none' })
  const folder = await folderWith(t, { '0001-things.sql': first })
  const role = `${owner.name}_reader`
  await owner.pool.query(`CREATE ROLE ${role} LOGIN`)
  const url = new URL(owner.url)
  url.username = role
  const reader = await openDatabase({
    url: url.href,
    dataDirectory: '',
    applicationName: 'woosync-test',
    logger: testLogger,
  })
  try {
    await assert.rejects(migrate(reader, { folder, logger: testLogger }), { code: 'database_rights_missing' })
    await migrate(owner, { folder, logger: testLogger })
    await owner.pool.query(
      `GRANT USAGE ON SCHEMA sync TO ${role}; GRANT SELECT ON sync.migrations TO ${role}`,
    )
    assert.deepEqual(await migrate(reader, { folder, logger: testLogger }), [])
  } finally {
    await reader.close()
    await owner.pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  }
})

test('whoever starts all over drops every schema there is, and the next start makes them anew', async (t) => {
  const page = await readFile(new URL('../../docs/operating.md', import.meta.url), 'utf8')
  const [statement] = /DROP SCHEMA [^`]+CASCADE/.exec(page) ?? []
  assert.ok(statement)
  const database = await testDatabase(t, { migrations: 'none' })
  const applied = await migrate(database, { logger: testLogger })
  await database.pool.query(statement)
  const { rows } = await database.pool.query(
    `SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')`,
  )
  assert.deepEqual(rows, [])
  assert.deepEqual(await migrate(database, { logger: testLogger }), applied)
})
