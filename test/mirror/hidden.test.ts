/** A field that the key may not see is absent, not empty, and deletes nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from '../database.ts'
import { feedOf, seen, write } from './records.ts'

const meta = [{ id: 1, key: 'loyalty', value: 'gold' }]
const customer = (more: Record<string, unknown> = {}) => ({
  id: 5,
  email: 'ana@example.test',
  first_name: 'Ana',
  role: 'customer',
  date_modified_gmt: '2026-05-01T10:00:00',
  ...more,
})

async function metaOf(database: Awaited<ReturnType<typeof testDatabase>>): Promise<unknown> {
  const { rows } = await database.pool.query(`SELECT record->'meta_data' AS meta FROM mirror.customers`)
  return rows[0]?.meta
}

test('a customer shown without meta data keeps what is held, and that is no change', async (t) => {
  const database = await testDatabase(t)
  await write(database, 'customers', [seen('customers', customer({ meta_data: meta }), { seenAt: 1000 })])
  const again = await write(database, 'customers', [seen('customers', customer(), { seenAt: 2000 })])
  assert.deepEqual([again.updated, again.unchanged], [0, 1])
  assert.deepEqual(await metaOf(database), meta)
  assert.equal((await feedOf(database)).length, 1)
})

test('another field changed: the change is taken, the meta data stays', async (t) => {
  const database = await testDatabase(t)
  await write(database, 'customers', [seen('customers', customer({ meta_data: meta }), { seenAt: 1000 })])
  const changed = customer({ first_name: 'Ioana', date_modified_gmt: '2026-05-02T10:00:00' })
  assert.equal(
    (await write(database, 'customers', [seen('customers', changed, { seenAt: 2000 })])).updated,
    1,
  )
  assert.deepEqual(await metaOf(database), meta)
  const shown = customer({ ...changed, meta_data: meta })
  assert.equal(
    (await write(database, 'customers', [seen('customers', shown, { seenAt: 3000 })])).unchanged,
    1,
  )
})

test('meta data shown as empty is empty', async (t) => {
  const database = await testDatabase(t)
  await write(database, 'customers', [seen('customers', customer({ meta_data: meta }), { seenAt: 1000 })])
  const emptied = customer({ meta_data: [] })
  assert.equal(
    (await write(database, 'customers', [seen('customers', emptied, { seenAt: 2000 })])).updated,
    1,
  )
  assert.deepEqual(await metaOf(database), [])
})
