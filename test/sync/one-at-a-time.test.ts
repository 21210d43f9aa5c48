/** One run at a time for a store and resource, in this process and between processes. */
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { generateShop } from '../../demo/generate/shop.ts'
import { toWooSyncError } from '../../src/errors.ts'
import { withRun } from '../../src/sync/run.ts'
import { syncAll } from '../../src/sync/sync.ts'
import { until } from '../database/private-folder.ts'
import { mirroredShop } from '../shop.ts'
import { assertMirrorIsShop } from './shop-rows.ts'

const holder = fileURLToPath(new URL('../database/lock-process.ts', import.meta.url))

test('one run at a time', async (t) => {
  const mirrored = await mirroredShop({
    shop: generateShop({ seed: 31, orders: 40, products: 10, days: 10 }),
  })
  const { context, database } = mirrored

  await t.test('in one process, the second run is refused and the first goes on', async () => {
    const options = { resource: 'orders', kind: 'follow' } as const
    const { result } = await withRun(context, options, async () => {
      const second = await withRun(context, options, async () => 'ran').catch(toWooSyncError)
      assert.ok('code' in second)
      assert.equal(second.code, 'sync_already_running')
      // Another resource is another matter.
      return (await withRun(context, { ...options, resource: 'products' }, async () => 'both ran')).result
    })
    assert.equal(result, 'both ran')
  })

  await t.test('another process that holds a resource is left alone, the others are copied', async () => {
    const child = fork(holder, [database.url, `sync:${context.store.id}:orders`], { stdio: 'inherit' })
    try {
      assert.deepEqual(await once(child, 'message'), ['held', undefined])
      const results = await syncAll(context, { full: false })
      for (const { resource, fault } of results) {
        assert.equal(fault?.code, resource === 'orders' ? 'sync_already_running' : undefined, resource)
      }
      const { rows } = await database.pool.query('SELECT count(*) FROM mirror.orders')
      assert.equal(rows[0].count, 0)
    } finally {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  })

  await t.test('when that process is gone, the next run takes over', async () => {
    await until('Postgres has noticed', async () => {
      const lock = await context.locks.tryHold(`sync:${context.store.id}:orders`)
      await lock?.release()
      return lock !== null
    })
    const results = await syncAll(context, { full: false })
    assert.deepEqual(results.map((one) => one.fault).filter(Boolean), [])
    await assertMirrorIsShop(mirrored)
  })

  await t.test('a run that is asked to stop says so, whatever it was asked with', async () => {
    for (const reason of [undefined, new Error('the machine goes down')]) {
      const stop = new AbortController()
      const run = withRun(
        context,
        { resource: 'orders', kind: 'follow', signal: stop.signal },
        async (one) => {
          stop.abort(reason)
          await one.client.get('orders', {}, { signal: one.signal })
        },
      )
      const fault = await run.catch(toWooSyncError)
      assert.ok('code' in fault)
      assert.equal(fault.code, 'sync_cancelled')
    }
    const stopped = await syncAll(context, {
      full: false,
      resources: ['orders'],
      signal: AbortSignal.abort(),
    })
    assert.deepEqual(
      stopped.map((one) => one.fault?.code),
      ['sync_cancelled'],
    )
    const whileItIsLocked = new AbortController()
    const locking = syncAll(context, {
      full: false,
      resources: ['orders'],
      signal: whileItIsLocked.signal,
    })
    whileItIsLocked.abort()
    assert.deepEqual(
      (await locking).map((one) => one.fault?.code),
      ['sync_cancelled'],
    )
  })
})
