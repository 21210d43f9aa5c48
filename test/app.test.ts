/** What a process opens: the store is known without waiting for the shop. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openApp } from '../src/app.ts'
import { createLogger } from '../src/logger.ts'
import { readSettings } from '../src/settings.ts'
import { testDatabase } from './database.ts'

test('while the shop is being asked, the store is what the database knows', async (t) => {
  const database = await testDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'woosync-app-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const asked = Promise.withResolvers<void>()
  // Takes the request and never answers.
  const shop = createServer(() => asked.resolve()).listen(0, '127.0.0.1')
  await once(shop, 'listening')
  const { port } = shop.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const stopping = new AbortController()
  const app = await openApp({
    settings: readSettings(
      {
        WOOCOMMERCE_URL: url,
        WOOCOMMERCE_KEY: 'ck_a',
        WOOCOMMERCE_SECRET: 'cs_b',
        DATABASE_URL: database.url,
        WOOSYNC_DATA: folder,
      },
      folder,
    ),
    logger: createLogger({ level: 'silent' }),
    name: 'test',
    signal: stopping.signal,
  })
  const opening = assert.rejects(app.openStore())
  await asked.promise
  assert.equal(await app.knownStore(), null)
  await database.pool.query(`INSERT INTO mirror.stores (url, name) VALUES ($1, 'Shop')`, [url])
  assert.equal((await app.knownStore())?.name, 'Shop')
  stopping.abort()
  await opening
  await app.close()
  shop.closeAllConnections()
  shop.close()
})
