import { execFile } from 'node:child_process'
import { readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Logger } from './logger.ts'
import { runProgram } from './postgres-account.ts'
import { isAlive } from './postgres-cluster.ts'
import type { Place } from './postgres-place.ts'
import { type Programs, programIn } from './postgres-programs.ts'

/** What a running server tells about itself in `postmaster.pid`. */
export interface Postmaster {
  pid: number
  port: number
  /** Empty while it has not got so far, and for a server without sockets. */
  socketFolder: string
  /** The address it listens on; empty without one. */
  address: string
  /** `starting`, `ready`, `stopping` … */
  status: string
}

const pidFile = 'postmaster.pid'

function parsePidFile(text: string): Postmaster | undefined {
  const lines = text.split('\n').map((line) => line.trim())
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  return {
    pid,
    port: Number(lines[3] ?? 0),
    socketFolder: lines[4] ?? '',
    address: lines[5] ?? '',
    status: lines[7] ?? '',
  }
}

/** What `postmaster.pid` says, whether or not that process still lives; undefined without the file. */
export async function readPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(cluster, pidFile), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : parsePidFile(text)
}

/**
 * Whether the process with this id is the server of this cluster. After a crash and a reboot (or in a new
 * container) the id may belong to any other program; what it was started with tells. Where that cannot be
 * seen the answer is yes: to take a living server for a gone one would be the worse mistake.
 */
export async function isServerOf(cluster: string, pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false
  if (process.platform === 'linux') {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined)
    return command === undefined ? isAlive(pid) : command.split('\0').includes(cluster)
  }
  const run = promisify(execFile)
  const listing =
    process.platform === 'win32'
      ? run('tasklist', ['/FI', `PID eq ${pid}`, '/NH'])
      : run('ps', ['-p', String(pid), '-o', 'comm='])
  return listing.then(
    ({ stdout }) => /postgres/i.test(stdout),
    () => true,
  )
}

/**
 * Takes away the pid file of a server that is gone. When another process has started one in between, its
 * file is put back at once.
 */
export async function removeStalePidFile(cluster: string, stale: Postmaster, logger: Logger): Promise<void> {
  const path = join(cluster, pidFile)
  const aside = `${path}.stale-${process.pid}`
  await rename(path, aside).catch(() => undefined)
  const taken = await readFile(aside, 'utf8').catch(() => '')
  if (parsePidFile(taken)?.pid === stale.pid) {
    logger.warn({ pid: stale.pid }, 'removed the pid file of a Postgres that is gone')
    await rm(aside, { force: true })
  } else if (taken !== '') {
    await rename(aside, path)
  }
}

/**
 * Stops the server as `pg_ctl stop -m fast` does and waits until it has left. Returns false when it is
 * still there after `seconds` (a long last checkpoint): it goes on stopping by itself.
 */
export async function stopServer(
  place: Place,
  programs: Programs | undefined,
  pid: number,
  seconds = 60,
): Promise<boolean> {
  if (process.platform === 'win32' && programs) {
    // A signal on Windows would end the server without a checkpoint.
    const program = programIn(programs.folder, 'pg_ctl')
    await runProgram(program, ['stop', '-D', place.cluster, '-m', 'fast', '-W'], undefined)
  } else {
    signal(pid)
  }
  const end = Date.now() + seconds * 1000
  while (Date.now() < end) {
    const now = await readPostmaster(place.cluster)
    if (now?.pid !== pid || !isAlive(pid)) return true
    await sleep(20)
  }
  return false
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGINT')
  } catch {
    // It went by itself in the meantime.
  }
}
