/** Runs competitions beside the event loop, a few at a time; the others wait their turn. */
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { WooSyncError } from '../../errors.ts'
import type { Outcome, Task } from './compete.ts'

// TypeScript here, JavaScript in the package.
const own = new URL(`./worker${extname(fileURLToPath(import.meta.url))}`, import.meta.url)

export interface Workers {
  /**
   * @returns the outcome; when the time is over, the one without the slow methods
   * @throws signal.reason when it is aborted, internal when the worker fails
   */
  run(task: Task, signal: AbortSignal): Promise<Outcome>
  /** How many are at work now. */
  atWork(): number
}

export interface WorkersOptions {
  /** So many at once. */
  most: number
  /** After so many milliseconds a worker is ended with what it has; one that has nothing, after three times as many. */
  deadline: number
  /** What the workers run; default: the competition. */
  file?: URL
}

const MEGABYTES = 256
/** A worker that has not even the quick methods' outcome gets so many times the deadline. */
const PATIENCE = 3

export function createWorkers({ most, deadline, file = own }: WorkersOptions): Workers {
  let working = 0
  const waiting: (() => void)[] = []

  async function turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (working < most) {
      working += 1
      return
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    waiting.push(resolve)
    const leave = () => {
      const place = waiting.indexOf(resolve)
      // Called already: the turn is taken, and given back when the work refuses to begin.
      if (place < 0) return
      waiting.splice(place, 1)
      reject(signal.reason)
    }
    signal.addEventListener('abort', leave)
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  /** The place goes to the next one in line, or is free. */
  function done(): void {
    const next = waiting.shift()
    if (next) next()
    else working -= 1
  }

  return {
    atWork: () => working,
    async run(task, signal) {
      await turn(signal)
      try {
        return await workOff(file, task, signal, deadline)
      } finally {
        done()
      }
    },
  }
}

async function workOff(file: URL, task: Task, signal: AbortSignal, deadline: number): Promise<Outcome> {
  signal.throwIfAborted()
  const worker = new Worker(file, {
    workerData: task,
    execArgv: [],
    env: {},
    // The library prints about its models; our output is somebody's answer, MCP's for one.
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: MEGABYTES },
  })
  worker.stdout.resume()
  worker.stderr.resume()
  const end = () => void worker.terminate()
  // A machine that is busy, or was asleep, still gets the quick methods' outcome.
  let late = false
  let timer = setTimeout(() => {
    late = true
    if (last) end()
    else timer = setTimeout(end, deadline * (PATIENCE - 1))
  }, deadline)
  signal.addEventListener('abort', end)
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>()
  let last: Outcome | undefined
  let problem: unknown
  worker.on('message', (outcome: Outcome) => {
    last = outcome
    if (late) end()
  })
  worker.on('error', (thrown) => {
    problem = thrown
  })
  worker.once('exit', () => {
    if (signal.aborted) reject(signal.reason)
    else if (last) resolve(last)
    else reject(failure(problem))
  })
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
  }
}

function failure(problem: unknown): WooSyncError {
  const cause = problem instanceof Error ? `forecast: ${problem.message}` : 'the forecast took too long'
  return new WooSyncError('internal', { cause }, { cause: problem })
}
