import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Arrived, type Decision, decide, type Held, type Source } from '../../src/mirror/rule.ts'

const held: Held = { hash: 'a', modifiedAt: 1000, seenAt: 5000, deleted: false }
const before = 4999
const sameMoment = 5000
const after = 5001

const moments = { before, sameMoment, after }
const dates = { older: 999, equal: 1000, newer: 1001, absent: null }

function decided(
  source: Source,
  moment: keyof typeof moments,
  date: keyof typeof dates,
  over: { held?: Partial<Held>; hash?: string } = {},
): Decision {
  const arrived: Arrived = {
    hash: over.hash ?? 'b',
    modifiedAt: dates[date],
    seenAt: moments[moment],
    source,
  }
  return decide({ ...held, ...over.held }, arrived)
}

const every = <K extends string>(of: Record<K, unknown>) => Object.keys(of) as K[]
const sources: Source[] = ['answer', 'fetched', 'delivery']

test('what is not held is written, whatever it is', () => {
  for (const source of sources) {
    for (const date of every(dates)) {
      const arrived = { hash: 'b', modifiedAt: dates[date], seenAt: before, source }
      assert.equal(decide(undefined, arrived), 'insert')
    }
  }
})

test('same hash: no change; asked for later it may bring counters', () => {
  for (const source of sources) {
    for (const date of every(dates)) {
      assert.equal(decided(source, 'before', date, { hash: 'a' }), 'unchanged')
      assert.equal(decided(source, 'sameMoment', date, { hash: 'a' }), 'unchanged')
      assert.equal(decided(source, 'after', date, { hash: 'a' }), 'refresh')
    }
  }
})

describe('hash different, asked for before what is held', () => {
  for (const source of ['answer', 'fetched'] as const) {
    test(`${source}: date newer: ask; else ignore`, () => {
      for (const moment of ['before', 'sameMoment'] as const) {
        assert.equal(decided(source, moment, 'newer'), 'fetch')
        assert.equal(decided(source, moment, 'equal'), 'ignore')
        assert.equal(decided(source, moment, 'older'), 'ignore')
        assert.equal(decided(source, moment, 'absent'), 'ignore')
      }
    })
  }

  test('a delivery: ask', () => {
    for (const date of every(dates)) assert.equal(decided('delivery', 'before', date), 'fetch')
  })
})

describe('hash different, asked for after what is held', () => {
  for (const source of ['answer', 'fetched'] as const) {
    test(`${source}: date newer, equal or absent: apply`, () => {
      assert.equal(decided(source, 'after', 'newer'), 'update')
      assert.equal(decided(source, 'after', 'equal'), 'update')
      assert.equal(decided(source, 'after', 'absent'), 'update')
      for (const date of every(dates)) {
        assert.equal(decided(source, 'after', date, { held: { modifiedAt: null } }), 'update')
      }
    })
  }

  test('date older: ask for that one record, apply what it says, noted', () => {
    assert.equal(decided('answer', 'after', 'older'), 'fetch')
    assert.equal(decided('fetched', 'after', 'older'), 'update_went_back')
  })

  test('a delivery is applied when its date is newer, and otherwise a reason to ask (24)', () => {
    assert.equal(decided('delivery', 'after', 'newer'), 'update')
    assert.equal(decided('delivery', 'after', 'equal', { held: { modifiedAt: null } }), 'update')
    for (const date of ['older', 'equal', 'absent'] as const) {
      assert.equal(decided('delivery', 'after', date), 'fetch')
    }
  })
})

describe('a tombstone', () => {
  const tombstone = { held: { deleted: true } }

  test('is undone by any answer sent after it, also with the same content', () => {
    for (const source of ['answer', 'fetched'] as const) {
      for (const date of every(dates)) {
        assert.equal(decided(source, 'after', date, tombstone), 'restore')
        assert.equal(decided(source, 'after', date, { ...tombstone, hash: 'a' }), 'restore')
      }
    }
  })

  test('is never undone by an answer sent before it: a newer date is a reason to ask', () => {
    for (const moment of ['before', 'sameMoment'] as const) {
      for (const source of ['answer', 'fetched'] as const) {
        assert.equal(decided(source, moment, 'newer', tombstone), 'fetch')
        for (const date of ['older', 'equal', 'absent'] as const) {
          assert.equal(decided(source, moment, date, tombstone), 'ignore')
        }
      }
    }
  })

  test('is never undone by a delivery', () => {
    for (const moment of every(moments)) {
      for (const date of every(dates)) assert.equal(decided('delivery', moment, date, tombstone), 'fetch')
    }
  })
})
