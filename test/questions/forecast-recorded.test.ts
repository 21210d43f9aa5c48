/** The series of the recorded shop equals plain SQL over its own database. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Decimal } from 'decimal.js'
import { operations } from '../../src/operations.ts'
import { readSeries, type SeriesWanted } from '../../src/questions/forecast/series.ts'
import { skipWithoutMariadb, startMariadb } from '../mariadb.ts'
import { skipWithoutRecordings } from '../recordings.ts'
import { recordedMirror } from './shop.ts'

/** Days of Bucharest, without the program's own code. */
const dayOf = (gmt: string) =>
  new Date(`${gmt}Z`).toLocaleDateString('sv-SE', { timeZone: 'Europe/Bucharest' })

const PAID = `o.type = 'shop_order' AND o.status IN ('wc-processing', 'wc-completed', 'wc-refunded')`

const itemsOf = (order: string) =>
  `(SELECT coalesce(sum(m.meta_value), 0) FROM wp_woocommerce_order_items i
    JOIN wp_woocommerce_order_itemmeta m ON m.order_item_id = i.order_item_id AND m.meta_key = '_qty'
    WHERE i.order_id = ${order} AND i.order_item_type = 'line_item')`

const VALUES: Record<SeriesWanted['of'], string> = {
  net_sales: `o.total_amount + (SELECT coalesce(sum(r.total_amount), 0) FROM wp_wc_orders r
    WHERE r.type = 'shop_order_refund' AND r.parent_order_id = o.id)`,
  orders: '1',
  items: `${itemsOf('o.id')} + (SELECT coalesce(sum(${itemsOf('r.id')}), 0) FROM wp_wc_orders r
    WHERE r.type = 'shop_order_refund' AND r.parent_order_id = o.id)`,
}

describe('forecasts of the recorded shop', {
  skip: skipWithoutMariadb || skipWithoutRecordings,
}, async () => {
  if (skipWithoutMariadb || skipWithoutRecordings) return
  const mariadb = await startMariadb()
  const shop = await recordedMirror(mariadb)

  for (const [of, currency] of [
    ['net_sales', 'RON'],
    ['net_sales', 'EUR'],
    ['orders', null],
    ['items', null],
  ] as const) {
    test(`${of} ${currency ?? 'of every currency'}, day by day`, async () => {
      const rows = await mariadb.ask(
        'woocommerce_small',
        `SELECT date_format(o.date_created_gmt, '%Y-%m-%dT%H:%i:%s'), cast(${VALUES[of]} AS char)
         FROM wp_wc_orders o WHERE ${PAID} ${currency === null ? '' : `AND o.currency = '${currency}'`}`,
      )
      const days = new Map<string, Decimal>()
      for (const [gmt, value] of rows as [string, string][]) {
        const day = dayOf(gmt)
        days.set(day, (days.get(day) ?? new Decimal(0)).plus(value))
      }
      const client = await shop.database.pool.connect()
      const series = await readSeries(client, shop.context.store, new Date(), {
        of,
        every: 'day',
        history: 3660,
        currency,
        target: null,
      }).finally(() => client.release())
      const last = series.next
      for (const { from, value } of series.points) {
        assert.equal(value, (days.get(from) ?? new Decimal(0)).toFixed(), from)
        days.delete(from)
      }
      for (const day of days.keys()) assert.ok(day >= last, `${day} is missing`)
      assert.ok(series.points.length > 50 && series.orders > 0)
    })
  }

  test('a forecast of it speaks, or says why not', async () => {
    for (const measure of ['net_sales', 'orders', 'items']) {
      const { forecast, refusal, series } = await shop.ask(operations.forecast.sales, {
        of: measure,
        horizon: 14,
      })
      assert.ok(series && (forecast === null) !== (refusal === null))
    }
  })
})
