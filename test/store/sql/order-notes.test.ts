/** Order notes from both recorded databases are those that REST answered, where they were asked for. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { loadRecordings } from '../../../demo/recordings.ts'
import { canonicalize } from '../../../src/store/canonical.ts'
import { resources } from '../../../src/store/resources.ts'
import { orderNoteReader } from '../../../src/store/sql/order-notes.ts'
import type { SqlShop } from '../../../src/store/sql/reader.ts'
import { type RecordedDatabase, skipWithoutMariadb, startMariadb } from '../../mariadb.ts'
import { recordings, skipWithoutRecordings } from '../../recordings.ts'
import { recordedSqlShop } from './recorded.ts'

const skip = skipWithoutRecordings || skipWithoutMariadb

/** Only used by tests that are not skipped. */
const mariadb = skip ? (undefined as never) : await startMariadb()

const databases: RecordedDatabase[] = ['woocommerce_small', 'woocommerce_small_legacy']

for (const database of databases) {
  describe(`order notes of ${database}`, { skip }, () => {
    test('are those of REST, for the orders whose notes were recorded', async (t) => {
      const shop = await recordedSqlShop(mariadb, database)
      t.after(() => shop.database.close())
      const { notes } = loadRecordings(recordings as string).small
      assert.equal(notes.size, 20)
      const all = await readAll(shop)
      for (const [order, recorded] of notes) {
        const expected = recorded
          .map((raw) => canonicalize(resources.order_notes, raw, String(order)))
          .map(({ json }) => json)
        assert.deepEqual((all.get(order) ?? []).sort(), expected.sort(), `notes of order ${order}`)
      }
    })

    test('are listed once each, in order, whatever the page', async (t) => {
      const shop = await recordedSqlShop(mariadb, database)
      t.after(() => shop.database.close())
      const whole = await orderNoteReader.list(shop, null, 10_000)
      // Five more belong to orders that were deleted: over REST nobody can ask for them.
      assert.equal(whole.length, 1639)
      const paged: string[] = []
      for (;;) {
        const page = await orderNoteReader.list(shop, paged.at(-1) ?? null, 500)
        paged.push(...page.map(({ id }) => id))
        if (page.length < 500) break
      }
      assert.deepEqual(
        paged,
        whole.map(({ id }) => id),
      )
      assert.ok(whole.every(({ modifiedAt }) => modifiedAt === null))
    })
  })
}

test('reviews, notes in the trash and notes of what is no order are left out', { skip }, async (t) => {
  const shop = await recordedSqlShop(mariadb, 'woocommerce_small')
  t.after(() => shop.database.close())
  const [review] = await shop.database.query(
    `SELECT comment_ID FROM wp_comments WHERE comment_type = 'review' LIMIT 1`,
  )
  assert.deepEqual(await orderNoteReader.read(shop, [String(review?.[0]), '999999999', 'x']), [])
  const [note] = await orderNoteReader.list(shop, null, 1)
  const change = (sql: string) => mariadb.run('woocommerce_small', `UPDATE wp_comments ${sql}`)
  t.after(() => change(`SET comment_approved = '1' WHERE comment_ID = ${note?.id}`))
  await change(`SET comment_approved = 'trash' WHERE comment_ID = ${note?.id}`)
  assert.deepEqual(await orderNoteReader.read(shop, [String(note?.id)]), [])
  assert.notEqual((await orderNoteReader.list(shop, null, 1))[0]?.id, note?.id)
})

/** Canonical JSON of every note, by its order. */
async function readAll(shop: SqlShop): Promise<Map<number, string[]>> {
  const ids = (await orderNoteReader.list(shop, null, 10_000)).map(({ id }) => id)
  const notes = new Map<number, string[]>()
  for (let from = 0; from < ids.length; from += 1000) {
    for (const raw of await orderNoteReader.read(shop, ids.slice(from, from + 1000))) {
      const record = canonicalize(resources.order_notes, raw)
      const order = Number(record.fields.order_id)
      notes.set(order, [...(notes.get(order) ?? []), record.json])
    }
  }
  return notes
}
