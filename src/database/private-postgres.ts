import { Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { databaseFault, sqlState } from './faults.ts'
import type { Logger } from './logger.ts'
import { isRoot } from './postgres-account.ts'
import { removeSocketFolder } from './postgres-address.ts'
import { clusterMajor, clusterPassword, ensureCluster, owner, type Transport } from './postgres-cluster.ts'
import { defaultReachableFolder, findPlace, makePlace, type Place } from './postgres-place.ts'
import { findPrograms, type Programs } from './postgres-programs.ts'
import { type Seat, sitDown, takeSeat, useLock } from './postgres-seat.ts'
import { readPostmaster, stopServer } from './postmaster.ts'

export interface PrivatePostgresOptions {
  /** Made where it is missing. */
  dataDirectory: string
  /** The folder of `postgres` and `initdb` to use instead of those npm brought (WOOSYNC_POSTGRES_BIN). */
  binFolder?: string | undefined
  logger: Logger
  /** A Unix socket, but on Windows a loopback port with a random password. */
  transport?: Transport
  /** Root only: where the cluster and readable programs go when Postgres's user cannot reach theirs. */
  reachableFolder?: string
}

export interface PrivatePostgres {
  /** For pg: the socket's folder as host, database `woosync`. */
  connection: pg.ClientConfig
  /** The same as a connection string. */
  url: string
  /** Of the server, `18.4`. */
  version: string
  /** Gives the seat back; the last process to do so stops the server. May be called again. */
  release(): Promise<void>
}

function urlOf(connection: pg.ClientConfig): string {
  const secret = typeof connection.password === 'string' ? `:${connection.password}` : ''
  const host = connection.host ?? ''
  const name = connection.database ?? ''
  return host.startsWith('/')
    ? `postgresql://${owner}@localhost:${connection.port}/${name}?host=${encodeURIComponent(host)}`
    : `postgresql://${owner}${secret}@${host}:${connection.port}/${name}`
}

function socketOf(session: pg.Client): Socket | undefined {
  const { stream } = session.connection
  return stream instanceof Socket ? stream : undefined
}

async function ensureDatabase(session: pg.Client, name: string): Promise<void> {
  const { rowCount } = await session.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
  if (rowCount) return
  try {
    await session.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`)
  } catch (thrown) {
    // 42P04 and 23505: another process made it between our two questions.
    const state = sqlState(thrown)
    if (state !== '42P04' && state !== '23505') throw databaseFault(thrown)
  }
}

/** Stops the server if nobody else has a seat. The caller's own session must be the given one. */
async function stopIfLast(
  session: pg.Client,
  place: Place,
  programs: Programs | undefined,
): Promise<'stopped' | 'in_use'> {
  await session.query('SELECT pg_advisory_unlock_shared($1::bigint)', [useLock])
  const { rows } = await session.query<{ last: boolean }>('SELECT pg_try_advisory_lock($1::bigint) AS last', [
    useLock,
  ])
  if (!rows[0]?.last) return 'in_use'
  // The lock is held until the server cuts us off, so a newcomer waits and then starts it again.
  const running = await readPostmaster(place.cluster)
  if (!running) return 'stopped'
  await stopServer(place, programs, running.pid)
  if (running.socketFolder !== '') await removeSocketFolder(running)
  return 'stopped'
}

/**
 * Starts the private Postgres of a data directory, or joins it where another process has started it.
 *
 * Its files lie in `<data directory>/postgres` (for root under a closed home see `makePlace`), its log is
 * `<data directory>/postgres.log`. Only the user of the server, and root, reach its socket, so no password
 * is asked there. While the seat is held the server is watched: when it ends unasked it is started again.
 *
 * Throws `data_directory_unusable`, `postgres_programs_missing`, `setting_invalid` (binFolder),
 * `postgres_data_of_other_version`, `postgres_start_failed`, `database_disk_full`.
 */
export async function startPrivatePostgres(options: PrivatePostgresOptions): Promise<PrivatePostgres> {
  const { dataDirectory, binFolder, logger } = options
  const reachableFolder = options.reachableFolder ?? defaultReachableFolder
  const place = await makePlace(dataDirectory, reachableFolder)
  const programs = await findPrograms({
    binFolder,
    account: place.account,
    wanted: await clusterMajor(place.cluster),
    copies: join(isRoot() ? reachableFolder : place.folder, 'programs'),
    logger,
  })
  const wish = options.transport ?? (process.platform === 'win32' ? 'loopback' : 'socket')
  await ensureCluster(place, programs, wish, logger)
  // An existing cluster keeps the way it was made for: only one for the loopback has a password.
  const transport = (await clusterPassword(place.cluster)) === undefined ? 'socket' : 'loopback'
  const seatOptions = { place, programs, transport, logger } as const

  const leaving = new AbortController()
  let seat = await takeSeat(seatOptions)
  await ensureDatabase(seat.session, owner)
  logger.debug({ folder: place.cluster, version: programs.version }, 'the private Postgres runs')
  let watching = watch(seat)

  /** Waits until the seat is lost, then takes another; ends when we leave. */
  async function watch(held: Seat): Promise<void> {
    await lost(held)
    if (leaving.signal.aborted) return
    logger.warn('the private Postgres ended unasked; it is started again')
    for (let pause = 250; !leaving.signal.aborted; pause = Math.min(pause * 2, 30_000)) {
      try {
        seat = await takeSeat(seatOptions, leaving.signal)
        logger.info('the private Postgres is back')
        watching = watch(seat)
        return
      } catch (thrown) {
        if (leaving.signal.aborted) return
        logger.error({ err: thrown }, 'the private Postgres cannot be started again yet')
        await sleep(pause, undefined, { signal: leaving.signal, ref: false }).catch(() => undefined)
      }
    }
  }

  function lost({ session }: Seat): Promise<void> {
    if (leaving.signal.aborted) return Promise.resolve()
    // The seat alone must not keep a process alive that has nothing left to do.
    socketOf(session)?.unref()
    return new Promise((resolve) => {
      session.once('end', resolve)
      leaving.signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  async function leave(): Promise<void> {
    leaving.abort()
    await watching
    socketOf(seat.session)?.ref()
    const outcome = await stopIfLast(seat.session, place, programs)
      // Our seat was lost with the server, which may be back by now without us.
      .catch(() => stopUnused(place, programs))
    await seat.session.end().catch(() => undefined)
    if (outcome === 'stopped') logger.debug('the private Postgres was stopped')
  }

  let left: Promise<void> | undefined
  const connection = { ...seat.connection, database: owner }
  return {
    connection,
    url: urlOf(connection),
    version: programs.version,
    release: () => {
      left ??= leave()
      return left
    },
  }
}

async function stopUnused(place: Place, programs: Programs | undefined) {
  const seat = await sitDown(place)
  if (!seat) return 'not_running'
  try {
    return await stopIfLast(seat.session, place, programs)
  } finally {
    await seat.session.end().catch(() => undefined)
  }
}

/**
 * Stops a private Postgres that was left running because its last user was killed. `in_use`: another
 * process still has a seat, and nothing was done. `not_running` also where there never was one.
 */
export async function stopPrivatePostgres(
  dataDirectory: string,
  options: { binFolder?: string | undefined; logger: Logger },
): Promise<'stopped' | 'not_running' | 'in_use'> {
  const place = await findPlace(dataDirectory)
  if (!place) return 'not_running'
  const programs =
    process.platform === 'win32'
      ? await findPrograms({
          binFolder: options.binFolder,
          account: undefined,
          wanted: undefined,
          copies: join(place.folder, 'programs'),
          logger: options.logger,
        })
      : undefined
  return stopUnused(place, programs)
}
