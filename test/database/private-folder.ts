/** Folders for private Postgres of the tests' own, and processes that use them; all cleared away at the end. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { findPlace } from '../../src/database/postgres-place.ts'
import { isServerOf, readPostmaster } from '../../src/database/postmaster.ts'
import type { PrivatePostgresOptions } from '../../src/database/private-postgres.ts'
import { stopPrivatePostgres } from '../../src/database/private-postgres.ts'
import { testLogger } from '../database.ts'

export const isRoot = process.getuid?.() === 0

/** Waits until the question is answered with something; gives up, failing, after `seconds`. */
export async function until<T>(what: string, ask: () => Promise<T | undefined | false>, seconds = 30) {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain until ${what}`)
    await sleep(15)
  }
}

/** The process id of the server of a data directory; undefined when none runs. */
export async function serverOf(dataDirectory: string): Promise<number | undefined> {
  const place = await findPlace(dataDirectory)
  const running = place && (await readPostmaster(place.cluster))
  return running && (await isServerOf(place.cluster, running.pid)) ? running.pid : undefined
}

const endings = new WeakMap<TestContext, (() => Promise<unknown>)[]>()

/** Like `t.after`, but last in first out: what was started in a folder ends before the folder goes. */
export function atEnd(t: TestContext, work: () => Promise<unknown>): void {
  const known = endings.get(t)
  if (known) {
    known.push(work)
    return
  }
  const works = [work]
  endings.set(t, works)
  t.after(async () => {
    for (const each of works.reverse()) await each()
  })
}

/** A new folder, open to all; removed at the end of the test. */
export async function newFolder(t: TestContext): Promise<string> {
  // In a run of many files what an interrupted one leaves goes with the run's own folder.
  const parent = process.env.WOOSYNC_TEST_DATA ?? tmpdir()
  const folder = await mkdtemp(join(parent, 'woosync-own-'))
  await chmod(folder, 0o755)
  atEnd(t, () => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Stops the server of the data directory at the end of the test, however the test ended. */
export function stopAtEnd(t: TestContext, dataDirectory: string): void {
  atEnd(t, async () => {
    const outcome = await stopPrivatePostgres(dataDirectory, { logger: testLogger })
    const left = await serverOf(dataDirectory)
    if (left === undefined) return
    process.kill(left, 'SIGQUIT')
    await until('the server left', async () => (await serverOf(dataDirectory)) === undefined)
    if (outcome === 'in_use') throw new Error('the test left a seat at its private Postgres')
  })
}

export interface SeatProcess {
  pid: number
  /** The next line it says that begins with the word, without the word. */
  hears(word: string): Promise<string>
  /** The last line it said that begins with the word; '' before there was one. */
  last(word: string): string
  kill(): Promise<void>
  /** Lets it give its seat back; resolves with its exit code when it has ended. */
  leave(): Promise<number | null>
}

const seatScript = fileURLToPath(new URL('./seat-process.ts', import.meta.url))

/** Starts `seat-process.ts`; killed at the end of the test if it still runs then. */
export function startSeatProcess(
  t: TestContext,
  dataDirectory: string,
  options: Partial<PrivatePostgresOptions> & { write?: boolean } = {},
  { script = seatScript, ...account }: { script?: string; uid?: number; gid?: number } = {},
): SeatProcess {
  const child: ChildProcess = spawn(process.execPath, [script, dataDirectory, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...account,
  })
  const lines: string[] = []
  let ended = false
  createInterface({ input: child.stdout! }).on('line', (line) => lines.push(line))
  const exit = once(child, 'close').then(([code]) => {
    ended = true
    return code as number | null
  })
  const kill = async () => {
    child.kill('SIGKILL')
    await exit
  }
  atEnd(t, kill)
  let read = 0
  return {
    pid: child.pid ?? 0,
    hears: (word) =>
      until(`the process says ${word}`, async () => {
        while (read < lines.length) {
          const line = lines[read++]!
          if (line.startsWith(`${word}`)) return line.slice(word.length).trim() || ' '
        }
        if (ended) throw new Error(`the process ended without saying ${word}: ${lines.join(' | ')}`)
        return undefined
      }),
    last: (word) =>
      lines
        .findLast((line) => line.startsWith(word))
        ?.slice(word.length)
        .trim() ?? '',
    kill,
    async leave() {
      child.stdin?.end()
      return exit
    },
  }
}
