import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pruneSessions } from '../../src/access/expired.ts'
import { testDatabase } from '../database.ts'

test('sessions whose time is over are let go, the others stay', async (t) => {
  const { pool } = await testDatabase(t)
  await pool.query(
    `INSERT INTO auth."user" ("id", "name", "email", "emailVerified") VALUES ('u', 'Ana', 'ana@shop.example', true)`,
  )
  for (const [id, days] of [
    ['over', -1],
    ['fresh', 6],
  ]) {
    await pool.query(
      `INSERT INTO auth."session" ("id", "expiresAt", "token", "updatedAt", "userId")
       VALUES ($1, now() + make_interval(days => $2), $1, now(), 'u')`,
      [id, days],
    )
  }
  await pruneSessions(pool)
  assert.deepEqual((await pool.query(`SELECT "id" FROM auth."session"`)).rows, [{ id: 'fresh' }])
})
