import { execFile } from 'node:child_process'
import { chmod, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The user Postgres runs as when this process is root, which Postgres refuses to be. */
export interface Account {
  uid: number
  gid: number
}

/** `nobody`, the same number on every system we know. */
export const nobody: Account = { uid: 65534, gid: 65534 }

/** True where programs can be started as another user, and have to be. */
export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** Whether the account may pass the folder and every folder above it. Rights by ACL are not looked at. */
export async function isPassable(folder: string, account: Account): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    const { uid, gid, mode } = await stat(at)
    const right = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
    if ((mode & right) === 0) return false
    if (dirname(at) === at) return true
  }
}

/** Whether the system has a name for the user: initdb refuses to run as one without, as a bind mount may show. */
export async function hasName(uid: number): Promise<boolean> {
  const { code } = await runProgram('id', ['-un', String(uid)], undefined)
  return code === 0
}

/**
 * Makes the folder where it is missing, with rights for all to pass, whatever this process's umask is.
 * Level by level: Node's recursive `mkdir` never ends where a parent is there and lets nothing be made in it (/proc).
 */
export async function makeOpenFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return
  if (dirname(folder) !== folder) await makeOpenFolder(dirname(folder))
  try {
    await mkdir(folder)
    await chmod(folder, 0o755)
  } catch (thrown) {
    // Another process made it between our question and now.
    if (!(await isFolder(folder))) throw thrown
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

/**
 * The environment of every Postgres program: only what it needs to run. PGDATA and its like would change
 * what it does, and the shop's keys must not stand in the environment of a server that outlives us.
 */
export function postgresEnvironment(): Record<string, string> {
  const kept = /^(PATH|SYSTEMROOT|WINDIR|TEMP|TMP|TMPDIR|LD_LIBRARY_PATH|DYLD_.*)$/i
  const own = Object.entries(process.env).filter(([name]) => kept.test(name))
  return { ...(Object.fromEntries(own) as Record<string, string>), LC_ALL: 'C', TZ: 'UTC' }
}

export interface Outcome {
  /** Exit code; null when the program could not be started or was ended by a signal. */
  code: number | null
  output: string
  errors: string
}

/** Runs a Postgres program to its end, as the account. Does not throw: what went wrong is in the outcome. */
export function runProgram(program: string, args: string[], account: Account | undefined): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      // The folder this process stands in may be closed to the account.
      { ...account, cwd: isRoot() ? '/' : undefined, env: postgresEnvironment(), maxBuffer: 10_000_000 },
      (failure, output, errors) => {
        const code = failure === null ? 0 : typeof failure.code === 'number' ? failure.code : null
        resolve({ code, output, errors: errors || (failure?.message ?? '') })
      },
    )
  })
}
