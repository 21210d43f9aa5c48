/** Keys as they are kept, and how fast one stops. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { createKey, findCaller, hasKeys, listKeys, type NewKey, revokeKey } from '../../src/access/keys.ts'
import { testDatabase } from '../database.ts'

const database = await testDatabase()
const { pool } = database
const READ: NewKey = { name: 'test', access: 'read', personal: false, stores: null, expiresAt: null }

/** Another process: what it remembers is its own. */
const elsewhere = Object.create(pool) as typeof pool

test('a key is 256 random bits, and only its hash is kept', async () => {
  assert.equal(await hasKeys(pool), false)
  const { key, record } = await createKey(pool, READ)
  assert.match(key, /^woo_[\w-]{43}$/)
  assert.equal(record.beginning, key.slice(0, 10))
  assert.equal(record.createdBy, 'local')
  const { rows } = await pool.query(`SELECT to_jsonb(k) AS row, hash FROM access.api_keys k`)
  assert.deepEqual(rows[0].hash, createHash('sha256').update(key).digest())
  assert.ok(!JSON.stringify(rows[0].row).includes(key.slice(10)))
  assert.notEqual((await createKey(pool, READ)).key, key)
  assert.equal(await hasKeys(pool), true)
})

test('it stands for a caller with its rights', async () => {
  const { key, record } = await createKey(pool, {
    ...READ,
    access: 'operate',
    personal: true,
    stores: [3, 4],
  })
  const caller = { name: `key ${record.id}`, access: 'operate', personal: true, stores: [3, 4] }
  assert.deepEqual(await findCaller(pool, key), caller)
  for (const other of [
    '',
    'woo_',
    key.slice(0, -1),
    `${key}a`,
    ` ${key}`,
    key.replace('woo_', 'WOO_'),
    'x'.repeat(47),
  ]) {
    assert.equal(await findCaller(pool, other), null, other)
  }
  const last = key.at(-1) === 'A' ? 'E' : 'A'
  assert.equal(await findCaller(pool, key.slice(0, -1) + last), null)
})

test('a revoked key stops at once here, and elsewhere when what is remembered is a second old', async (t) => {
  const { key, record } = await createKey(pool, READ)
  assert.ok(await findCaller(pool, key))
  assert.ok(await findCaller(elsewhere, key))
  const revoked = await revokeKey(pool, record.id)
  assert.ok(revoked?.revokedAt)
  assert.equal(await findCaller(pool, key), null)
  assert.ok(await findCaller(elsewhere, key), 'remembered')
  const { now } = performance
  t.mock.method(performance, 'now', () => now.call(performance) + 1001)
  assert.equal(await findCaller(elsewhere, key), null)
  assert.deepEqual((await revokeKey(pool, record.id))?.revokedAt, revoked.revokedAt, 'again changes nothing')
  assert.equal(await revokeKey(pool, 999_999), null)
})

test('a key that is revoked while it is looked up is not remembered', async () => {
  const { key, record } = await createKey(pool, READ)
  const looking = findCaller(pool, key)
  await revokeKey(pool, record.id)
  await looking
  assert.equal(await findCaller(pool, key), null)
})

test('an expired key does not work', async () => {
  const { key } = await createKey(pool, { ...READ, expiresAt: new Date(Date.now() - 1000) })
  assert.equal(await findCaller(pool, key), null)
  const later = await createKey(pool, { ...READ, expiresAt: new Date(Date.now() + 60_000) })
  assert.ok(await findCaller(pool, later.key))
})

test('its use is noted at most once a minute', async (t) => {
  const { key, record } = await createKey(pool, READ)
  const lastUse = async () => (await listKeys(pool)).find(({ id }) => id === record.id)?.lastUsedAt
  assert.equal(await lastUse(), null)
  await findCaller(pool, key)
  const first = await lastUse()
  assert.ok(first)
  const { now } = performance
  let later = 0
  t.mock.method(performance, 'now', () => now.call(performance) + later)
  later = 2000
  await findCaller(pool, key)
  assert.deepEqual(await lastUse(), first)
  await pool.query(`UPDATE access.api_keys SET last_used_at = now() - interval '61 s' WHERE id = $1`, [
    record.id,
  ])
  later = 4000
  await findCaller(pool, key)
  assert.ok(((await lastUse()) as Date) > first)
})

test('many at once ask the database once', async () => {
  const { key } = await createKey(pool, READ)
  let asked = 0
  const counting = Object.create(pool, {
    query: {
      value: (...given: Parameters<typeof pool.query>) => {
        asked += 1
        return pool.query(...given)
      },
    },
  }) as typeof pool
  const found = await Promise.all(Array.from({ length: 50 }, () => findCaller(counting, key)))
  assert.equal(new Set(found).size, 1)
  assert.equal(asked, 2, 'the look-up, and the note of its use')
})
