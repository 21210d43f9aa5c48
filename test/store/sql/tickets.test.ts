import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { loadRecordings } from '../../../demo/recordings.ts'
import { mirrorTables } from '../../../src/mirror/tables/index.ts'
import { canonicalize, type Fields } from '../../../src/store/canonical.ts'
import { resources } from '../../../src/store/resources.ts'
import { ticketReader } from '../../../src/store/sql/tickets.ts'
import { testDatabase } from '../../database.ts'
import { type RecordedDatabase, skipWithoutMariadb, startMariadb } from '../../mariadb.ts'
import { extracts } from '../../mirror/extracts.ts'
import { recordsOf, seen, write } from '../../mirror/records.ts'
import { recordings, skipWithoutRecordings } from '../../recordings.ts'
import { changedShop } from './changed-shop.ts'
import { assertNoFullScan, listAll } from './reading.ts'
import { recordedSqlShop } from './recorded.ts'

const skip = skipWithoutMariadb || skipWithoutRecordings

/** Only used by tests that are not skipped. */
const mariadb = skip ? (undefined as never) : await startMariadb()

async function ticketsOf(t: { after(end: () => Promise<void>): void }, name: RecordedDatabase) {
  const shop = await recordedSqlShop(mariadb, name)
  t.after(() => shop.database.close())
  const listed = await listAll(ticketReader, shop, 100)
  const ids = listed.map(({ id }) => id)
  return { shop, listed, ids, tickets: await ticketReader.read(shop, ids) }
}

const count = (values: readonly unknown[]) =>
  Object.fromEntries([...Map.groupBy(values, String)].map(([value, all]) => [value, all.length]))

describe('tickets of the recorded shop (45)', { skip }, () => {
  test('all of them, with their standing, the same from both dumps', async (t) => {
    const { tickets, listed } = await ticketsOf(t, 'woocommerce_small')
    const expected = { 'Checked In': 201, 'Not Checked In': 172, Canceled: 34 }
    assert.deepEqual(count(tickets.map((ticket) => ticket.status)), expected)
    const records = tickets.map((ticket) => canonicalize(resources.tickets, ticket))
    assert.deepEqual(
      records.map(({ id, modifiedAt }) => ({ id, modifiedAt })),
      listed,
    )
    const legacy = await ticketsOf(t, 'woocommerce_small_legacy')
    assert.deepEqual(
      legacy.tickets.map((ticket) => canonicalize(resources.tickets, ticket).json),
      records.map(({ json }) => json),
    )
  })

  test('one of them, field by field; nothing of its price, and not what opens it', async (t) => {
    const { tickets } = await ticketsOf(t, 'woocommerce_small')
    assert.deepEqual(tickets[0], {
      id: 1108,
      ticket_id: '1000000000',
      status: 'Not Checked In',
      post_status: 'publish',
      ticket_type: 'general',
      product_id: 224,
      product_name: 'Evento Híbrido 2025',
      variation_id: 225,
      variation: { 'attribute_pa_tip-bilet': 'general' },
      order_id: 897,
      customer_id: 0,
      attendee: {
        first_name: 'Lăcrămioara',
        last_name: 'Kovács',
        email: 'lacramioara.kovacs62@example.test',
        telephone: '+40 721435347',
        company: '',
        designation: '',
      },
      purchaser: {
        first_name: 'Mihai',
        last_name: "O'Brien",
        email: 'mihai.obrien11@example.test',
        telephone: '+40766935926',
      },
      questions: [
        { key: 'a1f0', label: 'RUT / CNP', value: '22.892.721-6' },
        { key: 'b2c9', label: 'Talla de camiseta', value: 'XL' },
        { key: 'c3d7', label: 'Fecha de nacimiento', value: '' },
      ],
      check_ins: [],
      date_created_gmt: '2026-09-03T17:26:10',
      date_modified_gmt: '2026-09-03T17:26:10',
    })
    const text = JSON.stringify(tickets)
    assert.ok(!text.includes('woocommerce-Price') && !text.includes('809d4580'))
    const untrimmed = tickets.filter(({ attendee }) =>
      Object.values(attendee as Fields).some((value) => typeof value === 'string' && value !== value.trim()),
    )
    assert.ok(untrimmed.length > 0, 'blanks stay where somebody typed them')
  })

  test('who came in has a check-in, and nobody else', async (t) => {
    const { tickets } = await ticketsOf(t, 'woocommerce_small')
    for (const { id, status, check_ins } of tickets)
      assert.equal((check_ins as Fields[]).length, status === 'Checked In' ? 1 : 0, String(id))
    const first = tickets.find(({ id }) => id === 1110)
    assert.deepEqual(first?.check_ins, [{ id: 1, day: 1, status: 'Checked In', checkin: 1749924302 }])
  })

  test('a few statements whatever the number; only the plugin’s own table is read whole', async (t) => {
    const { shop, ids } = await ticketsOf(t, 'woocommerce_small')
    const before = shop.database.statements.length
    await ticketReader.read(shop, [...ids, '1', '224', '99999999'])
    assert.equal(shop.database.statements.length - before, 4)
    // Most metas of the recorded shop are of tickets: to read them all, the server rightly reads the table.
    shop.database.statements.length = 0
    await ticketReader.list(shop, null, 100)
    await ticketReader.read(shop, [ids[0] ?? '', ids.at(-1) ?? ''])
    // FooEvents makes it without an index on the ticket.
    await assertNoFullScan(shop.database, ['wp_fooevents_check_in'])
  })

  test('a check-in makes the ticket newer, whatever its post says', async (t) => {
    const shop = await changedShop(
      mariadb,
      t,
      ['posts', 'postmeta', 'fooevents_check_in'],
      `DELETE FROM wp_posts WHERE post_type = 'event_magic_tickets' AND ID NOT IN (1108, 1109);
       INSERT INTO wp_fooevents_check_in (tid, eid, day, status, checkin) VALUES
         (1108, 224, 1, 'Checked In', UNIX_TIMESTAMP('2026-10-01 08:00:00')), (1109, 224, 1, 'Checked In', 5)`,
    )
    const listed = await ticketReader.list(shop, null, 10)
    const tickets = await ticketReader.read(shop, ['1108', '1109'])
    const records = tickets.map((ticket) => canonicalize(resources.tickets, ticket))
    assert.deepEqual(
      records.map(({ id, modifiedAt }) => ({ id, modifiedAt })),
      listed,
    )
    assert.equal(tickets[0]?.date_modified_gmt, '2026-10-01T08:00:00')
    assert.equal(records[1]?.modifiedAt, Date.UTC(2026, 8, 3, 17, 19, 4))
  })

  test('without the table of check-ins, labels that are no JSON, metas that are missing', async (t) => {
    const shop = await changedShop(
      mariadb,
      t,
      ['posts', 'postmeta'],
      `UPDATE wp_postmeta SET meta_value = 'a:1:{' WHERE meta_key LIKE 'fooevents%serialized';
       DELETE FROM wp_postmeta WHERE post_id = 1109;
       UPDATE wp_posts SET post_date_gmt = '0000-00-00 00:00:00' WHERE ID = 1109`,
    )
    const [full, empty] = await ticketReader.read(shop, ['1108', '1109', '224'])
    assert.ok(full && empty)
    assert.deepEqual((full.questions as Fields[])[0], { key: 'a1f0', label: null, value: '22.892.721-6' })
    assert.deepEqual(full.check_ins, [])
    assert.deepEqual(
      [empty.id, empty.status, empty.order_id, empty.questions, empty.date_created_gmt],
      [1109, '', 0, [], null],
    )
  })
})

test('in the mirror: columns, and the view of tickets from either source', { skip }, async (t) => {
  const mirror = await testDatabase(t)
  const { tickets } = await ticketsOf(t, 'woocommerce_small')
  const orders = recordsOf(loadRecordings(recordings ?? '')).filter(({ resource }) => resource === 'orders')
  const seenOrders = orders.map(({ raw }) => seen('orders', raw, { seenAt: 1_000_000 }))
  await write(mirror, 'orders', seenOrders)

  const shown = async (what: string) =>
    (await mirror.pool.query(`SELECT ${what} FROM mirror.event_tickets GROUP BY source`)).rows
  assert.deepEqual(await shown('source, count(*)::int, count(DISTINCT order_id)::int AS orders'), [
    { source: 'order', count: 431, orders: 200 },
  ])
  const { rows: bought } = await mirror.pool.query(
    `SELECT * FROM mirror.event_tickets WHERE order_id = 897 ORDER BY order_position`,
  )
  const { store_id: _, created_at, order_status, ...first } = bought[0]
  assert.ok(created_at instanceof Date && order_status)
  assert.deepEqual(first, {
    source: 'order',
    ticket_post_id: null,
    ticket_id: null,
    order_id: 897,
    order_position: '1/1',
    post_status: null,
    status: 'Unpaid',
    ticket_type: 'general',
    product_id: 224,
    variation_id: 225,
    customer_id: null,
    first_name: 'Lăcrămioara',
    last_name: 'Kovács',
    email: 'lacramioara.kovacs62@example.test',
    telephone: '+40 721435347',
    company: '',
    purchaser_first_name: 'Mihai',
    purchaser_last_name: "O'Brien",
    purchaser_email: 'mihai.obrien11@example.test',
    purchaser_telephone: '+40766935926',
    questions: [
      { key: 'a1f0', label: null, value: '22.892.721-6' },
      { key: 'b2c9', label: null, value: 'XL' },
      { key: 'c3d7', label: null, value: '' },
    ],
    check_ins: [],
  })

  const written = await write(
    mirror,
    'tickets',
    tickets.map((ticket) => seen('tickets', ticket, { seenAt: 1_000_000 })),
  )
  assert.deepEqual([written.created, written.quarantined], [407, 0])
  assert.deepEqual(
    await shown(`source, count(*)::int, count(*) FILTER (WHERE status = 'Checked In')::int AS inside,
      sum(jsonb_array_length(check_ins))::int AS check_ins, count(order_status)::int AS of_orders`),
    [{ source: 'ticket', count: 407, inside: 201, check_ins: 201, of_orders: 407 }],
  )
  for (const [column, sql] of Object.entries(extracts.tickets)) {
    const { rows } = await mirror.pool.query(
      `SELECT id FROM (SELECT *, record || volatile AS doc FROM mirror.tickets) AS t
       WHERE ${column} IS DISTINCT FROM ${sql}`,
    )
    assert.deepEqual(rows, [], column)
  }
  assert.deepEqual(
    Object.keys(extracts.tickets).sort(),
    mirrorTables.tickets.columns.map(({ name }) => name).sort(),
  )
  const { rows: uncommented } = await mirror.pool.query(
    `SELECT column_name FROM information_schema.columns
     WHERE table_schema = 'mirror' AND table_name = 'event_tickets' AND column_name <> 'store_id'
       AND col_description('mirror.event_tickets'::regclass, ordinal_position) IS NULL`,
  )
  assert.deepEqual(uncommented, [])
})
