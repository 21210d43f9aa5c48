/** The computing beside the event loop: it can be stopped, is never too much at once, and lets the program end. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { test } from 'node:test'
import { createRandom } from '../../demo/generate/random.ts'
import { compete, type Task } from '../../src/questions/forecast/compete.ts'
import { createWorkers } from '../../src/questions/forecast/workers.ts'

const random = createRandom(3)
const values = Array.from({ length: 730 }, (_, t) => 50 + 10 * (t % 7) + 20 * random())
const task: Task = { values, every: 'day', horizon: 30, level: 90, slowBudget: 60_000 }
const short: Task = { ...task, values: values.slice(0, 60), slowBudget: 0 }
const never = new AbortController().signal
const script = (text: string) => new URL(`data:text/javascript,${encodeURIComponent(text)}`)

test('two years of days: the outcome of the competition, while the event loop is free', async (t) => {
  const workers = createWorkers({ most: 1, deadline: 60_000 })
  const before = performance.eventLoopUtilization()
  const began = performance.now()
  const outcome = await workers.run(task, never)
  const took = performance.now() - began
  const { active } = performance.eventLoopUtilization(before)
  assert.ok(active < took / 4 && active < 200, `busy for ${active} of ${took} ms`)
  assert.deepEqual(outcome, await compete(task))
  t.diagnostic(`${took.toFixed(0)} ms, the event loop busy for ${active.toFixed(0)} of them`)
})

test('an abort ends the worker, and frees its place', async () => {
  const workers = createWorkers({ most: 1, deadline: 60_000, file: script('setInterval(() => {}, 1e6)') })
  const abort = new AbortController()
  const running = workers.run(task, abort.signal)
  const waiting = new AbortController()
  const queued = workers.run(task, waiting.signal)
  assert.equal(workers.atWork(), 1)
  waiting.abort(new Error('not wanted any more'))
  await assert.rejects(queued, /not wanted any more/)
  abort.abort(new Error('stopped'))
  await assert.rejects(running, /stopped/)
  assert.equal(workers.atWork(), 0)
  await assert.rejects(workers.run(task, AbortSignal.abort(new Error('too late'))), /too late/)
  assert.equal(workers.atWork(), 0)
})

test('never more at once than allowed, and everybody gets a turn', async () => {
  const workers = createWorkers({ most: 2, deadline: 60_000 })
  let most = 0
  const outcomes = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const outcome = await workers.run(short, never)
      most = Math.max(most, workers.atWork())
      return outcome
    }),
  )
  assert.equal(most, 2)
  assert.equal(workers.atWork(), 0)
  for (const outcome of outcomes) assert.deepEqual(outcome, outcomes[0])
})

test('when the time is over, what was found by then speaks; where nothing was, it is an error', async () => {
  const post = `import { parentPort, workerData } from 'node:worker_threads'
    parentPort.postMessage(workerData.values.length)
    setInterval(() => {}, 1e6)`
  const found = createWorkers({ most: 1, deadline: 1500, file: script(post) })
  assert.equal(await found.run(task, never), task.values.length)
  // On a busy machine the quick methods may be late: they are waited for, the slow ones are not.
  const busy = `import { parentPort } from 'node:worker_threads'
    setTimeout(() => parentPort.postMessage('late'), 1600)
    setInterval(() => {}, 1e6)`
  const late = createWorkers({ most: 1, deadline: 1500, file: script(busy) })
  assert.equal(await late.run(task, never), 'late')
  const nothing = createWorkers({ most: 1, deadline: 100, file: script('setInterval(() => {}, 1e6)') })
  await assert.rejects(nothing.run(task, never), { code: 'internal', message: /took too long/ })
  const broken = createWorkers({ most: 1, deadline: 60_000, file: script('throw new Error("broken")') })
  await assert.rejects(broken.run(task, never), { code: 'internal', message: /broken/ })
  assert.equal(broken.atWork(), 0)
})

test('the process ends by itself, and what a worker prints is not printed', async () => {
  const workers = new URL('../../src/questions/forecast/workers.ts', import.meta.url)
  const noise = script(`import { parentPort } from 'node:worker_threads'
    console.log('noise')
    console.error('noise')
    parentPort.postMessage({})`)
  const program = `import { createWorkers } from ${JSON.stringify(workers.href)}
    const workers = createWorkers({ most: 2, deadline: 60_000 })
    const task = ${JSON.stringify(short)}
    await workers.run(task, new AbortController().signal)
    const noisy = createWorkers({ most: 1, deadline: 60_000, file: new URL(${JSON.stringify(noise.href)}) })
    await noisy.run(task, new AbortController().signal)
    const abort = new AbortController()
    const stopped = workers.run(task, abort.signal).catch((thrown) => thrown.message)
    abort.abort(new Error('stopped'))
    console.log(await stopped)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      said += text
    })
  }
  const [code] = await once(child, 'close')
  assert.equal(code, 0)
  assert.equal(said.trim(), 'stopped')
})
