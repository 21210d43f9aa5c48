import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createLocks } from '../../src/database/locks.ts'
import { testDatabase } from '../database.ts'
import { until } from './private-folder.ts'

const script = fileURLToPath(new URL('./lock-process.ts', import.meta.url))

test('a key is held once in a process, and free again when released', async (t) => {
  const database = await testDatabase(t, { migrations: 'none' })
  const locks = createLocks(database)
  const both = await Promise.all([locks.tryHold('shop/orders'), locks.tryHold('shop/orders')])
  const [lock, ...others] = both.filter((each) => each !== null)
  assert.ok(lock)
  assert.deepEqual(others, [], 'one of two that ask at once gets it')
  assert.equal(lock.key, 'shop/orders')
  assert.equal(await locks.tryHold('shop/orders'), null)
  const other = await locks.tryHold('shop/products')
  assert.ok(other, 'another key is another lock')
  await lock.release()
  await lock.release()
  const again = await locks.tryHold('shop/orders')
  assert.ok(again)
  await lock.release()
  assert.equal(await locks.tryHold('shop/orders'), null, 'a lock released before does not release this one')
  const { rows } = await database.pool.query(
    `SELECT count(*)::int AS sessions FROM pg_stat_activity
     WHERE datname = current_database() AND backend_type = 'client backend'
       AND pid <> ALL (SELECT pg_backend_pid())`,
  )
  assert.equal(rows[0].sessions, 1, 'all locks share one session')
  assert.equal(again.lost.aborted, false)
  await locks.close()
})

test('between processes one holds the key; when it is killed the next one gets it', async (t) => {
  const database = await testDatabase(t, { migrations: 'none' })
  const holder = fork(script, [database.url, 'shop/orders'], { execArgv: [] })
  t.after(() => holder.kill('SIGKILL'))
  assert.deepEqual(await once(holder, 'message'), ['held', undefined])
  const locks = createLocks(database)
  assert.equal(await locks.tryHold('shop/orders'), null)
  const late = fork(script, [database.url, 'shop/orders'], { execArgv: [] })
  t.after(() => late.kill('SIGKILL'))
  assert.deepEqual(await once(late, 'message'), ['refused', undefined])
  holder.kill('SIGKILL')
  const lock = await until(
    'the killed process’s lock is free',
    async () => (await locks.tryHold('shop/orders')) ?? undefined,
  )
  assert.equal(lock.lost.aborted, false)
  await locks.close()
})

test('when the session dies its locks say so, and later ones get a new session', async (t) => {
  const database = await testDatabase(t, { migrations: 'none' })
  const locks = createLocks(database)
  const held = await Promise.all(['a', 'b'].map((key) => locks.tryHold(key)))
  const lost = held.map((lock) => once(lock!.lost, 'abort'))
  await database.pool.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  )
  await Promise.all(lost)
  assert.equal(held[0]!.lost.reason.code, 'sync_lock_lost')
  const again = await locks.tryHold('a')
  assert.ok(again)
  assert.equal(again.lost.aborted, false)
  await held[0]!.release()
  assert.equal(await locks.tryHold('a'), null, 'releasing the lost one does not release the new one')
  await locks.close()
  assert.equal(again.lost.aborted, true, 'closing gives back what was held, and says so')
})

test('an aborted signal takes no lock', async (t) => {
  const database = await testDatabase(t, { migrations: 'none' })
  const locks = createLocks(database)
  const reason = new Error('enough')
  await assert.rejects(locks.tryHold('a', AbortSignal.abort(reason)), reason)
  const abort = new AbortController()
  const asked = locks.tryHold('a', abort.signal)
  abort.abort(reason)
  await assert.rejects(asked, reason)
  const lock = await locks.tryHold('a')
  assert.ok(lock, 'nothing is held by the one that gave up')
  await locks.close()
})
