import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localMoment, shopTimezone } from '../../src/store/timezone.ts'

test('row 38: a zone by its name, else by its offset, else UTC', () => {
  assert.equal(shopTimezone('Europe/Bucharest', '0'), 'Europe/Bucharest')
  assert.equal(shopTimezone('', '2'), '+02:00')
  assert.equal(shopTimezone(null, -3.5), '-03:30')
  assert.equal(shopTimezone('No/Where', '5.75'), '+05:45')
  for (const none of [null, undefined, '', '0', 'x', {}]) assert.equal(shopTimezone(null, none), 'UTC')
})

test('a local date in summer, in winter, in a zone of an offset, without a time', () => {
  assert.equal(localMoment('2026-07-01 12:00:00', 'Europe/Bucharest'), Date.UTC(2026, 6, 1, 9))
  assert.equal(localMoment('2026-12-01T12:00:00', 'Europe/Bucharest'), Date.UTC(2026, 11, 1, 10))
  assert.equal(localMoment('2026-12-01 12:00:00', '-03:30'), Date.UTC(2026, 11, 1, 15, 30))
  assert.equal(localMoment('2026-07-01', 'UTC'), Date.UTC(2026, 6, 1))
  assert.equal(localMoment('soon', 'UTC'), null)
})

test('row 3: a time that comes twice is the first; one that never comes is the hour after', () => {
  assert.equal(localMoment('2026-10-25 03:30:00', 'Europe/Bucharest'), Date.UTC(2026, 9, 25, 0, 30))
  assert.equal(localMoment('2026-10-25 04:30:00', 'Europe/Bucharest'), Date.UTC(2026, 9, 25, 2, 30))
  assert.equal(localMoment('2026-03-29 03:30:00', 'Europe/Bucharest'), Date.UTC(2026, 2, 29, 1, 30))
  assert.equal(localMoment('2026-03-29 12:00:00', 'America/Santiago'), Date.UTC(2026, 2, 29, 15))
})
