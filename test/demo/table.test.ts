import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createTable, type Order, type Row } from '../../demo/table.ts'

const ORDERS: Order[] = ['id', 'created', 'modified']

test('whatever is put and removed, every order, count and search is that of a plain list', () => {
  const moment = fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 20 }))
  const row = fc.record({
    id: fc.integer({ min: 1, max: 30 }),
    status: fc.constantFrom('publish', 'draft', 'trash'),
    created: moment,
    modified: moment,
  })
  const step = fc.oneof(
    fc.record({ put: row, look: fc.boolean() }),
    fc.record({ remove: fc.integer({ min: 1, max: 30 }), look: fc.boolean() }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const table = createTable()
      const plain = new Map<number, Row>()
      for (const each of steps) {
        if ('put' in each) {
          const made: Row = { ...each.put, parent: 0, body: null }
          table.put(made)
          plain.set(made.id, made)
        } else {
          table.remove(each.remove)
          plain.delete(each.remove)
        }
        if (each.look) compareAll(table, [...plain.values()])
      }
      compareAll(table, [...plain.values()])
    }),
  )
})

function compareAll(table: ReturnType<typeof createTable>, rows: Row[]) {
  assert.equal(table.size, rows.length)
  for (const order of ORDERS) {
    const value = (row: Row) => row[order] ?? Number.NEGATIVE_INFINITY
    // Two rows without a date: minus infinity less itself is no number.
    const wanted = rows.toSorted((a, b) => (value(a) === value(b) ? a.id - b.id : value(a) - value(b)))
    assert.deepEqual(
      table.sorted(order).map((row) => row.id),
      wanted.map((row) => row.id),
    )
    assert.equal(table.indexAfter(order, 10), wanted.filter((row) => value(row) <= 10).length)
  }
  const counts = Map.groupBy(rows, (row) => row.status)
  for (const [status, count] of table.statuses()) assert.equal(count, counts.get(status)?.length)
  assert.equal(table.statuses().size, counts.size)
}
