import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keptInSnapshot, onceInSnapshot } from '../../../src/store/sql/kept.ts'
import type { SqlShop } from '../../../src/store/sql/reader.ts'

const snapshot = () => ({}) as SqlShop

test('what a snapshot was asked for is not asked for again, what is absent neither', async () => {
  const asked: (readonly string[])[] = []
  const read = keptInSnapshot(async (_shop, ids) => {
    asked.push(ids)
    return new Map(ids.filter((id) => id !== 'gone').map((id) => [id, `record ${id}`]))
  })
  const shop = snapshot()
  assert.deepEqual(await read(shop, []), new Map())
  assert.deepEqual(await read(shop, ['1', 'gone']), new Map([['1', 'record 1']]))
  assert.deepEqual([...(await read(shop, ['gone', '2', '1']))].sort(), [
    ['1', 'record 1'],
    ['2', 'record 2'],
  ])
  assert.deepEqual(await read(shop, ['1', '2', 'gone']), await read(shop, ['1', '2']))
  assert.deepEqual(asked, [['1', 'gone'], ['2']])
  await read(snapshot(), ['1'])
  assert.deepEqual(asked.at(-1), ['1'])
})

test('more than are kept come all the same, each time', async () => {
  let asked = 0
  const read = keptInSnapshot(async (_shop, ids) => {
    asked += ids.length
    return new Map(ids.map((id) => [id, id]))
  })
  const shop = snapshot()
  const ids = Array.from({ length: 12_000 }, (_, at) => String(at))
  for (const some of [ids.slice(0, 4000), ids.slice(2000, 8000), ids, ids.slice(0, 10)]) {
    assert.deepEqual([...(await read(shop, some)).keys()].sort(), [...some].sort())
  }
  assert.ok(asked > 12_000)
})

test('one answer for a snapshot; a question that failed is asked again', async () => {
  let asked = 0
  const ask = onceInSnapshot(async () => {
    asked += 1
    if (asked === 1) throw new RangeError('the first time')
    return asked
  })
  const shop = snapshot()
  await assert.rejects(ask(shop), RangeError)
  assert.deepEqual(await Promise.all([ask(shop), ask(shop)]), [2, 2])
  assert.equal(await ask(shop), 2)
  assert.equal(await ask(snapshot()), 3)
})
