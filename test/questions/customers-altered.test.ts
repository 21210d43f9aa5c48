/** Orders as real shops have them: repeated lines, several currencies, guests, e-mails written in every way. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { operations } from '../../src/operations.ts'
import { insertOrder, insertRefund } from './altered-rows.ts'
import { demoMirror, READER } from './shop.ts'

const { orders, customers, baskets } = operations
const shop = await demoMirror({ seed: 5, products: 12, orders: 3 })
const db = shop.database.pool

const ana = ['ana@example.com', ' Ana@Example.com', 'ANA@EXAMPLE.COM  ']

before(async () => {
  const all =
    'mirror.orders, mirror.order_lines, mirror.refunds, mirror.refund_lines, mirror.customers, mirror.products'
  await db.query(`TRUNCATE ${all}`)
  for (const [id, status, stock] of [
    [1, 'publish', 'instock'],
    [2, 'publish', 'instock'],
    [3, 'publish', 'outofstock'],
    [4, 'draft', 'instock'],
  ]) {
    await db.query(
      `INSERT INTO mirror.products (store_id, id, name, sku, type, status, stock_status, seen_at, content_hash, record)
       VALUES (1, $1::bigint, 'Product ' || $1::text, 'Sku-' || $1::text, 'simple', $2, $3, now(), $1::text, '{}')`,
      [id, status, stock],
    )
  }
  for (const [id, email] of [
    [50, 'Ana@example.com'],
    [51, 'never@example.com'],
  ]) {
    await db.query(
      `INSERT INTO mirror.customers (store_id, id, email, first_name, seen_at, content_hash, record)
       VALUES (1, $1::bigint, $2, 'Zoltan', now(), $1::text, '{}')`,
      [id, email],
    )
  }
  // Ana: three ways to write her e-mail, twice as a guest, two currencies, one order that was not paid.
  await insertOrder(db, {
    id: 1001,
    email: ana[0],
    total: '100.10',
    account: 50,
    daysAgo: 40,
    lines: [
      [1, 2],
      [1, 3],
      [2, 1],
    ],
  })
  await insertOrder(db, {
    id: 1002,
    email: ana[1],
    total: '50.05',
    daysAgo: 20,
    lines: [
      [1, 1],
      [2, 1],
      [2, 4],
    ],
  })
  await insertOrder(db, {
    id: 1003,
    email: ana[2],
    total: '9.99',
    currency: 'EUR',
    status: 'refunded',
    daysAgo: 10,
    lines: [
      [1, 1],
      [3, 1],
    ],
  })
  await insertOrder(db, { id: 1004, email: ana[0], total: '1000', status: 'failed', daysAgo: 5 })
  await insertOrder(db, { id: 1005, email: ana[0], total: '7', status: 'trash', daysAgo: 4 })
  await insertRefund(db, { id: 2001, order: 1001, amount: '0.05' })
  await insertRefund(db, { id: 2002, order: 1001, amount: '20' })
  await insertRefund(db, { id: 2003, order: 1001, amount: '33', deleted: true })
  await insertRefund(db, { id: 2004, order: 1003, amount: '9.99' })
  await insertRefund(db, { id: 2005, order: 1004, amount: '5' })
  // Nobody: no e-mail, or blanks for one.
  await insertOrder(db, {
    id: 1006,
    email: null,
    total: '11',
    lines: [
      [1, 1],
      [4, 1],
    ],
  })
  await insertOrder(db, { id: 1007, email: '  ', total: '12', lines: [[null, 1]] })
  // Two with one number; what was deleted is not there.
  await insertOrder(db, {
    id: 1008,
    email: 'ion@example.com',
    number: 'A-1',
    daysAgo: 9,
    lines: [
      [1, 1],
      [3, 2],
    ],
  })
  await insertOrder(db, {
    id: 1009,
    email: 'ion@example.com',
    number: 'A-1',
    daysAgo: 8,
    lines: [
      [1, 1],
      [4, 2],
    ],
  })
  await insertOrder(db, { id: 1010, email: 'gone@example.com' })
  await db.query(`UPDATE mirror.orders SET deleted_at = now() WHERE id = 1010`)
})

test('one customer however the e-mail is written; guests and accounts are one', async () => {
  const { customers: found, ordersWithoutEmail } = await shop.ask(customers.list, {})
  assert.deepEqual(
    found.map(({ email, customer_id, orders: all, paid_orders }) => [email, customer_id, all, paid_orders]),
    [
      ['ana@example.com', 50, 4, 3],
      ['ion@example.com', null, 2, 2],
      ['never@example.com', 51, 0, 0],
    ],
  )
  assert.equal(ordersWithoutEmail, 2)
  assert.deepEqual(found[0]?.totals, [
    {
      currency: 'RON',
      paid_orders: 2,
      total: '150.15',
      refunded_total: '20.05',
      net_total: '130.10',
      average: '65.05',
    },
    {
      currency: 'EUR',
      paid_orders: 1,
      total: '9.99',
      refunded_total: '9.99',
      net_total: '0.00',
      average: '0.00',
    },
  ])
  for (const email of ana) {
    const { customer } = await shop.ask(customers.get, { email })
    assert.equal(customer?.key, found[0]?.key)
    assert.equal((await shop.ask(orders.list, { email })).orders.length, 4)
  }
  const never = (await shop.ask(customers.get, { customer_id: 51 })).customer
  assert.deepEqual([never?.orders, never?.totals, never?.emailsOfAccount], [0, [], 0])
})

test('favourites count repeated lines, statuses every order', async () => {
  const { customer } = await shop.ask(customers.get, { customer_id: 50 })
  assert.deepEqual(
    customer?.favourites.map(({ product_id, quantity, orders: in_ }) => [product_id, quantity, in_]),
    [
      [1, 7, 3],
      [2, 6, 2],
      [3, 1, 1],
    ],
  )
  assert.deepEqual(
    customer?.statuses.map(({ status, orders: count }) => `${status} ${count}`),
    ['completed 2', 'failed 1', 'refunded 1', 'trash 1'],
  )
})

test('a basket counts a product once; totals, lines without a product, tombstones', async () => {
  const answer = await shop.ask(baskets.together, { suggest: 'all', min_count: 1 })
  assert.equal(answer.paidOrders, 6, 'that with only an unknown product is not among them')
  assert.deepEqual(
    answer.pairs.map(({ a, b, count, support, confidence, confidence_back, lift }) => [
      [a.product_id, b.product_id, a.orders, b.orders, count],
      [support, confidence, confidence_back, lift],
    ]),
    [
      [
        [1, 2, 6, 2, 2],
        [33.3333, 33.3333, 100, 1],
      ],
      [
        [1, 3, 6, 2, 2],
        [33.3333, 33.3333, 100, 1],
      ],
      [
        [1, 4, 6, 2, 2],
        [33.3333, 33.3333, 100, 1],
      ],
    ],
  )
  const inStock = await shop.ask(baskets.together, {})
  assert.deepEqual(
    inStock.pairs.map(({ a, b }) => [a.product_id, b.product_id]),
    [[1, 2]],
    'neither out of stock nor a draft',
  )
  const from = await shop.ask(baskets.together, { sku: 'SKU-3' })
  assert.deepEqual(
    [from.product?.suggestible, from.pairs.map(({ b, confidence }) => [b.product_id, confidence])],
    [false, [[1, 100]]],
  )
  assert.deepEqual(
    (await shop.ask(baskets.together, { days: 5, min_count: 1, suggest: 'all' })).paidOrders,
    1,
  )
})

test('amounts of an order are minus all its refunds, and no deleted one', async () => {
  const { order } = await shop.ask(orders.get, { number: '1001' })
  assert.deepEqual([order?.total, order?.refunded_total, order?.net], ['100.10', '20.05', '80.05'])
  assert.deepEqual(
    order?.refunds.map(({ amount }) => amount),
    ['0.05', '20.00'],
  )
  const { order: twice } = await shop.ask(orders.get, { number: 'A-1' })
  assert.deepEqual([twice?.id, twice?.sameNumber], [1009, 2])
  assert.equal((await shop.ask(orders.get, { number: 'A-1', id: 1008 })).order?.id, 1008)
  assert.equal((await shop.ask(orders.get, { id: 1010 })).order, null)
  assert.equal((await shop.ask(orders.get, { id: 1005 })).order?.status, 'trash')
})

test('found by words of the name in any spelling, with the right alone', async () => {
  const ids = async (input: object, caller?: typeof READER) =>
    (await shop.ask(orders.list, { sort: 'id', ...input }, caller)).orders.map(({ id }) => id)
  assert.equal((await ids({ text: 'tuica stef' })).length, 8)
  assert.deepEqual(await ids({ text: 'ION@' }), [1008, 1009])
  assert.deepEqual(await ids({ text: 'tuica' }, READER), [])
  assert.deepEqual(await ids({ text: '#A-1' }, READER), [1008, 1009])
  assert.deepEqual(await ids({ product_id: 2 }), [1001, 1002])
  assert.deepEqual(await ids({ currency: 'EUR' }), [1003])
  assert.deepEqual(await ids({ min_total: 60 }), [1001, 1004, 1008, 1009], 'of the shop’s own currency')
  assert.deepEqual(await ids({ status: ['trash'] }), [1005])
  assert.deepEqual(await ids({ days: 7 }), [1004, 1006, 1007])
})

test('too few customers for segments: it says so', async () => {
  const { currencies, ordersWithoutEmail } = await shop.ask(customers.segments, {})
  assert.deepEqual(currencies, [
    { currency: 'RON', customers: 2, tooFew: true, segments: [] },
    { currency: 'EUR', customers: 1, tooFew: true, segments: [] },
  ])
  assert.equal(ordersWithoutEmail, 2)
})

test('lifetime value by currency, to the cent', async () => {
  const { currencies } = await shop.ask(customers.lifetimeValue, {})
  assert.deepEqual(
    currencies.map(({ currency, net_total, mean, median, smallest }) => [
      currency,
      net_total,
      mean,
      median,
      smallest,
    ]),
    [
      ['RON', '330.10', '165.05', '165.05', '130.10'],
      ['EUR', '0.00', '0.00', '0.00', '0.00'],
    ],
  )
})

test('facts of who may not see people name nobody', async () => {
  const answers = [
    await shop.ask(customers.list, {}, READER),
    await shop.ask(customers.get, { customer_id: 50 }, READER),
    await shop.ask(orders.list, {}, READER),
    await shop.ask(orders.refunds, {}, READER),
  ]
  assert.doesNotMatch(JSON.stringify(answers), /example\.com|țuică|popescu|zoltan/i)
  const named = await shop.ask(customers.get, { customer_id: 50 })
  assert.equal(named.facts[0]?.subject.name, 'Țuică Ștefan')
})
