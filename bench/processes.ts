/** The processes of a benchmark: the demo shop, and each contestant in a process of its own. */
import { type ChildProcess, fork, type StdioOptions } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { LoggedRequest } from '../demo/server.ts'
import type { Measured } from './contestants/contestant.ts'
import type { ShopJob } from './shop-process.ts'

export interface ShopAddress {
  url: string
  consumerKey: string
  consumerSecret: string
}

export interface ShopProcess extends ShopAddress {
  /** What it was asked since the last time, then forgets it. */
  requests(): Promise<LoggedRequest[]>
  close(): Promise<void>
}

export async function startShop(job: ShopJob): Promise<ShopProcess> {
  const child = start('shop-process.ts')
  child.send(job)
  const address = await answerOf<ShopAddress>(child)
  const log = `${address.url}/__demo/requests`
  return {
    ...address,
    async requests() {
      const made = (await (await fetch(log)).json()) as LoggedRequest[]
      await (await fetch(log, { method: 'DELETE' })).text()
      return made
    },
    close: () => end(child),
  }
}

/**
 * Runs a contestant of `contestants/` with its job, alone.
 * @param flags of Node, before the program's name
 */
export async function contest<Job extends object>(
  name: string,
  job: Job,
  flags: readonly string[] = [],
): Promise<Measured> {
  const child = start(`contestants/${name}.ts`, flags)
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.send(job)
  const measured = await answerOf<Measured>(child)
  await ended
  return measured
}

/** What `npm start` gives Node: ours is measured as it is run. */
export function flagsOfStart(): string[] {
  const file = new URL('../package.json', import.meta.url)
  const { scripts } = JSON.parse(readFileSync(file, 'utf8')) as { scripts: { start: string } }
  return scripts.start.split(' ').filter((word) => word.startsWith('--'))
}

/** A process of this folder; it is told what to do by a message. */
export function start(file: string, flags: readonly string[] = []): ChildProcess {
  const stdio: StdioOptions = ['ignore', 'inherit', 'inherit', 'ipc']
  return fork(new URL(file, import.meta.url), { execArgv: [...flags], stdio })
}

/** Asks a process to end, and waits until it has. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || !child.connected) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.disconnect()
  await ended
}

/** The next message of a process. */
export function answerOf<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as T))
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`a process of the benchmark ended with code ${code}`)))
  })
}
