/** A slow shop: a few PHP workers, each busy with one request for as long as its rows take. */
import { setTimeout as wait } from 'node:timers/promises'

export interface Workers {
  /** Waits for a free worker, does the work, and stays busy for the time its rows cost. */
  run<T extends { rows: number }>(work: () => Promise<T>): Promise<T>
}

/**
 * @param millisecondsPerRow what a row costs; by a timer, so that the machine stays free
 * @param count how many requests are answered at once; the others queue in the order they came
 */
export function createWorkers(millisecondsPerRow: number, count: number): Workers {
  const queue: (() => void)[] = []
  let free = count

  async function run<T extends { rows: number }>(work: () => Promise<T>): Promise<T> {
    if (free > 0) free--
    else await new Promise<void>((resolve) => queue.push(resolve))
    try {
      const result = await work()
      await wait(result.rows * millisecondsPerRow)
      return result
    } finally {
      const next = queue.shift()
      if (next) next()
      else free++
    }
  }

  return { run }
}
