import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { generateShop } from '../../demo/generate/shop.ts'
import type { Raw } from '../../demo/table.ts'
import type { SeenRecord } from '../../src/mirror/rows.ts'
import { mirrorTables } from '../../src/mirror/tables/index.ts'
import { writeRecords } from '../../src/mirror/write.ts'
import type { ResourceName } from '../../src/store/resources.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import { skipWithoutRecordings } from '../recordings.ts'
import { recordedShop } from '../shop.ts'
import { order, recordsOf, rowsOf, seen, write } from './records.ts'

const SEEN_AT = 1_700_000_000_123

/** Texts that COPY and JSON each write in their own way. */
const awkward = [
  'a\tb',
  'a\nb\r\nc',
  'back\\slash \\n \\N \\. \\',
  '\\N',
  '\\.',
  `"double" 'single' $$`,
  '🍷 țuică de prune\u2028',
  '{1,2}',
  '',
  ' ',
  'NULL',
]

function awkwardOrder(id: number): Raw {
  const word = (offset: number) => awkward[(id + offset) % awkward.length]
  return order(id, {
    status: word(0),
    number: word(1),
    payment_method: word(2),
    billing: { first_name: word(3), last_name: word(4), email: word(5), country: null },
    customer_id: id % 3,
    total: id % 2 ? '' : '0.10',
    date_paid_gmt: id % 2 ? null : '2026-05-01T09:00:00',
    meta_data: [{ id: 1, key: word(6), value: { [`k${word(7)}`]: word(8) } }],
    line_items: Array.from({ length: id % 4 }, (_, at) => ({
      id: id * 10 + at,
      name: word(at),
      product_id: at,
      sku: at === 1 ? null : word(at + 1),
      quantity: at + 1.5,
      total: '-1e-7',
    })),
  })
}

/** Writes the batch and gives the kinds of statements that it took. */
async function statementsOf(database: TestDatabase, name: ResourceName, records: readonly SeenRecord[]) {
  return database.transaction(async (client) => {
    const sent: string[] = []
    const query = client.query
    client.query = ((...given: Parameters<typeof query>) => {
      const [statement] = given as unknown as [string | { text?: string }]
      sent.push(typeof statement === 'string' ? statement : (statement.text ?? ''))
      return query.apply(client, given)
    }) as typeof query
    try {
      await writeRecords(client, { storeId: 1, resource: name, way: 'backfill', records })
    } finally {
      client.query = query
    }
    return sent.map((text) => text.trim().split(' ').slice(0, 2).join(' '))
  })
}

/** Batches below this size go by INSERT, see `table.ts`. */
const INSERTED_AT_A_TIME = 10

async function assertSameBothWays(
  t: { after(work: () => Promise<void>): void },
  name: ResourceName,
  raws: readonly { raw: unknown; parent?: string }[],
) {
  const copied = await testDatabase(t)
  const inserted = await testDatabase(t)
  const records = raws.map(({ raw, parent }) =>
    seen(name, raw, { seenAt: SEEN_AT, ...(parent !== undefined && { parent }) }),
  )
  const sent = await statementsOf(copied, name, records)
  assert.equal(
    sent.some((statement) => statement.startsWith('COPY')),
    records.length >= 20,
  )
  assert.ok(!sent.includes('ROLLBACK TO'), 'COPY was refused and INSERT took its place')
  for (let at = 0; at < records.length; at += INSERTED_AT_A_TIME) {
    await write(inserted, name, records.slice(at, at + INSERTED_AT_A_TIME))
  }
  await assertEqualTables(name, copied, inserted)
}

const shown = (row: unknown) => JSON.stringify(row).slice(0, 2000)

async function assertEqualTables(name: ResourceName, one: TestDatabase, other: TestDatabase) {
  const { table, lines } = mirrorTables[name]
  for (const each of lines ? [table, lines.table] : [table]) {
    const [rows, wanted] = [await rowsOf(one, each), await rowsOf(other, each)]
    assert.equal(rows.length, wanted.length, each)
    for (const [at, row] of rows.entries()) {
      // Telling the difference of long texts takes minutes.
      if (!isDeepStrictEqual(row, wanted[at]))
        assert.fail(`${each}: ${shown(row)} is not ${shown(wanted[at])}`)
    }
  }
}

describe('COPY and INSERT write the same rows, every column', () => {
  for (const count of [1, 19, 20, 500]) {
    test(`${count} orders with awkward texts`, async (t) => {
      await assertSameBothWays(
        t,
        'orders',
        Array.from({ length: count }, (_, at) => ({ raw: awkwardOrder(at + 1) })),
      )
    })
  }

  test('orders larger than what is sent at a time', async (t) => {
    const texts = ['🍷'.repeat(40_000), 'ț\\\n'.repeat(30_000), 'a'.repeat(65_535)]
    const raws = Array.from({ length: 24 }, (_, at) => ({
      raw: order(at + 1, { customer_note: texts[at % 3], status: texts[(at + 1) % 3]?.slice(0, 21_845) }),
    }))
    await assertSameBothWays(t, 'orders', raws)
  })

  test('every resource of a generated shop', async (t) => {
    const shop = generateShop({ seed: 5, products: 40, orders: 60, days: 30, now: Date.UTC(2026, 4, 1) })
    const databases = { copied: await testDatabase(t), inserted: await testDatabase(t) }
    for (const [name, given] of Map.groupBy(recordsOf(shop), (one) => one.resource)) {
      const records = given.map(({ raw, parent }) =>
        seen(name, raw, { seenAt: SEEN_AT, ...(parent !== undefined && { parent }) }),
      )
      await write(databases.copied, name, records)
      for (const record of records) await write(databases.inserted, name, [record])
      await assertEqualTables(name, databases.copied, databases.inserted)
    }
  })

  test('the settings and variations of a recorded shop', { skip: skipWithoutRecordings }, async (t) => {
    const given = recordsOf(recordedShop())
    for (const name of ['settings', 'variations'] as const) {
      await assertSameBothWays(
        t,
        name,
        given.filter((one) => one.resource === name),
      )
    }
  })

  test('values of a setting that are no text', async (t) => {
    const values = [null, true, 0, '', 'text', [], ['a'], { a: 1 }, 'a\\nb', '"']
    const raws = Array.from({ length: 40 }, (_, at) => ({
      raw: { id: `option_${at}`, group_id: 'general', value: values[at % values.length] },
    }))
    await assertSameBothWays(t, 'settings', raws)
  })
})

test('the texts come out of the database as the shop sent them', async (t) => {
  const database = await testDatabase(t)
  const raws = Array.from({ length: 30 }, (_, at) => awkwardOrder(at + 1))
  await write(
    database,
    'orders',
    raws.map((raw) => seen('orders', raw, { seenAt: 1000 })),
  )
  const { rows } = await database.pool.query('SELECT id, status, number, record FROM mirror.orders')
  for (const row of rows) {
    const raw = raws.find((one) => one.id === row.id)
    assert.equal(row.status, raw?.status)
    assert.equal(row.number, raw?.number)
    assert.deepEqual(row.record.billing, raw?.billing)
  }
})
