import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { markDeleted } from '../../src/mirror/tombstones.ts'
import { testDatabase } from '../database.ts'
import { seen, write } from './records.ts'

describe('what the order of arrival cannot settle', () => {
  const content = (number: string) => ({ id: 1, number, date_modified_gmt: '2026-05-01T09:00:00' })

  test('a change made and undone while a read was under way: the scrub does', async (t) => {
    const database = await testDatabase(t)
    const arrive = (number: string, seenAt: number) =>
      write(database, 'orders', [seen('orders', content(number), { seenAt })])
    await arrive('as ever', 1000)
    // Asked for later, but it brought nothing new, so it left no mark of its moment.
    await arrive('as ever', 3000)
    await arrive('for a moment', 2000)
    const held = async () => (await database.pool.query('SELECT number FROM mirror.orders')).rows[0].number
    assert.equal(await held(), 'for a moment')
    assert.equal((await arrive('as ever', 4000)).updated, 1)
    assert.equal(await held(), 'as ever')
  })

  test('a deletion learnt of before the record ever was here: the next count does', async (t) => {
    const database = await testDatabase(t)
    const gone = (askedAt: number) =>
      database.transaction((client) =>
        markDeleted(client, 1, 'orders', 'reconcile', [{ id: '1', evidence: '404', askedAt }]),
      )
    assert.deepEqual(await gone(2000), [])
    assert.equal(
      (await write(database, 'orders', [seen('orders', content('x'), { seenAt: 1000 })])).created,
      1,
    )
    assert.deepEqual(await gone(3000), ['1'])
  })
})
