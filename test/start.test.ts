/** `woosync start` from end to end, with nothing but a folder: demo shop, Postgres, copy, HTTP, and the ways it ends. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { lastDemoAddress } from '../src/demo-shop.ts'
import { createStoreClient } from '../src/store/rest/client.ts'
import { createPace } from '../src/store/rest/pace.ts'
import { assertNothingLeft, ENV, endWith, place, startIn } from './cli/service.ts'
import { processesWith, start, woosync } from './cli/woosync.ts'
import { until } from './database/private-folder.ts'

describe('npm scripts', () => {
  it('run on the Node that npm brought, whatever the machine has', () => {
    const root = join(import.meta.dirname, '..')
    const said = spawnSync(join(root, 'node_modules', '.bin', 'node'), ['--version'], { encoding: 'utf8' })
    assert.match(said.stdout ?? '', /^v24\./)
  })
})

describe('woosync start', () => {
  it('shows where to go, follows the living demo shop, and ends with all it started', async (t) => {
    const { cwd, data } = await place(t)
    const { running, url } = await startIn(t, cwd)
    const demo = lastDemoAddress(data)
    assert.ok(demo)
    const said = running.stdout()
    for (const text of [
      `${url}/readyz`,
      `${url}/metrics`,
      new URL(demo.url).host,
      demo.consumerKey,
      demo.consumerSecret,
    ]) {
      assert.ok(said.includes(text), said)
    }
    assert.match(said, /The copy of .+ is complete\./)
    await until('it is ready', async () => (await fetch(`${url}/readyz`)).status === 200)

    // An order as a customer of the demo shop makes it, over REST: it is copied by following.
    const orders = async () => {
      const found = await woosync(['verify', '--depth', 'stored', '--json'], { cwd, env: ENV })
      return JSON.parse(found.stdout).resources[0]
    }
    const before = await orders()
    await addOrder(demo)
    await until('the new order is here', async () => (await orders()).inMirror > before.inMirror)

    const ended = await endWith(running, 'SIGTERM')
    assert.equal(ended.code, 0, ended.stderr)
    assert.ok(ended.ms < 10_000, `${ended.ms} ms`)
    assert.doesNotMatch(ended.stderr, /^\s+at |"level":"error"/m)
    await assertNothingLeft(cwd, data)
  })

  it('killed at once, leaves no demo shop behind, and the next start goes on', async (t) => {
    const { cwd, data } = await place(t)
    const first = await startIn(t, cwd)
    await endWith(first.running, 'SIGKILL')
    await until('the demo shop ended by itself', async () => (await demosOf(data)).length === 0)
    const second = await startIn(t, cwd)
    assert.doesNotMatch(
      second.running.stderr(),
      /"kind":"backfill","requests":\d+,"seen":[1-9]\d{3}/,
      'nothing is copied anew',
    )
    // As when its terminal is closed.
    const ended = await endWith(second.running, 'SIGHUP')
    assert.equal(ended.code, 0, ended.stderr)
    await assertNothingLeft(cwd, data)
  })

  it('ends soon in the middle of the first copy, too', async (t) => {
    const { cwd, data } = await place(t)
    const running = start(['start'], { cwd, env: ENV })
    await running.said(/Copying /)
    const ended = await endWith(running, 'SIGTERM')
    assert.equal(ended.code, 0, ended.stderr)
    assert.ok(ended.ms < 10_000, `${ended.ms} ms`)
    assert.doesNotMatch(ended.stdout, /Keeping up|is not complete/)
    await assertNothingLeft(cwd, data)
  })
})

async function demosOf(data: string): Promise<string[]> {
  return (await processesWith(join(data, 'demo'))).filter((line) => line.includes('--while-held'))
}

async function addOrder(demo: { url: string; consumerKey: string; consumerSecret: string }) {
  const client = createStoreClient({
    ...demo,
    timeoutMs: 10_000,
    keysInUrl: false,
    allowPlainHttp: false,
    allowPrivateAddresses: false,
    trustedAddress: true,
    pace: createPace({ mode: 'full', maxConcurrency: 1 }),
  })
  await client.send('POST', 'orders', { status: 'processing' })
  await client.close()
}
