/** The soak's watches see what they are there for: a soak that finds nothing must not be one that looks at nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { watchAsOf } from '../../soak/asof.ts'
import { growthOf, judgeMeasures } from '../../soak/measures.ts'
import { openBook } from '../../soak/promises.ts'
import { differences } from '../sync/shop-rows.ts'

const bookOf = () => openBook(() => undefined)
const told = (book: ReturnType<typeof bookOf>) =>
  book.promises().map(({ promise, times }) => [promise, times])

test('a promise that is broken again and again is told once, with its first example', () => {
  const book = bookOf()
  book.broken('it holds', 'the first')
  book.broken('it holds', 'the second')
  assert.deepEqual(told(book), [['it holds', 2]])
  assert.equal(book.promises()[0]?.example, 'the first')
})

test('an asOf older than one an earlier answer of the same process had is seen', () => {
  const book = bookOf()
  const watch = watchAsOf(book)
  const at = (minute: number) => ({
    orders: { at: `2026-01-01T00:0${minute}:00.000Z`, state: 'complete' },
  })
  const early = performance.now()
  watch.answered('serve#1', early, at(2))
  // Asked at the same time as the first: the two may cross.
  watch.answered('serve#1', early, at(1))
  // Another process may have kept what it read for a moment.
  watch.answered('worker#1', performance.now(), at(1))
  assert.deepEqual(told(book), [])
  watch.answered('serve#1', performance.now() + 1, at(1))
  assert.deepEqual(told(book), [['asOf never goes backwards', 1]])
})

test('memory that grows steadily is seen, and memory that swings is not', () => {
  const samples = (megabytes: (minute: number) => number) =>
    Array.from({ length: 240 }, (_, n) => ({ at: n * 5, megabytes: megabytes(n / 12), files: 30 }))
  const growing = samples((minute) => 200 + 10 * minute)
  assert.equal(Math.round(growthOf(growing)?.perHour ?? 0), 600)
  const judge = (one: ReturnType<typeof samples>) => {
    const book = bookOf()
    const measures = {
      run: async () => undefined,
      tables: [],
      mostConnections: () => 0,
      longestQueue: () => 0,
    }
    judgeMeasures({ ...measures, processes: new Map([['serve#1', one]]) }, book)
    return told(book)
  }
  assert.deepEqual(judge(growing), [['memory stays flat', 1]])
  assert.deepEqual(judge(samples((minute) => 200 + 30 * Math.sin(minute * 5))), [])
  assert.equal(growthOf(growing.slice(0, 10)), null)
})

test('rows are missing, surplus or different', () => {
  const shop = new Map([
    ['1', 'a'],
    ['2', 'b'],
  ])
  const mirror = new Map([
    ['2', 'c'],
    ['3', 'd'],
  ])
  assert.deepEqual(differences(shop, mirror), { missing: ['1'], surplus: ['3'], different: ['2'] })
})
