import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { connectFault, databaseFault } from '../../src/database/faults.ts'
import { openDatabase } from '../../src/database/open.ts'
import { startPrivatePostgres } from '../../src/database/private-postgres.ts'
import { WooSyncError } from '../../src/errors.ts'
import { testDatabase, testLogger } from '../database.ts'
import { atEnd, isRoot, newFolder, stopAtEnd } from './private-folder.ts'

const noSmallDisk = diskSkip()

async function opened(url: string) {
  return openDatabase({
    url,
    dataDirectory: '',
    poolSize: 2,
    applicationName: 'woosync-test',
    logger: testLogger,
  })
}

test('a server that is not there', async (t) => {
  await assert.rejects(opened('postgresql://woosync@127.0.0.1:1/woosync'), {
    code: 'database_unreachable',
    message: /ECONNREFUSED/,
  })
  await assert.rejects(opened('postgresql://woosync@localhost:1/woosync'), {
    code: 'database_unreachable',
    message: /ECONNREFUSED/,
  })
  await assert.rejects(opened('postgresql://woosync@no-such-host.invalid/woosync'), {
    code: 'database_unreachable',
    message: /no-such-host\.invalid/,
  })
  const folder = encodeURIComponent(await newFolder(t))
  await assert.rejects(opened(`postgresql://woosync@localhost/woosync?host=${folder}`), {
    code: 'database_unreachable',
  })
})

test('something that is no Postgres', async (t) => {
  const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const address = server.address()
  assert.ok(address && typeof address === 'object')
  await assert.rejects(opened(`postgresql://woosync@127.0.0.1:${address.port}/woosync`), {
    code: 'database_unreachable',
  })
})

test('a wrong password, a wrong user, a database that does not exist', async (t) => {
  const data = join(await newFolder(t), 'data')
  stopAtEnd(t, data)
  const postgres = await startPrivatePostgres({
    dataDirectory: data,
    logger: testLogger,
    transport: 'loopback',
  })
  const refused = async (change: (url: URL) => void, code: string) => {
    const url = new URL(postgres.url)
    change(url)
    await assert.rejects(opened(url.href), (thrown: WooSyncError) => {
      assert.equal(thrown.code, code)
      assert.ok(!JSON.stringify(thrown).includes('s3cret'))
      return true
    })
  }
  await refused((url) => {
    url.password = 's3cret-but-wrong'
  }, 'database_sign_in_refused')
  await refused((url) => {
    url.username = 'nobody-we-know'
  }, 'database_sign_in_refused')
  await refused((url) => {
    url.pathname = '/elsewhere'
  }, 'database_unreachable')
  await postgres.release()
})

test('a right that is missing', async (t) => {
  const database = await testDatabase(t, { migrations: 'none' })
  const role = `${database.name}_guest`
  await database.pool.query(`CREATE TABLE closed (id int); CREATE ROLE ${role}`)
  const work = database.transaction(async (client) => {
    await client.query(`SET LOCAL ROLE ${role}`)
    await client.query('SELECT * FROM closed')
  })
  await assert.rejects(work, { code: 'database_rights_missing', message: /closed/ })
  await database.pool.query(`DROP ROLE ${role}`)
})

test('a statement that finds no disk space, whoever may make a small disk', async (t) => {
  const database = await testDatabase(t, { migrations: 'none' })
  const work = database.transaction((client) =>
    client.query(
      `DO $$ BEGIN RAISE 'could not extend file: No such luck' USING ERRCODE = 'disk_full'; END $$`,
    ),
  )
  await assert.rejects(work, { code: 'database_disk_full' })
})

test('what is no fault of the database is handed back as it is', () => {
  const own = new TypeError('something else')
  assert.equal(databaseFault(own), own)
  assert.equal(databaseFault('text'), 'text')
  const known = new WooSyncError('not_found', { what: 'thing' })
  assert.equal(databaseFault(known), known)
  assert.equal(connectFault(own).code, 'database_unreachable')
})

test('a disk that is full: while writing, and at the start', { skip: noSmallDisk }, async (t) => {
  const disk = await smallDisk(t, '160m')
  const reserve = join(disk, 'reserve')
  await writeFile(reserve, Buffer.alloc(50_000_000))
  const data = join(disk, 'data')
  stopAtEnd(t, data)
  const options = { dataDirectory: data, applicationName: 'woosync-test', logger: testLogger }
  const database = await openDatabase(options)
  await database.pool.query('CREATE TABLE heap (id int, filling text)')
  await database.pool.query('ALTER TABLE heap ALTER filling SET STORAGE EXTERNAL')
  let acknowledged = 0
  const fill = async () => {
    // Without end: until the disk ends it.
    for (;;) {
      await database.transaction((client) =>
        client.query(`INSERT INTO heap SELECT i, repeat('x', 8000) FROM generate_series(1, 500) AS i`),
      )
      acknowledged += 500
    }
  }
  // Full in a table, it refuses; full in its log, it goes down, and is brought back when there is space.
  await assert.rejects(fill(), (thrown: WooSyncError) => /^database_(disk_full|lost)$/.test(thrown.code))
  await database.close()

  const ballast = join(disk, 'ballast')
  fillDisk(ballast)
  await assert.rejects(openDatabase(options), { code: 'database_disk_full' })
  await Promise.all([rm(ballast), rm(reserve)])
  const again = await openDatabase(options)
  const { rows } = await again.pool.query<{ count: number }>('SELECT count(*) FROM heap')
  assert.ok(acknowledged > 0)
  assert.ok(rows[0]!.count >= acknowledged)
  await again.close()
})

test('a disk too small for a database', { skip: noSmallDisk }, async (t) => {
  const disk = await smallDisk(t, '20m')
  const data = join(disk, 'data')
  const started = startPrivatePostgres({ dataDirectory: data, logger: testLogger })
  await assert.rejects(started, { code: 'database_disk_full' })
  assert.deepEqual(await readdir(data), [], 'nothing half made is left')
})

async function smallDisk(t: TestContext, size: string): Promise<string> {
  const disk = join(await newFolder(t), 'disk')
  await mkdir(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'tmpfs', disk])
  atEnd(t, async () => execFileSync('umount', ['--lazy', disk]))
  return disk
}

function fillDisk(file: string): void {
  for (const size of [65_536, 4_096]) {
    assert.throws(
      () => {
        for (;;) appendFileSync(file, Buffer.alloc(size))
      },
      { code: 'ENOSPC' },
    )
  }
}

/** A small disk of its own needs root on Linux, and a container's root may lack the right to mount. */
function diskSkip(): string | false {
  const reason = 'needs root on Linux with the right to mount a small disk'
  if (process.platform !== 'linux' || !isRoot) return reason
  const probe = mkdtempSync(join(tmpdir(), 'woosync-own-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', probe], { stdio: 'ignore' })
    execFileSync('umount', [probe])
    return false
  } catch {
    return reason
  } finally {
    rmSync(probe, { recursive: true })
  }
}
