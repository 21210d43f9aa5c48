/** The sums follow what is written, for as long as nobody stops them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { findStore } from '../../src/mirror/stores.ts'
import { keepSumming } from '../../src/sync/summing.ts'
import { testDatabase, testLogger } from '../database.ts'

test('a copied store is summed in the background, until it is stopped', async () => {
  const database = await testDatabase()
  const url = 'https://shop.example'
  await database.pool.query(`INSERT INTO mirror.stores (url) VALUES ($1)`, [url])
  await database.pool.query(
    `INSERT INTO sync.resources (store_id, resource, backfilled_at) SELECT 1, r, now() FROM unnest(ARRAY['orders', 'refunds']) AS r`,
  )
  const store = await findStore(database.pool, url)
  assert.ok(store)
  const stopping = new AbortController()
  const summing = keepSumming({ database, store, logger: testLogger }, stopping.signal)
  for (;;) {
    const { rows } = await database.pool.query('SELECT until FROM sums.stores WHERE until IS NOT NULL')
    if (rows.length > 0) break
    await pause(20)
  }
  stopping.abort()
  await summing
})
