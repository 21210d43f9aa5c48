/** The program's processes in one data directory: started, killed, frozen, ended, and started again. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Book } from './promises.ts'

export interface ProgramPlan {
  name: string
  command: 'start' | 'serve' | 'worker'
  /** Of the HTTP server. */
  port?: number
  /** Lives through the whole soak, so that its memory can be judged. */
  veteran: boolean
}

export interface Program extends ProgramPlan {
  /** undefined while it is not running. */
  pid: number | undefined
  /** Counts its lives. */
  life: number
  frozen: boolean
  /** Until then, `performance.now()`, it may cut connections: a timer that was asleep ends those it takes for idle. */
  dazedUntil: number
}

export interface Programs {
  all: readonly Program[]
  start(program: Program): void
  /** SIGKILL. */
  kill(program: Program): Promise<void>
  /** SIGTERM; it has to end well within seconds. */
  end(program: Program): Promise<void>
  /** SIGSTOP, and SIGCONT after so many milliseconds. */
  freeze(program: Program, ms: number): Promise<void>
  /** A command that does one thing. @returns what it wrote to standard output */
  once(args: readonly string[]): Promise<string>
}

export interface ProgramsOptions {
  plans: readonly ProgramPlan[]
  /** Settings of all of them. */
  environment: Record<string, string>
  /** Where no .env lies; their logs are written here. */
  folder: string
  book: Book
  /** Postgres was struck a moment ago: what begins just then may end. */
  isOutage: () => boolean
}

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
/** What `npm start` gives Node. */
const FLAGS = ['--max-semi-space-size=4', '--heap-growing-percent=200']
const ENDS_WITHIN_MS = 20_000
const AGAIN_MS = 1000
const DAZED_MS = 3000

export function createPrograms({ plans, environment, folder, book, isOutage }: ProgramsOptions): Programs {
  const children = new Map<Program, ChildProcess>()
  const wanted = new Set<Program>()
  const all: Program[] = plans.map((plan) => ({
    ...plan,
    pid: undefined,
    life: 0,
    frozen: false,
    dazedUntil: 0,
  }))
  const base = { PATH: process.env.PATH ?? '', HOME: folder, ...environment }

  function start(program: Program): void {
    if (program.pid !== undefined) return
    const { name, command, port } = program
    const child = spawn(process.execPath, [...FLAGS, MAIN, command], {
      cwd: folder,
      env: { ...base, LOG_LEVEL: 'info', ...(port !== undefined && { PORT: String(port) }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    wanted.add(program)
    children.set(program, child)
    program.pid = child.pid
    program.life++
    child.stdout.resume()
    const last: string[] = []
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (last.push(line) > 8) last.shift()
      void appendFile(join(folder, `${name}.log`), `${line}\n`).catch(() => undefined)
      readLine(book, name, line)
    })
    child.on('exit', (code, signal) => {
      program.pid = undefined
      children.delete(program)
      if (!wanted.has(program)) return
      const said = `${name} ended with ${code ?? signal}: ${last.join(' | ')}`
      if (isOutage()) book.count('processes that ended while Postgres was away')
      else book.broken('a process ends only when it is told to', said)
      setTimeout(() => wanted.has(program) && start(program), AGAIN_MS)
    })
  }

  async function signal(program: Program, name: NodeJS.Signals): Promise<void> {
    wanted.delete(program)
    const child = children.get(program)
    if (!child) return
    const ended = once(child, 'exit')
    child.kill(name)
    await ended
  }

  return {
    all,
    start,
    kill: (program) => signal(program, 'SIGKILL'),
    async end(program) {
      const child = children.get(program)
      const late = setTimeout(() => {
        book.broken('a process that is told to end does so within 20 s', program.name)
        child?.kill('SIGKILL')
      }, ENDS_WITHIN_MS)
      await signal(program, 'SIGTERM')
      clearTimeout(late)
      if (child && child.exitCode !== 0 && child.signalCode === null) {
        book.broken('a process that is told to end ends with 0', `${program.name}: ${child.exitCode}`)
      }
    },
    async freeze(program, ms) {
      const child = children.get(program)
      if (!child) return
      program.frozen = true
      child.kill('SIGSTOP')
      await wait(ms)
      child.kill('SIGCONT')
      program.frozen = false
      program.dazedUntil = performance.now() + DAZED_MS
    },
    async once(args) {
      const options = { cwd: folder, env: base }
      const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args], options)
      return stdout
    },
  }
}

/** Lines that say what the program could not foresee. */
const STUMBLE = /^\s+at .+:\d+:\d+\)?$|Unhandled|Uncaught|Warning:|FATAL|\(internal\)/

function readLine(book: Book, name: string, line: string): void {
  const entry = parsed(line)
  if (!entry) {
    if (STUMBLE.test(line)) book.broken('no process writes a stack or a warning', `${name}: ${line}`)
    return
  }
  const { level, code, msg } = entry
  if (level === 'info') return
  book.count(`${level}: ${code ?? msg}`)
  if (level === 'error') book.broken('no log line at error level', `${name}: ${line}`)
  if (code === 'internal') book.broken('no error without a code of its own', `${name}: ${line}`)
}

function parsed(line: string): { level: string; code?: string; msg?: string } | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
