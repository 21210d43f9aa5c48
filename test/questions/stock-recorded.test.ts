/** Stock figures of the recorded shop, beside what plain SQL says over the shop's own database. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { z } from 'zod'
import { createAsking } from '../../src/database/asking.ts'
import { createFactBook } from '../../src/questions/facts.ts'
import type { Asked, Question } from '../../src/questions/question.ts'
import { stock } from '../../src/questions/stock.ts'
import { skipWithoutMariadb, startMariadb } from '../mariadb.ts'
import { skipWithoutRecordings } from '../recordings.ts'
import { recordedMirror } from './shop.ts'

const skip = skipWithoutMariadb || skipWithoutRecordings
const DATABASE = 'woocommerce_small'
const mariadb = skip ? null : await startMariadb()
// As recorded nothing is low: the shop's threshold is raised, and one product, one variation and one shared stock
// get thresholds of their own.
await mariadb?.run(
  DATABASE,
  `UPDATE wp_options SET option_value = '40' WHERE option_name = 'woocommerce_notify_low_stock_amount';
   DELETE FROM wp_postmeta WHERE meta_key = '_low_stock_amount' AND post_id IN (180, 184, 185, 187);
   INSERT INTO wp_postmeta (post_id, meta_key, meta_value) VALUES
     (180, '_low_stock_amount', '500'), (184, '_low_stock_amount', '230'),
     (185, '_low_stock_amount', '100'), (187, '_low_stock_amount', '5')`,
)
const shop = mariadb && (await recordedMirror(mariadb))

const ZONE = 'Europe/Bucharest'

/** What stock is counted of: WooCommerce's posts and their meta data, put together by hand. */
const UNITS = `
  item AS (
    SELECT p.ID AS id, p.post_parent AS parent, p.post_type AS kind, p.post_status AS status,
           MAX(IF(m.meta_key = '_manage_stock', m.meta_value, 'no')) AS manage,
           MAX(IF(m.meta_key = '_stock', CAST(NULLIF(m.meta_value, '') AS DECIMAL(20, 4)), NULL)) AS stock,
           MAX(IF(m.meta_key = '_stock_status', m.meta_value, NULL)) AS state,
           MAX(IF(m.meta_key = '_low_stock_amount', CAST(NULLIF(m.meta_value, '') AS DECIMAL(20, 4)), NULL)) AS low,
           COALESCE((
             SELECT t.slug
             FROM wp_term_relationships r
             JOIN wp_term_taxonomy x ON x.term_taxonomy_id = r.term_taxonomy_id AND x.taxonomy = 'product_type'
             JOIN wp_terms t ON t.term_id = x.term_id
             WHERE r.object_id = p.ID LIMIT 1), 'simple') AS type
    FROM wp_posts p
    LEFT JOIN wp_postmeta m ON m.post_id = p.ID
    WHERE p.post_type IN ('product', 'product_variation')
    GROUP BY p.ID
  ),
  unit AS (
    SELECT id, IF(manage = 'yes', stock, NULL) AS pieces, manage = 'yes' AS counted, state, low, NULL AS above
    FROM item
    WHERE kind = 'product' AND status = 'publish' AND type NOT IN ('variable', 'grouped', 'external')
    UNION ALL
    SELECT v.id, IF(v.manage = 'yes', v.stock, NULL), v.manage = 'yes', v.state, v.low, p.low
    FROM item v JOIN item p ON p.id = v.parent
    WHERE v.kind = 'product_variation' AND v.status = 'publish' AND p.status = 'publish'
      AND NOT (v.manage <> 'yes' AND p.manage = 'yes')
    UNION ALL
    SELECT p.id, p.stock, 1, p.state, p.low, NULL
    FROM item p
    WHERE p.kind = 'product' AND p.status = 'publish' AND p.type = 'variable' AND p.manage = 'yes'
      AND EXISTS (SELECT 1 FROM item v WHERE v.parent = p.id AND v.status = 'publish' AND v.manage <> 'yes')
  )`

/** Lines of paid orders from one moment to another, by the unit they took; what was refunded of them is negative. */
const lines = (from: string, to: string) => `
  line AS (
    SELECT i.order_item_id AS id,
           MAX(IF(m.meta_key = '_product_id', m.meta_value, NULL)) AS product,
           MAX(IF(m.meta_key = '_variation_id', m.meta_value, 0)) AS variation,
           MAX(IF(m.meta_key = '_qty', CAST(m.meta_value AS DECIMAL(20, 4)), NULL)) AS pieces
    FROM wp_wc_orders o
    JOIN wp_woocommerce_order_items i ON i.order_id = o.id AND i.order_item_type = 'line_item'
    JOIN wp_woocommerce_order_itemmeta m ON m.order_item_id = i.order_item_id
    WHERE o.type = 'shop_order' AND o.status IN ('wc-processing', 'wc-completed', 'wc-refunded')
      AND o.date_created_gmt >= '${from}' AND o.date_created_gmt < '${to}'
    GROUP BY i.order_item_id
  ),
  refunded AS (
    SELECT x.meta_value AS line, CAST(q.meta_value AS DECIMAL(20, 4)) AS pieces
    FROM wp_wc_orders r
    JOIN wp_woocommerce_order_items i ON i.order_id = r.id AND i.order_item_type = 'line_item'
    JOIN wp_woocommerce_order_itemmeta x ON x.order_item_id = i.order_item_id AND x.meta_key = '_refunded_item_id'
    JOIN wp_woocommerce_order_itemmeta q ON q.order_item_id = i.order_item_id AND q.meta_key = '_qty'
    WHERE r.type = 'shop_order_refund'
  ),
  sold AS (
    SELECT IF(line.variation = 0 OR (v.manage <> 'yes' AND p.manage = 'yes'), line.product, line.variation) AS unit,
           line.pieces + COALESCE(back.pieces, 0) AS pieces, back.pieces AS given_back
    FROM line
    LEFT JOIN (SELECT line, SUM(pieces) AS pieces FROM refunded GROUP BY line) back ON back.line = line.id
    LEFT JOIN item v ON v.id = line.variation
    LEFT JOIN item p ON p.id = line.product
  )`

async function idsFrom(where: string, more = ''): Promise<number[]> {
  const rows = await mariadb!.ask(
    DATABASE,
    `WITH ${UNITS}${more} SELECT id FROM unit WHERE ${where} ORDER BY id`,
  )
  return rows.map(([id]) => Number(id))
}

/** Asks at a moment of the recording, so that the last 90 days are the same whenever the test runs. */
async function askAt<I extends z.ZodObject, O extends z.ZodObject>(
  question: Question<I, O>,
  input: unknown,
  now: Date,
) {
  const facts = createFactBook()
  const { signal } = new AbortController()
  const asked: Asked = {
    db: createAsking(shop!.database.readPool, { limitMs: 30_000, signal }),
    store: shop!.context.store,
    personal: false,
    now,
    facts,
    inSnapshot: () => assert.fail('one statement is enough'),
    signal,
  }
  const answer = await question.run(asked, question.input.parse(input))
  return { answer, facts: facts.all() }
}

interface Row {
  product_id: number
  variation_id: number | null
}

const unitOf = ({ product_id, variation_id }: Row) => variation_id ?? product_id
const idsOf = (rows: readonly Row[]) => rows.map(unitOf).sort((a, b) => a - b)

const LOW = `COALESCE(low, above, (
  SELECT NULLIF(option_value, '') FROM wp_options WHERE option_name = 'woocommerce_notify_low_stock_amount'), 2)`

test('low, out, backordered and unmanaged are those of the shop', { skip }, async () => {
  const now = new Date()
  const cases = [
    [stock.low, {}, `pieces > 0 AND pieces <= ${LOW} AND state <> 'onbackorder'`],
    ...[1, 5, 12, 100].map((threshold) => {
      const where = `pieces > 0 AND pieces <= ${threshold} AND state <> 'onbackorder'`
      return [stock.low, { threshold }, where] as const
    }),
    [stock.out, {}, `state <> 'onbackorder' AND (pieces <= 0 OR (NOT counted AND state = 'outofstock'))`],
    [stock.backordered, {}, `state = 'onbackorder'`],
    [stock.unmanaged, {}, 'NOT counted'],
  ] as const
  for (const [question, input, where] of cases) {
    const expected = await idsFrom(where)
    const { answer, facts } = await askAt(question as typeof stock.low, { ...input, limit: 1000 }, now)
    const { products, total } = answer
    assert.deepEqual(idsOf(products), expected, `${question.name} ${JSON.stringify(input)}`)
    assert.equal(total, expected.length)
    assert.equal(facts[0]?.value, expected.length)
    if (!('threshold' in input && input.threshold < 100)) assert.ok(expected.length > 0, question.name)
  }
})

test('each one’s threshold is its own, its product’s, or the shop’s', { skip }, async () => {
  const rows = await mariadb!.ask(
    DATABASE,
    `WITH ${UNITS} SELECT id, ${LOW}, CASE WHEN low IS NULL AND above IS NULL THEN 'store' ELSE 'own' END FROM unit`,
  )
  const expected = new Map(rows.map(([id, low, whose]) => [Number(id), { low: Number(low), whose }]))
  const { answer } = await askAt(stock.unmanaged, { limit: 1000 }, new Date())
  assert.ok(answer.products.every(({ low_stock_amount }) => low_stock_amount === null))
  const seen = new Set<unknown>()
  const { answer: low } = await askAt(stock.low, { limit: 1000 }, new Date())
  for (const row of low.products) {
    const { low: amount, whose } = expected.get(unitOf(row))!
    assert.equal(row.low_stock_amount, amount)
    assert.equal(row.threshold === 'store' ? 'store' : 'own', whose)
    seen.add(whose)
  }
  assert.deepEqual([...seen].sort(), ['own', 'store'])
  const of = new Map(low.products.map((row) => [unitOf(row), row]))
  assert.deepEqual([of.get(185)?.threshold, of.get(186)?.threshold], ['variation', 'product'])
  assert.equal(of.has(187), false)
  // Three variations share the stock of 180: it is one row.
  assert.deepEqual([of.get(180)?.sharedBy, of.has(181), of.has(182)], [3, false, false])
})

test('dead stock, and pieces sold in 7, 30 and 90 days, are those of the order lines', { skip }, async () => {
  const [[last]] = (await mariadb!.ask(
    DATABASE,
    `SELECT DATE_FORMAT(MAX(date_created_gmt), '%Y-%m-%dT%H:%i:%sZ') FROM wp_wc_orders WHERE status = 'wc-completed'`,
  )) as [[string]]
  const now = new Date(last)
  const day = (back: number) => utcOfMidnight(now, back)
  const soldIn = async (days: number) => {
    const rows = await mariadb!.ask(
      DATABASE,
      `WITH ${UNITS}, ${lines(day(days - 1), day(-1))}
       SELECT unit, SUM(pieces), SUM(given_back) FROM sold GROUP BY unit`,
    )
    assert.ok(days < 90 || rows.some(([, , back]) => Number(back) < 0), 'something was given back')
    return new Map(rows.map(([unit, pieces]) => [Number(unit), Number(pieces)]))
  }
  const [week, month, quarter] = await Promise.all([soldIn(7), soldIn(30), soldIn(90)])
  assert.ok(quarter.size > 20, 'something was sold')

  const { answer } = await askAt(stock.cover, { limit: 1000, sort: 'name' }, now)
  assert.deepEqual(idsOf(answer.products), await idsFrom('pieces IS NOT NULL'))
  for (const row of answer.products) {
    const unit = unitOf(row)
    assert.equal(row.sold7, week.get(unit) ?? 0, `7 days of ${unit}`)
    assert.equal(row.sold30, month.get(unit) ?? 0, `30 days of ${unit}`)
    assert.equal(row.sold90, quarter.get(unit) ?? 0, `90 days of ${unit}`)
    const days = row.sold30 > 0 ? (Math.max(0, row.stock_quantity!) * 30) / row.sold30 : null
    assert.ok(days === null ? row.cover30 === null : Math.abs(days - row.cover30!) <= 0.05 + 1e-9)
    if (row.sold90 === 0) assert.equal(row.reason, 'nothing_sold')
  }

  for (const days of [3, 90]) {
    const { answer: dead } = await askAt(stock.dead, { days, limit: 1000 }, now)
    const expected = await idsFrom(
      `state = 'instock' AND (pieces IS NULL OR pieces > 0) AND id NOT IN (SELECT unit FROM sold)`,
      `, ${lines(day(days - 1), day(-1))}`,
    )
    assert.deepEqual(idsOf(dead.products), expected, `dead for ${days} days`)
    if (days === 3) assert.ok(expected.length > 10)
  }
})

/** The moment, in UTC, at which the shop's day so many days before begins; found without the program's help. */
function utcOfMidnight(at: Date, back: number): string {
  const local = (moment: number) => new Date(moment).toLocaleString('sv-SE', { timeZone: ZONE })
  const today = local(at.getTime()).slice(0, 10)
  const wanted = new Date(Date.parse(`${today}T00:00:00Z`) - back * 86_400_000).toISOString().slice(0, 10)
  for (const hours of [2, 3]) {
    const moment = Date.parse(`${wanted}T00:00:00Z`) - hours * 3_600_000
    if (local(moment) === `${wanted} 00:00:00`)
      return new Date(moment).toISOString().slice(0, 19).replace('T', ' ')
  }
  throw new Error('a day has no midnight')
}
