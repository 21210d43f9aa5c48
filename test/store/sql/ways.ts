/** The ways to a database as tests open them: against a real MariaDB and a real OpenSSH. */
import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { after } from 'node:test'
import { inspect } from 'node:util'
import { type ErrorCode, WooSyncError } from '../../../src/errors.ts'
import type { HostKeys } from '../../../src/store/sql/host-key.ts'
import { openShopDatabase } from '../../../src/store/sql/open.ts'
import type { OpenShopDatabase } from '../../../src/store/sql/session.ts'
import type { MysqlAccess, ShopDatabaseOptions, SshAccess } from '../../../src/store/sql/way.ts'
import type { Mariadb } from '../../mariadb.ts'
import type { Openssh } from '../../openssh.ts'

/** What was pinned, in memory. */
export function hostKeysInMemory(): HostKeys & { pinned: Map<string, string> } {
  const pinned = new Map<string, string>()
  return {
    pinned,
    known: async (host) => pinned.get(host) ?? null,
    pin: async (host, fingerprint) => {
      pinned.set(host, fingerprint)
    },
  }
}

export function mysqlOf(mariadb: Mariadb, changes: Partial<MysqlAccess> = {}): MysqlAccess {
  const { host, port, reader } = mariadb
  return { host, port, ...reader, database: 'woocommerce_small', tls: null, ...changes }
}

export function sshOf(server: Openssh, changes: Partial<SshAccess> = {}): SshAccess {
  const { host, port, user, key } = server
  return {
    ...{ host, port, user, privateKey: key, passphrase: null, password: null },
    ...{ agent: null, fingerprint: null },
    ...changes,
  }
}

export function optionsOf(
  mysql: MysqlAccess,
  ssh: SshAccess | null,
  changes: Partial<ShopDatabaseOptions> = {},
): ShopDatabaseOptions {
  return {
    mysql,
    ssh,
    hostKeys: hostKeysInMemory(),
    statementTimeoutMs: 10_000,
    trustedAddress: true,
    allowPrivateAddresses: false,
    ...changes,
  }
}

/** Opens one that is closed with the test file at the latest. */
export async function opened(options: ShopDatabaseOptions): Promise<OpenShopDatabase> {
  const database = await openShopDatabase(options)
  after(() => database.close())
  return database
}

/** The error of work that must fail with a code of ours. */
export async function faultOf(work: Promise<unknown>): Promise<WooSyncError> {
  try {
    await work
  } catch (thrown) {
    assert.ok(thrown instanceof WooSyncError, `no error of ours: ${(thrown as Error)?.stack ?? thrown}`)
    return thrown
  }
  throw new assert.AssertionError({ message: 'it did not fail' })
}

/**
 * Opening fails with this code, and the fault tells no secret.
 */
export async function refused(code: ErrorCode, options: ShopDatabaseOptions): Promise<WooSyncError> {
  const fault = await faultOf(openShopDatabase(options).then((database) => database.close()))
  assert.equal(fault.code, code, fault.message)
  const told = `${inspect(fault, { depth: 9 })} ${JSON.stringify(fault)} ${fault.stack}`
  const { ssh, mysql } = options
  const secrets = [mysql.password, ssh?.password, ssh?.passphrase, ssh?.privateKey?.split('\n')[2]]
  for (const secret of secrets) assert.ok(!secret || !told.includes(secret), `${code} tells a secret`)
  return fault
}

/** A port of this machine; `closed`: one that nobody listens on any more. */
export async function portOf(
  serve: (socket: Socket) => void,
  state: 'open' | 'closed' = 'open',
): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    serve(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const close = () => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  }
  if (state === 'closed') await close()
  else after(close)
  return address.port
}
