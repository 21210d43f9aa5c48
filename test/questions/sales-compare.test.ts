/** Sales beside those of earlier periods. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { shopOf } from './made-orders.ts'

describe('comparisons', () => {
  test('say difference, percentage and direction; no percentage of nothing', async () => {
    const shop = await shopOf('UTC', [
      { at: '2025-04-30T10:00:00', status: 'failed' },
      { at: '2025-05-15T10:00:00', total: '100.00' },
      { at: '2025-05-15T10:00:00', total: '200.00' },
      { at: '2026-05-15T10:00:00', total: '200.00' },
    ])
    const answer = await shop.stats({
      from: '2026-05-01',
      to: '2026-05-31',
      compare: ['previous', 'year_before'],
    })
    const [previous, year] = answer.sales[0]?.comparisons ?? []
    assert.deepEqual([previous?.with, previous?.from, previous?.to], ['previous', '2026-03-31', '2026-04-30'])
    assert.deepEqual([year?.with, year?.from, year?.to], ['year_before', '2025-05-01', '2025-05-31'])
    const change = (of: typeof year, name: string) => of?.changes.find(({ metric }) => metric === name)
    assert.deepEqual(change(previous, 'net_sales'), {
      metric: 'net_sales',
      difference: '200.00',
      percentage: null,
      direction: 'up',
    })
    assert.deepEqual(change(year, 'net_sales'), {
      metric: 'net_sales',
      difference: '-100.00',
      percentage: -33.33,
      direction: 'down',
    })
    assert.equal(change(year, 'orders')?.difference, -1)
    assert.equal(change(year, 'shipping')?.direction, 'same')
    assert.equal(change(previous, 'average_order_value')?.direction, null)
    const fact = answer.facts.find(
      ({ attribute, filter }) =>
        attribute === 'net_sales_direction' && filter.compared_with === 'year_before',
    )
    assert.deepEqual([fact?.type, fact?.value], ['direction', 'down'])
  })

  test('no percentage of a period that begins before the first order; the day is said', async () => {
    // In the shop's zone the first order is of the 3rd already.
    const shop = await shopOf('Europe/Bucharest', [
      { at: '2025-05-02T22:00:00', total: '100.00', status: 'pending' },
      { at: '2025-05-15T10:00:00', total: '100.00' },
      { at: '2026-05-15T10:00:00', total: '200.00' },
      { at: '2025-01-15T10:00:00', total: '1.00', status: 'trash' },
    ])
    const since = async (from: string) => {
      const answer = await shop.stats({ from, to: '2026-05-31', compare: ['year_before'] })
      const [year] = answer.sales[0]?.comparisons ?? []
      const net = year?.changes.find(({ metric }) => metric === 'net_sales')
      return { answer, year, net }
    }
    const early = await since('2026-05-02')
    assert.equal(early.year?.first_order_day, '2025-05-03')
    assert.deepEqual(
      [early.net?.difference, early.net?.percentage, early.net?.direction],
      ['100.00', null, 'up'],
    )
    assert.ok(early.year.changes.every(({ percentage }) => percentage === null))
    const facts = early.answer.facts.filter(({ attribute }) => attribute === 'first_order_day')
    assert.deepEqual(
      facts.map(({ type, value, source }) => [type, value, source]),
      [['date', '2025-05-03', { table: 'mirror.orders', ids: ['1'], rows: 1 }]],
    )
    assert.equal((await since('2026-05-03')).net?.percentage, 100)

    await shop.database.pool.query('UPDATE mirror.orders SET deleted_at = now()')
    const { year } = await since('2026-05-03')
    assert.equal(year?.first_order_day, null)
    const alone = await shop.stats({ days: 3 })
    assert.ok(!alone.facts.some(({ attribute }) => attribute === 'first_order_day'))
  })

  test('the year before a 29 February', async () => {
    const shop = await shopOf('UTC', [])
    const { sales } = await shop.stats({ from: '2024-02-29', to: '2024-02-29', compare: ['year_before'] })
    const [year] = sales[0]?.comparisons ?? []
    assert.deepEqual([year?.from, year?.to], ['2023-02-28', '2023-02-28'])
  })
})
