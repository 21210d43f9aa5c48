/**
 * Comes to a shop's database: directly, through SSH, or by the host's own client over SSH where it forbids
 * forwarding (44). Every step has a time-out; whatever fails leaves nothing open.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { WooSyncError } from '../../errors.ts'
import { openClient } from './exec.ts'
import { faultOf, isWorthAnotherTry, type Place } from './faults.ts'
import type { SqlLink } from './link.ts'
import { openProtocol } from './protocol.ts'
import { type OpenShopDatabase, startSession, stoppedBy } from './session.ts'
import { endedBy, openSocket, Unreachable } from './socket.ts'
import { ChannelRefused, openSsh, type SshConnection } from './ssh.ts'
import { connectTimeoutOf, type ShopDatabaseOptions } from './way.ts'

interface Way {
  way: OpenShopDatabase['way']
  link: SqlLink
  /** What carries the link, and ends after it. */
  end(): void
}

/**
 * Opens one connection; statements on it run one after the other.
 * @throws ssh_…, sql_…, setting_missing, store_address_refused, sync_cancelled
 */
export async function openShopDatabase(options: ShopDatabaseOptions): Promise<OpenShopDatabase> {
  const { mysql, signal, statementTimeoutMs } = options
  const { host, port, user, database } = mysql
  const place: Place = { host, port, user, database, seconds: statementTimeoutMs / 1000 }
  if (signal?.aborted) throw stoppedBy(signal)
  let opened: Way | undefined
  try {
    opened = options.ssh === null ? await openDirect(options) : await openThroughSsh(options)
    const { way, link, end } = opened
    const session = await startSession(link, { way, place, statementTimeoutMs, signal })
    options.onStep?.({ step: 'sql-sign-in', host, user, database, version: session.version })
    return {
      ...session,
      async close() {
        await session.close()
        end()
      },
    }
  } catch (thrown) {
    opened?.end()
    throw signal?.aborted ? stoppedBy(signal) : faultOf(thrown, place)
  }
}

async function openDirect(options: ShopDatabaseOptions): Promise<Way> {
  const { mysql, trustedAddress: trusted, allowPrivateAddresses: allowPrivate, resolve, signal } = options
  const timeoutMs = connectTimeoutOf(options)
  const rules = { trusted, allowPrivate, ...(resolve && { resolve }) }
  const stream = await openSocket(mysql.host, mysql.port, rules, timeoutMs, signal)
  options.onStep?.({ step: 'way', way: 'direct' })
  const leave = () => void stream.destroy()
  const link = await endedBy(signal, leave, () => openProtocol(stream, mysql, timeoutMs))
  return { way: 'direct', link, end: () => undefined }
}

async function openThroughSsh(options: ShopDatabaseOptions): Promise<Way> {
  const { ssh: access, signal } = options
  if (access === null) throw new Error('no SSH server is named')
  const ssh = await openSsh(access, options)
  const end = () => ssh.close()
  return endedBy(signal, end, () => openOver(ssh, access.host, options))
}

async function openOver(ssh: SshConnection, sshHost: string, options: ShopDatabaseOptions): Promise<Way> {
  const { mysql } = options
  const timeoutMs = connectTimeoutOf(options)
  try {
    let refused: ChannelRefused | undefined
    const stream = await ssh.forward(mysql.host, mysql.port).catch((thrown: unknown) => {
      if (!(thrown instanceof ChannelRefused)) throw thrown
      refused = thrown
      return null
    })
    if (stream !== null) {
      options.onStep?.({ step: 'way', way: 'tunnel' })
      const link = await openProtocol(stream, mysql, timeoutMs)
      return { way: 'tunnel', link, end: () => ssh.close() }
    }
    // Also where the server found nobody there: MySQL may have a socket only, which its client knows.
    const link = await openClient(ssh, mysql, { sshHost, timeoutMs }).catch((thrown: unknown) => {
      const noClient = thrown instanceof WooSyncError && thrown.code === 'ssh_no_way_to_database'
      if (noClient && refused && !refused.forbidden) throw new Unreachable('no-answer', refused.message)
      throw thrown
    })
    options.onStep?.({ step: 'way', way: 'exec' })
    return { way: 'exec', link, end: () => ssh.close() }
  } catch (thrown) {
    ssh.close()
    throw thrown
  }
}

export interface ShopDatabaseSourceOptions extends ShopDatabaseOptions {
  /** person: somebody waits, and is told at once. Default: program, which tries again. */
  patience?: 'person' | 'program'
}

/** Where databases come from, one after another: a run whose connection broke opens the next and goes on. */
export interface ShopDatabaseSource {
  /** As {@link openShopDatabase}; what may pass is tried three times, with growing pauses, unless a person waits. */
  open(): Promise<OpenShopDatabase>
}

const TRIES = { person: 1, program: 3 }
const baseMs = 500

/** @param delay waits between tries. Default: timers. */
export function createShopDatabaseSource(
  options: ShopDatabaseSourceOptions,
  delay: (ms: number, signal?: AbortSignal) => Promise<unknown> = (ms, signal) =>
    wait(ms, undefined, { signal }),
): ShopDatabaseSource {
  const { signal, logger, patience = 'program' } = options
  const tries = TRIES[patience]
  return {
    async open() {
      for (let tried = 1; ; tried++) {
        try {
          return await openShopDatabase(options)
        } catch (thrown) {
          if (tried >= tries || !isWorthAnotherTry(thrown)) throw thrown
          const pauseMs = Math.round(baseMs * 4 ** (tried - 1) * (0.5 + Math.random() / 2))
          const code = thrown instanceof WooSyncError ? thrown.code : undefined
          logger?.warn({ code, tried, pauseMs }, 'the shop’s database is tried again')
          await delay(pauseMs, signal).catch(() => undefined)
          if (signal?.aborted) throw stoppedBy(signal)
        }
      }
    },
  }
}
