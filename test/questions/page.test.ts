/** Cursors that somebody changed: refused by their code, never a fault of the database. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyset, type Sort, toPage } from '../../src/questions/page.ts'

const cursor = (value: string, sort = 'by') =>
  Buffer.from(JSON.stringify([sort, value, 7])).toString('base64url')
const take = (type: Sort['type'], value: string) => {
  const values: unknown[] = []
  keyset({ by: { by: 'x', type } }, 'id', { limit: 2, sort: 'by', cursor: cursor(value) }, values)
  return values
}

test('a value that Postgres has written is taken as it is', () => {
  for (const value of [
    '2026-11-22 22:22:52+00',
    '2026-11-22 22:22:52.123456+05:30',
    '2028-02-29 00:00:00-03',
    '0001-01-01 00:00:00+00',
    '12026-12-31 23:59:59+00',
    '0044-03-15 12:00:00+00 BC',
    '-infinity',
    'infinity',
  ]) {
    assert.deepEqual(take('timestamptz', value), [value, 7])
  }
  assert.deepEqual(take('numeric', '-12.50'), ['-12.50', 7])
  assert.deepEqual(take('text', 'țuică'), ['țuică', 7])
})

test('any other is refused', () => {
  for (const value of [
    '2026-11-22 25:99:99+00',
    '2026-99-99 00:00:00+00',
    '2026-02-29 00:00:00+00',
    '2026-11-00 00:00:00+00',
    '0000-01-01 00:00:00+00',
    '999999-01-01 00:00:00+00',
    '9999-03-15 12:00:00+00 BC',
    '2026-11-22 22:22:52+99',
    '2026-11-22',
    'now',
    '',
  ]) {
    assert.throws(() => take('timestamptz', value), { code: 'cursor_invalid' }, value)
  }
  for (const value of ['1e9', 'NaN', '', "1'"]) {
    assert.throws(() => take('numeric', value), { code: 'cursor_invalid' }, value)
  }
  assert.throws(() => take('text', 'a\0b'), { code: 'cursor_invalid' })
  const elsewhere = { limit: 2, sort: 'by', cursor: cursor('1', '-by') }
  assert.throws(() => keyset({ by: { by: 'x', type: 'bigint' } }, 'id', elsewhere, []), {
    code: 'cursor_invalid',
  })
})

test('the next cursor is the last row’s', () => {
  const rows = [1, 2, 3].map((id) => ({ sort_value: `${id}`, sort_id: id }))
  const { rows: shown, nextCursor } = toPage(rows, { limit: 2, sort: 'by' })
  assert.deepEqual([shown.length, Buffer.from(nextCursor ?? '', 'base64url').toString()], [2, '["by","2",2]'])
  assert.equal(toPage(rows, { limit: 3, sort: 'by' }).nextCursor, null)
})
