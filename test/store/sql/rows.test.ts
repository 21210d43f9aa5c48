import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  dateText,
  gmtCell,
  gmtCellMoment,
  groupRows,
  idCondition,
  wantedRows,
} from '../../../src/store/sql/rows.ts'
import { tableName } from '../../../src/store/sql/tables.ts'

test('dense ids are one range, scattered ones short lists, and nothing matches nothing', () => {
  assert.deepEqual(idCondition('id', ['5', '7', '6']), { sql: 'id BETWEEN ? AND ?', values: [5, 7] })
  assert.deepEqual(idCondition('o.id', ['5', '500']), { sql: 'o.id IN ?', values: [[5, 500]] })
  assert.deepEqual(idCondition('id', ['8']), { sql: 'id IN ?', values: [[8]] })
  for (const ids of [[], ['x', '-4', '1.5', '99999999999999999999']]) {
    assert.deepEqual(idCondition('id', ids), { sql: 'FALSE', values: [] })
  }
  const many = Array.from({ length: 1200 }, (_, index) => String(index * 100))
  const { sql, values } = idCondition('id', many)
  assert.equal(sql, '(id IN ? OR id IN ? OR id IN ?)')
  assert.deepEqual(values.flat(), many.map(Number))
})

test('rows are grouped by their id, strays dropped, in their order', () => {
  const rows = [
    ['1', 'a'],
    ['9', 'stray'],
    ['1', 'b'],
    ['2', 'c'],
    [null, 'd'],
    ['1', 'e'],
  ]
  const groups = groupRows(rows, ['1', '2', '3'])
  assert.deepEqual(
    groups.get('1')?.map(([, name]) => name),
    ['a', 'b', 'e'],
  )
  assert.deepEqual([...groups.keys()], ['1', '2'])
  assert.deepEqual(
    [...wantedRows(rows, ['2', '1']).values()],
    [
      ['1', 'a'],
      ['2', 'c'],
    ],
  )
})

test('dates of the database', () => {
  assert.equal(dateText('2026-11-22 10:43:10'), '2026-11-22T10:43:10')
  assert.equal(dateText('2026-11-22 10:43:10.000000'), '2026-11-22T10:43:10')
  for (const none of ['0000-00-00 00:00:00', '', null, undefined, '2026-11-22']) {
    assert.equal(dateText(none), null)
    assert.equal(gmtCellMoment(none), null)
  }
  assert.equal(gmtCellMoment('2026-99-99 00:00:00'), null)
  assert.equal(gmtCellMoment('1970-01-01 00:00:01'), 1000)
  assert.equal(gmtCell(1999), '1970-01-01 00:00:01')
})

test('a prefix goes into statements as it is, so only letters, digits and _ may be in it', () => {
  assert.equal(tableName({ prefix: 'Shop_2_' }, 'posts'), '`Shop_2_posts`')
  for (const prefix of ['', 'wp-', 'wp_`; DROP', 'wp_\n', 'ș_']) {
    assert.throws(() => tableName({ prefix }, 'posts'), { code: 'setting_invalid' }, prefix)
  }
})
