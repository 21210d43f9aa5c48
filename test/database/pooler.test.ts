/** Behind a transaction pooler: work goes through pgbouncer, locks and notifications around it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openShop, woosync } from '../cli/woosync.ts'
import { testDatabase } from '../database.ts'
import { skipWithoutPooler as skip, startPooler } from './pooler.ts'
import { newFolder } from './private-folder.ts'

const database = await testDatabase()

test('syncs side by side through pgbouncer are complete, and one works on a resource at a time', {
  skip,
}, async (t) => {
  const pooled = await startPooler(t, database.name)
  const { env: shop } = await openShop(t)
  const cwd = await newFolder(t)
  const env = { ...shop, DATABASE_URL: pooled, DATABASE_DIRECT_URL: database.url }
  const both = await Promise.all([
    woosync(['sync', '--json'], { cwd, env }),
    woosync(['sync', '--json'], { cwd, env }),
  ])
  for (const { stdout, stderr } of both) {
    const { resources } = JSON.parse(stdout) as {
      resources: { resource: string; error: { code: string } | null }[]
    }
    const codes = resources.flatMap(({ error }) => error?.code ?? [])
    assert.ok(
      codes.every((code) => code === 'sync_already_running'),
      `${codes} ${stderr}`,
    )
  }
  const last = await woosync(['sync'], { cwd, env })
  assert.equal(last.code, 0, last.stderr)
  const verified = await woosync(['verify'], { cwd, env })
  assert.equal(verified.code, 0, verified.stdout)
})
