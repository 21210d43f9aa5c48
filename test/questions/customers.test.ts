/** Customers of the recorded shop, beside plain SQL over its own database. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Decimal } from 'decimal.js'
import { operations } from '../../src/operations.ts'
import { skipWithoutMariadb, startMariadb } from '../mariadb.ts'
import { skipWithoutRecordings } from '../recordings.ts'
import { type AskedShop, READER, recordedMirror } from './shop.ts'

const skip = skipWithoutMariadb || skipWithoutRecordings
const { list, get, segments, cohorts, lifetimeValue } = operations.customers

const PAID = `o.type = 'shop_order' AND o.status IN ('wc-processing', 'wc-completed', 'wc-refunded')`
const ORDER = `o.type = 'shop_order' AND o.status NOT IN ('trash', 'wc-checkout-draft', 'auto-draft')`
const EMAIL = 'LOWER(TRIM(o.billing_email))'
const REFUNDED = `(SELECT COALESCE(-SUM(r.total_amount), 0) FROM wp_wc_orders r
  WHERE r.type = 'shop_order_refund' AND r.parent_order_id = o.id)`

const sameMoney = (found: string | undefined, value: unknown, what: string) =>
  assert.ok(new Decimal(found ?? 'NaN').eq(String(value)), `${what}: ${found} and ${value}`)

if (skip) test('customers of the recorded shop', { skip }, () => undefined)
else {
  const mariadb = await startMariadb()
  const shop = await recordedMirror(mariadb)
  const recorded = (sql: string) => mariadb.ask('woocommerce_small', sql)

  test('everyone who ordered, with orders and net totals to the cent', async () => {
    const people = new Map((await every(shop, {})).map((customer) => [customer.email, customer]))
    const ordered = await recorded(
      `SELECT ${EMAIL}, COUNT(*) FROM wp_wc_orders o WHERE ${ORDER} AND TRIM(o.billing_email) <> '' GROUP BY 1`,
    )
    const buying = [...people.values()].filter(({ orders }) => orders > 0)
    assert.equal(buying.length, ordered.length)
    for (const [email, orders] of ordered)
      assert.equal(people.get(String(email))?.orders, Number(orders), String(email))
    const paid = await recorded(
      `SELECT ${EMAIL}, o.currency, COUNT(*), SUM(o.total_amount), SUM(o.total_amount - ${REFUNDED})
       FROM wp_wc_orders o WHERE ${PAID} AND TRIM(o.billing_email) <> '' GROUP BY 1, 2`,
    )
    assert.ok(paid.length > 20)
    for (const [email, currency, orders, total, net] of paid) {
      const sums = people.get(String(email))?.totals.find((one) => one.currency === currency)
      assert.equal(sums?.paid_orders, Number(orders))
      sameMoney(sums?.total, total, String(email))
      sameMoney(sums?.net_total, net, String(email))
    }
    const accounts = await recorded('SELECT COUNT(*) FROM wp_users')
    const known = new Set([...people.values()].map(({ customer_id }) => customer_id))
    known.delete(null)
    assert.equal(known.size, Number(accounts[0]?.[0]))
  })

  test('page by page, in every order, each once', async () => {
    const all = (await every(shop, {})).map(idOf).sort()
    for (const sort of [
      'last_order_at',
      '-first_order_at',
      '-orders',
      'paid_orders',
      '-net_total',
      'net_total',
    ]) {
      assert.deepEqual((await every(shop, { sort, limit: 23 })).map(idOf).sort(), all, sort)
    }
    const none = await every(shop, { who: 'without-orders', limit: 3 })
    const buyers = await every(shop, { who: 'buyers', limit: 17 })
    assert.ok(none.every(({ orders, customer_id }) => orders === 0 && customer_id !== null))
    assert.ok(buyers.every(({ paid_orders }) => paid_orders > 0))
  })

  test('one customer, by key, by account, by e-mail', async () => {
    const [row] = await recorded(
      `SELECT ${EMAIL}, o.customer_id, COUNT(*) AS n FROM wp_wc_orders o
       WHERE ${PAID} AND o.customer_id > 0 GROUP BY 1, 2 ORDER BY n DESC LIMIT 1`,
    )
    const [email, account] = row as [string, unknown]
    const byEmail = (await shop.ask(get, { email: ` ${email.toUpperCase()}` })).customer
    assert.ok(byEmail)
    const byKey = (await shop.ask(get, { key: byEmail.key })).customer
    assert.deepEqual(byKey, byEmail)
    const byAccount = (await shop.ask(get, { customer_id: Number(account) })).customer
    assert.equal(byAccount?.key, byEmail.key)
    const statuses = await recorded(
      `SELECT IF(o.status LIKE 'wc-%', SUBSTRING(o.status, 4), o.status), COUNT(*) FROM wp_wc_orders o
       WHERE o.type = 'shop_order' AND ${EMAIL} = '${email}' GROUP BY 1`,
    )
    assert.deepEqual(
      byEmail.statuses.map(({ status, orders }) => `${status} ${orders}`).sort(),
      statuses.map(([status, orders]) => `${status} ${orders}`).sort(),
    )
    const favourites = await recorded(
      `SELECT p.meta_value, SUM(q.meta_value) FROM wp_wc_orders o
       JOIN wp_woocommerce_order_items i ON i.order_id = o.id AND i.order_item_type = 'line_item'
       JOIN wp_woocommerce_order_itemmeta p ON p.order_item_id = i.order_item_id AND p.meta_key = '_product_id'
       JOIN wp_woocommerce_order_itemmeta q ON q.order_item_id = i.order_item_id AND q.meta_key = '_qty'
       WHERE ${PAID} AND ${EMAIL} = '${email}' GROUP BY 1`,
    )
    const pieces = new Map(favourites.map(([product, quantity]) => [Number(product), Number(quantity)]))
    assert.ok(byEmail.favourites.length > 0)
    for (const { product_id, quantity } of byEmail.favourites) assert.equal(quantity, pieces.get(product_id))
    assert.equal((await shop.ask(get, { email: 'nobody@nowhere.example' })).customer, null)
    assert.equal((await shop.ask(get, { key: '0123456789abcdef' })).customer, null)
    assert.equal((await shop.ask(get, { customer_id: 987_654 })).customer, null)
  })

  test('segments hold every customer once, and all of their money', async () => {
    const answer = await shop.ask(segments, {})
    const [whole] = await recorded(
      `SELECT COUNT(DISTINCT ${EMAIL}), COUNT(*), SUM(o.total_amount - ${REFUNDED}) FROM wp_wc_orders o
       WHERE ${PAID} AND TRIM(o.billing_email) <> '' AND o.currency = 'RON'`,
    )
    const [own] = answer.currencies
    assert.equal(own?.currency, 'RON')
    assert.equal(own?.customers, Number(whole?.[0]))
    const sum = (values: (string | number)[]) =>
      values.reduce<Decimal>((all, one) => all.plus(one), new Decimal(0))
    assert.equal(sum(own.segments.map(({ customers }) => customers)).toNumber(), Number(whole?.[0]))
    assert.equal(sum(own.segments.map(({ orders }) => orders)).toNumber(), Number(whole?.[1]))
    sameMoney(sum(own.segments.map(({ net_total }) => net_total)).toFixed(), whole?.[2], 'net')
    const [without] = await recorded(
      `SELECT COUNT(*) FROM wp_wc_orders o WHERE ${PAID} AND COALESCE(TRIM(o.billing_email), '') = ''`,
    )
    assert.equal(answer.ordersWithoutEmail, Number(without?.[0]))
    assert.deepEqual(
      own.segments.map(({ rule: _words, ...figures }) => figures),
      await independentSegments(recorded, answer.today),
    )
  })

  test('cohorts: who came, who came back, with net sales', async () => {
    const answer = await shop.ask(cohorts, { months: 36 })
    // The recorded shop's days: its zone, not that of the database.
    const zone = shop.context.store.timezone
    const month = (moment: unknown) =>
      new Intl.DateTimeFormat('sv', { timeZone: zone, year: 'numeric', month: '2-digit' }).format(
        new Date(`${moment}Z`),
      )
    const orders = (
      await recorded(
        `SELECT ${EMAIL}, DATE_FORMAT(o.date_created_gmt, '%Y-%m-%dT%H:%i:%s'), o.currency, o.total_amount - ${REFUNDED}
         FROM wp_wc_orders o WHERE ${PAID} AND TRIM(o.billing_email) <> '' ORDER BY o.date_created_gmt`,
      )
    ).map(([email, moment, currency, net]) => ({ email, month: month(moment), currency, net: String(net) }))
    const first = new Map<unknown, string>()
    for (const order of orders) if (!first.has(order.email)) first.set(order.email, order.month)
    const cells = Map.groupBy(orders, (order) => `${first.get(order.email)} ${order.month}`)
    const shown = answer.cohorts.flatMap((cohort) =>
      cohort.months.map((one) => ({ cohort: cohort.month, ...one })),
    )
    assert.equal(shown.filter(({ customers }) => customers > 0).length, cells.size)
    for (const [name, found] of cells) {
      const cell = shown.find((one) => `${one.cohort} ${one.month}` === name)
      assert.equal(cell?.customers, new Set(found.map(({ email }) => email)).size, name)
      for (const [currency, bought] of Map.groupBy(found, (order) => order.currency)) {
        const net = bought.reduce((all, order) => all.plus(order.net), new Decimal(0))
        sameMoney(cell?.net_sales.find((one) => one.currency === currency)?.amount, net, name)
      }
    }
    for (const { customers, months } of answer.cohorts) assert.equal(months[0]?.customers, customers)
  })

  test('lifetime value: mean, median and tenths', async () => {
    const [own] = (await shop.ask(lifetimeValue, {})).currencies
    const nets = (
      await recorded(
        `SELECT SUM(o.total_amount - ${REFUNDED}) AS net FROM wp_wc_orders o
         WHERE ${PAID} AND TRIM(o.billing_email) <> '' AND o.currency = 'RON' GROUP BY ${EMAIL} ORDER BY net`,
      )
    ).map(([net]) => new Decimal(String(net)))
    const n = nets.length
    const total = nets.reduce((all, one) => all.plus(one), new Decimal(0))
    assert.equal(own?.customers, n)
    sameMoney(own.net_total, total, 'sum')
    sameMoney(own.mean, total.div(n).toFixed(2), 'mean')
    const middle = (nets[Math.floor((n - 1) / 2)] as Decimal).plus(nets[Math.floor(n / 2)] as Decimal).div(2)
    sameMoney(own.median, middle.toFixed(2), 'median')
    sameMoney(own.smallest, nets[0], 'least')
    sameMoney(own.greatest, nets.at(-1), 'greatest')
    assert.equal(
      own.distribution.reduce((all, { customers }) => all + customers, 0),
      n,
    )
    const sum = own.distribution.reduce((all, { net_total }) => all.plus(net_total), new Decimal(0))
    sameMoney(sum.toFixed(), total, 'tenths')
  })

  test('bad input has a code', async () => {
    for (const input of [
      {},
      { key: 'x' },
      { key: '0123456789abcdef', customer_id: 1 },
      { customer_id: 0 },
      { other: 1 },
    ]) {
      await assert.rejects(shop.ask(get, input), { code: 'input_invalid' })
    }
    await assert.rejects(shop.ask(get, { email: 'a@b.ro' }, READER), { code: 'key_lacks_personal' })
    await assert.rejects(shop.ask(list, { who: 'me' }), { code: 'input_invalid' })
    await assert.rejects(shop.ask(list, { cursor: 'WyJ4Il0' }), { code: 'cursor_invalid' })
    for (const months of [0, 37]) {
      await assert.rejects(shop.ask(cohorts, { months }), { code: 'input_invalid' })
    }
    await assert.rejects(shop.ask(segments, { days: 3 }), { code: 'input_invalid' })
  })
}

/** The same scores and rules, worked out one by one in the plainest way. */
async function independentSegments(recorded: (sql: string) => Promise<unknown[][]>, today: string) {
  const people = (
    await recorded(
      `SELECT SUM(o.total_amount - ${REFUNDED}), COUNT(*), DATE_FORMAT(MAX(o.date_created_gmt), '%Y-%m-%dT%H:%i:%s')
       FROM wp_wc_orders o WHERE ${PAID} AND TRIM(o.billing_email) <> '' AND o.currency = 'RON' GROUP BY ${EMAIL}`,
    )
  ).map(([net, orders, last]) => {
    const day = new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Bucharest' }).format(new Date(`${last}Z`))
    const days = Math.round((Date.parse(today) - Date.parse(day)) / 86_400_000)
    return { net: new Decimal(String(net)), orders: Number(orders), days }
  })
  const n = people.length
  const score = (below: number) => 1 + Math.floor((5 * below) / n)
  const named = people.map((one) => {
    const r = score(people.filter(({ days }) => days > one.days).length)
    const f = score(people.filter(({ orders }) => orders < one.orders).length)
    const m = score(people.filter(({ net }) => net.lt(one.net)).length)
    const lately = r >= 4 ? 'high' : r === 3 ? 'middle' : 'low'
    const often = f >= 4 ? 'high' : f >= 2 ? 'middle' : 'low'
    const names = {
      high: { high: m >= 4 ? 'champions' : 'loyal', middle: 'potential_loyal', low: 'new' },
      middle: { high: 'loyal', middle: 'need_attention', low: 'promising' },
      low: {
        high: m >= 4 ? 'cannot_lose' : 'at_risk',
        middle: f === 3 ? 'at_risk' : r === 2 ? 'hibernating' : 'lost',
        low: r === 2 ? 'hibernating' : 'lost',
      },
    }
    return { ...one, segment: names[lately][often] }
  })
  const order = [
    'champions',
    'loyal',
    'potential_loyal',
    'new',
    'need_attention',
    'promising',
    'cannot_lose',
    'at_risk',
    'hibernating',
    'lost',
  ]
  return order.map((segment) => {
    const own = named.filter((one) => one.segment === segment)
    const days = own.map((one) => one.days).sort((a, b) => a - b)
    return {
      segment,
      customers: own.length,
      share: Math.round((own.length / n) * 10_000) / 100,
      orders: own.reduce((all, one) => all + one.orders, 0),
      net_total: own.reduce((all, one) => all.plus(one.net), new Decimal(0)).toFixed(2),
      recency_days: days[Math.ceil(days.length / 2) - 1] ?? null,
    }
  })
}

const idOf = ({ key, customer_id }: { key: string | null; customer_id: number | null }) =>
  `${key} ${customer_id}`

async function every(shop: AskedShop, input: object) {
  type Answer = Awaited<ReturnType<typeof ask>>
  const ask = (cursor?: string) =>
    shop.ask(list, { limit: 500, facts: 'none', ...input, ...(cursor && { cursor }) })
  const rows: Answer['customers'] = []
  for (let cursor: string | undefined; ; ) {
    const answer: Answer = await ask(cursor)
    rows.push(...answer.customers)
    if (answer.nextCursor === null) return rows
    cursor = answer.nextCursor
  }
}
