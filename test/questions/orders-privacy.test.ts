/** Without the right to see people no answer about orders, customers or baskets holds a word of who they are. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { operations } from '../../src/operations.ts'
import { skipWithoutMariadb, startMariadb } from '../mariadb.ts'
import { skipWithoutRecordings } from '../recordings.ts'
import { READER, recordedMirror } from './shop.ts'

const skip = skipWithoutMariadb || skipWithoutRecordings
const { orders, customers, baskets } = operations

if (skip) test('nobody is named', { skip }, () => undefined)
else {
  const mariadb = await startMariadb()
  const shop = await recordedMirror(mariadb)

  test('names, e-mails, telephones, addresses, notes and reasons are in no answer', async () => {
    const texts = new Set<string>()
    for (const [question, least] of [
      [
        'SELECT first_name, last_name, company, address_1, address_2, email, phone FROM wp_wc_order_addresses',
        5,
      ],
      ['SELECT billing_email, customer_note FROM wp_wc_orders', 5],
      ['SELECT user_email, user_login FROM wp_users', 5],
      [`SELECT comment_content FROM wp_comments WHERE comment_type = 'order_note'`, 12],
      [`SELECT meta_value FROM wp_wc_orders_meta WHERE meta_key = '_refund_reason'`, 5],
    ] as const) {
      const rows = await mariadb.ask('woocommerce_small', question)
      for (const value of rows.flat()) {
        const text = String(value ?? '').trim()
        if (text.length >= least) texts.add(text)
      }
    }
    assert.ok(texts.size > 200)

    const said = new Set<string>()
    const hear = (value: unknown): void => {
      if (typeof value === 'string') said.add(value.toLowerCase())
      else if (typeof value === 'object' && value !== null) {
        for (const [key, member] of Object.entries(value)) {
          said.add(key)
          hear(member)
        }
      }
    }
    const ids: number[] = []
    const keys = new Set<string>()
    const walk = async (ask: (cursor?: string) => Promise<{ nextCursor: string | null }>) => {
      for (let cursor: string | undefined; ; ) {
        const answer = await ask(cursor)
        hear(answer)
        if (answer.nextCursor === null) return
        cursor = answer.nextCursor
      }
    }
    await walk(async (cursor) => {
      const answer = await shop.ask(
        orders.list,
        { status: ['any'], limit: 500, ...(cursor && { cursor }) },
        READER,
      )
      ids.push(...answer.orders.map(({ id }) => id))
      return answer
    })
    await walk((cursor) => shop.ask(orders.refunds, { limit: 500, ...(cursor && { cursor }) }, READER))
    await walk(async (cursor) => {
      const answer = await shop.ask(customers.list, { limit: 500, ...(cursor && { cursor }) }, READER)
      for (const { key } of answer.customers) if (key) keys.add(key)
      return answer
    })
    for (const id of ids) {
      hear(await shop.ask(orders.get, { id }, READER))
      hear(await shop.ask(orders.items, { id }, READER))
    }
    for (const key of keys) hear(await shop.ask(customers.get, { key }, READER))
    hear(await shop.ask(customers.segments, {}, READER))
    hear(await shop.ask(customers.cohorts, { months: 36 }, READER))
    hear(await shop.ask(customers.lifetimeValue, {}, READER))
    hear(await shop.ask(baskets.together, { days: 3660, limit: 200 }, READER))
    assert.ok(ids.length > 100 && keys.size > 50)

    // What the catalogue and the settings say of themselves is nobody's: a name may be in a product's.
    const all = [...said].join('\n')
    const seen = [...texts].filter((text) => all.includes(text.toLowerCase()))
    const products = await mariadb.ask(
      'woocommerce_small',
      `SELECT LOWER(GROUP_CONCAT(post_title, ' ', post_name SEPARATOR ' ')) FROM (
         SELECT post_title, post_name FROM wp_posts WHERE post_type IN ('product', 'product_variation')) AS p`,
    )
    const catalogue = String(products[0]?.[0])
    assert.deepEqual(
      seen.filter((text) => !catalogue.includes(text.toLowerCase())),
      [],
    )
  })

  test('with the right they are there', async () => {
    const [row] = await mariadb.ask(
      'woocommerce_small',
      `SELECT order_id, address_1, email FROM wp_wc_order_addresses a JOIN wp_wc_orders o ON o.id = a.order_id
       WHERE o.type = 'shop_order' AND address_type = 'billing' AND address_1 <> '' AND email <> '' LIMIT 1`,
    )
    const { order } = await shop.ask(orders.get, { id: Number(row?.[0]) })
    assert.equal(order?.billing?.address_1, row?.[1])
    assert.equal(order?.billing_email, row?.[2])
  })
}
