/** Several processes that listen for deliveries of one shop at the same time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLocks } from '../../src/database/locks.ts'
import { webhookTopics } from '../../src/store/webhooks.ts'
import { hearDeliveries } from '../../src/sync/hear.ts'
import { until } from '../database/private-folder.ts'
import { deliveredShop } from './delivered-shop.ts'

test('workers that begin together register each webhook once, and take none for removed', async (t) => {
  const { context, database, hooks, publicUrl, server, webhooks } = await deliveredShop({ registered: false })
  // Each answer a little late, so that all have begun before one is done.
  t.after(server.faults.set({ kind: 'latency', ms: 20, path: 'webhooks' }))
  const stop = new AbortController()
  const workers = Array.from({ length: 3 }, () => ({ ...context, locks: createLocks(database) }))
  const hearing = workers.map((worker) => hearDeliveries(worker, { publicUrl, hooks, signal: stop.signal }))
  const registered = () => new Set(webhooks.list().map(({ topic }) => topic)).size
  await until('all are registered', async () => registered() === webhookTopics.length)
  await webhooks.idle()
  stop.abort()
  await Promise.all(hearing)
  await Promise.all(workers.map(({ locks }) => locks.close()))
  const made = server.requests().filter(({ method, path }) => method === 'POST' && path.includes('webhooks'))
  assert.equal(made.length, webhookTopics.length)
  const { rows } = await database.pool.query('SELECT code, subject FROM sync.alerts')
  assert.deepEqual(rows, [])
})

test('webhooks that could not be registered at the start are registered soon, not minutes later', async (t) => {
  const { context, hooks, publicUrl, server, webhooks } = await deliveredShop({ registered: false })
  t.after(server.faults.set({ kind: 'status', status: 400, path: 'webhooks', times: 1 }))
  const stop = new AbortController()
  const hearing = hearDeliveries(context, { publicUrl, hooks, signal: stop.signal })
  await until('all are registered', async () => webhooks.list().length === webhookTopics.length)
  stop.abort()
  await hearing
  assert.equal(
    server.requests().filter(({ status, path }) => status === 400 && path.includes('webhooks')).length,
    1,
  )
})
