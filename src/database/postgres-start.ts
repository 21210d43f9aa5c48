import { type ChildProcess, spawn } from 'node:child_process'
import { type FileHandle, open, rename, stat, statfs } from 'node:fs/promises'
import { WooSyncError } from '../errors.ts'
import { postgresEnvironment, runProgram } from './postgres-account.ts'
import type { Address } from './postgres-address.ts'
import type { Place } from './postgres-place.ts'
import { type Programs, programIn } from './postgres-programs.ts'

/** A server being started: whether its process has ended already, and what it wrote to the log so far. */
export interface Starting {
  hasExited(): boolean
  written(): Promise<string>
}

const logLimit = 10_000_000

/** For two cores and a small machine; given at each start, so a new version of this program can change them. */
const serverSettings: Record<string, string> = {
  max_connections: '100',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  wal_compression: 'on',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_destination: 'stderr',
  logging_collector: 'off',
  log_checkpoints: 'off',
  log_min_duration_statement: '-1',
  log_line_prefix: '%m [%p] ',
}

function serverArguments(place: Place, address: Address): string[] {
  const listening: Record<string, string> =
    'socketFolder' in address
      ? {
          listen_addresses: '',
          unix_socket_directories: `"${address.socketFolder.replaceAll('"', '""')}"`,
          unix_socket_permissions: '0700',
        }
      : {
          listen_addresses: address.host,
          ...(process.platform === 'win32' ? {} : { unix_socket_directories: '' }),
        }
  const settings = { ...serverSettings, ...listening, port: String(address.port) }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return ['-D', place.cluster, ...flags]
}

async function openLog(place: Place): Promise<FileHandle> {
  const size = await stat(place.log).then(
    (found) => found.size,
    () => 0,
  )
  if (size > logLimit) await rename(place.log, `${place.log}.1`).catch(() => undefined)
  return open(place.log, 'a', 0o600)
}

async function writtenSince(log: string, start: number): Promise<string> {
  const file = await open(log, 'r')
  try {
    const { size } = await file.stat()
    const length = Math.min(Math.max(size - start, 0), 20_000)
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
    return buffer.toString('utf8')
  } finally {
    await file.close()
  }
}

/**
 * Starts the server in a process group of its own, so that Ctrl-C in our terminal or our end does not take
 * it along while others use it. Returns at once; whether it came up shows when one connects.
 */
export async function startServer(place: Place, programs: Programs, address: Address): Promise<Starting> {
  const log = await openLog(place)
  try {
    const { size } = await log.stat()
    if (place.account) await log.chown(place.account.uid, place.account.gid)
    const args = serverArguments(place, address)
    const hasExited =
      process.platform === 'win32'
        ? await startByPgCtl(place, programs, args)
        : startDetached(place, programs, args, log)
    return { hasExited, written: () => writtenSince(place.log, size) }
  } finally {
    await log.close()
  }
}

function startDetached(place: Place, programs: Programs, args: string[], log: FileHandle): () => boolean {
  const child: ChildProcess = spawn(programIn(programs.folder, 'postgres'), args, {
    ...place.account,
    cwd: '/',
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: postgresEnvironment(),
  })
  let failed: Error | undefined
  child.on('error', (thrown) => {
    failed = thrown
  })
  child.unref()
  return () => {
    if (failed) throw new WooSyncError('postgres_start_failed', { cause: failed.message }, { cause: failed })
    return child.exitCode !== null || child.signalCode !== null
  }
}

/** On Windows `pg_ctl` puts off an administrator's rights, with which the server refuses to run. */
async function startByPgCtl(place: Place, programs: Programs, args: string[]): Promise<() => boolean> {
  const options = args.slice(2).map((value) => (value.startsWith('-') ? value : `"${value}"`))
  const outcome = await runProgram(
    programIn(programs.folder, 'pg_ctl'),
    ['start', '-D', place.cluster, '-l', place.log, '-W', '-o', options.join(' ')],
    undefined,
  )
  return () => outcome.code !== 0
}

async function isFull(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize < 64 * 1024
}

/** Why a server ended at once, and what is to be done. */
export type StartFault = { kind: 'again' } | { kind: 'taken' } | { kind: 'fatal'; error: WooSyncError }

/** Finds out why a server did not come up: from its log, or from the disk, which may be too full for a log. */
export async function startFault(starting: Starting, place: Place): Promise<StartFault> {
  const fatal = (error: WooSyncError): StartFault => ({ kind: 'fatal', error })
  const written = await starting.written()
  if (/No space left on device/.test(written) || (await isFull(place.cluster))) {
    return fatal(new WooSyncError('database_disk_full'))
  }
  // Another starter won, or the children of a killed server have not gone yet.
  if (/lock file "postmaster\.pid" already exists|pre-existing shared memory block/.test(written)) {
    return { kind: 'again' }
  }
  if (
    /lock file ".*\.s\.PGSQL\.\d+\.lock" already exists|Address already in use|could not bind/.test(written)
  ) {
    return { kind: 'taken' }
  }
  const reasons = written.split('\n').filter((line) => /FATAL|PANIC|ERROR|error while|could not/.test(line))
  const last = reasons.at(-1) ?? written.trim().split('\n').at(-1)
  const cause = last?.replace(/^[\d: .-]+UTC \[\d+\] /, '') || 'it ended without a word'
  return /Permission denied|could not access directory|Read-only file system/.test(written)
    ? fatal(new WooSyncError('data_directory_unusable', { cause }))
    : fatal(new WooSyncError('postgres_start_failed', { cause }))
}
