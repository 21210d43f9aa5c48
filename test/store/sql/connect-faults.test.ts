/** What goes wrong on the way to a shop's database: each fault has its own code, and none tells a secret. */
import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { after, describe, it } from 'node:test'
import { inspect } from 'node:util'
import { type ErrorCode, errorKinds } from '../../../src/errors.ts'
import { createShopDatabaseSource, openShopDatabase } from '../../../src/store/sql/open.ts'
import type { ShopDatabaseOptions, Step } from '../../../src/store/sql/way.ts'
import { skipWithoutMariadb, startMariadb } from '../../mariadb.ts'
import { PASSPHRASE, skipWithoutOpenssh, startOpenssh } from '../../openssh.ts'
import { faultOf, hostKeysInMemory, mysqlOf, opened, optionsOf, sshOf } from './ways.ts'

const skip = skipWithoutMariadb || skipWithoutOpenssh

if (skip) {
  it('faults on the way to a shop’s database', { skip }, () => undefined)
} else {
  const mariadb = await startMariadb()
  const [forwarding, exec, bare] = await Promise.all([
    startOpenssh(),
    startOpenssh({ forwarding: 'forbidden' }),
    startOpenssh({ forwarding: 'forbidden', programs: 'only-a-shell' }),
  ])
  await mariadb.run(
    null,
    `CREATE USER 'partly'@'%' IDENTIFIED BY 'partly-secret';
     GRANT SELECT ON woocommerce_small.wp_posts TO 'partly'@'%'`,
  )
  const mysql = mysqlOf(mariadb)
  const PASSWORDS = [
    mariadb.reader.password,
    'wrong-password',
    'partly-secret',
    PASSPHRASE,
    'wrong-passphrase',
  ]
  const keyText = (key: string) => key.split('\n')[2] as string
  const SECRETS = [...PASSWORDS, ...[forwarding, exec].map(({ key }) => keyText(key))]

  /** Opens, must fail so, and tells nothing. */
  const refused = async (code: ErrorCode, options: ShopDatabaseOptions) => {
    const fault = await faultOf(openShopDatabase(options).then((database) => database.close()))
    assert.equal(fault.code, code, fault.message)
    const told = `${inspect(fault, { depth: 9 })} ${JSON.stringify(fault)} ${fault.stack}`
    for (const secret of SECRETS) assert.ok(!told.includes(secret), `${code} tells a secret`)
    assert.notEqual(errorKinds[code].wayOut, '')
    return fault
  }

  const WAYS = {
    direct: null,
    tunnel: sshOf(forwarding),
    exec: sshOf(exec),
  }

  describe('over SSH', () => {
    it('a key it does not know, a wrong user', async () => {
      const strange = sshOf(forwarding, { privateKey: forwarding.strangeKey })
      const fault = await refused('ssh_sign_in_refused', optionsOf(mysql, strange))
      assert.deepEqual(fault.data, { host: '127.0.0.1', user: forwarding.user, tried: 'key' })
      await refused('ssh_sign_in_refused', optionsOf(mysql, sshOf(forwarding, { user: 'nobody-here' })))
    })

    it('a key with a passphrase: the right one, a wrong one, none', async () => {
      const { lockedKey, passphrase } = forwarding
      const locked = (given: string | null) =>
        optionsOf(mysql, sshOf(forwarding, { privateKey: lockedKey, passphrase: given }))
      assert.equal((await opened(locked(passphrase))).way, 'tunnel')
      await refused('ssh_passphrase_wrong', locked('wrong-passphrase'))
      const none = await refused('ssh_passphrase_wrong', locked(null))
      assert.match(none.message, /none is set/)
    })

    it('something else than a private key', async () => {
      for (const privateKey of ['', 'not a key', 'ssh-ed25519 AAAA']) {
        await refused('ssh_key_unreadable', optionsOf(mysql, sshOf(forwarding, { privateKey })))
      }
    })

    it('an agent is asked where there is neither key nor password', async () => {
      const nothing = { privateKey: null, password: null }
      const agent = await forwarding.startAgent()
      const database = await opened(optionsOf(mysql, sshOf(forwarding, { ...nothing, agent })))
      assert.equal(database.way, 'tunnel')
      const away = sshOf(forwarding, { ...nothing, agent: '/no/such/agent' })
      await refused('ssh_sign_in_refused', optionsOf(mysql, away))
      const fault = await refused('setting_missing', optionsOf(mysql, sshOf(forwarding, nothing)))
      assert.equal(fault.data.setting, 'SSH_KEY_FILE')
    })

    it('an unknown host, a closed port, a server that says nothing, one that speaks no SSH', async () => {
      await refused('ssh_host_unknown', optionsOf(mysql, sshOf(forwarding, { host: 'nowhere.invalid' })))
      const port = await portOf(() => undefined, 'closed')
      const closed = await refused('ssh_unreachable', optionsOf(mysql, sshOf(forwarding, { port })))
      assert.match(closed.message, /refuses the connection/)
      const mute = sshOf(forwarding, { port: await portOf(() => undefined) })
      const silent = await refused('ssh_unreachable', optionsOf(mysql, mute, { connectTimeoutMs: 200 }))
      assert.match(silent.message, /no answer within 0.2 s/)
      const http = sshOf(forwarding, {
        port: await portOf((socket) => socket.end('HTTP/1.1 400 Bad\r\n\r\n')),
      })
      await refused('ssh_unreachable', optionsOf(mysql, http))
    })

    it('neither forwarding nor a client', async () => {
      const fault = await refused('ssh_no_way_to_database', optionsOf(mysql, sshOf(bare)))
      assert.match(fault.message, /no `mysql` and no `mariadb`/)
      const encrypted = mysqlOf(mariadb, { tls: { ca: null } })
      const kept = await refused('ssh_no_way_to_database', optionsOf(encrypted, sshOf(exec)))
      assert.match(kept.message, /MYSQL_TLS/)
    })

    it('the host’s key is pinned when it let us in, and a change is refused before anything is sent', async () => {
      const hostKeys = hostKeysInMemory()
      const name = `[127.0.0.1]:${forwarding.port}`
      const strange = sshOf(forwarding, { privateKey: forwarding.strangeKey })
      await refused('ssh_sign_in_refused', optionsOf(mysql, strange, { hostKeys }))
      assert.deepEqual([...hostKeys.pinned], [])
      const steps: Step[] = []
      const options = optionsOf(mysql, sshOf(forwarding), { hostKeys, onStep: (step) => steps.push(step) })
      await opened(options)
      assert.deepEqual([...hostKeys.pinned], [[name, forwarding.fingerprint]])
      await opened(options)
      const { fingerprint } = forwarding
      assert.deepEqual(
        steps.filter(({ step }) => step === 'host-key'),
        [false, true].map((known) => ({
          step: 'host-key',
          host: name,
          fingerprint,
          type: 'ssh-ed25519',
          known,
        })),
      )
      assert.deepEqual(
        steps.slice(0, 4).map(({ step }) => step),
        ['host-key', 'ssh-sign-in', 'way', 'sql-sign-in'],
      )
      hostKeys.pinned.set(name, exec.fingerprint)
      const fault = await refused('ssh_host_key_changed', options)
      assert.ok(
        fault.message.includes(fingerprint) && fault.message.includes(exec.fingerprint),
        fault.message,
      )
      assert.equal(hostKeys.pinned.get(name), exec.fingerprint)
    })

    it('SSH_HOST_FINGERPRINT wins over what was pinned', async () => {
      const hostKeys = hostKeysInMemory()
      hostKeys.pinned.set(`[127.0.0.1]:${forwarding.port}`, exec.fingerprint)
      const { fingerprint } = forwarding
      await opened(optionsOf(mysql, sshOf(forwarding, { fingerprint }), { hostKeys }))
      const wrong = sshOf(forwarding, { fingerprint: exec.fingerprint })
      const fault = await refused('ssh_fingerprint_mismatch', optionsOf(mysql, wrong, { hostKeys }))
      assert.ok(
        fault.message.includes(fingerprint) && fault.message.includes(exec.fingerprint),
        fault.message,
      )
    })

    it('an agreed fault of whoever keeps the fingerprints is passed on', async () => {
      const hostKeys = {
        known: () => Promise.reject(new Error('Postgres is away')),
        pin: async () => undefined,
      }
      await assert.rejects(
        openShopDatabase(optionsOf(mysql, sshOf(forwarding), { hostKeys })),
        /Postgres is away/,
      )
    })
  })

  for (const [way, ssh] of Object.entries(WAYS)) {
    describe(`MySQL, ${way}`, () => {
      it('a wrong password, a wrong user', async () => {
        const password = 'wrong-password'
        const fault = await refused('sql_sign_in_refused', optionsOf({ ...mysql, password }, ssh))
        assert.equal(fault.data.user, 'woosync')
        await refused('sql_sign_in_refused', optionsOf({ ...mysql, user: 'nobody' }, ssh))
      })

      it('a wrong database', async () => {
        const fault = await refused('sql_database_unknown', optionsOf({ ...mysql, database: 'shop2' }, ssh))
        assert.equal(fault.data.database, 'shop2')
        const root = { ...mysql, user: 'root', password: '', database: 'no_such' }
        await refused('sql_database_unknown', optionsOf(root, ssh))
      })

      it('a closed port', async () => {
        const port = await portOf(() => undefined, 'closed')
        await refused('sql_unreachable', optionsOf({ ...mysql, port }, ssh))
      })

      it('an unknown host', async () => {
        const options = optionsOf({ ...mysql, host: 'nowhere.invalid' }, ssh)
        await refused('sql_host_unknown', options)
      })

      it('a right missing on one table names it', async () => {
        const partly = { ...mysql, user: 'partly', password: 'partly-secret' }
        const database = await opened(optionsOf(partly, ssh))
        assert.equal((await database.query('SELECT COUNT(*) FROM wp_posts')).length, 1)
        const fault = await faultOf(database.query('SELECT option_id FROM wp_options LIMIT 1'))
        assert.equal(fault.code, 'sql_rights_missing')
        assert.equal(fault.data.table, 'wp_options')
        assert.equal((await database.query('SELECT COUNT(*) FROM wp_posts')).length, 1)
      })

      it('a statement that takes too long is ended by the server, and the next one runs', async () => {
        const database = await opened(optionsOf(mysql, ssh, { statementTimeoutMs: 200 }))
        const fault = await faultOf(
          database.query('SELECT COUNT(*) FROM wp_posts a, wp_posts b, wp_posts c, wp_posts d'),
        )
        assert.equal(fault.code, 'sql_statement_too_slow')
        assert.equal(fault.data.seconds, 0.2)
        assert.deepEqual(await database.query('SELECT 1'), [['1']])
      })

      it('work that is asked to stop ends at once', async () => {
        const stop = new AbortController()
        const database = await opened(optionsOf(mysql, ssh, { signal: stop.signal }))
        const asked = faultOf(database.query('SELECT SLEEP(9)'))
        stop.abort()
        assert.equal((await asked).code, 'sync_cancelled')
        assert.equal((await faultOf(database.query('SELECT 1'))).code, 'sync_cancelled')
        const late = optionsOf(mysql, ssh, { signal: stop.signal })
        assert.equal((await faultOf(openShopDatabase(late))).code, 'sync_cancelled')
      })

      it('a connection that the server ended is lost; a new one goes on', async () => {
        const options = optionsOf(mysql, ssh)
        const database = await opened(options)
        const id = (await database.query('SELECT CONNECTION_ID()'))[0]?.[0]
        const asked = faultOf(database.query('SELECT SLEEP(9)'))
        await mariadb.run(null, `KILL ${id}`)
        assert.equal((await asked).code, 'sql_connection_lost')
        assert.equal((await faultOf(database.query('SELECT 1'))).code, 'sql_connection_lost')
        const next = await opened(options)
        assert.deepEqual(await next.query('SELECT 1'), [['1']])
      })
    })
  }

  describe('directly', () => {
    it('a server that says nothing, one that is no MySQL', async () => {
      const mute = { ...mysql, port: await portOf(() => undefined) }
      await refused('sql_connection_lost', optionsOf(mute, null, { connectTimeoutMs: 200 }))
      const other = { ...mysql, port: await portOf((socket) => socket.end()) }
      await refused('sql_connection_lost', optionsOf(other, null))
    })

    it('a server that offers no TLS where it is asked for', async () => {
      await refused('sql_tls_missing', optionsOf(mysqlOf(mariadb, { tls: { ca: null } }), null))
    })

    it('an address inside a private network that is not the operator’s own is refused', async () => {
      const guarded = {
        trustedAddress: false,
        resolve: async () => [{ address: '10.1.2.3', family: 4 as const }],
      }
      const host = 'shop.example'
      for (const options of [
        optionsOf({ ...mysql, host }, null, guarded),
        optionsOf(mysql, sshOf(forwarding, { host }), guarded),
      ]) {
        const fault = await refused('store_address_refused', options)
        assert.equal(fault.data.address, '10.1.2.3')
      }
      // And it goes to the address that was judged, whatever the name is.
      const resolve = async () => [{ address: '127.0.0.1', family: 4 as const }]
      await opened(optionsOf({ ...mysql, host }, null, { trustedAddress: false, resolve }))
    })
  })

  describe('a source', () => {
    it('tries three times what may pass, with pauses, and nothing else twice', async () => {
      const pauses: number[] = []
      const delay = async (ms: number) => {
        pauses.push(ms)
      }
      const port = await portOf(() => undefined, 'closed')
      const away = createShopDatabaseSource(optionsOf({ ...mysql, port }, null), delay)
      assert.equal((await faultOf(away.open())).code, 'sql_unreachable')
      assert.equal(pauses.length, 2)
      assert.ok((pauses[0] as number) < (pauses[1] as number))
      const wrong = createShopDatabaseSource(optionsOf({ ...mysql, password: 'wrong-password' }, null), delay)
      assert.equal((await faultOf(wrong.open())).code, 'sql_sign_in_refused')
      assert.equal(pauses.length, 2)
    })

    it('opens again when the server is back', async () => {
      const server = await startMariadb()
      const options = optionsOf(mysqlOf(server), sshOf(forwarding))
      let pauses = 0
      const source = createShopDatabaseSource(options, async () => {
        pauses += 1
        await server.start()
      })
      const database = await source.open()
      const asked = faultOf(database.query('SELECT SLEEP(9)'))
      await server.stop('kill')
      assert.equal((await asked).code, 'sql_connection_lost')
      const next = await source.open()
      assert.equal(pauses, 1)
      assert.deepEqual(await next.query('SELECT 1'), [['1']])
      await Promise.all([database.close(), next.close()])
    })
  })
}

/** A port of this machine; `closed`: one that nobody listens on any more. */
async function portOf(serve: (socket: Socket) => void, state: 'open' | 'closed' = 'open'): Promise<number> {
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
