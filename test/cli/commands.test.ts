/** Commands that do one thing: what they print where, and the exit codes that cron sees. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newFolder, until } from '../database/private-folder.ts'
import { testDatabase } from '../database.ts'
import { assertFault, openShop, start, woosync } from './woosync.ts'

const database = await testDatabase()

describe('use', () => {
  it('what is not understood ends with 2, and help is at hand', async (t) => {
    const cwd = await newFolder(t)
    const wrong = [
      ['snyc'],
      ['sync', '--fast'],
      ['sync', '--resource', 'ordrs'],
      ['sync', '--resource', 'orders,tagz'],
      ['order-notes', 'x'],
      ['demo', '--fats'],
      [],
    ]
    const results = await Promise.all(wrong.map((args) => woosync(args, { cwd })))
    for (const [at, result] of results.entries()) {
      assert.equal(result.code, 2, wrong[at]?.join(' '))
      assert.equal(result.stdout, '')
      assert.match(result.stderr, /woosync/)
    }
    assertFault(await woosync(['sync'], { cwd, env: { PORT: 'http' } }), 'setting_invalid', 2)
  })

  it('--help of each command fits 100 columns and names the exit codes', async (t) => {
    const cwd = await newFolder(t)
    const whole = await woosync(['--help'], { cwd })
    assert.equal(whole.code, 0)
    const commands = [...whole.stdout.matchAll(/^ {2}([a-z][a-z-]+)\b/gm)].map(([, name]) => name as string)
    assert.ok(commands.length >= 10, whole.stdout)
    const shown = process.env.CI === 'true' ? commands : ['start', 'sync', 'stop']
    const helps = await Promise.all(
      shown
        .filter((name) => name !== 'help' && name !== 'demo')
        .map((name) => woosync([name, '--help'], { cwd })),
    )
    for (const { stdout, code } of helps) {
      assert.equal(code, 0)
      assert.match(stdout, /Exit codes: 0 well, 1 not well/)
      for (const line of stdout.split('\n')) assert.ok(line.length <= 100, line)
    }
    assert.match((await woosync(['--version'], { cwd })).stdout, /^\d+\.\d+\.\d+\n$/)
  })
})

describe('a shop and its copy', () => {
  it('sync, verify, doctor, test-connection: text for people, one document with --json', async (t) => {
    const { env: shop, shop: state } = await openShop(t)
    const cwd = await newFolder(t)
    const env = { ...shop, DATABASE_URL: database.url }
    const before = await woosync(['verify', '--json'], { cwd, env })
    assert.equal(before.code, 1)
    assert.equal(JSON.parse(before.stdout).complete, false)

    const synced = await woosync(['sync', '--json'], { cwd, env })
    assert.equal(synced.code, 0, synced.stderr)
    const result = JSON.parse(synced.stdout)
    assert.equal(result.complete, true)
    const orders = result.resources.find((one: { resource: string }) => one.resource === 'orders')
    assert.equal(orders.created, state.orders.size)
    // Not a terminal: nothing redraws itself.
    assert.ok(!synced.stderr.includes('\u001b'), synced.stderr)

    const again = await woosync(['sync', '--resource', 'orders,products'], { cwd, env })
    assert.equal(again.code, 0)
    assert.deepEqual(
      again.stdout
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(/ +/)[1]),
      ['orders', 'products'],
    )
    const verified = await woosync(['verify'], { cwd, env })
    assert.equal(verified.code, 0, verified.stdout)
    assert.match(verified.stdout, /is complete\.\n$/)
    for (const line of verified.stdout.split('\n')) assert.ok(line.length <= 100, line)
    const stored = await woosync(['verify', '--depth', 'stored', '--json'], { cwd, env })
    assert.equal(JSON.parse(stored.stdout).complete, true)

    const doctor = await woosync(['doctor'], { cwd, env })
    assert.equal(doctor.code, 0, doctor.stdout)
    for (const finding of [
      /✓ program: woosync /,
      /✓ shop: /,
      /✓ key: The key may read and write/,
      /✓ copy: Complete/,
      /✓ age: /,
    ]) {
      assert.match(doctor.stdout, finding)
    }
    const tested = await woosync(['test-connection'], { cwd, env: { ...env, WOOSYNC_LANGUAGE: 'es' } })
    assert.equal(tested.code, 0, tested.stderr)
    assert.match(
      tested.stdout,
      /^={62}\nPRUEBA DE CONEXIÓN CON WOOCOMMERCE - 127\.0\.0\.1:\d+\n={62}\n\n1\. /,
    )
    assert.match(
      tested.stdout,
      /\n3\. Los 5 primeros productos:\n( {3}\d\. [✅❌] .+ - .+ \| Existencias: .+\n){5}$/u,
    )
    const json = JSON.parse((await woosync(['test-connection', '--json'], { cwd, env })).stdout)
    assert.equal(json.mayWrite, true)
    assert.equal(json.first.length, 5)
  })

  it('with --json a fault is a document too, and a sentence on standard error', async (t) => {
    const cwd = await newFolder(t)
    const { env: shop, server } = await openShop(t)
    const env = { ...shop, DATABASE_URL: database.url }
    server.faults.set({ kind: 'html', status: 403 })
    const result = await woosync(['test-connection', '--json'], { cwd, env })
    assertFault(result, 'store_blocked_by_host')
    assert.equal(JSON.parse(result.stdout).error.code, 'store_blocked_by_host')
  })

  it('a fault of one resource is said with it, the others go on, and the exit code is 1', async (t) => {
    const cwd = await newFolder(t)
    const { env: shop, server } = await openShop(t)
    const env = { ...shop, DATABASE_URL: database.url }
    server.faults.set({ kind: 'html', status: 403, path: '/coupons', after: 6 })
    server.faults.set({ kind: 'html', status: 403, path: '/taxes' })
    const result = await woosync(['sync', '--json'], { cwd, env })
    assert.equal(result.code, 1)
    const { resources, complete } = JSON.parse(result.stdout)
    assert.equal(complete, false)
    const ofTaxes = resources.find((one: { resource: string }) => one.resource === 'tax_rates')
    assert.equal(ofTaxes.error.code, 'store_blocked_by_host')
    const ofOrders = resources.find((one: { resource: string }) => one.resource === 'orders')
    assert.equal(ofOrders.error, null)
    assert.match(result.stderr, /^✗ .*tax rates.*: .+ answered with a web page/m)
  })

  it('who has read enough may close the pipe', async (t) => {
    const cwd = await newFolder(t)
    const { env: shop } = await openShop(t)
    const running = start(['verify'], { cwd, env: { ...shop, DATABASE_URL: database.url } })
    running.child.stdout.destroy()
    const { stderr } = await running.ended
    assert.doesNotMatch(stderr, /EPIPE|at /)
  })
})

describe('signals', () => {
  it('Ctrl-C stops a sync at a safe place with 130, and the next one completes', async (t) => {
    const cwd = await newFolder(t)
    const { env: shop, server } = await openShop(t)
    server.faults.set({ kind: 'latency', ms: 500, path: '/orders\\?.*_fields=id|/orders\\?.*order=asc' })
    const env = { ...shop, DATABASE_URL: database.url }
    const running = start(['sync', '--json'], { cwd, env })
    await until('products are asked for', async () =>
      server.requests().some(({ path }) => /\/coupons\?/.test(path)),
    )
    running.child.kill('SIGINT')
    const { code, stderr, stdout } = await running.ended
    assert.equal(code, 130, stderr)
    assert.match(stderr, /sync_cancelled/)
    JSON.parse(stdout)
    const next = await woosync(['sync'], { cwd, env })
    assert.equal(next.code, 0, next.stderr)
    assert.equal((await woosync(['verify'], { cwd, env })).code, 0)
  })
})
