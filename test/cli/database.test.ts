/** A database that fails in the middle: no disk space, a Postgres that goes away and comes back. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import pg from 'pg'
import { createWrites } from '../../demo/writes.ts'
import { startPrivatePostgres } from '../../src/database/private-postgres.ts'
import { atEnd, newFolder, serverOf, stopAtEnd, until } from '../database/private-folder.ts'
import { testLogger } from '../database.ts'
import { assertFault, openShop, start, woosync } from './woosync.ts'

/** A file system in memory of so many megabytes, where root may mount one; null elsewhere. */
function mountSmall(folder: string, megabytes: number): (() => void) | null {
  try {
    const options = `size=${megabytes}m,mode=755`
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', folder], { stdio: 'ignore' })
    return () => execFileSync('umount', [folder])
  } catch {
    return null
  }
}

const portOf = (url: string): number => Number(new URL(url).port)

/** An address that stays the same, whichever port Postgres has behind it. */
async function openDoor(t: TestContext, first: number) {
  let target = first
  const server = createServer((outside) => {
    const inside = connect(target, '127.0.0.1')
    outside.on('error', () => inside.destroy()).pipe(inside)
    inside.on('error', () => outside.destroy()).pipe(outside)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  atEnd(t, async () => void server.close())
  return {
    port: (server.address() as AddressInfo).port,
    leadTo(port: number) {
      target = port
    },
  }
}

describe('no disk space', () => {
  it('database_disk_full, and after some was freed the next sync completes', async (t) => {
    const cwd = await newFolder(t)
    const small = join(cwd, 'small')
    await mkdir(small)
    const unmount = mountSmall(small, 160)
    if (!unmount) return t.skip('A SMALL DISK CANNOT BE MADE HERE: it takes root and mount')
    atEnd(t, async () => unmount())
    const data = join(small, 'data')
    stopAtEnd(t, data)
    const { env: shop, shop: state } = await openShop(t, { shop: { orders: 3000, days: 200 } })
    const env = { ...shop, WOOSYNC_DATA: data }
    assert.equal((await woosync(['sync', '--resource', 'categories'], { cwd, env })).code, 0)
    const { bavail, bsize } = statfsSync(small)
    writeFileSync(join(small, 'ballast'), Buffer.alloc(bavail * bsize - 2_000_000))
    assertFault(await woosync(['sync'], { cwd, env }), 'database_disk_full')
    rmSync(join(small, 'ballast'))
    const next = await woosync(['sync'], { cwd, env })
    assert.equal(next.code, 0, next.stderr)
    const verified = await woosync(['verify', '--json', '--depth', 'listed'], { cwd, env })
    assert.equal(verified.code, 0, verified.stdout)
    assert.equal(JSON.parse(verified.stdout).resources[0].inMirror, state.orders.size)
  })
})

describe('a Postgres that goes away', () => {
  it('killed in the middle of a sync: a code, no stack trace, and the next sync completes', async (t) => {
    const cwd = await newFolder(t)
    const data = join(cwd, 'data')
    stopAtEnd(t, data)
    const { env, server } = await openShop(t, { shop: { orders: 1500, days: 100 } })
    server.faults.set({ kind: 'latency', ms: 150, path: '/orders\\?' })
    const running = start(['sync'], { cwd, env })
    const asked = () => server.requests().filter(({ path }) => /\/orders\?/.test(path)).length
    await until('orders are copied', async () => asked() > 12)
    process.kill((await serverOf(data)) ?? 0, 'SIGKILL')
    const { code, stderr } = await running.ended
    // The private Postgres is brought back at once: what needed it meanwhile ends with a code.
    assert.equal(code, 1, stderr)
    assert.match(stderr, /\((database_lost|database_unreachable|sync_lock_lost)\)/)
    assert.doesNotMatch(stderr, /\(internal\)|^\s+at /m)
    server.faults.clear()
    const next = await woosync(['sync'], { cwd, env })
    assert.equal(next.code, 0, next.stderr)
    assert.equal((await woosync(['verify', '--depth', 'listed'], { cwd, env })).code, 0)
  })

  it('a service goes on when it is back', async (t) => {
    const cwd = await newFolder(t)
    const dataDirectory = join(cwd, 'server')
    stopAtEnd(t, dataDirectory)
    const options = { dataDirectory, logger: testLogger, transport: 'loopback' } as const
    const first = await startPrivatePostgres(options)
    const door = await openDoor(t, portOf(first.url))
    const { env: shop, shop: state } = await openShop(t)
    const DATABASE_URL = first.url.replace(`:${portOf(first.url)}/`, `:${door.port}/`)
    const env = { ...shop, DATABASE_URL, PORT: '0', FOLLOW_SECONDS: '1', SETTLING_SECONDS: '1' }
    const running = start(['start'], { cwd, env })
    atEnd(t, async () => void running.child.kill('SIGKILL'))
    await running.said(/Keeping up/)
    await first.release()
    assert.equal(await serverOf(dataDirectory), undefined)
    await running.said(/"code":"database_(lost|unreachable)"/)
    const again = await startPrivatePostgres(options)
    atEnd(t, () => again.release())
    door.leadTo(portOf(again.url))
    const made = createWrites(state).createOrder({ status: 'processing' })
    const session = new pg.Client(again.url)
    await session.connect()
    atEnd(t, () => session.end())
    await until(
      'the new order is copied',
      async () =>
        (await session.query('SELECT 1 FROM mirror.orders WHERE id = $1', [made.id])).rowCount === 1,
      60,
    )
    running.child.kill('SIGTERM')
    const { code, stderr } = await running.ended
    assert.equal(code, 0, stderr)
    assert.doesNotMatch(stderr, /"code":"internal"|^\s+at /m)
  })
})
