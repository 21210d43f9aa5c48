import { realpath } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { WooSyncError } from '../errors.ts'
import { connectFault, sqlState } from './faults.ts'
import type { Logger } from './logger.ts'
import { type Address, chooseAddress, isOwnSocketFolder, removeSocketFolder } from './postgres-address.ts'
import { clusterPassword, isAlive, owner, type Transport } from './postgres-cluster.ts'
import type { Place } from './postgres-place.ts'
import type { Programs } from './postgres-programs.ts'
import { type Starting, startFault, startServer } from './postgres-start.ts'
import { isServerOf, type Postmaster, readPostmaster, removeStalePidFile, stopServer } from './postmaster.ts'

/** The advisory lock that every user of a private Postgres holds shared, in its database `postgres`. */
export const useLock = '7165916041093447921'

/** What one process holds while it uses the server: a session with the shared lock. It vanishes with the process. */
export interface Seat {
  session: pg.Client
  connection: pg.ClientConfig
}

export interface SeatOptions {
  place: Place
  programs: Programs
  transport: Transport
  logger: Logger
}

/** Without any sign of life for so long, starting is given up. Recovery after a crash is a sign of life. */
const patienceMs = 60_000
/** A server that runs while its socket is gone (a cleaner of /tmp) is stopped after this and started anew. */
const lostSocketMs = 5_000

async function connectionTo(place: Place, address: Address): Promise<pg.ClientConfig> {
  const password = await clusterPassword(place.cluster)
  const host = 'socketFolder' in address ? address.socketFolder : address.host
  return {
    host,
    port: address.port,
    user: owner,
    database: 'postgres',
    ...(password === undefined ? {} : { password }),
  }
}

/** The address in `postmaster.pid`, if it is there already and is one only our server can be behind. */
async function addressOf(place: Place, running: Postmaster | undefined): Promise<Address | undefined> {
  if (!running || running.port === 0) return undefined
  if (running.address !== '') return { host: running.address, port: running.port }
  if (running.socketFolder === '' || !(await isOwnSocketFolder(running.socketFolder, place))) return undefined
  return { socketFolder: running.socketFolder, port: running.port }
}

function nameOf(address: Address): string {
  return 'socketFolder' in address ? address.socketFolder : String(address.port)
}

type Attempt = { kind: 'seat'; seat: Seat } | { kind: 'absent' } | { kind: 'stranger' } | { kind: 'busy' }

async function tryToSit(place: Place, address: Address): Promise<Attempt> {
  const connection = await connectionTo(place, address)
  const session = new pg.Client({
    ...connection,
    application_name: 'woosync',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  })
  session.on('error', () => undefined)
  try {
    await session.connect()
    const { rows } = await session.query<{ folder: string }>(
      `SELECT current_setting('data_directory') AS folder`,
    )
    const folder = rows[0]?.folder ?? ''
    if ((await realpath(folder).catch(() => folder)) !== (await realpath(place.cluster))) {
      await session.end()
      return { kind: 'stranger' }
    }
    // Waits while the last user stops the server, which then cuts us off.
    await session.query('SELECT pg_advisory_lock_shared($1::bigint)', [useLock])
    return { kind: 'seat', seat: { session, connection } }
  } catch (thrown) {
    await session.end().catch(() => undefined)
    const fault = connectFault(thrown)
    if (fault.code === 'database_sign_in_refused') throw fault
    return { kind: sqlState(thrown) === undefined && isAbsent(thrown) ? 'absent' : 'busy' }
  }
}

function isAbsent(thrown: unknown): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  return code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTSOCK'
}

/** A seat at the server that runs, if one does and lets us in now; never starts one. */
export async function sitDown(place: Place): Promise<Seat | undefined> {
  const running = await readPostmaster(place.cluster)
  const address = await addressOf(place, running)
  const attempt = address ? await tryToSit(place, address) : undefined
  return attempt?.kind === 'seat' ? attempt.seat : undefined
}

/**
 * Takes a seat at the server of this place, starting it where it does not run. Any number of processes may
 * do so at once: `postmaster.pid` lets one server through, the others' starts end and they join it.
 * Throws `postgres_start_failed`, `data_directory_unusable`, `database_disk_full`.
 */
export async function takeSeat(options: SeatOptions, signal?: AbortSignal): Promise<Seat> {
  const { place, programs, transport, logger } = options
  const avoid = new Set<string>()
  let starting: { starting: Starting; address: Address } | undefined
  let signOfLife = Date.now()
  let absentSince: number | undefined
  let failures = 0

  for (;;) {
    // A server we have started is joined even so: it must not be left running with nobody to stop it.
    if (!starting) signal?.throwIfAborted()
    const running = await readPostmaster(place.cluster)
    const address = await addressOf(place, running)
    const attempt: Attempt = address ? await tryToSit(place, address) : { kind: 'absent' }
    if (attempt.kind === 'seat') return attempt.seat
    if (attempt.kind === 'stranger' && address) avoid.add(nameOf(address))
    if (attempt.kind === 'busy') {
      signOfLife = Date.now()
      absentSince = undefined
    } else if (running && (await isServerOf(place.cluster, running.pid))) {
      absentSince ??= Date.now()
      if (running.status === 'ready' && Date.now() - absentSince > lostSocketMs) {
        logger.warn({ pid: running.pid }, 'the private Postgres lost its socket and is started anew')
        await stopServer(place, programs, running.pid)
        absentSince = undefined
      }
    } else if (!starting) {
      if (running) await removeIfStale(place, running, logger)
      const chosen = await chooseAddress(place, transport, avoid, running)
      starting = { starting: await startServer(place, programs, chosen), address: chosen }
    }
    if (starting?.starting.hasExited()) {
      const fault = await startFault(starting.starting, place)
      if (fault.kind === 'taken') avoid.add(nameOf(starting.address))
      failures += fault.kind === 'again' ? 0 : 1
      if (fault.kind === 'fatal' && failures >= 3) {
        await removeSocketFolder(starting.address)
        throw fault.error
      }
      starting = undefined
    }
    if (Date.now() - signOfLife > patienceMs) {
      throw new WooSyncError('postgres_start_failed', { cause: `no answer within ${patienceMs / 1000} s` })
    }
    await sleep(25 + Math.random() * 50)
  }
}

/**
 * Postgres refuses to start beside a pid file whose process lives, were it another program or a dead one
 * whose entry remains. The file of a process that is gone is left to Postgres, which then makes sure that
 * no child of the old server still writes.
 */
async function removeIfStale(place: Place, running: Postmaster, logger: Logger): Promise<void> {
  const now = await readPostmaster(place.cluster)
  if (now?.pid !== running.pid || !isAlive(now.pid) || (await isServerOf(place.cluster, now.pid))) return
  await removeStalePidFile(place.cluster, running, logger)
}
