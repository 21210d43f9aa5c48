/** An SSH server that misbehaves: dropped connections, stalled channels, another key, forbidden forwarding. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createShopDatabaseSource } from '../../../src/store/sql/open.ts'
import type { ShopDatabaseOptions } from '../../../src/store/sql/way.ts'
import { skipWithoutMariadb, startMariadb } from '../../mariadb.ts'
import { skipWithoutRecordings } from '../../recordings.ts'
import { type FaultySsh, SSH_PASSWORD, startFaultySsh } from '../../ssh-faults.ts'
import { faultOf, hostKeysInMemory, mysqlOf, opened, optionsOf, refused } from './ways.ts'

const skip = skipWithoutMariadb || skipWithoutRecordings
if (skip) {
  it('an SSH server that misbehaves', { skip }, () => undefined)
} else {
  const mariadb = await startMariadb()
  const mysql = mysqlOf(mariadb)
  const MANY = 'SELECT a.meta_value FROM wp_postmeta a, (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) b'

  const through = (server: FaultySsh, changes: Partial<ShopDatabaseOptions> = {}) =>
    optionsOf(
      mysql,
      {
        ...{ host: '127.0.0.1', port: server.port, user: 'shop', password: SSH_PASSWORD },
        ...{ privateKey: null, passphrase: null, agent: null, fingerprint: null },
      },
      changes,
    )

  for (const signIn of ['password', 'keyboard-interactive'] as const) {
    it(`signs in by ${signIn}`, async () => {
      const server = await startFaultySsh()
      server.signIn = signIn
      const database = await opened(through(server))
      assert.deepEqual(await database.query('SELECT 1'), [['1']])
      const options = through(server)
      const wrong = { ...options, ssh: options.ssh && { ...options.ssh, password: 'another' } }
      const fault = await refused('ssh_sign_in_refused', wrong)
      assert.equal(fault.data.tried, 'password')
    })
  }

  for (const forwarding of ['allowed', 'forbidden'] as const) {
    const way = forwarding === 'allowed' ? 'tunnel' : 'exec'

    describe(way, () => {
      const start = async () => {
        const server = await startFaultySsh()
        server.forwarding = forwarding
        return server
      }

      it('a connection dropped while a statement runs is lost; the source opens the next', async () => {
        const server = await start()
        const source = createShopDatabaseSource(through(server))
        const database = await source.open()
        assert.equal(database.way, way)
        const asked = faultOf(database.query('SELECT SLEEP(9)'))
        const waiting = faultOf(database.query('SELECT 2'))
        server.drop()
        assert.equal((await asked).code, 'sql_connection_lost')
        assert.equal((await waiting).code, 'sql_connection_lost')
        await database.close()
        const next = await source.open()
        assert.deepEqual(await next.query('SELECT 1'), [['1']])
        await next.close()
      })

      it('one dropped in the middle of an answer gives no part of it', async () => {
        const server = await start()
        const database = await opened(through(server))
        const whole = await database.query(MANY)
        assert.ok(whole.length > 5000)
        server.cutAfterBytes = 200_000
        const fault = await faultOf(database.query(MANY))
        assert.equal(fault.code, 'sql_connection_lost')
      })

      it('a channel that stalls is given up', async () => {
        const server = await start()
        const database = await opened(through(server, { statementTimeoutMs: 250 }))
        server.stalled = true
        const fault = await faultOf(database.query('SELECT 1'))
        assert.equal(fault.code, 'sql_connection_lost')
        assert.match(fault.message, /no answer within 0.5 s/)
        assert.equal((await faultOf(database.query('SELECT 1'))).code, 'sql_connection_lost')
        await database.close()
      })

      it('another key is refused before anything is sent, also when the run comes back', async () => {
        const server = await start()
        const hostKeys = hostKeysInMemory()
        const database = await opened(through(server, { hostKeys }))
        server.changeKey()
        server.drop()
        assert.equal((await faultOf(database.query('SELECT 1'))).code, 'sql_connection_lost')
        server.seen.signIns.length = 0
        const [pinned] = hostKeys.pinned.values()
        const fault = await refused('ssh_host_key_changed', through(server, { hostKeys }))
        assert.equal(fault.data.known, pinned)
        assert.notEqual(fault.data.found, pinned)
        assert.deepEqual(server.seen.signIns, [])
        assert.deepEqual([...hostKeys.pinned.values()], [pinned])
      })
    })
  }

  it('the command holds no secret', async () => {
    const server = await startFaultySsh()
    server.forwarding = 'forbidden'
    await opened(through(server))
    const told = server.seen.commands.join('\n')
    assert.match(told, /--user=woosync/)
    for (const word of [mysql.password, 'only-for-reading', SSH_PASSWORD]) assert.ok(!told.includes(word))
  })

  it('neither forwarding nor a command', async () => {
    const server = await startFaultySsh()
    server.forwarding = 'forbidden'
    server.commands = 'refused'
    assert.match((await refused('ssh_no_way_to_database', through(server))).message, /runs no commands/)
    server.commands = 'nologin'
    assert.match((await refused('ssh_no_way_to_database', through(server))).message, /ended with 1/)
  })

  it('a server that opens no channel, and one whose command says nothing', async () => {
    const server = await startFaultySsh()
    server.forwarding = 'mute'
    const limits = { connectTimeoutMs: 300, statementTimeoutMs: 300 }
    const fault = await refused('sql_connection_lost', through(server, limits))
    assert.match(fault.message, /no channel in time/)
    server.forwarding = 'forbidden'
    server.commands = 'mute'
    await refused('sql_connection_lost', through(server, limits))
  })

  it('where forwarding finds nobody, the client on the host is tried', async () => {
    const server = await startFaultySsh()
    const options = through(server)
    const away = { ...options, mysql: { ...mysql, port: 1 } }
    await refused('sql_unreachable', away)
    assert.ok(server.seen.commands.some((command) => command.includes('--user=woosync')))
    server.commands = 'refused'
    const fault = await refused('sql_unreachable', away)
    assert.match(fault.message, /finds no way/)
    server.forwarding = 'unreachable'
    server.commands = 'run'
    assert.equal((await opened(options)).way, 'exec')
  })
}
