/** 7: position and bisect against a plain set difference, and what it costs in questions. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Differences, type FarList, findDifferences } from '../../src/sync/bisect.ts'

const RUNS = process.env.CI === 'true' ? 5000 : 500

/** A shop's list of ids that counts what it is asked. */
function farList(ids: readonly number[]): FarList & { asked(): number } {
  let asked = 0
  return {
    total: ids.length,
    async idAt(position) {
      asked++
      return ids[position - 1] ?? null
    },
    async pageFrom(position) {
      asked++
      const page = ids.slice(position - 1, position - 1 + PAGE)
      return { ids: page, last: page.length < PAGE }
    },
    asked: () => asked,
  }
}

const PAGE = 100

const without = (ids: readonly number[], others: readonly number[]) => {
  const known = new Set(others)
  return ids.filter((id) => !known.has(id))
}

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1)

/** A sorted list and the ids taken out of it: mostly few, as in life. */
const lists = fc
  .record({ size: fc.integer({ min: 0, max: 3000 }), step: fc.integer({ min: 1, max: 3 }) })
  .chain(({ size, step }) =>
    fc.record({
      all: fc.constant(upTo(size).map((id) => id * step)),
      here: fc.uniqueArray(fc.nat({ max: Math.max(0, size - 1) }), { maxLength: 12, size: 'max' }),
      there: fc.uniqueArray(fc.nat({ max: Math.max(0, size - 1) }), { maxLength: 12, size: 'max' }),
    }),
  )

const taken = (all: readonly number[], at: readonly number[]) => {
  const out = new Set(at)
  return all.filter((_, index) => !out.has(index))
}

test('7: with rows missing only, or surplus only, every difference is found', async () => {
  const property = fc.asyncProperty(lists, fc.boolean(), async ({ all, here }, missing) => {
    const fewer = taken(all, here)
    const [held, far] = missing ? [fewer, all] : [all, fewer]
    const list = farList(far)
    const found = await findDifferences(held, list, Number.POSITIVE_INFINITY)
    assert.deepEqual(found, { missing: without(far, held), surplus: without(held, far), settled: true })
    const pagesThatDiffer = Math.max(1, found.missing.length + found.surplus.length)
    const halvings = Math.ceil(Math.log2(Math.max(2, all.length / PAGE))) + 1
    assert.ok(list.asked() <= pagesThatDiffer * (halvings + 2), `${list.asked()} questions`)
  })
  await fc.assert(property, { numRuns: RUNS })
})

test('7: what is named differs, whatever cancels out; and what is called settled has the shop’s length', async () => {
  const property = fc.asyncProperty(lists, async ({ all, here, there }) => {
    const held = taken(all, here)
    const far = taken(all, there)
    const found = await findDifferences(held, farList(far), Number.POSITIVE_INFINITY)
    assert.deepEqual(without(found.missing, without(far, held)), [], 'called missing and is not')
    assert.deepEqual(without(found.surplus, without(held, far)), [], 'called surplus and is not')
    if (found.settled) assert.equal(repaired(held, found).length, far.length)
    else assert.ok(far.length !== held.length || far.at(-1) !== held.at(-1) || all.length > 0)
  })
  await fc.assert(property, { numRuns: RUNS })
})

test('7: any two lists at all: it ends, and names no id that does not differ', async () => {
  const sorted = fc
    .uniqueArray(fc.integer({ min: 1, max: 600 }), { maxLength: 400, size: 'max' })
    .map((ids) => ids.sort((a, b) => a - b))
  const property = fc.asyncProperty(
    sorted,
    sorted,
    fc.integer({ min: 1, max: 8 }),
    async (held, far, most) => {
      const list = farList(far)
      const found = await findDifferences(held, list, most)
      assert.deepEqual(without(found.missing, without(far, held)), [])
      assert.deepEqual(without(found.surplus, without(held, far)), [])
      assert.ok(list.asked() <= most * 5, `${list.asked()} questions`)
    },
  )
  await fc.assert(property, { numRuns: RUNS })
})

test('7: one row among 20,000 costs a dozen questions', async () => {
  const all = upTo(20_000)
  for (const at of [0, 1, 99, 100, 9_999, 19_900, 19_998, 19_999]) {
    for (const [held, far] of [
      [all, all.toSpliced(at, 1)],
      [all.toSpliced(at, 1), all],
    ] as const) {
      const list = farList(far)
      const found = await findDifferences(held, list, 10)
      assert.deepEqual([...found.missing, ...found.surplus], [at + 1])
      assert.ok(found.settled)
      assert.ok(list.asked() <= 12, `${list.asked()} questions for position ${at}`)
    }
  }
})

test('7: differences on more pages than wanted end in a listing', async () => {
  const all = upTo(20_000)
  const far = all.filter((id) => id % 250 !== 0)
  const list = farList(far)
  const found = await findDifferences(all, list, 10)
  assert.equal(found.settled, false)
  assert.equal(found.surplus.length, 10)
  assert.ok(list.asked() <= 120)
})

function repaired(held: readonly number[], found: Differences): number[] {
  return [...without(held, found.surplus), ...found.missing]
}
