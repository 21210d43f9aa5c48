/** The forecast of a shop, asked through the same door as every interface. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { operations } from '../../src/operations.ts'
import { type Every, modelNames } from '../../src/questions/forecast/models.ts'
import { mondayOf, readSeries, type SeriesWanted } from '../../src/questions/forecast/series.ts'
import { addDays, localDay } from '../../src/questions/zone.ts'
import { demoMirror, READER } from './shop.ts'

const shop = await demoMirror({ seed: 5, products: 30, orders: 3000, days: 400 })
const { sales } = operations.forecast
const { pool } = shop.database
const { store } = shop.context
const today = localDay(new Date(), store.timezone)

/** Written another way than the question: order by order, with the views. */
async function plainDays(value: string, filter = 'true'): Promise<Map<string, number>> {
  const { rows } = await pool.query(
    `SELECT to_char(timezone($1, o.created_at), 'YYYY-MM-DD') AS day, sum(${value})::float8 AS value
     FROM mirror.orders o
     WHERE o.status IN ('processing', 'completed', 'refunded') AND o.deleted_at IS NULL AND ${filter}
     GROUP BY 1`,
    [store.timezone],
  )
  return new Map(rows.map((row) => [row.day, row.value]))
}

const NET_OF_ORDER = `o.total - coalesce(
  (SELECT sum(r.amount) FROM mirror.refunds r WHERE r.order_id = o.id AND r.deleted_at IS NULL), 0)`
const ofItems = (column: string, filter = 'true') =>
  `coalesce((SELECT sum(i.${column}) FROM mirror.order_items i WHERE i.order_id = o.id AND ${filter}), 0)`

async function seriesOf(wanted: Partial<SeriesWanted>) {
  const client = await pool.connect()
  try {
    return await readSeries(client, store, new Date(), {
      of: 'net_sales',
      every: 'day',
      history: 730,
      currency: null,
      target: null,
      ...wanted,
    })
  } finally {
    client.release()
  }
}

async function bestProduct(): Promise<{ id: number; variable: number }> {
  const { rows } = await pool.query(
    `SELECT product_id AS id FROM mirror.order_items JOIN mirror.products p ON p.id = product_id
     WHERE p.deleted_at IS NULL AND variation_id IS NULL GROUP BY 1 ORDER BY count(*) DESC LIMIT 1`,
  )
  const { rows: variable } = await pool.query(
    `SELECT product_id AS id FROM mirror.order_items JOIN mirror.products p ON p.id = product_id
     WHERE p.deleted_at IS NULL AND variation_id IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC LIMIT 1`,
  )
  return { id: Number(rows[0].id), variable: Number(variable[0].id) }
}

test('the series is the shop’s own days, to the cent and the unit', async () => {
  const { id, variable } = await bestProduct()
  const target = (product_id: number) => ({ product_id, variation_id: null, name: null, sku: null })
  const cases: [Partial<SeriesWanted>, Map<string, number>][] = [
    [{ currency: 'RON' }, await plainDays(NET_OF_ORDER, `o.currency = 'RON'`)],
    [{ of: 'orders' }, await plainDays('1')],
    [{ of: 'items' }, await plainDays(ofItems('net_quantity'))],
    ...(await Promise.all(
      [id, variable].flatMap((product) => [
        plainDays(ofItems('net_quantity', `i.product_id = ${product}`)).then(
          (days): [Partial<SeriesWanted>, Map<string, number>] => [
            { of: 'items', target: target(product) },
            days,
          ],
        ),
        plainDays(ofItems('net_total', `i.product_id = ${product}`), `o.currency = 'RON'`).then(
          (days): [Partial<SeriesWanted>, Map<string, number>] => [
            { of: 'net_sales', currency: 'RON', target: target(product) },
            days,
          ],
        ),
      ]),
    )),
  ]
  for (const [wanted, expected] of cases) {
    const { points, next, sum } = await seriesOf(wanted)
    assert.equal(next, today)
    assert.ok(points.length > 300 && points.at(-1)?.from === addDays(today, -1))
    let total = 0
    for (const [i, { from, value }] of points.entries()) {
      assert.equal(from, addDays(points[0]?.from as string, i))
      assert.equal(
        Number(value),
        Number((expected.get(from) ?? 0).toFixed(2)),
        `${from} ${JSON.stringify(wanted)}`,
      )
      total += Number(value)
    }
    assert.equal(Number(sum), Number(total.toFixed(2)))
    // Nothing sold lies before its first day.
    for (const [day, value] of expected) {
      assert.ok(value === 0 || day === today || day >= (points[0]?.from as string))
    }
  }
})

test('weeks are whole, from Monday to Sunday, and the sums of their days', async () => {
  const days = await seriesOf({ of: 'orders' })
  const weeks = await seriesOf({ of: 'orders', every: 'week' })
  assert.equal(weeks.next, mondayOf(today))
  const byDay = new Map(days.points.map(({ from, value }) => [from, Number(value)]))
  for (const { from, value } of weeks.points) {
    assert.equal(new Date(from).getUTCDay(), 1)
    const sum = Array.from({ length: 7 }, (_, i) => byDay.get(addDays(from, i)) ?? Number.NaN)
    assert.equal(
      Number(value),
      sum.reduce((all, each) => all + each, 0),
    )
  }
  assert.ok((weeks.points[0]?.from as string) < addDays(days.points[0]?.from as string, 7))
})

for (const [every, horizon] of [
  ['day', 14],
  ['week', 6],
] as [Every, number][]) {
  test(`by ${every}: steps, total, candidates, and a fact for each`, async () => {
    const answer = await shop.ask(sales, { every, horizon }, READER)
    const { forecast, series, measure, facts } = answer
    assert.ok(forecast && series)
    assert.equal(answer.refusal, null)
    assert.deepEqual([measure.currency, measure.unit, measure.type], ['RON', 'RON', 'money'])
    const length = every === 'day' ? 1 : 7
    assert.equal(forecast.steps.length, horizon)
    assert.equal(forecast.total.to, addDays(forecast.total.from, horizon * length - 1))
    let cents = 0
    for (const [i, { from, value, low, high }] of forecast.steps.entries()) {
      assert.equal(from, addDays(series.to, 1 + i * length))
      for (const text of [value, low, high]) assert.match(text, /^\d+\.\d\d$/)
      assert.ok(Number(low) <= Number(value) && Number(value) <= Number(high))
      cents += Math.round(Number(value) * 100)
    }
    assert.equal(cents, Math.round(Number(forecast.total.value) * 100))
    assert.ok(Number(forecast.total.low) <= Number(forecast.total.value))

    const best = forecast.candidates.find(({ model }) => model === forecast.model)
    assert.ok(best && best.mase !== null && best.left_out === null)
    for (const { model, mase, smape, left_out, origins } of forecast.candidates) {
      assert.ok(modelNames.includes(model))
      assert.equal(mase === null, left_out !== null)
      if (mase !== null)
        assert.ok(best.mase <= mase && (smape as number) >= 0 && origins === forecast.origins)
    }
    assert.ok(forecast.origins >= 5)

    const about = (attribute: string) => facts.filter((fact) => fact.attribute === attribute)
    assert.deepEqual(
      about('forecast_net_sales').map(({ value, period }) => [period?.from, value]),
      forecast.steps.map(({ from, value }) => [from, value]),
    )
    assert.deepEqual(
      about('mase').map(({ filter, value }) => [filter.model, value]),
      forecast.candidates.flatMap(({ model, mase }) => (mase === null ? [] : [[model, mase]])),
    )
    assert.equal(about('smape').length, about('mase').length)
    assert.equal(about('forecast_net_sales_total')[0]?.value, forecast.total.value)
    assert.equal(about('observations')[0]?.value, series.observations)
    for (const fact of facts) {
      assert.equal(fact.subject.kind, 'forecast')
      assert.equal(fact.source.rows, series.orders)
    }
    const again = await shop.ask(sales, { every, horizon }, READER)
    assert.deepEqual([again.forecast, again.series], [forecast, series])
  })
}

test('of one product, by id or SKU; of a variation, of it alone', async () => {
  const { id, variable } = await bestProduct()
  const { rows } = await pool.query(`SELECT sku, name FROM mirror.products WHERE id = $1`, [id])
  const byId = await shop.ask(sales, { of: 'items', product_id: id, every: 'week' })
  assert.equal(byId.product?.name, rows[0].name)
  assert.equal(byId.measure.unit, 'pieces')
  assert.ok(byId.forecast)
  assert.equal(byId.facts[0]?.subject.name, rows[0].name)
  assert.equal(byId.facts[0]?.filter.product_id, id)
  if (rows[0].sku) {
    const bySku = await shop.ask(sales, { of: 'items', sku: rows[0].sku, every: 'week' })
    assert.deepEqual([bySku.forecast, bySku.product], [byId.forecast, byId.product])
  }
  const all = await shop.ask(sales, { of: 'items', product_id: variable })
  const { rows: variations } = await pool.query(
    `SELECT id::int, sku FROM mirror.variations WHERE product_id = $1 AND deleted_at IS NULL`,
    [variable],
  )
  let sum = 0
  for (const one of variations) {
    const answer = await shop.ask(sales, { of: 'items', product_id: one.id })
    assert.equal(answer.product?.variation_id, one.id)
    sum += Number(answer.series?.sum ?? 0)
  }
  assert.ok(sum > 0 && sum <= Number(all.series?.sum))
})

test('currencies are never mixed, and what was sold in none is refused', async () => {
  const own = await shop.ask(sales, {})
  assert.deepEqual(own.series, (await shop.ask(sales, { currency: 'ron' })).series)
  const { rows } = await pool.query(
    `SELECT count(*)::int AS orders FROM mirror.orders o
     WHERE status IN ('processing', 'completed', 'refunded') AND deleted_at IS NULL AND currency = 'RON'
       AND created_at < ($1::date)::timestamp AT TIME ZONE $2`,
    [today, store.timezone],
  )
  assert.equal(own.series?.orders, rows[0].orders)
  assert.match(own.series?.sum ?? '', /^\d+\.\d\d$/)
  const fact = own.facts.find(({ attribute }) => attribute === 'net_sales')
  assert.equal(fact?.value, own.series?.sum)
  const other = await shop.ask(sales, { currency: 'JPY' })
  assert.deepEqual([other.forecast, other.series, other.refusal?.reason], [null, null, 'nothing_sold'])
  assert.equal(other.measure.unit, 'JPY')
})

test('an unknown product is no error', async () => {
  for (const input of [{ product_id: 999_999_999 }, { sku: 'no-such-sku' }]) {
    const answer = await shop.ask(sales, input)
    assert.equal(answer.product, null)
    assert.equal(answer.forecast, null)
    assert.equal(answer.refusal?.reason, 'product_not_found')
    assert.equal(answer.facts.find(({ attribute }) => attribute === 'observations')?.value, 0)
  }
})

test('too few days with a sale: refused, with what there is and what it needs', async () => {
  const { id } = await bestProduct()
  // Only its first five days are left.
  await pool.query(
    `UPDATE mirror.orders SET deleted_at = now()
     WHERE id IN (SELECT order_id FROM mirror.order_lines WHERE product_id = $1)
       AND created_at::date NOT IN (
         SELECT DISTINCT ordered_at::date FROM mirror.order_items WHERE product_id = $1 ORDER BY 1 LIMIT 5
       )`,
    [id],
  )
  const { forecast, refusal, facts, series } = await shop.ask(sales, { of: 'items', product_id: id })
  assert.equal(forecast, null)
  assert.equal(refusal?.reason, 'too_few_with_sales')
  assert.equal(refusal.withSales, (series?.observations as number) - (series?.empty as number))
  assert.ok(refusal.withSales < refusal.withSalesNeeded)
  assert.equal(facts.find(({ attribute }) => attribute === 'observations_with_sales_needed')?.value, 14)
  assert.equal(facts.find(({ attribute }) => attribute === 'refusal')?.value, 'too_few_with_sales')
})

test('bad input has a code', async () => {
  for (const input of [
    { of: 'visitors' },
    { horizon: 0 },
    { horizon: 91 },
    { every: 'week', horizon: 27 },
    { every: 'month' },
    { level: 99 },
    { level: 81 },
    { history: 10 },
    { history: 1e9 },
    { product_id: 1, sku: 'a' },
    { product_id: -1 },
    { currency: '' },
    { sku: 'x'.repeat(201) },
    { other: 1 },
  ]) {
    await assert.rejects(shop.ask(sales, input), { code: 'input_invalid' }, JSON.stringify(input))
  }
})

test('days that the copy has not seen whole are not taken for days without sales', async () => {
  const moved = (by: string) =>
    pool.query(`UPDATE sync.resources SET followed_at = followed_at + $1 WHERE resource = 'orders'`, [by])
  await moved('-3 days')
  const { series, forecast } = await shop.ask(sales, {})
  await moved('3 days')
  assert.equal(series?.to, addDays(today, -4))
  assert.equal(forecast?.steps[0]?.from, addDays(today, -3))
})

test('a short history is refused; tombstones are no history', async () => {
  await pool.query(
    `UPDATE mirror.orders SET deleted_at = now()
     WHERE created_at < ($1::date - 40)::timestamp AT TIME ZONE $2`,
    [today, store.timezone],
  )
  const { forecast, refusal, series } = await shop.ask(sales, {})
  assert.equal(forecast, null)
  assert.deepEqual([refusal?.reason, refusal?.observations, refusal?.needed], ['history_too_short', 40, 56])
  assert.equal(series?.from, addDays(today, -40))
  await pool.query(`UPDATE mirror.orders SET status = 'pending'`)
  const nothing = await shop.ask(sales, { of: 'orders' })
  assert.deepEqual([nothing.refusal?.reason, nothing.series], ['nothing_sold', null])
})
