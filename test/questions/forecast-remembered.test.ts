/** A competition that was held is not held again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compete, lateWords, type Task } from '../../src/questions/forecast/compete.ts'
import { createRemembered } from '../../src/questions/forecast/remembered.ts'

const { signal } = new AbortController()

const taskOf = (first: number): Task => ({
  values: Array.from({ length: 60 }, (_, i) => first + (i % 7)),
  every: 'day',
  horizon: 7,
  level: 80,
  slowBudget: 0,
})

/** Counts the competitions; with `late`, a slow method was not done. */
function counted(late: boolean) {
  const held: Task[] = []
  return {
    held,
    run: async (task: Task) => {
      held.push(task)
      const outcome = await compete({ ...task, slowBudget: 1 })
      const leftOut = late ? lateWords(task.slowBudget) : null
      return { ...outcome, candidates: outcome.candidates.map((one) => ({ ...one, leftOut })) }
    },
  }
}

test('the same series is competed for once, another one by itself', async () => {
  const workers = counted(false)
  const remembered = createRemembered(workers)
  const first = await remembered.run(taskOf(1), signal)
  assert.deepEqual(await remembered.run(taskOf(1), signal), first)
  await remembered.run(taskOf(2), signal)
  await remembered.run({ ...taskOf(1), horizon: 8 }, signal)
  assert.equal(workers.held.length, 3)
})

test('what was not asked for the longest time is forgotten first', async () => {
  const workers = counted(false)
  const remembered = createRemembered(workers, 2)
  for (const first of [1, 2, 1, 3, 1, 2]) await remembered.run(taskOf(first), signal)
  assert.deepEqual(
    workers.held.map(({ values }) => values[0]),
    [1, 2, 3, 2],
  )
})

test('an outcome without those that were late is not kept', async () => {
  const workers = counted(true)
  const remembered = createRemembered(workers)
  for (let i = 0; i < 2; i++) await remembered.run(taskOf(1), signal)
  assert.equal(workers.held.length, 2)
})

test('who has left is told so, known or not', async () => {
  const remembered = createRemembered(counted(false))
  await remembered.run(taskOf(1), signal)
  await assert.rejects(remembered.run(taskOf(1), AbortSignal.abort(new Error('left'))), /left/)
})
