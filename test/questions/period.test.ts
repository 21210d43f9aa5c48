/** Periods at the ends of the calendar: neither a fault of Postgres nor a loop without end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Store } from '../../src/mirror/stores.ts'
import { resolvePeriod } from '../../src/questions/period.ts'

const store = { timezone: 'Europe/Bucharest' } as Store
const now = new Date('2026-11-22T22:30:00Z')
const resolve = (given: Parameters<typeof resolvePeriod>[0]) => resolvePeriod(given, 30, store, now)

test('days are the shop’s own, today included', () => {
  assert.deepEqual(resolve({}), { from: '2026-10-25', to: '2026-11-23', timezone: 'Europe/Bucharest' })
  assert.deepEqual(resolve({ days: 1 }), { from: '2026-11-23', to: '2026-11-23', timezone: store.timezone })
  assert.equal(resolve({ from: '2026-11-20' }).to, '2026-11-23')
})

test('days that no shop has are refused, whichever end they stand at', () => {
  for (const [from, to, field] of [
    ['0000-01-01', '0000-01-02', 'from'],
    ['0001-01-01', '0001-01-02', 'from'],
    ['1969-12-31', '1970-01-01', 'from'],
    ['9999-12-01', '9999-12-31', 'from'],
    ['2999-12-31', '3000-01-01', 'to'],
  ] as const) {
    assert.throws(
      () => resolve({ from, to }),
      (fault: { code?: string; data?: { field?: string } }) =>
        fault.code === 'input_invalid' && fault.data?.field === field,
      from,
    )
  }
  assert.equal(resolve({ from: '1970-01-01', to: '1970-01-02' }).from, '1970-01-01')
  assert.equal(resolve({ from: '2999-12-30', to: '2999-12-31' }).to, '2999-12-31')
})
