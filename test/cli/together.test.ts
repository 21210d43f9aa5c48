/** Several processes at once on one data directory. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { serverOf, until } from '../database/private-folder.ts'
import { assertNothingLeft, ENV, endWith, place, startIn } from './service.ts'
import { woosync } from './woosync.ts'

describe('several at once on one data directory', () => {
  it('two syncs: both end well, or one says what the other works on; then the copy is complete', async (t) => {
    const { cwd, data } = await place(t)
    const results = await Promise.all([1, 2].map(() => woosync(['sync', '--json'], { cwd, env: ENV })))
    for (const { code, stdout, stderr } of results) {
      const { resources } = JSON.parse(stdout)
      const faults = resources.flatMap((one: { error: { code: string } | null }) => one.error?.code ?? [])
      assert.ok(
        faults.every((each: string) => each === 'sync_already_running'),
        stderr,
      )
      assert.equal(code, faults.length === 0 ? 0 : 1, stderr)
    }
    // The last one out has stopped what they shared.
    await assertNothingLeft(cwd, data)
    assert.equal((await woosync(['sync'], { cwd, env: ENV })).code, 0)
    assert.equal((await woosync(['verify'], { cwd, env: ENV })).code, 0)
  })

  it('stop leaves alone what is in use, and stops what a killed process left', async (t) => {
    const { cwd, data } = await place(t)
    const { running } = await startIn(t, cwd)
    const refused = await woosync(['stop'], { cwd, env: ENV })
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /is in use/)
    await endWith(running, 'SIGKILL')
    assert.notEqual(await serverOf(data), undefined)
    await until('its seat is free', async () => (await woosync(['stop'], { cwd, env: ENV })).code === 0)
    await assertNothingLeft(cwd, data)
    const again = await woosync(['stop'], { cwd, env: ENV })
    assert.equal(again.code, 0)
    assert.match(again.stdout, /No Postgres was running/)
  })
})
